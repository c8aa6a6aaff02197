// Package storage brings a service package into a storage account, where the
// Service Management API fetches it from.
//
//	u := storage.New(storage.Config{})
//	address, reused, err := u.Upload(ctx, storage.UploadRequest{
//		Endpoint:  account.BlobEndpoint, // as the account's properties name it
//		Account:   account.Name,
//		Key:       keys.Primary,
//		Container: storage.DefaultContainer,
//		Blob:      storage.BlobName("Shop.cspkg", "1.1.0", sum),
//		Source:    file,
//		Size:      size,
//		SHA256:    sum,
//	})
//
// Names that [BlobName] makes contain the hash of the content, so the same
// package is uploaded once: a blob that is there with the same length and hash is
// reused.
//
// An upload appears whole or not at all. Its blocks are staged one after the
// other, each checked by the service against its CRC-64, and become a blob only when
// all of them are there and the content has the hash that was promised. What a
// cancelled upload leaves behind are uncommitted blocks, which the service drops
// after a week (Microsoft's page for Put Block). An upload holds two blocks in
// memory, whatever the size of the package: one that is being sent and the next,
// which is read and hashed meanwhile.
package storage

// Package blob is the blob endpoint of the emulator: a client that uploads the
// package of a deployment to Azure Blob storage uploads it here, unmodified but
// for the address.
//
// A [Server] is an http.Handler over a [Store]. It speaks the REST API of block
// blobs: containers, blobs, blocks and block lists, ranges, metadata and
// properties, conditions, leases, lists, public access, stored access policies
// and the properties of the service. [Operations] lists it all. Requests are
// authenticated as the real service does it: Shared Key, Shared Key Lite,
// service SAS, account SAS, or nothing where a container is public. The account
// is named by the path (/ACCOUNT/CONTAINER/BLOB) or by the host
// (ACCOUNT.blob.localhost, ACCOUNT.blob.core.windows.net).
//
// The emulator itself reads what was uploaded with [Store.Open] and stores with
// [Store.Put].
//
// Bodies are streamed: to memory while they are small and the store has no
// folder, to disk else. One lock guards what is known about containers and
// blobs, and is not held while bodies are read or written. A reader keeps the
// version that it began with. A body that is cut leaves nothing behind.
//
// # Differences from the real service
//
//   - There are no page blobs, append blobs, snapshots, versions, copies, tags,
//     customer-provided keys and user delegation SAS. They are refused with a
//     reason, never silently ignored.
//   - The properties of the service are kept, but have no effect. Those of a new
//     account are all off.
//   - Names of metadata come back in lower case. HTTP has no case there, and the
//     clients know that.
//   - The name of a deleted container is free at once, unless
//     [WithDeletionDelay] says otherwise.
//   - A bearer token is refused as invalid authentication information.
//
// Sources of facts are Microsoft's pages of the Blob service REST API, by the
// names that comments give, and what the official clients for Go, Node and
// Python send and expect.
package blob

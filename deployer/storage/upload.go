package storage

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

// hashKey is the metadata in which a blob keeps the SHA-256 of its content.
const hashKey = "sha256"

// Upload brings the content into the blob and returns the blob's address, which
// carries no key. Reused says that a blob with the same length and hash was there
// already and nothing was sent. A blob of that name with other content is
// replaced in one moment, unless it changed while the upload was under way.
//
// Errors of the service and of the connection are [*Error]; the context's error
// is in their chain when it ended the upload. A content that turns out to differ
// from SHA256, because the file is being written, is never made visible.
func (u *Uploader) Upload(ctx context.Context, r UploadRequest) (address string, reused bool, err error) {
	t, err := u.newTarget(r)
	if err != nil {
		return "", false, err
	}
	found, err := t.look(ctx)
	if err != nil {
		return "", false, err
	}
	switch same, err := t.holds(found); {
	case err != nil:
		return "", false, err
	case same:
		return t.blob.URL(), true, nil
	}
	if err := t.ensureContainer(ctx); err != nil {
		return "", false, err
	}
	blocks, err := t.stage(ctx)
	if err != nil {
		return "", false, err
	}
	if err := t.commit(ctx, blocks, found); err != nil {
		return "", false, err
	}
	return t.blob.URL(), false, nil
}

// look reads the properties of the blob, or returns nil when there is none.
func (t *target) look(ctx context.Context) (*blob.GetPropertiesResponse, error) {
	p, err := t.blob.GetProperties(ctx, nil)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, t.failure("look for", err)
	}
	return &p, nil
}

// missing reports whether there is no blob, or not even its container.
func missing(err error) bool {
	return bloberror.HasCode(err, bloberror.BlobNotFound, bloberror.ContainerNotFound, bloberror.ResourceNotFound)
}

// holds reports whether the blob that was found has the content already: the
// same length and SHA-256, or MD5 where someone else uploaded it.
func (t *target) holds(found *blob.GetPropertiesResponse) (bool, error) {
	if found == nil || found.ContentLength == nil || *found.ContentLength != t.request.Size {
		return false, nil
	}
	for name, value := range found.Metadata {
		if strings.EqualFold(name, hashKey) && value != nil {
			return strings.EqualFold(*value, t.request.SHA256), nil
		}
	}
	if len(found.ContentMD5) == 0 {
		return false, nil
	}
	h := md5.New()
	if _, err := io.Copy(h, io.NewSectionReader(t.request.Source, 0, t.request.Size)); err != nil {
		return false, fmt.Errorf("read the package: %w", err)
	}
	return bytes.Equal(h.Sum(nil), found.ContentMD5), nil
}

// ensureContainer creates the container without public access, if it is missing.
func (t *target) ensureContainer(ctx context.Context) error {
	_, err := t.container.Create(ctx, nil)
	if err == nil || bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
		return nil
	}
	return newError("create container", t.container.URL(), err)
}

// commit makes the staged blocks the blob, if the blob is still as it was found.
// When somebody else was faster with the same content, that is as good.
func (t *target) commit(ctx context.Context, blocks []string, found *blob.GetPropertiesResponse) error {
	contentType := "application/octet-stream"
	_, err := t.blob.CommitBlockList(ctx, blocks, &blockblob.CommitBlockListOptions{
		Metadata:         map[string]*string{hashKey: &t.request.SHA256},
		HTTPHeaders:      &blob.HTTPHeaders{BlobContentType: &contentType},
		AccessConditions: unchanged(found),
	})
	if err == nil {
		return nil
	}
	if bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet, bloberror.InvalidBlockList) {
		return t.settle(ctx, err)
	}
	return t.failure("commit the blocks of", err)
}

// unchanged is the condition that the blob is still as it was found, or still
// missing.
func unchanged(found *blob.GetPropertiesResponse) *blob.AccessConditions {
	condition := &blob.ModifiedAccessConditions{}
	if found != nil && found.ETag != nil {
		condition.IfMatch = found.ETag
	} else {
		any := azcore.ETagAny
		condition.IfNoneMatch = &any
	}
	return &blob.AccessConditions{ModifiedAccessConditions: condition}
}

// settle looks what became of a blob that could not be committed because it is
// there already, or because its blocks were committed in the meantime: by another
// upload, or by an attempt of this one whose answer was lost.
func (t *target) settle(ctx context.Context, cause error) error {
	found, err := t.look(ctx)
	if err != nil {
		return err
	}
	same, err := t.holds(found)
	switch {
	case err != nil:
		return err
	case same:
		return nil
	case found == nil:
		return t.failure("commit the blocks of", cause)
	}
	return t.failure("replace", cause)
}

func (t *target) failure(action string, err error) error {
	return newError(action, t.blob.URL(), err)
}

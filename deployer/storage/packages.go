package storage

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// A PackagePlace says which packages are meant.
type PackagePlace struct {
	Endpoint  string // of the blob service, as in UploadRequest
	Account   string
	Key       string // in base64; never in an error
	Container string
}

// A StoredPackage is a package in a container.
type StoredPackage struct {
	Name     string    `json:"name"`
	Size     int64     `json:"size"` // bytes
	Modified time.Time `json:"modified"`

	etag azcore.ETag
}

// packageForm are the names that BlobName gives. Other blobs are left alone.
var packageForm = regexp.MustCompile(`^[A-Za-z0-9._-]+_[0-9a-f]{64}\.cspkg$`)

// maxPackages bounds how many blobs of a container are looked at.
const maxPackages = 100_000

// Packages lists the packages in a container, the newest first, by the names that
// BlobName gives them; there are none when there is no such container. Errors are
// [*Error].
func (u *Uploader) Packages(ctx context.Context, p PackagePlace) ([]StoredPackage, error) {
	c, err := u.container(p.Endpoint, p.Account, p.Key, p.Container)
	if err != nil {
		return nil, err
	}
	var found []StoredPackage
	pages := c.NewListBlobsFlatPager(nil)
	for seen := 0; pages.More() && seen < maxPackages; {
		page, err := pages.NextPage(ctx)
		if missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, newError("list the packages in", c.URL(), err)
		}
		for _, item := range page.Segment.BlobItems {
			seen++
			if s, ok := storedPackage(item); ok {
				found = append(found, s)
			}
		}
	}
	slices.SortFunc(found, func(a, b StoredPackage) int {
		return cmp.Or(b.Modified.Compare(a.Modified), cmp.Compare(a.Name, b.Name))
	})
	return found, nil
}

// storedPackage reads an item of a list; false for a blob that is no package.
func storedPackage(item *container.BlobItem) (StoredPackage, bool) {
	if item == nil || item.Name == nil || item.Properties == nil || !packageForm.MatchString(*item.Name) {
		return StoredPackage{}, false
	}
	s := StoredPackage{Name: *item.Name}
	if item.Properties.ContentLength != nil {
		s.Size = *item.Properties.ContentLength
	}
	if item.Properties.LastModified != nil {
		s.Modified = item.Properties.LastModified.UTC()
	}
	if item.Properties.ETag != nil {
		s.etag = *item.Properties.ETag
	}
	return s, true
}

// DeletePackage deletes a package that Packages has listed, unless it has been
// uploaded again since. One that is gone is no error.
func (u *Uploader) DeletePackage(ctx context.Context, p PackagePlace, s StoredPackage) error {
	c, err := u.container(p.Endpoint, p.Account, p.Key, p.Container)
	if err != nil {
		return err
	}
	b := c.NewBlobClient(s.Name)
	options := &blob.DeleteOptions{}
	if s.etag != "" {
		options.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &s.etag}}
	}
	if _, err := b.Delete(ctx, options); err != nil && !missing(err) && !bloberror.HasCode(err, bloberror.ConditionNotMet) {
		return newError("delete", b.URL(), err)
	}
	return nil
}

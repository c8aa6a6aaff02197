package packages

import (
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// Resize gives the roles of a model other instance counts, in the configuration
// too. operation is for the message when that does not fit the definition.
func (r *Reader) Resize(m *cloud.Model, counts map[string]int, operation string) (*cloud.Model, *cloud.Error) {
	var edits []servicepackage.RoleEdit
	for _, role := range m.Roles {
		edits = append(edits, servicepackage.RoleEdit{Role: role.Name, Instances: counts[role.Name]})
	}
	configuration, err := servicepackage.EditConfiguration([]byte(m.Configuration), edits)
	if err != nil {
		return nil, cloud.Errorf(cloud.InternalError, "The configuration of the deployment cannot be changed: %v", err)
	}
	return r.Configure(m.Package, Request{Operation: operation, Configuration: configuration})
}

// Export writes the package and the configuration of a deployment into a
// container, as NAME.cspkg and NAME.cscfg; the blobs' names are not documented.
// Blobs that are there are replaced only when overwrite is set. The package is
// read from where it was deployed from and must not have changed there.
func (r *Reader) Export(subscription string, m *cloud.Model, containerURL, name string, overwrite bool) *cloud.Error {
	at, refused := parseAddress(strings.TrimSuffix(containerURL, "/") + "/" + name)
	if u, err := url.Parse(containerURL); refused != nil || err != nil || u.RawQuery != "" {
		return cloud.Errorf(cloud.BadRequest, "The container URI is not the address of a container.")
	}
	files := []struct {
		name string
		open func() (io.ReadCloser, *cloud.Error)
	}{
		{name + ".cspkg", func() (io.ReadCloser, *cloud.Error) { return r.deployed(subscription, m.Package.Source) }},
		{name + ".cscfg", func() (io.ReadCloser, *cloud.Error) {
			return io.NopCloser(strings.NewReader(m.Configuration)), nil
		}},
	}
	for _, f := range files {
		if !overwrite && r.exists(subscription, at, f.name) {
			return cloud.Errorf(cloud.ConflictError, "The blob '%s' exists already in the container.", f.name)
		}
	}
	for _, f := range files {
		content, refused := f.open()
		if refused != nil {
			return refused
		}
		err := r.blobs.PutBlob(subscription, at.account, at.container, f.name, content)
		content.Close()
		if errors.Is(err, ErrNotFound) {
			return cloud.Errorf(cloud.BadRequest, "The container '%s' does not exist in an account of this subscription.", at.container)
		}
		if err != nil {
			return cloud.Errorf(cloud.InternalError, "The blob '%s' cannot be written: %v", f.name, err)
		}
	}
	return nil
}

func (r *Reader) exists(subscription string, at address, name string) bool {
	b, err := r.blobs.OpenBlob(subscription, at.account, at.container, name, "")
	if err != nil {
		return false
	}
	b.Close()
	return true
}

// deployed opens the package that a deployment was made from.
func (r *Reader) deployed(subscription string, source cloud.BlobVersion) (io.ReadCloser, *cloud.Error) {
	b, err := r.blobs.OpenBlob(subscription, source.Account, source.Container, source.Blob, "")
	if err != nil || b.ETag() != source.ETag {
		if err == nil {
			b.Close()
		}
		return nil, cloud.Errorf(cloud.BadRequest, "The package is no longer available: the blob '%s' that it was deployed from has gone or changed.", source.Blob)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(b, 0, b.Size()), b}, nil
}

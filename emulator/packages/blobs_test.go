package packages_test

import (
	"bytes"
	"io"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/vipswap/vipswap/emulator/packages"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// opened is where a blob was asked for.
type opened struct{ Subscription, Account, Container, Blob, Query string }

// blobs is a storage of blobs in memory that notes what is asked of it.
type blobs struct {
	byName     map[string]*stored
	containers map[string]bool
	asked      []opened
	open       int // blobs that were opened and not closed
	failure    error
}

type stored struct {
	data []byte
	etag string
	size int64 // said instead of the data's own, when not 0
	read int   // reads so far
}

func storage() *blobs {
	return &blobs{byName: map[string]*stored{}, containers: map[string]bool{"packages": true}}
}

func (b *blobs) OpenBlob(subscription, account, container, blob, query string) (packages.Blob, error) {
	b.asked = append(b.asked, opened{subscription, account, container, blob, query})
	if b.failure != nil {
		return nil, b.failure
	}
	s := b.byName[blob]
	if s == nil {
		return nil, packages.ErrNotFound
	}
	b.open++
	return &handle{b, s}, nil
}

func (b *blobs) PutBlob(_, _, container, blob string, r io.Reader) error {
	if !b.containers[container] {
		return packages.ErrNotFound
	}
	data, err := io.ReadAll(r)
	b.byName[blob] = &stored{data: data, etag: "written"}
	return err
}

// handle is an open blob.
type handle struct {
	of *blobs
	*stored
}

func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	h.read++
	return bytes.NewReader(h.data).ReadAt(p, off)
}

func (h *handle) Close() error { h.of.open--; return nil }
func (h *handle) ETag() string { return h.etag }

func (h *handle) Size() int64 {
	if h.size != 0 {
		return h.size
	}
	return int64(len(h.data))
}

// The sample service has one role, with an endpoint and two settings.
const (
	definition = `<ServiceDefinition name="Shop" upgradeDomainCount="3" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">
<WorkerRole name="Web" vmsize="Medium"><ConfigurationSettings><Setting name="Colour"/><Setting name="Storage"/></ConfigurationSettings>
<LocalResources><LocalStorage name="Cache" sizeInMB="100"/></LocalResources>
<Endpoints><InputEndpoint name="Http" protocol="http" port="80"/></Endpoints></WorkerRole></ServiceDefinition>`
	configuration = `<ServiceConfiguration serviceName="Shop" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
<Role name="Web"><Instances count="2"/><ConfigurationSettings><Setting name="Colour" value="blue"/><Setting name="Storage" value="UseDevelopmentStorage=true"/></ConfigurationSettings></Role>
</ServiceConfiguration>`
	address = "https://files.blob.core.windows.net/packages/shop.cspkg"
)

func pack(t testing.TB, definition string) []byte {
	t.Helper()
	var b bytes.Buffer
	err := servicepackage.Pack(&b, servicepackage.PackOptions{
		Definition: []byte(definition),
		Roles:      map[string]fs.FS{"Web": fstest.MapFS{"Web.dll": {Data: []byte("code")}}},
		OSFamilies: []string{"3", "4"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withShop returns a storage that holds the sample package.
func withShop(t testing.TB) *blobs {
	b := storage()
	b.byName["shop.cspkg"] = &stored{data: pack(t, definition), etag: "1"}
	return b
}

// request asks for the sample package with a configuration.
func request(configuration string) packages.Request {
	return packages.Request{Operation: "0123456789abcdef0123456789abcdef", Subscription: "sub", PackageURL: address, Configuration: []byte(configuration)}
}

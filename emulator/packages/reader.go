package packages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// A Blob is an open blob: its bytes stay the same however the blob is changed
// while it is open.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
	ETag() string
}

// Blobs is the storage that packages are read from and written to.
type Blobs interface {
	// OpenBlob opens a blob for a subscription: of its own accounts, or of others
	// that query, a shared access signature, gives access to. The error for a blob
	// that is not there, or not for this subscription, wraps ErrNotFound.
	OpenBlob(subscription, account, container, blob, query string) (Blob, error)
	// PutBlob writes a blob of an account of the subscription, into a container
	// that is there; otherwise the error wraps ErrNotFound.
	PutBlob(subscription, account, container, blob string, r io.Reader) error
}

// ErrNotFound says that there is no such blob, or no container for it.
var ErrNotFound = errors.New("no such blob")

// A Request is the part of a Create or Upgrade Deployment that this package
// judges.
type Request struct {
	Operation        string // id of the operation, for its messages
	Subscription     string
	PackageURL       string
	Configuration    []byte
	WarningsAsErrors bool
}

// A Reader reads packages. Several goroutines may use it at once.
type Reader struct {
	blobs Blobs

	mu       sync.Mutex // guards all below
	forgot   int        // how often Forget was called
	packages map[string]*contents
	parsed   map[string]*servicepackage.Definition // by digest, of packages that are deployed
}

// contents is what is remembered of a package that was read.
type contents struct {
	check      func(*servicepackage.Configuration) []servicepackage.Problem
	definition *servicepackage.Definition
	kept       *cloud.Package
}

// remembered is how many packages and definitions are kept in memory.
const remembered = 256

// NewReader returns a Reader of packages in blobs.
func NewReader(blobs Blobs) *Reader {
	return &Reader{blobs: blobs, packages: map[string]*contents{}, parsed: map[string]*servicepackage.Definition{}}
}

// Read opens the package of a request and joins it with the configuration.
func (r *Reader) Read(q Request) (*cloud.Model, *cloud.Error) {
	at, refused := parseAddress(q.PackageURL)
	if refused != nil {
		return nil, refused
	}
	p, refused := r.open(q.Subscription, at)
	if refused != nil {
		return nil, refused
	}
	return join(p, q)
}

// Configure joins a package that is deployed already with the configuration of a
// request; its PackageURL plays no part.
func (r *Reader) Configure(p *cloud.Package, q Request) (*cloud.Model, *cloud.Error) {
	def, err := r.definition(p)
	if err != nil {
		return nil, cloud.Errorf(cloud.InternalError, "The definition of the deployed package cannot be read: %v", err)
	}
	check := func(cfg *servicepackage.Configuration) []servicepackage.Problem {
		return servicepackage.Check(def, cfg)
	}
	return join(&contents{check, def, p}, q)
}

// definition parses the definition of a deployed package, once.
func (r *Reader) definition(p *cloud.Package) (*servicepackage.Definition, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if def := r.parsed[p.Digest]; def != nil {
		return def, nil
	}
	def, err := servicepackage.ParseDefinition([]byte(p.Definition))
	if err != nil {
		return nil, err
	}
	if len(r.parsed) >= remembered {
		clear(r.parsed)
	}
	r.parsed[p.Digest] = def
	return def, nil
}

// Forget forgets packages that were read. It is called when blobs may have become
// others with the same entity tags, after an account was put back, say.
func (r *Reader) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgot++
	clear(r.packages)
}

// open reads the package at an address, or remembers it.
func (r *Reader) open(subscription string, at address) (*contents, *cloud.Error) {
	r.mu.Lock()
	forgot := r.forgot
	r.mu.Unlock()
	blob, err := r.blobs.OpenBlob(subscription, at.account, at.container, at.blob, at.query)
	if errors.Is(err, ErrNotFound) {
		return nil, cloud.Errorf(cloud.BadRequest, "The package '%s' cannot be read: there is no such blob in this subscription.", at.shown)
	}
	if err != nil {
		return nil, cloud.Errorf(cloud.InternalError, "The package '%s' cannot be read: %v", at.shown, err)
	}
	defer blob.Close()
	id := subscription + "\n" + at.account + "\n" + at.container + "\n" + at.blob + "\n" + blob.ETag()
	r.mu.Lock()
	p := r.packages[id]
	r.mu.Unlock()
	if p != nil {
		return p, nil
	}
	if p, err = read(blob, at); err != nil {
		return nil, cloud.Errorf(cloud.BadRequest, "The package '%s' is not a valid service package: %v", at.shown, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.packages) >= remembered {
		clear(r.packages)
	}
	if r.forgot == forgot {
		r.packages[id] = p
	}
	return p, nil
}

// read checks a package and keeps what deployments need of it.
func read(blob Blob, at address) (*contents, error) {
	p, err := servicepackage.OpenPackage(blob, blob.Size())
	if err != nil {
		return nil, err
	}
	definition := string(p.Definition.Marshal())
	return &contents{
		check:      packageCheck(p),
		definition: p.Definition,
		kept: &cloud.Package{
			Digest:         digest(p.ProductVersion, definition, at.account+"/"+at.container+"/"+at.blob, blob.ETag()),
			Source:         cloud.BlobVersion{Account: at.account, Container: at.container, Blob: at.blob, ETag: blob.ETag()},
			Definition:     definition,
			SDKVersion:     p.ProductVersion,
			UpgradeDomains: p.Definition.UpgradeDomainCount,
		},
	}, nil
}

// packageCheck judges configurations by a package without holding on to the
// blob that it was read from.
func packageCheck(p *servicepackage.Package) func(*servicepackage.Configuration) []servicepackage.Problem {
	bare := &servicepackage.Package{Definition: p.Definition, SupportedOSFamilies: p.SupportedOSFamilies}
	return bare.Check
}

// digest returns a name for all of parts together.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		io.WriteString(h, part)
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

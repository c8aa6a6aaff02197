package storage

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/vipswap/vipswap/deployer/calls"
)

// Defaults of Config, and what the service allows in one blob (Microsoft's page
// for Put Block).
const (
	DefaultBlockSize = 4 << 20 // bytes
	maxBlockSize     = 100 << 20
	maxBlocks        = 50_000

	DefaultRetries    = 4
	DefaultRetryDelay = 800 * time.Millisecond
	maxRetryDelay     = 15 * time.Second
	tryTimeout        = 2 * time.Minute // for one block

	idleTimeout      = 60 * time.Second
	handshakeTimeout = 20 * time.Second
)

// A Config says how to reach blob endpoints. The zero value is useful.
type Config struct {
	RootCAs *x509.CertPool // that vouch for https endpoints; nil is the system's

	// Proxy chooses the proxy of a request, as in http.Transport; nil is none.
	Proxy func(*http.Request) (*url.URL, error)

	BlockSize  int           // bytes sent at once, twice as many are in memory; 0 is DefaultBlockSize, at most 100 MiB
	Retries    int           // how often a request is sent again; 0 is DefaultRetries, less than 0 never
	RetryDelay time.Duration // before the first time, growing after; 0 is DefaultRetryDelay

	// Observer, when set, hears of every call once it is over.
	Observer calls.Observer
}

// An Uploader uploads packages. It is safe for use by several goroutines. An
// upload starts one, which has ended when Upload returns.
type Uploader struct {
	http      *http.Client
	blockSize int
	retry     policy.RetryOptions
	observer  calls.Observer
}

// New returns an uploader, without calling anything.
func New(c Config) *Uploader {
	if c.BlockSize <= 0 {
		c.BlockSize = DefaultBlockSize
	}
	if c.Retries == 0 {
		c.Retries = DefaultRetries
	}
	if c.RetryDelay <= 0 {
		c.RetryDelay = DefaultRetryDelay
	}
	if c.Observer == nil {
		c.Observer = calls.Unobserved{}
	}
	return &Uploader{
		observer:  c.Observer,
		blockSize: min(c.BlockSize, maxBlockSize),
		retry: policy.RetryOptions{
			MaxRetries:    int32(c.Retries),
			TryTimeout:    tryTimeout,
			RetryDelay:    c.RetryDelay,
			MaxRetryDelay: maxRetryDelay,
		},
		http: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:               c.Proxy,
				IdleConnTimeout:     idleTimeout,
				TLSHandshakeTimeout: handshakeTimeout,
				TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.RootCAs},
			},
		},
	}
}

// CloseIdleConnections closes the connections that are kept for later requests.
func (u *Uploader) CloseIdleConnections() { u.http.CloseIdleConnections() }

// An UploadRequest says what to upload where.
type UploadRequest struct {
	// Endpoint is the blob service's address, http or https, with the account in
	// the host (https://ACCOUNT.blob.core.windows.net/) or in the path
	// (http://127.0.0.1:10000/ACCOUNT/), as the storage account's properties
	// give it. "" is the account's address in Azure.
	Endpoint string
	Account  string // name of the storage account
	Key      string // one of its access keys, in base64; never in an error

	Container string // made, private, when it is missing
	Blob      string // see BlobName

	Source io.ReaderAt
	Size   int64  // bytes of Source to upload, at least one
	SHA256 string // of these bytes, in hex; "" reads Source once more to find it

	// Progress, when set, hears after each block how many bytes have been sent.
	// It is not called for a blob that is reused.
	Progress func(done, total int64)
}

// A target is one blob that is to hold the content.
type target struct {
	request   UploadRequest
	container *container.Client
	blob      *blockblob.Client
	blockSize int
}

// newTarget checks the request and prepares the clients for it.
func (u *Uploader) newTarget(r UploadRequest) (*target, error) {
	if err := r.complete(); err != nil {
		return nil, err
	}
	if r.Size > int64(u.blockSize)*maxBlocks {
		return nil, fmt.Errorf("%d bytes are too many for one blob in blocks of %d", r.Size, u.blockSize)
	}
	c, err := u.container(r.Endpoint, r.Account, r.Key, r.Container)
	if err != nil {
		return nil, err
	}
	return &target{request: r, container: c, blob: c.NewBlockBlobClient(r.Blob), blockSize: u.blockSize}, nil
}

// container prepares the client of a container; it calls nothing.
func (u *Uploader) container(endpoint, account, key, name string) (*container.Client, error) {
	credential, err := blob.NewSharedKeyCredential(account, key)
	if err != nil {
		return nil, fmt.Errorf("the key of storage account %s cannot be used", account)
	}
	options := container.ClientOptions{}
	options.Transport, options.Retry = u.http, u.retry
	options.Telemetry.ApplicationID = "vipswap"
	options.PerCallPolicies = []policy.Policy{observing{u.observer}}
	options.PerRetryPolicies = []policy.Policy{counting{}}
	c, err := container.NewClientWithSharedKeyCredential(strings.TrimRight(endpoint, "/")+"/"+name, credential, &options)
	if err != nil {
		return nil, fmt.Errorf("storage account %s: %w", account, err)
	}
	return c, nil
}

// Names as Microsoft's pages on naming storage accounts and containers have them.
var (
	accountForm   = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
	containerForm = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])+$`)
	hashForm      = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// complete checks the request, and fills in what may be left out.
func (r *UploadRequest) complete() error {
	switch n := len(r.Container); {
	case !accountForm.MatchString(r.Account):
		return fmt.Errorf("the storage account name %q is not 3 to 24 digits and lower-case letters", r.Account)
	case !containerForm.MatchString(r.Container) || n < 3 || n > 63:
		return fmt.Errorf("the container name %q is not 3 to 63 digits, lower-case letters and single hyphens", r.Container)
	case r.Blob == "" || len(r.Blob) > 1024:
		return errors.New("the blob name is not 1 to 1024 characters long")
	case r.Source == nil || r.Size <= 0:
		return errors.New("there is nothing to upload")
	}
	if key, err := base64.StdEncoding.DecodeString(r.Key); err != nil || len(key) == 0 {
		return fmt.Errorf("the key of storage account %s is not base64", r.Account)
	}
	if r.Progress == nil {
		r.Progress = func(int64, int64) {}
	}
	if err := r.completeEndpoint(); err != nil {
		return err
	}
	return r.completeHash()
}

func (r *UploadRequest) completeEndpoint() error {
	if r.Endpoint == "" {
		r.Endpoint = "https://" + r.Account + ".blob.core.windows.net"
	}
	u, err := url.Parse(r.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("the blob endpoint is not an http or https address")
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("the blob endpoint has more than a host and a path")
	}
	r.Endpoint = strings.TrimRight(r.Endpoint, "/")
	return nil
}

func (r *UploadRequest) completeHash() error {
	if r.SHA256 == "" {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(r.Source, 0, r.Size)); err != nil {
			return fmt.Errorf("read the package: %w", err)
		}
		r.SHA256 = hex.EncodeToString(h.Sum(nil))
	}
	r.SHA256 = strings.ToLower(r.SHA256)
	if !hashForm.MatchString(r.SHA256) {
		return errors.New("the SHA-256 is not 64 hex digits")
	}
	return nil
}

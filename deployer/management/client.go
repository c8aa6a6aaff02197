package management

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vipswap/vipswap/deployer/calls"
	"github.com/vipswap/vipswap/deployer/wait"
	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// APIVersion is the x-ms-version that the client sends with every request. It is
// the last version that Microsoft's page on Service Management versioning lists,
// and recorded traffic shows the service answering it with everything that a
// deployer reads. Older versions leave out elements of a deployment.
const APIVersion = "2015-09-01"

// Defaults of Config.
const (
	DefaultRequestTimeout = 60 * time.Second
	DefaultMaxAttempts    = 5
	DefaultRetryMin       = 200 * time.Millisecond
	DefaultRetryMax       = 10 * time.Second
	DefaultUserAgent      = "vipswap"
)

const (
	idleTimeout      = 20 * time.Second // shorter than servers', so that a change seldom meets a closing connection
	handshakeTimeout = 20 * time.Second
)

// A Config says where the service is, who asks, and how patiently. URL,
// SubscriptionID and Certificate are required; zero values of the others are
// useful.
type Config struct {
	URL            string // https, with or without a final slash
	SubscriptionID string // 8-4-4-4-12 hex digits

	// Certificate is the management certificate with its key. It is always
	// presented, whatever authorities the server names: management
	// certificates are self-signed.
	Certificate tls.Certificate

	RootCAs   *x509.CertPool // that vouch for the server; nil is the system's
	UserAgent string         // "" is DefaultUserAgent

	// Proxy chooses the proxy of a request, as in http.Transport; nil is none.
	Proxy func(*http.Request) (*url.URL, error)

	Clock  wait.Clock   // nil is wait.System
	Logger *slog.Logger // hears method, path, status and request id; nil is silence

	PollMin time.Duration // first pause between looks at an operation; 0 is 50 ms
	PollMax time.Duration // longest pause; 0 is 5 s

	RequestTimeout time.Duration // for one attempt, its answer included; 0 is DefaultRequestTimeout
	MaxAttempts    int           // how often one request is sent at most; 0 is DefaultMaxAttempts
	RetryMin       time.Duration // first pause before sending again, doubled each time; 0 is DefaultRetryMin
	RetryMax       time.Duration // longest such pause; 0 is DefaultRetryMax

	// RetryAfterShare is how much of what the service asks for with Retry-After is
	// waited. 0 is all of it; less is for an emulator whose time is not the wall's.
	RetryAfterShare float64

	// ConflictRetries is how often a change that was refused because another
	// operation was running is sent again after that operation has ended. 0
	// returns such conflicts at once, as changes of deployments always do: who
	// makes one looks first whether it still means the same.
	ConflictRetries int
	// OnConflict, when set, hears of every such wait before it begins.
	OnConflict func(ConflictWait)

	// Observer, when set, hears of every call once it is over.
	Observer calls.Observer
}

// A Client calls the Service Management API for one subscription.
type Client struct {
	base         *url.URL
	subscription string
	userAgent    string
	http         *http.Client
	clock        wait.Clock
	log          *slog.Logger
	poll         wait.Poll
	timeout      time.Duration
	attempts     int
	retryMin     time.Duration
	retryMax     time.Duration
	share        float64 // of a Retry-After
	conflicts    int
	onConflict   func(ConflictWait)
	observer     calls.Observer
	actions      recentActions
	lastID       atomic.Pointer[string]
	time         serviceTime
}

// New returns a client, without calling the service. The error says which field
// of c cannot be used and why.
func New(c Config) (*Client, error) {
	base, err := parseBase(c.URL)
	if err != nil {
		return nil, err
	}
	if !subscriptionForm().MatchString(c.SubscriptionID) {
		return nil, fmt.Errorf("the subscription id %q is not of the form 01234567-89ab-cdef-0123-456789abcdef", c.SubscriptionID)
	}
	if len(c.Certificate.Certificate) == 0 || c.Certificate.PrivateKey == nil {
		return nil, errors.New("there is no management certificate, or it has no key")
	}
	c = c.withDefaults()
	return &Client{
		base:         base,
		subscription: c.SubscriptionID,
		userAgent:    c.UserAgent,
		http:         newHTTPClient(c),
		clock:        c.Clock,
		log:          c.Logger,
		poll:         wait.Poll{Min: c.PollMin, Max: c.PollMax, Sleep: c.Clock.Sleep},
		timeout:      c.RequestTimeout,
		attempts:     c.MaxAttempts,
		retryMin:     c.RetryMin,
		retryMax:     max(c.RetryMin, c.RetryMax),
		share:        c.RetryAfterShare,
		conflicts:    c.ConflictRetries,
		onConflict:   c.OnConflict,
		observer:     c.Observer,
	}, nil
}

// CloseIdleConnections closes the connections that are kept for later requests.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

var subscriptionForm = lazyregexp.New(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil:
		return nil, errors.New("the management URL cannot be read as a URL")
	case u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("the management URL %q does not begin with https://HOST: the service knows its clients by TLS certificate", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("the management URL %q has more than a host and a path", u.Redacted())
	}
	return u, nil
}

func (c Config) withDefaults() Config {
	c.UserAgent = orDefault(c.UserAgent, DefaultUserAgent)
	c.Clock = orDefault(c.Clock, wait.System)
	c.Logger = orDefault(c.Logger, slog.New(slog.DiscardHandler))
	c.RequestTimeout = orDefault(c.RequestTimeout, DefaultRequestTimeout)
	c.MaxAttempts = orDefault(c.MaxAttempts, DefaultMaxAttempts)
	c.RetryMin = orDefault(c.RetryMin, DefaultRetryMin)
	c.RetryMax = orDefault(c.RetryMax, DefaultRetryMax)
	c.RetryAfterShare = orDefault(c.RetryAfterShare, 1)
	if c.Observer == nil {
		c.Observer = calls.Unobserved{}
	}
	if c.OnConflict == nil {
		c.OnConflict = func(ConflictWait) {}
	}
	return c
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// newHTTPClient returns a client that presents the certificate always, speaks
// HTTP/1.1 as the service does, and follows no redirect by itself.
func newHTTPClient(c Config) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:               c.Proxy,
			DisableCompression:  true,
			IdleConnTimeout:     idleTimeout,
			TLSHandshakeTimeout: handshakeTimeout,
			MaxIdleConnsPerHost: 4,
			TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS12,
				RootCAs:    c.RootCAs,
				// Microsoft's servers ask for the certificate by renegotiation.
				Renegotiation: tls.RenegotiateOnceAsClient,
				GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					return &c.Certificate, nil
				},
			},
		},
	}
}

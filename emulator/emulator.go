package emulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/vipswap/vipswap/emulator/blob"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/credentials"
	"github.com/vipswap/vipswap/emulator/management"
	"github.com/vipswap/vipswap/emulator/packages"
	"github.com/vipswap/vipswap/emulator/store"
)

// An Emulator is a running emulator.
type Emulator struct {
	config     config
	universes  *universes
	store      *store.Store // nil when the state is in memory
	blobs      *blob.Store
	shelf      shelf      // of snapshots
	snapshots  sync.Mutex // held while a universe is saved, replaced or deleted as a whole; guards contents
	contents   uint64     // the highest number given to contents of accounts
	packages   *packages.Reader
	management *credentials.Management
	manager    cloud.ManagementCertificate // the same, as subscriptions know it
	ids        idSource
	settling   sync.Mutex // held while a universe is added, or deleted with all that is kept under its id
	metrics    counters
	listeners  map[endpoint]net.Listener
	servers    []*http.Server
	serving    sync.WaitGroup
	running    context.Context // ends when Close is called
	stop       context.CancelFunc
}

// idSource is where the ids of new universes come from.
type idSource struct {
	sync.Mutex
	cloud.Source
}

// endpoint is one of the three addresses of an emulator.
type endpoint string

const (
	managementEndpoint endpoint = "management"
	blobEndpoint       endpoint = "blob"
	controlEndpoint    endpoint = "control"
)

// ephemeral makes the certificates of emulators that were given none, once for
// the process: keys take long to make.
var ephemeral = sync.OnceValues(func() (*credentials.Authority, error) { return credentials.Ephemeral() })

// New starts an emulator. The error says which address is taken or which folder
// cannot be used. The caller closes it.
func New(options ...Option) (*Emulator, error) {
	c := defaultConfig()
	for _, option := range options {
		option(&c)
	}
	if len(c.subscriptions) == 0 {
		c.subscriptions = []string{DefaultSubscription}
	}
	e := &Emulator{config: c, universes: newUniverses(), listeners: map[endpoint]net.Listener{}, metrics: newCounters()}
	e.ids.Seed = c.seed ^ seedOf("universes")
	e.running, e.stop = context.WithCancel(context.Background())
	if err := e.start(); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

func (e *Emulator) start() error {
	var err error
	if e.config.authority == nil {
		if e.config.authority, err = ephemeral(); err != nil {
			return err
		}
	}
	if e.management, err = e.config.authority.Management(e.config.subscriptions[0]); err != nil {
		return err
	}
	if e.manager, err = managerOf(e.management.Certificate.Certificate[0]); err != nil {
		return err
	}
	if err := e.openState(); err != nil {
		return err
	}
	for _, id := range e.config.subscriptions {
		if err := e.begin(id); err != nil {
			return err
		}
	}
	return e.serve()
}

func (e *Emulator) clock(start time.Time) cloud.Clock {
	return cloud.NewClock(e.config.clockMode, e.config.speed, start.UTC(), e.config.wall)
}

// serve opens all listeners, then answers on each.
func (e *Emulator) serve() error {
	for _, at := range []struct {
		endpoint
		addr string
	}{{managementEndpoint, e.config.managementAddr}, {blobEndpoint, e.config.blobAddr}, {controlEndpoint, e.config.controlAddr}} {
		l, err := net.Listen("tcp", at.addr)
		if err != nil {
			return fmt.Errorf("listen for %s on %s: %w", at.endpoint, at.addr, err)
		}
		e.listeners[at.endpoint] = l
	}
	cert, err := e.config.authority.ServerCertificate(e.hosts()...)
	if err != nil {
		return err
	}
	a := &accounts{universes: e.universes, store: e.blobs, base: e.BlobURL(), azure: e.config.azureBlobNames}
	e.packages = packages.NewReader(a)
	a.packages = e.packages
	a.server = blob.New(a, e.blobs, blob.WithWallClock(e.config.wall), blob.WithLogger(e.config.log),
		blob.WithFaults(a), blob.WithPause(e.config.pause), blob.WithObserver(e.observeBlob))
	api := management.New(e.universes, e.packages, a,
		management.WithLogger(e.config.log), management.WithAuthentication(e.config.authentication),
		management.WithPause(e.config.pause), management.WithObserver(e.observeManagement))
	e.handle(tls.NewListener(e.listeners[managementEndpoint], managementTLS(cert)), e.config.around(api))
	e.handle(eitherListener{e.listeners[blobEndpoint], blobTLS(cert)}, a.server)
	e.handle(e.listeners[controlEndpoint], control.New(e, control.Config{
		Token: e.config.controlToken, Hosts: e.hosts(), Done: e.running,
	}))
	return nil
}

// Version returns the program's version.
func (e *Emulator) Version() string { return e.config.version }

// Ready reports whether the emulator answers, which it does from New to Close.
func (e *Emulator) Ready() bool { return e.running.Err() == nil }

// hosts are the addresses that are listened on, for the server's certificate.
func (e *Emulator) hosts() []string {
	var hosts []string
	for _, l := range e.listeners {
		if host, _, err := net.SplitHostPort(l.Addr().String()); err == nil && !net.ParseIP(host).IsUnspecified() {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func (e *Emulator) handle(l net.Listener, h http.Handler) {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          quietLog(e.config.log),
	}
	e.servers = append(e.servers, server)
	e.serving.Go(func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			e.config.log.Error("serving ended", "error", err)
		}
	})
}

// Close stops the emulator and gives back what it holds. Requests that are being
// answered have a second to end.
func (e *Emulator) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	e.stop()
	e.universes.closeJournals()
	for _, server := range e.servers {
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	}
	for _, l := range e.listeners {
		l.Close()
	}
	e.serving.Wait()
	var errs []error
	if e.blobs != nil {
		errs = append(errs, e.blobs.Close())
	}
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	return errors.Join(errs...)
}

// url returns the address of an endpoint, without a slash at its end.
func (e *Emulator) url(scheme string, at endpoint) string {
	addr := e.listeners[at].Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}

// ManagementURL returns the address of the Service Management API, without a
// slash at its end.
func (e *Emulator) ManagementURL() string { return e.url("https", managementEndpoint) }

// BlobURL returns the address of the blob endpoint; a storage account is the
// first segment of the path below it. It speaks TLS on the same port, too.
func (e *Emulator) BlobURL() string { return e.url("http", blobEndpoint) }

// ControlURL returns the address of the emulator's own interface.
func (e *Emulator) ControlURL() string { return e.url("http", controlEndpoint) }

// ControlToken returns the token that the control interface asks for, "" for none.
func (e *Emulator) ControlToken() string { return e.config.controlToken }

// Subscription returns the id of the first subscription.
func (e *Emulator) Subscription() string { return e.config.subscriptions[0] }

// Subscriptions returns the ids of all subscriptions.
func (e *Emulator) Subscriptions() []string {
	var ids []string
	for _, u := range e.universes.Universes() {
		ids = append(ids, u.ID())
	}
	return ids
}

// Management returns the management certificate, which may manage every
// subscription of the emulator.
func (e *Emulator) Management() *credentials.Management { return e.management }

// CertPool returns the authority that the emulator's own certificate chains to.
func (e *Emulator) CertPool() *x509.CertPool { return e.config.authority.Pool() }

// Authority returns where the emulator's certificates come from.
func (e *Emulator) Authority() *credentials.Authority { return e.config.authority }

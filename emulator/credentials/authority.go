package credentials

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Names of the pairs in the folder.
const (
	authorityPair  = "ca"
	serverPair     = "server"
	managementPair = "management" // in the folder of its subscription
)

// An Authority signs the emulator's certificate and keeps the management
// certificates. All methods may be called from several goroutines.
type Authority struct {
	folder folder
	now    func() time.Time
	ca     *pair

	mu         sync.Mutex             // guards management
	management map[string]*Management // by subscription, in lower case
}

type options struct {
	now           func() time.Time
	subscriptions []string
}

// An Option changes what Open and Ephemeral do.
type Option func(*options)

// WithSubscriptions makes the management certificates of these subscriptions
// together with the rest, which takes less time than one after the other. The
// default is none; [Authority.Management] makes them when asked.
func WithSubscriptions(ids ...string) Option {
	return func(o *options) { o.subscriptions = append(o.subscriptions, ids...) }
}

// WithNow sets the source of the time that certificates are issued and judged by.
// The default is time.Now.
func WithNow(now func() time.Time) Option {
	return func(o *options) { o.now = now }
}

// Open makes the credentials in a folder, and the folder, or finds them there.
// The error says when the folder cannot be made or written to, and which file is
// damaged or which part of a pair is missing.
func Open(dir string, opts ...Option) (*Authority, error) {
	if dir == "" {
		return nil, errors.New("credentials: no folder is given")
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	return open(disk(path), opts)
}

// Ephemeral makes credentials that are in memory only, for tests: no method
// returns a file name. It takes a noticeable part of a second, so make them once
// for a process.
func Ephemeral(opts ...Option) (*Authority, error) { return open(newMemory(), opts) }

func open(f folder, opts []Option) (*Authority, error) {
	o := options{now: time.Now}
	for _, opt := range opts {
		opt(&o)
	}
	a := &Authority{folder: f, now: o.now, management: map[string]*Management{}}
	pairs := []string{authorityPair, serverPair}
	for _, id := range o.subscriptions {
		home, err := subscriptionFolder(id)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, home+managementPair)
	}
	if err := makeKeys(f, pairs...); err != nil {
		return nil, err
	}
	if err := a.openAuthority(); err != nil {
		return nil, err
	}
	for _, id := range o.subscriptions {
		if _, err := a.Management(id); err != nil {
			return nil, err
		}
	}
	return a, nil
}

var errNoAuthority = errors.New("it is not the certificate of an authority")

func (a *Authority) openAuthority() (err error) {
	a.ca, err = a.certified(authorityPair, anyCertificate, func(key *rsa.PrivateKey) (*x509.Certificate, error) {
		return sign(authorityTemplate(key), key, nil, a.now(), authorityLife)
	})
	if err == nil && !a.ca.cert.IsCA {
		err = damaged(a.folder, authorityPair+certExtension, authorityPair, errNoAuthority)
	}
	return err
}

// anyCertificate suits wherever a current certificate for the key will do.
func anyCertificate(*x509.Certificate) bool { return true }

// certified loads a pair. When it has no certificate, or one that is about to
// expire or does not suit, it gets a new one; issue runs under the folder's lock.
func (a *Authority) certified(name string, suits func(*x509.Certificate) bool,
	issue func(*rsa.PrivateKey) (*x509.Certificate, error)) (*pair, error) {
	good := func(p *pair) bool { return p.cert != nil && isCurrent(p.cert, a.now()) && suits(p.cert) }
	p, err := load(a.folder, name)
	if err != nil || good(p) {
		return p, err
	}
	unlock, err := a.folder.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	// Another process may have been faster.
	if p, err = load(a.folder, name); err != nil || good(p) {
		return p, err
	}
	if p.cert, err = issue(p.key); err != nil {
		return nil, err
	}
	p.certPEM = encodePEM(certType, p.cert.Raw)
	if err := a.folder.write(name+certExtension, p.certPEM); err != nil {
		return nil, fmt.Errorf("credentials: write a certificate: %w", err)
	}
	return p, nil
}

// ServerCertificate returns the certificate for the emulator's listeners. It is
// for this machine's loopback names, for *.blob.localhost, for the names of the
// real service, and for hosts, which are names, wildcard names or addresses without
// a port. When it is for other hosts than the certificate in the folder, a new one
// takes that one's place. The error names a host that is none, or a damaged file.
func (a *Authority) ServerCertificate(hosts ...string) (tls.Certificate, error) {
	names, err := parseHosts(hosts)
	if err != nil {
		return tls.Certificate{}, err
	}
	suits := func(cert *x509.Certificate) bool {
		return names.areOf(cert) && cert.CheckSignatureFrom(a.ca.cert) == nil
	}
	p, err := a.certified(serverPair, suits, func(key *rsa.PrivateKey) (*x509.Certificate, error) {
		return sign(serverTemplate(names), key, a.ca, a.now(), serverLife)
	})
	if err != nil {
		return tls.Certificate{}, err
	}
	return p.tls(), nil
}

// CAFile returns the absolute name of the file with the authority's certificate in
// PEM, or "" when it is in memory only.
func (a *Authority) CAFile() string { return a.folder.path(authorityPair + certExtension) }

// CAPEM returns the authority's certificate in PEM. The caller must not change it.
func (a *Authority) CAPEM() []byte { return a.ca.certPEM }

// Pool returns a new pool that trusts the authority and no other.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.ca.cert)
	return pool
}

// maxSubscriptionID is generous: a real id is a GUID with 36 characters.
const maxSubscriptionID = 64

// subscriptionFolder returns the folder of a subscription, with a slash at its end.
// Ids do not differ by case.
func subscriptionFolder(id string) (string, error) {
	const allowed = "0123456789abcdefghijklmnopqrstuvwxyz-"
	name := strings.ToLower(id)
	if name == "" || len(name) > maxSubscriptionID || strings.Trim(name, allowed) != "" || name[0] == '-' {
		return "", fmt.Errorf("credentials: %q is not a subscription id; want a GUID, or letters, digits and hyphens", id)
	}
	return name + "/", nil
}

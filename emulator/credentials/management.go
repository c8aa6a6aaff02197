package credentials

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
)

const (
	pfxExtension     = ".pfx"
	publishExtension = ".publishsettings"
)

// A Management is the management certificate of a subscription with its key, in
// the forms that clients take. The names of files are absolute, and "" for
// credentials in memory. Nothing in it may be changed.
type Management struct {
	SubscriptionID string
	Certificate    tls.Certificate

	CertFile            string // PEM
	KeyFile             string // PEM, PKCS #8
	PFXFile             string // PKCS #12 without a password
	PublishSettingsFile string // there once WritePublishSettings was called

	CertPEM []byte
	KeyPEM  []byte
	PFX     []byte

	folder folder
	home   string // folder of the subscription, with a slash at its end
}

// Management returns the management certificate of a subscription, and makes it
// the first time. The error says that the id is none, or which file is damaged or
// missing.
func (a *Authority) Management(subscriptionID string) (*Management, error) {
	home, err := subscriptionFolder(subscriptionID)
	if err != nil {
		return nil, err
	}
	if m := a.known(home); m != nil {
		return m, nil
	}
	m, err := a.openManagement(subscriptionID, home)
	if err != nil {
		return nil, err
	}
	return a.remember(m), nil
}

func (a *Authority) known(home string) *Management {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.management[home]
}

// remember returns m, or what another goroutine has remembered before.
func (a *Authority) remember(m *Management) *Management {
	a.mu.Lock()
	defer a.mu.Unlock()
	if first := a.management[m.home]; first != nil {
		return first
	}
	a.management[m.home] = m
	return m
}

func (a *Authority) openManagement(id, home string) (*Management, error) {
	name := home + managementPair
	if err := makeKeys(a.folder, name); err != nil {
		return nil, err
	}
	p, err := a.certified(name, anyCertificate, func(key *rsa.PrivateKey) (*x509.Certificate, error) {
		if err := removeDerived(a.folder, name); err != nil {
			return nil, err
		}
		return sign(managementTemplate(id), key, nil, a.now(), managementLife)
	})
	if err != nil {
		return nil, err
	}
	pfx, err := openPFX(a.folder, name)
	if err != nil {
		return nil, err
	}
	return newManagement(id, home, a.folder, p, pfx), nil
}

// removeDerived removes the files that were made from a certificate, which must not
// outlive it.
func removeDerived(f folder, name string) error {
	for _, extension := range []string{pfxExtension, publishExtension} {
		if err := f.remove(name + extension); err != nil {
			return fmt.Errorf("credentials: renew a certificate: %w", err)
		}
	}
	return nil
}

func newManagement(id, home string, f folder, p *pair, pfx []byte) *Management {
	name := home + managementPair
	return &Management{
		SubscriptionID:      id,
		Certificate:         p.tls(),
		CertFile:            f.path(name + certExtension),
		KeyFile:             f.path(name + keyExtension),
		PFXFile:             f.path(name + pfxExtension),
		PublishSettingsFile: f.path(name + publishExtension),
		CertPEM:             p.certPEM,
		KeyPEM:              p.keyPEM,
		PFX:                 pfx,
		folder:              f,
		home:                home,
	}
}

// openPFX reads the container of a certified pair, or makes it.
func openPFX(f folder, name string) ([]byte, error) {
	pfx, err := readPFX(f, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return pfx, err
	}
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if pfx, err = readPFX(f, name); !errors.Is(err, fs.ErrNotExist) {
		return pfx, err
	}
	p, err := load(f, name)
	if err != nil {
		return nil, err
	}
	if pfx, err = encodePFX(p.cert, p.key, rand.Reader); err != nil {
		return nil, err
	}
	if err := f.write(name+pfxExtension, pfx); err != nil {
		return nil, fmt.Errorf("credentials: write a certificate: %w", err)
	}
	return pfx, nil
}

func readPFX(f folder, name string) ([]byte, error) {
	pfx, err := f.read(name + pfxExtension)
	if err != nil {
		return nil, fmt.Errorf("credentials: read a certificate: %w", err)
	}
	if err := verifyPFX(pfx); err != nil {
		return nil, fmt.Errorf("credentials: %s is damaged: %w\nhint: delete it to have it made again",
			place(f, name+pfxExtension), err)
	}
	return pfx, nil
}

// Thumbprint returns the SHA-1 of the certificate in upper-case hexadecimal, the
// form in which the service names certificates.
func (m *Management) Thumbprint() string {
	return fmt.Sprintf("%X", sha1.Sum(m.Certificate.Certificate[0]))
}

// String names the certificate. It does not hold the key.
func (m *Management) String() string {
	return fmt.Sprintf("management certificate %s of subscription %s", m.Thumbprint(), m.SubscriptionID)
}

// LogValue keeps the key out of logs.
func (m *Management) LogValue() slog.Value { return slog.StringValue(m.String()) }

// WritePublishSettings writes [Management.PublishSettings] to PublishSettingsFile,
// unless it is there already. Credentials in memory have no such file: an error.
func (m *Management) WritePublishSettings(url, subscriptionName string) error {
	if m.PublishSettingsFile == "" {
		return errors.New("credentials: there is no file for publish settings, since these credentials are in memory only")
	}
	name, settings := m.home+managementPair+publishExtension, m.PublishSettings(url, subscriptionName)
	if old, err := m.folder.read(name); err == nil && bytes.Equal(old, settings) {
		return nil
	}
	unlock, err := m.folder.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := m.folder.write(name, settings); err != nil {
		return fmt.Errorf("credentials: write publish settings: %w", err)
	}
	return nil
}

// Forget removes the management certificate of a subscription, with its files.
// One that was never made is no error.
func (a *Authority) Forget(subscriptionID string) error {
	home, err := subscriptionFolder(subscriptionID)
	if err != nil {
		return err
	}
	a.mu.Lock()
	delete(a.management, home)
	a.mu.Unlock()
	if made, err := exists(a.folder, home+managementPair+keyExtension); err != nil || !made {
		return err
	}
	unlock, err := a.folder.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, extension := range []string{publishExtension, pfxExtension, certExtension, keyExtension} {
		if err := a.folder.remove(home + managementPair + extension); err != nil {
			return fmt.Errorf("credentials: forget a certificate: %w", err)
		}
	}
	// The folder stays when there is something else in it.
	_ = a.folder.remove(strings.TrimSuffix(home, "/"))
	return nil
}

package management

import (
	"crypto"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

const (
	maxPublishSettings = 4 << 20 // bytes
	maxProfiles        = 1000    // subscriptions in a file
)

// Credentials are one subscription of a publish settings file: where it is
// managed, and the certificate that may do so.
type Credentials struct {
	Name           string // of the subscription, as shown to people
	SubscriptionID string
	URL            string // of the Service Management API
	Certificate    tls.Certificate
}

type publishDocument struct {
	XMLName  xml.Name          `xml:"PublishData"`
	Profiles []profileDocument `xml:"PublishProfile"`
}

// profileDocument is a PublishProfile. In schema 1.0 address and certificate are
// here and hold for every subscription, in schema 2.0 each subscription has its
// own.
type profileDocument struct {
	URL           string `xml:"Url,attr"`
	Certificate   string `xml:"ManagementCertificate,attr"`
	Subscriptions []struct {
		ID          string `xml:"Id,attr"`
		Name        string `xml:"Name,attr"`
		URL         string `xml:"ServiceManagementUrl,attr"`
		Certificate string `xml:"ManagementCertificate,attr"`
	} `xml:"Subscription"`
}

// ReadPublishSettings reads a .publishsettings file of schema 1.0 or 2.0, and
// returns its subscriptions in their order, one at least. The error says what is
// wrong with which subscription; a file is taken whole or not at all.
func ReadPublishSettings(data []byte) ([]Credentials, error) {
	if len(data) > maxPublishSettings {
		return nil, fmt.Errorf("the publish settings are larger than %d MiB", maxPublishSettings>>20)
	}
	var doc publishDocument
	if err := decode(data, &doc); err != nil {
		return nil, fmt.Errorf("the publish settings cannot be read: %w", err)
	}
	certificates := certificateCache{}
	var all []Credentials
	for i := range doc.Profiles {
		found, err := doc.Profiles[i].credentials(certificates)
		if err != nil {
			return nil, fmt.Errorf("the publish settings cannot be used: %w", err)
		}
		if all = append(all, found...); len(all) > maxProfiles {
			return nil, fmt.Errorf("the publish settings have more than %d subscriptions", maxProfiles)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the publish settings name no subscription")
	}
	return all, nil
}

func (p *profileDocument) credentials(certificates certificateCache) ([]Credentials, error) {
	var all []Credentials
	for _, s := range p.Subscriptions {
		c := Credentials{
			Name:           s.Name,
			SubscriptionID: strings.TrimSpace(s.ID),
			URL:            strings.TrimRight(orDefault(s.URL, p.URL), "/"),
		}
		if !subscriptionForm().MatchString(c.SubscriptionID) {
			return nil, fmt.Errorf("the subscription id %q is not of the form 01234567-89ab-cdef-0123-456789abcdef", c.SubscriptionID)
		}
		if c.URL == "" {
			return nil, fmt.Errorf("subscription %s has no management URL", c.SubscriptionID)
		}
		var err error
		if c.Certificate, err = certificates.read(orDefault(s.Certificate, p.Certificate)); err != nil {
			return nil, fmt.Errorf("subscription %s: %w", c.SubscriptionID, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// A certificateCache holds certificates by their base64 text: in schema 1.0 all
// subscriptions share one, and opening it is slow on purpose.
type certificateCache map[string]tls.Certificate

func (cache certificateCache) read(text string) (tls.Certificate, error) {
	if known, ok := cache[text]; ok {
		return known, nil
	}
	if text == "" {
		return tls.Certificate{}, errors.New("there is no management certificate")
	}
	var pfx encoded
	if err := pfx.UnmarshalText([]byte(text)); err != nil {
		return tls.Certificate{}, errors.New("the management certificate is not base64")
	}
	certificate, err := openPFX(pfx)
	if err == nil {
		cache[text] = certificate
	}
	return certificate, err
}

// openPFX reads a PKCS #12 container that has an empty password or no password
// at all, which are two different things there: two zero bytes, or none, go into
// its keys. The decoder tries one after the other for "".
func openPFX(pfx []byte) (tls.Certificate, error) {
	if err := checkPFX(pfx); err != nil {
		return tls.Certificate{}, fmt.Errorf("the management certificate cannot be opened: %w", err)
	}
	key, leaf, chain, err := pkcs12.DecodeChain(pfx, "")
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return tls.Certificate{}, errors.New("the management certificate is protected by a password, which publish settings cannot have")
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the management certificate cannot be opened: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return tls.Certificate{}, errors.New("the management certificate's key cannot sign")
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(leaf.PublicKey) {
		return tls.Certificate{}, errors.New("the management certificate and its key do not belong together")
	}
	certificate := tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: signer, Leaf: leaf}
	for _, c := range chain {
		certificate.Certificate = append(certificate.Certificate, c.Raw)
	}
	return certificate, nil
}

// LoadPEM makes a management certificate from PEM text: the certificate, and its
// key; an empty key is looked for in the certificate's text. It fails if either
// is missing or if they do not belong together.
func LoadPEM(cert, key []byte) (tls.Certificate, error) {
	if len(key) == 0 {
		key = cert
	}
	c, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the management certificate cannot be used: %w", err)
	}
	return c, nil
}

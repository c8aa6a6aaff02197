package credentials

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"
)

const day = 24 * time.Hour

// Lifetimes. Some systems refuse server certificates of more than 825 days, even
// below an authority that the user has installed.
const (
	authorityLife  = 3650 * day
	serverLife     = 825 * day
	managementLife = 3650 * day
	renewBefore    = 30 * day // a certificate with less time left is replaced
	clockSlack     = time.Hour
)

// authorityTemplate describes the authority of a key. Part of the key is in its
// name, so that two authorities in one store of trusted ones can be told apart.
func authorityTemplate(key *rsa.PrivateKey) *x509.Certificate {
	id := sha1.Sum(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: fmt.Sprintf("vipswap emulator authority %x", id[:4])},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
}

func serverTemplate(names hostNames) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: "vipswap emulator"},
		DNSNames:              names.dns,
		IPAddresses:           names.ips,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
}

func managementTemplate(subscriptionID string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: "vipswap management " + subscriptionID},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
}

// sign issues the certificate of a key for so long. Without a signer it is signed
// by the key itself.
func sign(template *x509.Certificate, key *rsa.PrivateKey, signer *pair,
	now time.Time, life time.Duration) (*x509.Certificate, error) {
	template.NotBefore = now.Add(-clockSlack)
	template.NotAfter = now.Add(life)
	parent, parentKey := template, key
	if signer != nil {
		parent, parentKey = signer.cert, signer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, fmt.Errorf("credentials: sign the certificate of %s: %w", template.Subject, err)
	}
	return x509.ParseCertificate(der)
}

// isCurrent reports whether a certificate is valid and will be for a while.
func isCurrent(cert *x509.Certificate, now time.Time) bool {
	return !now.Before(cert.NotBefore) && now.Add(renewBefore).Before(cert.NotAfter)
}

package credentials

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
)

// A pair is a certificate and its key, kept as NAME.pem and NAME.key. The key is
// there first: a pair without a certificate has cert nil.
type pair struct {
	cert    *x509.Certificate
	key     *rsa.PrivateKey
	certPEM []byte
	keyPEM  []byte
}

// tls returns the pair as package tls uses it.
func (p *pair) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.cert.Raw}, PrivateKey: p.key, Leaf: p.cert}
}

const (
	certExtension = ".pem"
	keyExtension  = ".key"
	certType      = "CERTIFICATE"
	keyType       = "PRIVATE KEY" // PKCS #8
)

// load reads a pair whose key exists.
func load(f folder, name string) (*pair, error) {
	p := &pair{}
	var err error
	if p.keyPEM, err = f.read(name + keyExtension); err != nil {
		return nil, fmt.Errorf("credentials: read a key: %w", err)
	}
	if p.key, err = parseKey(p.keyPEM); err != nil {
		return nil, damaged(f, name+keyExtension, name, err)
	}
	if p.certPEM, err = f.read(name + certExtension); errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("credentials: read a certificate: %w", err)
	}
	if p.cert, err = parseCertificate(p.certPEM); err != nil {
		return nil, damaged(f, name+certExtension, name, err)
	}
	if !p.key.PublicKey.Equal(p.cert.PublicKey) {
		return nil, damaged(f, name+certExtension, name, fmt.Errorf("it does not belong to %s", place(f, name+keyExtension)))
	}
	return p, nil
}

// damaged says that a file of the pair called name is not what it should be.
func damaged(f folder, file, name string, err error) error {
	return fmt.Errorf("credentials: %s is damaged: %w\nhint: restore it, or delete %s and %s to have new ones made",
		place(f, file), err, place(f, name+certExtension), place(f, name+keyExtension))
}

// place returns the words for a file in an error.
func place(f folder, file string) string {
	if path := f.path(file); path != "" {
		return path
	}
	return file
}

func parseKey(data []byte) (*rsa.PrivateKey, error) {
	der, err := parsePEM(data, keyType)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the private key in it cannot be read")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("the private key in it is not an RSA key")
	}
	return key, nil
}

func parseCertificate(data []byte) (*x509.Certificate, error) {
	der, err := parsePEM(data, certType)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func parsePEM(data []byte, want string) ([]byte, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != want {
		return nil, fmt.Errorf("it does not begin with a PEM block of type %s", want)
	}
	return block.Bytes, nil
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

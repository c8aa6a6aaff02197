package certificates

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"

	"software.sslmate.com/src/go-pkcs12"
)

// maxIterations is how often a key may be derived from a password: enough for
// every tool, and still done in about a second.
const maxIterations = 600_000

var (
	errPFX        = errors.New("certificates: the file is not a PKCS #12 file")
	errPassword   = errors.New("certificates: the password is incorrect")
	errIterations = errors.New("certificates: the file asks for too many iterations to derive its keys")
)

// ReadPFX reads the certificate of a PKCS #12 file: the one that its private key
// belongs to, where there are several. The password "" also opens files that
// have none. It is an error when the file is something else, is larger than
// 256 KiB, holds no key or more than one, is protected by another password, or
// asks for more than 600,000 iterations.
func ReadPFX(file []byte, password string) (Certificate, error) {
	switch {
	case len(file) > maxSize:
		return Certificate{}, errSize
	case !modest(file):
		return Certificate{}, errIterations
	}
	key, first, others, err := pkcs12.DecodeChain(file, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return Certificate{}, errPassword
	}
	if err != nil {
		return Certificate{}, errPFX
	}
	return parse(owner(key, append([]*x509.Certificate{first}, others...)).Raw)
}

// owner returns the certificate that belongs to a key, or the first one.
func owner(key any, chain []*x509.Certificate) *x509.Certificate {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return chain[0]
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	for _, c := range chain {
		if ok && public.Equal(c.PublicKey) {
			return c
		}
	}
	return chain[0]
}

// maxDepth is how deep elements may lie in each other.
const maxDepth = 32

// modest reports whether no number in the readable part of a file could be an
// iteration count above the limit. Iterations of a key that is encrypted twice,
// which no tool writes, cannot be seen from here.
func modest(file []byte) bool { return modestWithin(file, maxDepth) }

func modestWithin(der []byte, depth int) bool {
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return true // no structure; the reader will say so
		}
		if depth == 0 || !modestValue(v, depth) {
			return false
		}
		der = rest
	}
	return true
}

func modestValue(v asn1.RawValue, depth int) bool {
	switch {
	case v.IsCompound:
		return modestWithin(v.Bytes, depth-1)
	case v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger:
		var n int64
		_, err := asn1.Unmarshal(v.FullBytes, &n)
		return err != nil || n <= maxIterations // what is larger still is no count but a key
	case v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString && wraps(v.Bytes):
		return modestWithin(v.Bytes, depth-1)
	}
	return true
}

// wraps reports whether bytes are one sequence. Digests and encrypted bytes are
// not, but for a chance of one in very many.
func wraps(b []byte) bool {
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(b, &v)
	return err == nil && len(rest) == 0 && v.Class == asn1.ClassUniversal && v.Tag == asn1.TagSequence
}

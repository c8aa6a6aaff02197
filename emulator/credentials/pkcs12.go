package credentials

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"slices"
)

// This file writes PKCS #12 containers (RFC 7292) that every client of the old API
// can read. Libraries write either newer algorithms, which Go's classic client
// refuses, or an empty password, which in PKCS #12 is two zero bytes and not the
// same as none; a client that derives its keys from no password at all then cannot
// decrypt anything. So: 3DES, SHA-1, and no password, which is zero bytes. One
// certificate and one key, each in its own part, because readers count them.

// Object identifiers of RFC 2315, RFC 2985 and RFC 7292, appendix D.
var (
	oidData           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidEncryptedData  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
	oidLocalKeyID     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 21}
	oidX509           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}
	oidSHAAnd3DES     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 3}
	oidShroudedKeyBag = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	oidCertBag        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}
	oidSHA1           = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
)

// The structures of RFC 7292, section 4, and of RFC 2315 that it uses. A RawValue
// is a field with the explicit tag 0.
type (
	pfxFile struct {
		Version  int
		AuthSafe contentInfo
		MAC      macData
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	macData struct {
		MAC        digestInfo
		Salt       []byte
		Iterations int
	}
	digestInfo struct {
		Algorithm digestAlgorithm
		Digest    []byte
	}
	digestAlgorithm struct {
		OID  asn1.ObjectIdentifier
		Null asn1.RawValue
	}
	encryptedData struct {
		Version int
		Content encryptedContent
	}
	encryptedContent struct {
		Type      asn1.ObjectIdentifier
		Algorithm pbeAlgorithm
		Encrypted []byte `asn1:"tag:0"`
	}
	shroudedKey struct {
		Algorithm pbeAlgorithm
		Encrypted []byte
	}
	pbeAlgorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters pbeParameters
	}
	pbeParameters struct {
		Salt       []byte
		Iterations int
	}
	safeBag struct {
		OID        asn1.ObjectIdentifier
		Value      asn1.RawValue
		Attributes []bagAttribute `asn1:"set"`
	}
	bagAttribute struct {
		OID    asn1.ObjectIdentifier
		Values [][]byte `asn1:"set"`
	}
	certBag struct {
		OID  asn1.ObjectIdentifier
		Cert asn1.RawValue
	}
)

const (
	pfxVersion    = 3
	saltSize      = 8
	iterations    = 2048
	maxIterations = 100_000 // accepted when reading
)

// What a derived key is for (RFC 7292, appendix B.3).
const (
	forKey = 1
	forIV  = 2
	forMAC = 3
)

// encodePFX returns a container with the certificate and its key. random is the
// source of the salts.
func encodePFX(cert *x509.Certificate, key *rsa.PrivateKey, random io.Reader) ([]byte, error) {
	salts := make([]byte, 3*saltSize)
	if _, err := io.ReadFull(random, salts); err != nil {
		return nil, fmt.Errorf("credentials: make a PKCS #12 container: %w", err)
	}
	keyInfo, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("credentials: make a PKCS #12 container: %w", err)
	}
	// Readers on Windows find the key of a certificate by this attribute.
	id := sha1.Sum(cert.Raw)
	attributes := []bagAttribute{{OID: oidLocalKeyID, Values: [][]byte{id[:]}}}

	var w derWriter
	certs := w.certPart(cert, attributes, salts[:saltSize])
	keys := w.keyPart(keyInfo, attributes, salts[saltSize:2*saltSize])
	pfx := w.seal(w.marshal([]contentInfo{certs, keys}), salts[2*saltSize:])
	if w.err != nil {
		return nil, fmt.Errorf("credentials: make a PKCS #12 container: %w", w.err)
	}
	return pfx, nil
}

// A derWriter marshals until the first error.
type derWriter struct{ err error }

func (w *derWriter) marshal(v any) []byte {
	der, err := asn1.Marshal(v)
	w.err = errors.Join(w.err, err)
	return der
}

// tagged marshals v with the explicit tag 0.
func (w *derWriter) tagged(v any) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: w.marshal(v)}
}

// certPart is the encrypted part with the certificate (sections 4.1 and 4.2.3).
func (w *derWriter) certPart(cert *x509.Certificate, attributes []bagAttribute, salt []byte) contentInfo {
	bag := safeBag{
		OID:        oidCertBag,
		Value:      w.tagged(certBag{OID: oidX509, Cert: w.tagged(cert.Raw)}),
		Attributes: attributes,
	}
	return contentInfo{Type: oidEncryptedData, Content: w.tagged(encryptedData{Content: encryptedContent{
		Type:      oidData,
		Algorithm: pbe(salt),
		Encrypted: w.encrypt(w.marshal([]safeBag{bag}), salt),
	}})}
}

// keyPart is the plain part with the encrypted key (sections 4.1 and 4.2.2).
func (w *derWriter) keyPart(keyInfo []byte, attributes []bagAttribute, salt []byte) contentInfo {
	bag := safeBag{
		OID:        oidShroudedKeyBag,
		Value:      w.tagged(shroudedKey{Algorithm: pbe(salt), Encrypted: w.encrypt(keyInfo, salt)}),
		Attributes: attributes,
	}
	return contentInfo{Type: oidData, Content: w.tagged(w.marshal([]safeBag{bag}))}
}

// seal puts the parts into a file with a MAC (section 4).
func (w *derWriter) seal(parts, salt []byte) []byte {
	digest := digestInfo{
		Algorithm: digestAlgorithm{OID: oidSHA1, Null: asn1.NullRawValue},
		Digest:    mac(parts, salt, iterations),
	}
	return w.marshal(pfxFile{
		Version:  pfxVersion,
		AuthSafe: contentInfo{Type: oidData, Content: w.tagged(parts)},
		MAC:      macData{MAC: digest, Salt: salt, Iterations: iterations},
	})
}

func pbe(salt []byte) pbeAlgorithm {
	return pbeAlgorithm{OID: oidSHAAnd3DES, Parameters: pbeParameters{Salt: salt, Iterations: iterations}}
}

// encrypt is pbeWithSHAAnd3-KeyTripleDES-CBC (appendix C).
func (w *derWriter) encrypt(plain, salt []byte) []byte {
	block, err := des.NewTripleDESCipher(derive(forKey, salt, iterations, 24))
	if err != nil {
		w.err = errors.Join(w.err, err)
		return nil
	}
	padding := des.BlockSize - len(plain)%des.BlockSize
	padded := slices.Concat(plain, bytes.Repeat([]byte{byte(padding)}, padding))
	cipher.NewCBCEncrypter(block, derive(forIV, salt, iterations, des.BlockSize)).CryptBlocks(padded, padded)
	return padded
}

// mac authenticates the parts (section 4 and appendix A).
func mac(parts, salt []byte, iterations int) []byte {
	h := hmac.New(sha1.New, derive(forMAC, salt, iterations, sha1.Size))
	h.Write(parts)
	return h.Sum(nil)
}

// derive makes size bytes of key material for a purpose (appendix B.2). In the
// RFC's letters: D is the purpose, S the salt, and P, the password, is empty.
func derive(purpose byte, salt []byte, iterations, size int) []byte {
	diversifier := bytes.Repeat([]byte{purpose}, sha1.BlockSize) // D
	input := fill(salt)                                          // I = S || P
	var out []byte
	for {
		a := sha1.Sum(slices.Concat(diversifier, input))
		for range iterations - 1 {
			a = sha1.Sum(a[:])
		}
		out = append(out, a[:]...)
		if len(out) >= size {
			return out[:size]
		}
		advance(input, fill(a[:])[:sha1.BlockSize])
	}
}

// fill repeats data up to a whole number of blocks.
func fill(data []byte) []byte {
	if len(data) == 0 {
		return nil
	}
	size := (len(data) + sha1.BlockSize - 1) / sha1.BlockSize * sha1.BlockSize
	return bytes.Repeat(data, size/len(data)+1)[:size]
}

// advance adds b and 1 to each block of input, modulo the size of a block
// (appendix B.2, step 6C).
func advance(input, b []byte) {
	for ; len(input) > 0; input = input[len(b):] {
		carry := 1
		for i := len(b) - 1; i >= 0; i-- {
			sum := int(input[i]) + int(b[i]) + carry
			input[i], carry = byte(sum), sum>>8
		}
	}
}

// verifyPFX reports whether data is a container of encodePFX as it was made. It
// decrypts nothing.
func verifyPFX(data []byte) error {
	var file pfxFile
	if rest, err := asn1.Unmarshal(data, &file); err != nil || len(rest) != 0 {
		return errors.New("it is not a PKCS #12 container")
	}
	var parts []byte
	if rest, err := asn1.Unmarshal(file.AuthSafe.Content.Bytes, &parts); err != nil || len(rest) != 0 {
		return errors.New("it is not a PKCS #12 container with a MAC")
	}
	if n := file.MAC.Iterations; n < 1 || n > maxIterations {
		return errors.New("it asks for too many rounds of the MAC")
	}
	if !hmac.Equal(mac(parts, file.MAC.Salt, file.MAC.Iterations), file.MAC.MAC.Digest) {
		return errors.New("its MAC is wrong")
	}
	return nil
}

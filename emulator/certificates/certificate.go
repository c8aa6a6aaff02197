package certificates

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
)

// maxSize is the largest file that is read, in bytes. Real ones have a few
// thousand.
const maxSize = 256 << 10

// A Certificate is what is kept of an uploaded file.
type Certificate struct {
	Thumbprint string // SHA-1 of DER, upper-case hex: the API's name for it
	DER        []byte
	PublicKey  []byte // see publicKey
}

// Reasons why a file is no certificate. None repeats any of the file.
var (
	errSize        = errors.New("certificates: the file is too large")
	errCertificate = errors.New("certificates: the file is not a certificate")
)

// ReadCER reads a certificate without a key: DER, base64 of DER, or PEM. It is an
// error when the file is something else, or larger than 256 KiB.
func ReadCER(file []byte) (Certificate, error) {
	if len(file) > maxSize {
		return Certificate{}, errSize
	}
	return parse(decodeText(file))
}

// decodeText returns the DER inside PEM or base64; anything else it returns as it
// is.
func decodeText(file []byte) []byte {
	if block, _ := pem.Decode(file); block != nil && block.Type == "CERTIFICATE" {
		return block.Bytes
	}
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, string(file))
	if der, err := base64.StdEncoding.DecodeString(text); err == nil {
		return der
	}
	return file
}

// The structure of a certificate (RFC 5280, section 4.1), without a judgement on
// what the fields hold.
type (
	certificate struct {
		TBS       toBeSigned
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	toBeSigned struct {
		Version    int `asn1:"optional,explicit,default:0,tag:0"`
		Serial     *big.Int
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     asn1.RawValue
		Validity   asn1.RawValue
		Subject    asn1.RawValue
		PublicKey  publicKeyInfo
		IssuerID   asn1.BitString   `asn1:"optional,tag:1"`
		SubjectID  asn1.BitString   `asn1:"optional,tag:2"`
		Extensions []pkix.Extension `asn1:"optional,explicit,tag:3"`
	}
	publicKeyInfo struct {
		Raw       asn1.RawContent
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
)

var oidRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}

func parse(der []byte) (Certificate, error) {
	var c certificate
	if rest, err := asn1.Unmarshal(der, &c); err != nil || len(rest) > 0 {
		return Certificate{}, errCertificate
	}
	sum := sha1.Sum(der)
	return Certificate{
		Thumbprint: strings.ToUpper(hex.EncodeToString(sum[:])),
		DER:        bytes.Clone(der),
		PublicKey:  publicKey(c.TBS.PublicKey),
	}, nil
}

// publicKey returns the key in the form in which List Management Certificates
// shows it: PKCS #1 for an RSA key (recorded). For others, which the real
// service never had, it is the SubjectPublicKeyInfo.
func publicKey(info publicKeyInfo) []byte {
	if info.Algorithm.Algorithm.Equal(oidRSA) {
		return bytes.Clone(info.Key.RightAlign())
	}
	return bytes.Clone(info.Raw)
}

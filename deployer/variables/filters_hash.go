package variables

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
)

var hashFilters = []filter{
	{name: "Md5", max: 2, apply: digest(md5.New)},
	{name: "Sha1", max: 2, apply: digest(sha1.New)},
	{name: "Sha256", max: 2, apply: digest(sha256.New)},
	{name: "Sha384", max: 2, apply: digest(sha512.New384)},
	{name: "Sha512", max: 2, apply: digest(sha512.New)},
}

// digest makes a filter that hashes its value. Its options, in this order,
// are how many bytes of the digest to show and how the value becomes bytes:
// utf8, unicode, or base64 for a value that is base64 already.
func digest(newHash func() hash.Hash) func(input) (string, bool) {
	return func(in input) (string, bool) {
		h := newHash()
		length, encoding, ok := digestOptions(in.options, h.Size())
		if !ok {
			return "", false
		}
		data, ok := digestInput(in.value, encoding)
		if !ok {
			return "", false
		}
		h.Write(data)
		return hex.EncodeToString(h.Sum(nil)[:length]), true
	}
}

func digestOptions(options []string, size int) (length int, encoding string, ok bool) {
	length = size
	if len(options) > 0 {
		if n, err := strconv.Atoi(options[0]); err == nil {
			if n < 1 {
				return 0, "", false
			}
			length, options = min(n, size), options[1:]
		}
	}
	switch len(options) {
	case 0:
		return length, "", true
	case 1:
		return length, strings.ToLower(options[0]), true
	}
	return 0, "", false
}

func digestInput(value, encoding string) ([]byte, bool) {
	if encoding == "base64" {
		b, err := base64.StdEncoding.DecodeString(value)
		return b, err == nil
	}
	known, ok := encodings[encoding]
	if !ok {
		return nil, false
	}
	return known.encode(value), true
}

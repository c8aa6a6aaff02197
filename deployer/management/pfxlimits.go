package management

import (
	"encoding/asn1"
	"fmt"
	"math/big"
)

const (
	maxPFXRounds = 1_000_000 // of key derivation; common files have 1 to 2,000, new ones 600,000
	maxPFXDepth  = 24        // of nested values, octet strings included
)

// checkPFX refuses a PKCS #12 container that asks for so many rounds of key
// derivation that opening it would seem to hang. Each such count is an integer
// right after the octets of a salt (RFC 7292, MacData; RFC 8018, PBES1 and
// PBKDF2), so no knowledge of the rest is needed. What is not DER is left to the
// decoder to refuse.
func checkPFX(der []byte) error { return checkRounds(der, 0) }

func checkRounds(der []byte, depth int) error {
	afterSalt := false
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return nil
		}
		universal := v.Class == asn1.ClassUniversal
		if universal && v.Tag == asn1.TagInteger && afterSalt && tooManyRounds(v.Bytes) {
			return fmt.Errorf("it asks for more than %d rounds of key derivation", maxPFXRounds)
		}
		afterSalt = universal && v.Tag == asn1.TagOctetString
		if (v.IsCompound || afterSalt) && depth < maxPFXDepth {
			if err := checkRounds(v.Bytes, depth+1); err != nil {
				return err
			}
		}
		der = rest
	}
	return nil
}

func tooManyRounds(integer []byte) bool {
	return new(big.Int).SetBytes(integer).Cmp(big.NewInt(maxPFXRounds)) > 0
}

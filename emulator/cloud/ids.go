package cloud

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// A Source makes identifiers from a seed: the n-th draw is a function of seed
// and n alone, so that two runs can be compared whole.
type Source struct {
	Seed uint64
	N    uint64
}

// next returns the next 64 bits (SplitMix64).
func (s *Source) next() uint64 {
	s.N++
	z := s.Seed + s.N*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// ID returns 32 lower-case hex digits.
func (s *Source) ID() string {
	var b [16]byte
	var digits [32]byte
	binary.BigEndian.PutUint64(b[:8], s.next())
	binary.BigEndian.PutUint64(b[8:], s.next())
	hex.Encode(digits[:], b[:])
	return string(digits[:])
}

// publicAddress returns an address for a slot, of a range that routes nowhere
// (the benchmark range 198.18.0.0/15), so that a script that does call it by
// mistake reaches nobody.
func (s *Source) publicAddress() string {
	r := s.next()
	return fmt.Sprintf("198.%d.%d.%d", 18+r>>16&1, byte(r>>8), 1+byte(r)%254)
}

// privateAddress returns an address inside a deployment, of the range that
// recorded instances have (100.64.0.0/10).
func (s *Source) privateAddress() string {
	r := s.next()
	return fmt.Sprintf("100.%d.%d.%d", 64+r>>16&63, byte(r>>8), 1+byte(r)%254)
}

// storageKey derives the n-th access key of a storage account: base64 of 64
// bytes. It depends on the subscription too, so that accounts of one name in two
// subscriptions never share a key, whatever their seeds.
func storageKey(subscription string, seed uint64, account, which string, n int) string {
	mac := hmac.New(sha512.New, binary.BigEndian.AppendUint64(nil, seed))
	fmt.Fprintf(mac, "%s/%s/%s/%d", subscription, account, which, n)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

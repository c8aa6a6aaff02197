package packagework

import (
	"errors"
	"strings"
)

// high has the characters of windows-1252 from 0x80 to 0x9F, as the WHATWG's Encoding
// Standard has them: bytes that Windows leaves undefined stand for themselves. All
// other bytes are the characters with their numbers.
var high = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

func fromWindows1252(data []byte) string {
	var b strings.Builder
	b.Grow(len(data) + len(data)/8)
	for _, c := range data {
		r := rune(c)
		if c >= 0x80 && c < 0xa0 {
			r = high[c-0x80]
		}
		b.WriteRune(r)
	}
	return b.String()
}

// toWindows1252 refuses a text with a character that windows-1252 does not have,
// which a value has brought: it does not show it.
func toWindows1252(text string) ([]byte, error) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		c, ok := byteOf(r)
		if !ok {
			return nil, errors.New("a variable's value has a character that the file's encoding, windows-1252, does not have\nhint: save the file as UTF-8")
		}
		out = append(out, c)
	}
	return out, nil
}

func byteOf(r rune) (byte, bool) {
	if r < 0x80 || r >= 0xa0 && r <= 0xff {
		return byte(r), true
	}
	for i, h := range high {
		if r == h {
			return byte(0x80 + i), true
		}
	}
	return 0, false
}

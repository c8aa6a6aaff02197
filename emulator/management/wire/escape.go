package wire

import "unicode/utf8"

// An escapes table gives, for each ASCII character that cannot stand for itself,
// what is written instead.
type escapes [utf8.RuneSelf]string

// unprintable stands for characters that XML 1.0 cannot hold at all.
const unprintable = "\uFFFD"

var (
	textEscapes      = newEscapes(map[byte]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#xD;"}, "\t\n")
	attributeEscapes = newEscapes(map[byte]string{
		'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;", '\t': "&#x9;", '\n': "&#xA;", '\r': "&#xD;"}, "")
)

// newEscapes makes a table of the escapes given and of the control characters
// outside plain.
func newEscapes(given map[byte]string, plain string) escapes {
	var table escapes
	for c := range byte(' ') {
		table[c] = unprintable
	}
	for i := range len(plain) {
		table[plain[i]] = ""
	}
	for c, escape := range given {
		table[c] = escape
	}
	return table
}

// appendText appends s as character data. What XML cannot hold becomes U+FFFD.
func appendText(dst []byte, s string, table *escapes) []byte {
	written := 0
	for i := 0; i < len(s); {
		escape, size := "", 1
		if c := s[i]; c < utf8.RuneSelf {
			escape = table[c]
		} else {
			escape, size = escapeRune(s[i:])
		}
		if escape != "" {
			dst = append(append(dst, s[written:i]...), escape...)
			written = i + size
		}
		i += size
	}
	return append(dst, s[written:]...)
}

// escapeRune looks at the first character of s, which is not ASCII. It returns
// what to write instead, or "", and the character's length in bytes.
func escapeRune(s string) (string, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 || r == 0xFFFE || r == 0xFFFF {
		return unprintable, size
	}
	return "", size
}

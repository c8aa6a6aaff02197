package variables

import "strings"

// oneHash evaluates to a hash, whatever stands behind it.
const oneHash = `#{ | Append "Iw==" | FromBase64}`

// escapedHashes returns what stands for so many hashes before a brace or an
// expression. An escape can only be for an odd number of them.
func escapedHashes(n int) string {
	if n%2 == 0 {
		return oneHash + strings.Repeat("#", n)
	}
	return strings.Repeat("#", n+1)
}

// Escape returns a template that evaluates to s, whatever s holds: use it for
// text from outside that must not be taken as an expression.
func Escape(s string) string {
	var b strings.Builder
	for {
		brace := strings.Index(s, "#{")
		if brace < 0 {
			return b.String() + s
		}
		start := brace
		for start > 0 && s[start-1] == '#' {
			start--
		}
		b.WriteString(s[:start] + escapedHashes(brace-start+1) + "{")
		s = s[brace+len("#{"):]
	}
}

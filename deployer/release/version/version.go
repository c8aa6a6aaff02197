package version

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxLength is the longest text that Parse reads, in bytes.
const maxLength = 256

// separators may stand between the numbers and the pre-release, and between
// the prefix and the counter of a pre-release.
const separators = `.-_\`

// A Version is a release number in its parts. The zero value is 0.
type Version struct {
	Major, Minor, Patch, Revision int

	// Numbers tells how many of the four were written, 0 to 4. It does not
	// count in a comparison: 1.0 and 1.0.0 are equal.
	Numbers int

	// PreRelease is what follows the numbers, without the separator in
	// front: "beta.7" in 1.0.0-beta.7. A version with one comes before the
	// same version without.
	PreRelease string

	// Metadata is what follows the first plus. It does not count in a
	// comparison.
	Metadata string

	text string
}

// Parse reads a version. Blanks around it are ignored. It refuses empty text,
// text longer than 256 bytes, and a number above 2147483647.
func Parse(text string) (Version, error) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return Version{}, errors.New("a version must not be empty")
	case len(trimmed) > maxLength:
		return Version{}, fmt.Errorf("a version has at most %d characters, this one has %d", maxLength, len(trimmed))
	}
	v := Version{text: trimmed}
	rest, err := v.readNumbers(trimmed)
	if err != nil {
		return Version{}, fmt.Errorf("version %q: %w", trimmed, err)
	}
	rest, v.Metadata, _ = strings.Cut(rest, "+")
	if v.Numbers > 0 && rest != "" && strings.Contains(separators, rest[:1]) {
		rest = rest[1:]
	}
	v.PreRelease = rest
	return v, nil
}

// readNumbers takes the leading v and the numbers off text.
func (v *Version) readNumbers(text string) (rest string, err error) {
	fields := [...]*int{&v.Major, &v.Minor, &v.Patch, &v.Revision}
	rest = text
	if len(rest) > 1 && (rest[0] == 'v' || rest[0] == 'V') && isDigit(rest[1]) {
		rest = rest[1:]
	}
	for v.Numbers < len(fields) {
		next := rest
		if v.Numbers > 0 {
			if !strings.HasPrefix(rest, ".") {
				return rest, nil
			}
			next = rest[1:]
		}
		digits := leadingDigits(next)
		if digits == "" {
			return rest, nil
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n > math.MaxInt32 {
			return "", fmt.Errorf("number %s is too large, at most %d is allowed", digits, math.MaxInt32)
		}
		*fields[v.Numbers] = int(n)
		v.Numbers++
		rest = next[len(digits):]
	}
	return rest, nil
}

// String returns the version as it was written, without blanks around it.
func (v Version) String() string {
	if v.text == "" {
		return "0"
	}
	return v.text
}

// PreReleasePrefix is the pre-release up to its first separator (one of
// . - _ and backslash): "beta" in 1.0.0-beta.7.
func (v Version) PreReleasePrefix() string {
	prefix, _ := v.splitPreRelease()
	return prefix
}

// PreReleaseCounter is the pre-release after its first separator: "7" in
// 1.0.0-beta.7. It is empty where there is no separator.
func (v Version) PreReleaseCounter() string {
	_, counter := v.splitPreRelease()
	return counter
}

func (v Version) splitPreRelease() (prefix, counter string) {
	i := strings.IndexAny(v.PreRelease, separators)
	if i < 0 {
		return v.PreRelease, ""
	}
	return v.PreRelease[:i], v.PreRelease[i+1:]
}

func leadingDigits(text string) string {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return text[:n]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

package version

import (
	"cmp"
	"strings"
)

// Compare returns -1 if v comes before w, 1 if it comes after, and 0 if both
// are the same number. Missing numbers count as 0. A pre-release comes before
// the release itself; two pre-releases are compared part by part, digits as
// numbers and before text, text without regard to case, and the shorter one
// first. Metadata and a leading v do not count.
func (v Version) Compare(w Version) int {
	return cmp.Or(
		cmp.Compare(v.Major, w.Major),
		cmp.Compare(v.Minor, w.Minor),
		cmp.Compare(v.Patch, w.Patch),
		cmp.Compare(v.Revision, w.Revision),
		comparePreReleases(v.PreRelease, w.PreRelease),
	)
}

func comparePreReleases(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(boolToInt(a == ""), boolToInt(b == ""))
	}
	as, bs := splitParts(a), splitParts(b)
	for i := 0; i < len(as) && i < len(bs); i++ {
		if c := compareParts(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(as), len(bs))
}

func splitParts(preRelease string) []string {
	isSeparator := func(r rune) bool { return strings.ContainsRune(separators, r) }
	return strings.FieldsFunc(preRelease, isSeparator)
}

func compareParts(a, b string) int {
	aNumber, bNumber := leadingDigits(a) == a, leadingDigits(b) == b
	switch {
	case aNumber && bNumber:
		return compareDigits(a, b)
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

// compareDigits compares numbers of any length.
func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

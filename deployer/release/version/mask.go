package version

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// The letters of a mask.
const (
	increment = "i" // the number of the last version, plus one
	current   = "c" // the number of the last version
)

// maskText is what a mask looks like; a version without any letter is one,
// too, and stands for itself.
var maskText = lazyregexp.New(`^([vV]?)((?:\d+|[ic])(?:\.(?:\d+|[ic])){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$`)

// A Mask makes the next version of the last one, such as 1.2.i or
// c.i.0-beta.i. The rules are those of Octopus' public versioning library and
// the tests of it.
type Mask struct {
	text     string
	prefix   string
	numbers  []string // one to four: digits, i or c
	tag      []string // the parts of the pre-release
	metadata []string // the parts of the metadata
}

// ParseMask reads a mask, and reports whether text is one. Text that is none
// is meant literally. A number that does not fit is refused by [Parse], when
// the version that comes out is read.
func ParseMask(text string) (Mask, bool) {
	found := maskText().FindStringSubmatch(text)
	if found == nil || len(text) > maxLength {
		return Mask{text: text}, false
	}
	return Mask{
		text: text, prefix: found[1], numbers: strings.Split(found[2], "."),
		tag: parts(found[3]), metadata: parts(found[4]),
	}, true
}

func parts(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ".")
}

// Counts reports whether the mask has a letter: the version that comes out
// then depends on the ones before.
func (m Mask) Counts() bool {
	return slices.ContainsFunc(slices.Concat(m.numbers, m.tag, m.metadata), isLetter)
}

func isLetter(part string) bool { return part == increment || part == current }

// Admits reports whether v has what the mask fixes in front of its first letter:
// 1.2.i admits 1.2.7 but not 1.3.0, and 1.2.0-beta.i admits 1.2.0-beta.7 but
// neither 1.2.0-alpha.7 nor 1.2.0.
func (m Mask) Admits(v Version) bool {
	have := [...]int{v.Major, v.Minor, v.Patch, v.Revision}
	for i, n := range m.numbers {
		if isLetter(n) {
			return true
		}
		if wanted, err := strconv.Atoi(n); err != nil || wanted != have[i] {
			return false
		}
	}
	return m.admitsTag(parts(v.PreRelease))
}

// admitsTag reports whether there is a pre-release with the parts that the mask fixes in
// front of its first letter there. A mask without such a letter takes any, and none.
func (m Mask) admitsTag(have []string) bool {
	letter := slices.IndexFunc(m.tag, isLetter)
	if letter < 0 {
		return true
	}
	same := func(a, b string) bool { return compareParts(a, b) == 0 }
	return len(have) >= max(letter, 1) && slices.EqualFunc(m.tag[:letter], have[:letter], same)
}

// First returns the version where there is none before: every letter is 0.
func (m Mask) First() string {
	zero := func(list []string) []string {
		replaced := slices.Clone(list)
		for i, part := range replaced {
			if isLetter(part) {
				replaced[i] = "0"
			}
		}
		return replaced
	}
	return m.join(zero(m.numbers), zero(m.tag), zero(m.metadata))
}

// Next returns the version that comes after last. A letter behind an i is 0;
// so is one number that last has behind those of the mask. 1.2.3 with i.c.c
// is 2.0.3: only the very next letter starts anew.
func (m Mask) Next(last Version) string {
	have := [...]int{last.Major, last.Minor, last.Patch, last.Revision}
	var numbers []string
	for i, n := range m.numbers {
		if i > 0 && m.numbers[i-1] == increment && isLetter(n) {
			numbers = append(numbers, "0")
			continue
		}
		numbers = append(numbers, substitute(n, have[i]))
	}
	if len(m.numbers) < last.Numbers {
		numbers = append(numbers, "0")
	}
	return m.join(numbers, count(m.tag, parts(last.PreRelease)), count(m.metadata, parts(last.Metadata)))
}

func substitute(part string, last int) string {
	switch part {
	case increment:
		return strconv.Itoa(last + 1)
	case current:
		return strconv.Itoa(last)
	}
	return part
}

// count replaces the letters of a pre-release or of metadata.
func count(mask, last []string) []string {
	ends := len(mask) > 1 && isLetter(mask[len(mask)-1])
	var counted []string
	for i, part := range mask {
		if i > 0 && mask[i-1] == increment && ends {
			counted = append(counted, "0")
			continue
		}
		n := 0
		if i < len(last) {
			n, _ = strconv.Atoi(last[i]) // what is no number counts as 0
		}
		counted = append(counted, substitute(part, n))
	}
	return counted
}

func (m Mask) join(numbers, tag, metadata []string) string {
	text := m.prefix + strings.Join(numbers, ".")
	if len(tag) > 0 {
		text += "-" + strings.Join(tag, ".")
	}
	if len(metadata) > 0 {
		text += "+" + strings.Join(metadata, ".")
	}
	return text
}

// Apply returns the version that a mask makes of those there are: the one after the
// highest that it admits, or the first; where there is that one already, the next that
// is not there. Text that is no mask comes back as it is. A mask without a letter, or
// with one in the metadata alone, has one version to make, whether it is there or not.
// The error is that of [Parse] for the result.
func Apply(text string, versions []Version) (string, error) {
	m, ok := ParseMask(text)
	result := text
	if ok {
		admitted := slices.DeleteFunc(slices.Clone(versions), func(v Version) bool { return !m.Admits(v) })
		result = m.First()
		if len(admitted) > 0 {
			result = m.Next(slices.MaxFunc(admitted, Version.Compare))
		}
	}
	v, err := Parse(result)
	if err == nil && ok {
		v, err = m.free(v, versions)
	}
	if err != nil {
		return "", fmt.Errorf("mask %s: %w", text, err)
	}
	return v.String(), nil
}

// free counts on from v to the first version that is not there.
func (m Mask) free(v Version, versions []Version) (Version, error) {
	isThere := func(v Version) bool {
		return slices.ContainsFunc(versions, func(w Version) bool { return v.Compare(w) == 0 })
	}
	for isThere(v) {
		next, err := Parse(m.Next(v))
		if err != nil || next.Compare(v) == 0 {
			return v, err
		}
		v = next
	}
	return v, nil
}

// String returns the mask as it was written.
func (m Mask) String() string { return m.text }

package variables

import (
	"cmp"
	"slices"
	"strings"
)

// minSecret is the length from which a secret is masked, in characters.
// Octopus' page on sensitive variables says that values of three characters
// or fewer are not, as they would blot out ordinary text.
const minSecret = 4

// Mask returns text with every sensitive value replaced by asterisks: as it
// was defined and, unlike in Octopus, as it evaluates, too. Text that was
// derived from a secret, by a filter for example, is not found.
func (d *Dictionary) Mask(text string) string {
	if replacer := d.mask(); replacer != nil {
		return replacer.Replace(text)
	}
	return text
}

func (d *Dictionary) buildMask() *strings.Replacer {
	var secrets []string
	for _, k := range d.order {
		en := d.entries[k]
		if !en.sensitive || en.null {
			continue
		}
		secrets = append(secrets, en.value)
		if evaluated, ok, err := d.Get(en.name); err == nil && ok {
			secrets = append(secrets, evaluated)
		}
	}
	secrets = slices.DeleteFunc(secrets, func(s string) bool { return len([]rune(s)) < minSecret })
	if len(secrets) == 0 {
		return nil
	}
	longestFirst := func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) }
	slices.SortFunc(secrets, longestFirst)
	var pairs []string
	for _, s := range slices.Compact(secrets) {
		pairs = append(pairs, s, mask)
	}
	return strings.NewReplacer(pairs...)
}

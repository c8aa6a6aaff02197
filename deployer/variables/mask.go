package variables

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// hidden is shown in place of a secret.
const hidden = "********"

// minSecret is the length from which a secret is masked, in characters.
// Octopus' page on sensitive variables says that values of three characters
// or fewer are not, as they would blot out ordinary text.
const minSecret = 4

// Mask returns text with every sensitive value replaced by asterisks: as it
// was defined and, unlike in Octopus, as it evaluates, too; whole, line by line,
// and as quotes, shells, JSON, XML and URLs write it. Text that was derived from a secret, by
// a filter for example, is not found: [Result.Shown] hides it.
func (d *Dictionary) Mask(text string) string { return d.secrets().Hide(text) }

func (d *Dictionary) buildMask() Secrets {
	var values []string
	for _, k := range d.order {
		en := d.entries[k]
		if !en.sensitive || en.null {
			continue
		}
		values = append(values, en.value)
		if evaluated, ok, err := d.Get(en.name); err == nil && ok {
			values = append(values, evaluated)
		}
	}
	return NewSecrets(values...)
}

// Secrets are texts that nobody may see. The zero value has none.
type Secrets struct{ replacer *strings.Replacer }

// NewSecrets makes secrets of values. Values of three characters or fewer, which would
// blot out ordinary text, are none; nor are such lines of a value.
func NewSecrets(values ...string) Secrets {
	var forms []string
	for _, value := range values {
		for _, part := range append(strings.Split(value, "\n"), value) {
			forms = append(forms, written(strings.TrimSpace(part))...)
		}
	}
	forms = slices.DeleteFunc(forms, func(s string) bool { return len([]rune(s)) < minSecret })
	if len(forms) == 0 {
		return Secrets{}
	}
	longestFirst := func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) }
	slices.SortFunc(forms, longestFirst)
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, hidden)
	}
	return Secrets{strings.NewReplacer(pairs...)}
}

// written returns a value as it is, and as others write it.
func written(value string) []string {
	quoted, ascii := strconv.Quote(value), strconv.QuoteToASCII(value)
	forms := []string{
		value, quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1],
		html.EscapeString(value), url.QueryEscape(value), url.PathEscape(value),
		strings.ReplaceAll(value, "'", `'\''`), singleQuoted.Replace(value), bare(value),
	}
	if text, err := json.Marshal(value); err == nil {
		forms = append(forms, string(text[1:len(text)-1]))
	}
	return forms
}

// singleQuoted writes text as bash has it between $' and ', and Python between ' and '.
var singleQuoted = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// bare writes text as bash does for a word without quotes, by printf %q.
func bare(text string) string {
	var b strings.Builder
	for i, r := range text {
		if strings.ContainsRune(" !\"$&'()*,;<>?[\\]^`{|}", r) || i == 0 && (r == '#' || r == '~') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Hide returns text with asterisks in place of every secret.
func (s Secrets) Hide(text string) string {
	if s.replacer == nil {
		return text
	}
	return s.replacer.Replace(text)
}

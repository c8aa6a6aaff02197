package variables

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// The expressions are those of .NET, with lookaround and references back, so that a
// search may take time without end: it is bounded, see [Limits].
var regexpFilters = []filter{
	{name: "Replace", min: 1, max: 2, search: replace, check: checkPattern},
	{name: "Match", min: 1, max: 1, search: match, check: checkPattern},
}

// What a search may take, in bytes.
const (
	maxPattern  = 10_000
	maxSearched = 1 << 20
)

// checkPattern says what is wrong with a regular expression.
func checkPattern(options []string) string {
	if _, err := compile(options[0]); err != nil {
		return "the regular expression makes no sense: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	}
	return ""
}

func compile(pattern string) (*regexp2.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("it is longer than %d bytes", maxPattern)
	}
	return regexp2.Compile(pattern, regexp2.None)
}

// A search goes through a value with a regular expression, until its time is over.
type search struct {
	*regexp2.Regexp
	text []rune
	ends time.Time
	last *regexp2.Match
}

// newSearch begins one for the first option of a filter. It returns nil when that is
// no regular expression.
func newSearch(in input) (*search, error) {
	pattern, err := compile(in.options[0])
	if err != nil {
		return nil, nil
	}
	if len(in.value) > maxSearched {
		return nil, fmt.Errorf("a value to search is %w: it has over %d bytes", ErrLimit, maxSearched)
	}
	return &search{Regexp: pattern, text: []rune(in.value), ends: time.Now().Add(in.searching)}, nil
}

// next returns the next match, nil after the last one.
func (s *search) next() (*regexp2.Match, error) {
	left := time.Until(s.ends)
	if left <= 0 {
		return nil, s.tooLong()
	}
	s.MatchTimeout = left
	var err error
	if s.last == nil {
		s.last, err = s.FindRunesMatch(s.text)
	} else {
		s.last, err = s.FindNextMatch(s.last)
	}
	if err != nil {
		return nil, s.tooLong()
	}
	return s.last, nil
}

func (s *search) tooLong() error {
	return fmt.Errorf("the search for %q is %w: it takes too long", s.String(), ErrLimit)
}

func match(in input) (string, bool, error) {
	s, err := newSearch(in)
	if s == nil || err != nil {
		return "", false, err
	}
	m, err := s.next()
	text, ok := truth(m != nil)
	return text, ok, err
}

// replace writes the replacement for every match of a regular expression.
func replace(in input) (string, bool, error) {
	s, err := newSearch(in)
	if s == nil || err != nil {
		return "", false, err
	}
	var b strings.Builder
	end := 0
	for {
		m, err := s.next()
		switch {
		case err != nil:
			return "", false, err
		case m == nil && end == 0 && b.Len() == 0:
			return in.value, true, nil // as it is, also where it is no UTF-8
		case m == nil:
			b.WriteString(string(s.text[end:]))
			return b.String(), true, nil
		}
		b.WriteString(string(s.text[end:m.Index]))
		s.expand(in.option(1, ""), m, &b, in.limit)
		end = m.Index + m.Length
		if b.Len() > in.limit {
			return b.String(), true, nil // the caller counts and stops
		}
	}
}

// reference finds what a replacement refers to: $1, ${1}, ${name}, $&, $` and so on.
var reference = lazyregexp.New("\\$(\\d+|\\{\\w+\\}|[&$`'+_])")

// expand writes a replacement with the groups of a match filled in, after the rules
// of .NET: a reference to a group that does not exist stays. It stops at the limit.
func (s *search) expand(template string, m *regexp2.Match, b *strings.Builder, limit int) {
	for template != "" && b.Len() <= limit {
		at := reference().FindStringIndex(template)
		if at == nil {
			break
		}
		b.WriteString(template[:at[0]])
		b.WriteString(s.refer(template[at[0]:at[1]], m))
		template = template[at[1]:]
	}
	b.WriteString(template)
}

// refer returns what one reference stands for.
func (s *search) refer(ref string, m *regexp2.Match) string {
	switch name := strings.Trim(ref[1:], "{}"); name {
	case "$":
		return "$"
	case "&":
		return m.String()
	case "`":
		return string(s.text[:m.Index])
	case "'":
		return string(s.text[m.Index+m.Length:])
	case "_":
		return string(s.text)
	case "+":
		groups := m.Groups()
		return groups[len(groups)-1].String()
	default:
		return s.group(name, ref, m)
	}
}

// group returns what a group has caught, by its number or name.
func (s *search) group(name, ref string, m *regexp2.Match) string {
	number, err := strconv.Atoi(name)
	if err != nil {
		number = s.GroupNumberFromName(name)
	}
	if !slices.Contains(s.GetGroupNumbers(), number) {
		return ref
	}
	return m.GroupByNumber(number).String()
}

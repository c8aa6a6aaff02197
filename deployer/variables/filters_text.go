package variables

import (
	"strconv"
	"strings"
	"unicode"
)

var textFilters = []filter{
	{name: "ToLower", apply: plain(strings.ToLower)},
	{name: "ToUpper", apply: plain(strings.ToUpper)},
	{name: "Trim", max: 1, apply: trim},
	{name: "Truncate", min: 1, max: 2, apply: truncate},
	{name: "Substring", min: 1, max: 2, apply: substring},
	{name: "StartsWith", min: 1, max: 1, apply: compareWith(strings.HasPrefix)},
	{name: "EndsWith", min: 1, max: 1, apply: compareWith(strings.HasSuffix)},
	{name: "Contains", min: 1, max: 1, apply: compareWith(strings.Contains)},
	{name: "Append", value: optional, min: 1, max: many, apply: func(in input) (string, bool) {
		return in.value + strings.Join(in.options, ""), true
	}},
	{name: "Prepend", value: optional, min: 1, max: many, apply: func(in input) (string, bool) {
		return strings.Join(in.options, "") + in.value, true
	}},
	{name: "Indent", max: 2, apply: indent},
	{name: "null", value: optional, null: true, apply: plain(func(string) string { return "" })},
}

func compareWith(f func(value, option string) bool) func(input) (string, bool) {
	return func(in input) (string, bool) { return truth(f(in.value, in.options[0])) }
}

// trims is what Trim does for its option.
var trims = map[string]func(string, func(rune) bool) string{
	"": strings.TrimFunc, "start": strings.TrimLeftFunc, "end": strings.TrimRightFunc,
}

func trim(in input) (string, bool) {
	f, known := trims[strings.ToLower(in.option(0, ""))]
	if !known {
		return "", false
	}
	return f(in.value, unicode.IsSpace), true
}

func truncate(in input) (string, bool) {
	length, err := strconv.Atoi(in.options[0])
	if err != nil || length < 0 {
		return "", false
	}
	runes := []rune(in.value)
	if len(runes) <= length {
		return in.value, true
	}
	return string(runes[:length]) + in.option(1, "..."), true
}

// substring takes a length, or a start and a length.
func substring(in input) (string, bool) {
	start, runes := 0, []rune(in.value)
	if len(in.options) == 2 {
		var err error
		if start, err = strconv.Atoi(in.options[0]); err != nil {
			return "", false
		}
	}
	length, err := strconv.Atoi(in.options[len(in.options)-1])
	if err != nil || length < 0 || start < 0 || start > len(runes) {
		return "", false
	}
	return string(runes[start:min(len(runes), start+min(length, len(runes)))]), true
}

// indent puts text before the first line and before the following lines.
func indent(in input) (string, bool) {
	first, rest, ok := indents(in.options)
	if !ok || strings.Count(in.value, "\n")*len(rest) > in.limit {
		return "", false
	}
	return first + strings.ReplaceAll(in.value, "\n", "\n"+rest), true
}

// indents reads the options of Indent: none is four blanks, n is n blanks, /n
// is n blanks for all lines but the first, a/b is both, everything else is
// the text itself, for all lines or, in two options, for each kind.
func indents(options []string) (first, rest string, ok bool) {
	switch len(options) {
	case 0:
		return "    ", "    ", true
	case 2:
		return options[0], options[1], true
	}
	a, b, slash := strings.Cut(options[0], "/")
	if !slash {
		b = a
	}
	if slash && a == "" {
		a = "0"
	}
	m, errFirst := strconv.Atoi(a)
	n, errRest := strconv.Atoi(b)
	if errFirst != nil || errRest != nil {
		return options[0], options[0], true
	}
	if m < 0 || m > 255 || n < 0 || n > 255 {
		return "", "", false
	}
	return strings.Repeat(" ", m), strings.Repeat(" ", n), true
}

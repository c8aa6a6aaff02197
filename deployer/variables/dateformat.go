package variables

import (
	"fmt"
	"strings"
)

// standardDates are the one-letter patterns of .NET, in the invariant culture.
var standardDates = map[string]string{
	"d": "MM/dd/yyyy",
	"D": "dddd, dd MMMM yyyy",
	"f": "dddd, dd MMMM yyyy HH:mm",
	"F": "dddd, dd MMMM yyyy HH:mm:ss",
	"g": "MM/dd/yyyy HH:mm",
	"G": "MM/dd/yyyy HH:mm:ss",
	"m": "MMMM dd", "M": "MMMM dd",
	"o": "yyyy-MM-ddTHH:mm:ss.fffffffK", "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
	"r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
	"s": "yyyy-MM-ddTHH:mm:ss",
	"t": "HH:mm",
	"T": "HH:mm:ss",
	"u": "yyyy-MM-dd HH:mm:ss'Z'",
	"U": "dddd, dd MMMM yyyy HH:mm:ss",
	"y": "yyyy MMMM", "Y": "yyyy MMMM",
}

// dateParts write one run of equal pattern letters, n long.
var dateParts = map[byte]func(d date, n int) string{
	'd': func(d date, n int) string { return pick(n, d.Day(), d.Format("Mon"), d.Format("Monday")) },
	'M': func(d date, n int) string { return pick(n, int(d.Month()), d.Format("Jan"), d.Format("January")) },
	'y': func(d date, n int) string { return year(d, n) },
	'h': func(d date, n int) string { return number((d.Hour()+11)%12+1, n) },
	'H': func(d date, n int) string { return number(d.Hour(), n) },
	'm': func(d date, n int) string { return number(d.Minute(), n) },
	's': func(d date, n int) string { return number(d.Second(), n) },
	'f': func(d date, n int) string { return fraction(d, n) },
	'F': func(d date, n int) string { return strings.TrimRight(fraction(d, n), "0") },
	't': func(d date, n int) string { return d.Format("PM")[:min(n, 2)] },
	'z': func(d date, n int) string { return offset(d, n) },
	'K': func(d date, n int) string { return zone(d) },
	':': func(_ date, n int) string { return strings.Repeat(":", n) },
	'/': func(_ date, n int) string { return strings.Repeat("/", n) },
}

// formatDate writes a date after a pattern of .NET. It returns false for one
// letter that is no standard pattern, and for a quote without its end.
func formatDate(d date, pattern string) (string, bool) {
	if len(pattern) == 1 {
		standard, known := standardDates[pattern]
		if !known {
			return "", false
		}
		pattern = standard
	}
	var b strings.Builder
	for i := 0; i < len(pattern); {
		c := pattern[i]
		if text, width, special := datePatternText(pattern[i:]); special {
			if width == 0 {
				return "", false
			}
			b.WriteString(text)
			i += width
			continue
		}
		n := 1
		for i+n < len(pattern) && pattern[i+n] == c {
			n++
		}
		if part, known := dateParts[c]; known {
			b.WriteString(part(d, n))
		} else {
			b.WriteString(pattern[i : i+n])
		}
		i += n
	}
	return b.String(), b.Len() > 0
}

// datePatternText reads text that stands for itself: in quotes, or behind a
// backslash. A percent sign only separates. Width 0 means it has no end.
func datePatternText(pattern string) (text string, width int, special bool) {
	switch pattern[0] {
	case '%':
		return "", 1, true
	case '\\':
		if len(pattern) < 2 {
			return "", 0, true
		}
		return pattern[1:2], 2, true
	case '\'', '"':
		inside, _, found := strings.Cut(pattern[1:], pattern[:1])
		if !found {
			return "", 0, true
		}
		return inside, len(inside) + 2, true
	}
	return "", 0, false
}

// number writes i with at least two digits if n is more than 1.
func number(i, n int) string { return fmt.Sprintf("%0*d", min(n, 2), i) }

// pick writes a day or month as a number, or by its short or long name.
func pick(n, i int, short, long string) string {
	switch {
	case n <= 2:
		return number(i, n)
	case n == 3:
		return short
	}
	return long
}

func year(d date, n int) string {
	if n <= 2 {
		return number(d.Year()%100, n)
	}
	return fmt.Sprintf("%0*d", min(n, 20), d.Year())
}

func fraction(d date, n int) string {
	return fmt.Sprintf("%09d", d.Nanosecond())[:min(n, 7)]
}

func offset(d date, n int) string {
	_, seconds := d.Zone()
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	if n <= 2 {
		return fmt.Sprintf("%c%0*d", sign, n, seconds/3600)
	}
	return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60)
}

// zone writes what is known of the offset: Z, an offset, or nothing.
func zone(d date) string {
	switch {
	case d.utc:
		return "Z"
	case d.offset:
		return offset(d, 3)
	}
	return ""
}

package variables

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var dateFilters = []filter{
	{name: "NowDate", value: forbidden, max: 1, apply: func(in input) (string, bool) { return now(in, false) }},
	{name: "NowDateUtc", value: forbidden, max: 1, apply: func(in input) (string, bool) { return now(in, true) }},
	{name: "AddHours", min: 1, max: 1, apply: addTime(time.Hour)},
	{name: "AddDays", min: 1, max: 1, apply: addTime(24 * time.Hour)},
	{name: "Format", min: 1, max: 2, apply: format, check: checkFormat},
}

func now(in input, utc bool) (string, bool) {
	if in.now == nil {
		return "", false
	}
	t := in.now()
	if utc {
		t = t.UTC()
	}
	return formatDate(date{t, utc, true}, in.option(0, "O"))
}

// A date is a time with what was known of its offset.
type date struct {
	time.Time
	utc    bool // written with a Z
	offset bool // has an offset at all
}

// dateLayouts are the ways of writing a date that are read, most exact first.
var dateLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999 -07:00",
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02",
	"01/02/2006 15:04:05", "1/2/2006 15:04:05", "1/2/2006 3:04:05 PM", "1/2/2006 15:04", "1/2/2006",
	"Mon, 02 Jan 2006 15:04:05 GMT", "02 Jan 2006 15:04:05", "02 Jan 2006", "2 January 2006", "January 2, 2006",
}

func parseDate(s string) (date, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			utc := strings.HasSuffix(s, "Z") || strings.HasSuffix(s, "GMT")
			return date{t, utc, utc || strings.Contains(layout, "07:00")}, true
		}
	}
	return date{}, false
}

// maxUnits is the most that AddHours and AddDays add: some 11000 years.
const maxUnits = 1e8

func addTime(unit time.Duration) func(input) (string, bool) {
	return func(in input) (string, bool) {
		d, ok := parseDate(in.value)
		n, err := strconv.ParseFloat(in.options[0], 64)
		if !ok || err != nil || math.IsNaN(n) || math.Abs(n) > maxUnits {
			return "", false
		}
		whole, part := math.Modf(n)
		seconds := int64(whole) * int64(unit/time.Second)
		d.Time = time.Unix(d.Unix()+seconds, int64(d.Nanosecond())).In(d.Location()).
			Add(time.Duration(part * float64(unit)))
		if d.Year() < 1 || d.Year() > 9999 {
			return "", false
		}
		return formatDate(d, "O")
	}
}

// format writes a number or a date after a pattern. A type in front says
// which of the two the value is; else a number is tried first.
func format(in input) (string, bool) { return formatOptions(in.value, in.options) }

func formatOptions(value string, options []string) (string, bool) {
	kinds := []string{"double", "date"}
	if len(options) == 2 {
		kinds = []string{strings.ToLower(options[0])}
	}
	pattern := options[len(options)-1]
	for _, kind := range kinds {
		if f, known := formatters[kind]; known {
			if s, ok := f(value, pattern); ok {
				return s, true
			}
		}
	}
	return "", false
}

// checkFormat says when neither a number nor a date can be written like this.
func checkFormat(options []string) string {
	if _, known := formatters[strings.ToLower(options[0])]; len(options) == 2 && !known {
		return fmt.Sprintf("Format does not know the type %s", options[0])
	}
	for _, sample := range []string{"1", "2000-01-01"} {
		if _, ok := formatOptions(sample, options); ok {
			return ""
		}
	}
	return fmt.Sprintf("Format does not know the pattern %q", options[len(options)-1])
}

// formatters are the types that Format knows.
var formatters = map[string]func(value, pattern string) (string, bool){
	"int32": formatIntText, "int": formatIntText, "double": formatNumberText, "decimal": formatNumberText,
	"date": formatDateText, "datetime": formatDateText, "datetimeoffset": formatDateText,
}

func formatDateText(value, pattern string) (string, bool) {
	d, ok := parseDate(value)
	if !ok {
		return "", false
	}
	return formatDate(d, pattern)
}

func formatIntText(value, pattern string) (string, bool) {
	if _, err := strconv.ParseInt(strings.TrimSpace(value), 10, 32); err != nil {
		return "", false
	}
	return formatNumberText(value, pattern)
}

func formatNumberText(value, pattern string) (string, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !isNumber(f) {
		return "", false
	}
	return formatNumber(f, pattern)
}

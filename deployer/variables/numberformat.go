package variables

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxPrecision is the most digits that a pattern may ask for.
const maxPrecision = 99

// standardNumbers are the letters of .NET's standard number patterns, with
// the precision that each takes when none is written.
var standardNumbers = map[byte]struct {
	precision int
	write     func(f float64, precision int) (string, bool)
}{
	'D': {0, formatInteger(10)},
	'X': {0, formatInteger(16)},
	'F': {2, func(f float64, p int) (string, bool) { return strconv.FormatFloat(f, 'f', p, 64), true }},
	'N': {2, func(f float64, p int) (string, bool) { return group(strconv.FormatFloat(f, 'f', p, 64)), true }},
	'P': {2, func(f float64, p int) (string, bool) {
		return group(strconv.FormatFloat(f*100, 'f', p, 64)) + " %", true
	}},
	'E': {6, func(f float64, p int) (string, bool) { return exponent(f, p), true }},
	'R': {-1, func(f float64, _ int) (string, bool) { return formatFloat(f), true }},
	'G': {-1, func(f float64, p int) (string, bool) { return general(f, p), true }},
}

// formatNumber writes a number after a pattern of .NET, in the invariant
// culture: a letter with a precision, such as N2, or a picture, such as
// #,##0.00. It returns false for a pattern it does not know.
func formatNumber(f float64, pattern string) (string, bool) {
	if pattern == "" {
		return "", false
	}
	if standard, known := standardNumbers[pattern[0]&^0x20]; known {
		precision, ok := standard.precision, true
		if len(pattern) > 1 {
			n, err := strconv.Atoi(pattern[1:])
			precision, ok = n, err == nil && n >= 0 && n <= maxPrecision
		}
		if !ok {
			return "", false
		}
		s, ok := standard.write(f, precision)
		if pattern[0] >= 'a' {
			s = strings.ToLower(s)
		}
		return s, ok
	}
	return formatPicture(f, pattern)
}

func formatInteger(base int) func(float64, int) (string, bool) {
	return func(f float64, precision int) (string, bool) {
		if f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
			return "", false
		}
		n := int64(f)
		if base == 16 {
			// Negative numbers show their 32 bits.
			if n < math.MinInt32 || n > math.MaxInt32 {
				return fmt.Sprintf("%0*X", precision, uint64(n)), true
			}
			return fmt.Sprintf("%0*X", precision, uint32(n)), true
		}
		digits := strings.TrimPrefix(strconv.FormatInt(n, base), "-")
		sign := strings.Repeat("-", btoi(n < 0))
		return sign + strings.Repeat("0", max(0, precision-len(digits))) + digits, true
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// exponent writes three digits of exponent at least, as .NET does.
func exponent(f float64, precision int) string {
	mantissa, power, _ := strings.Cut(strconv.FormatFloat(f, 'E', precision, 64), "E")
	digits := power[1:]
	return mantissa + "E" + power[:1] + strings.Repeat("0", max(0, 3-len(digits))) + digits
}

func general(f float64, precision int) string {
	if precision <= 0 {
		return formatFloat(f)
	}
	return strconv.FormatFloat(f, 'G', precision, 64)
}

// group puts commas between groups of three digits.
func group(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, part, dot := strings.Cut(number, ".")
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if dot {
		b.WriteString("." + part)
	}
	return sign + b.String()
}

// formatPicture follows a pattern of 0 (a digit), # (a digit if there is one),
// a point, a comma between digits (grouping) and a percent sign, with other
// text before and after.
func formatPicture(f float64, pattern string) (string, bool) {
	start := strings.IndexAny(pattern, "0#.")
	end := strings.LastIndexAny(pattern, "0#.") + 1
	if start < 0 || len(pattern) > maxPrecision {
		return "", false
	}
	picture := pattern[start:end]
	if strings.Trim(picture, "0#.,") != "" || strings.Count(picture, ".") > 1 {
		return "", false
	}
	if strings.Contains(pattern, "%") {
		f *= 100
	}
	whole, part, _ := strings.Cut(picture, ".")
	digits := strconv.FormatFloat(math.Abs(f), 'f', len(part), 64)
	digits = fitPicture(digits, whole, part)
	sign := ""
	if f < 0 && strings.Trim(digits, "0.,") != "" {
		sign = "-"
	}
	return sign + pattern[:start] + digits + pattern[end:], true
}

// fitPicture gives a number the digits that the picture demands, and takes
// away the zeros that it does not.
func fitPicture(digits, whole, part string) string {
	before, after, _ := strings.Cut(digits, ".")
	before = strings.TrimLeft(before, "0")
	least := 0
	if i := strings.Index(whole, "0"); i >= 0 {
		least = len(strings.ReplaceAll(whole[i:], ",", ""))
	}
	before = strings.Repeat("0", max(0, least-len(before))) + before
	if strings.Contains(strings.Trim(whole, ","), ",") {
		before = group(before)
	}
	keep := strings.LastIndex(part, "0") + 1
	after = after[:keep] + strings.TrimRight(after[keep:], "0")
	if after == "" {
		return before
	}
	return before + "." + after
}

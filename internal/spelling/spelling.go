// Package spelling finds the word that a misspelt one was probably meant to be, for
// hints in error messages:
//
//	if near := spelling.Nearest("enviroments", keys); near != "" {
//		hint = "did you mean " + near + "?"
//	}
package spelling

import "strings"

// minPrefix is how many letters the beginning of a word needs to stand for it.
const minPrefix = 4

// Nearest returns which of words the given one was probably meant to be: the one
// that takes the fewest changes, in any casing, but no more than a third of the
// letters and one; or one that begins with it. It returns "" when none is near.
func Nearest(given string, words []string) string {
	best, least := "", len(given)/3+2
	for _, w := range words {
		d := Distance(given, w)
		if len(given) >= minPrefix && len(w) > len(given) && strings.EqualFold(w[:len(given)], given) {
			d = min(d, 1)
		}
		if d < least {
			best, least = w, d
		}
	}
	return best
}

// Distance counts the insertions, deletions and changes of one byte that turn a
// into b, in any casing (Levenshtein's distance).
func Distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

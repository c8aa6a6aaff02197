package release

import (
	"fmt"
	"strings"
)

// didYouMean returns a hint with the word nearest to name, or else with all
// words.
func didYouMean(name string, words []string) string {
	best, distance := "", 1+len(name)/3
	for _, w := range words {
		if d := editDistance(strings.ToLower(name), strings.ToLower(w)); d <= distance {
			best, distance = w, d-1
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return "known here: " + strings.Join(words, ", ")
}

// editDistance counts the insertions, deletions and changes of one character
// that turn a into b.
func editDistance(a, b string) int {
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

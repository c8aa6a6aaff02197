package release

import (
	"fmt"
	"strings"

	"github.com/vipswap/vipswap/internal/spelling"
)

// didYouMean returns a hint with the word nearest to name, or else with all
// words.
func didYouMean(name string, words []string) string {
	if near := spelling.Nearest(name, words); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "known here: " + strings.Join(words, ", ")
}

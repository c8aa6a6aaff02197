package packagework

import (
	"path"
	"strings"
)

// match reports whether a pattern means a path with slashes. Case does not matter.
func match(pattern, name string) bool {
	pattern = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(pattern), `\`, "/"))
	pattern = strings.TrimPrefix(strings.TrimLeft(pattern, "/"), "./")
	return matchParts(strings.Split(pattern, "/"), strings.Split(strings.ToLower(name), "/"))
}

// CheckPattern says whether a pattern can be read.
func CheckPattern(pattern string) error {
	_, err := path.Match(strings.ReplaceAll(pattern, `\`, "/"), "")
	return err
}

// matchParts matches folder by folder; ** stands for any number of them, also none.
func matchParts(pattern, name []string) bool {
	// reached has, for the pattern so far, which numbers of name's parts it can have
	// taken: linear in both, whatever the stars.
	reached := make([]bool, len(name)+1)
	reached[0] = true
	for _, p := range pattern {
		next := make([]bool, len(name)+1)
		for i := range reached {
			switch {
			case !reached[i]:
			case p == "**":
				for j := i; j <= len(name); j++ {
					next[j] = true
				}
			case i < len(name):
				if ok, err := path.Match(p, name[i]); ok && err == nil {
					next[i+1] = true
				}
			}
		}
		reached = next
	}
	return reached[len(name)]
}

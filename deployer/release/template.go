package release

import (
	_ "embed"
	"slices"
)

//go:embed template.yaml
var template []byte

// Template returns the project file that "vipswap init" writes: the set-up of
// Octopus' guide on VIP swaps, with a comment for every setting.
func Template() []byte { return slices.Clone(template) }

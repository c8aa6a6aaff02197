package gatework

import (
	"context"
	"fmt"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/variables"
)

// A Checker asks for checks whose texts may have expressions. It is a deployer.Checks.
type Checker struct {
	Checks deployer.Checks       // asks once the texts are evaluated
	Words  *variables.Dictionary // nil has none
}

// Ask asks once, and says what is wrong with the answer, or with the check, or "".
func (k Checker) Ask(ctx context.Context, c probe.Check) string {
	c, err := c.Evaluate(k.Evaluate)
	if err != nil {
		return err.Error()
	}
	return mask(k.Words, k.Checks.Ask(ctx, c))
}

// Evaluate evaluates a text of a check. The error says which of its expressions cannot
// be resolved.
func (k Checker) Evaluate(text string) (string, error) {
	if !strings.Contains(text, "#{") {
		return text, nil
	}
	if k.Words == nil {
		return "", fmt.Errorf("%s cannot be resolved: only what begins with Slot. is known here", text)
	}
	result, err := k.Words.Evaluate(text)
	if err == nil && len(result.Unresolved) > 0 {
		err = fmt.Errorf("%s cannot be resolved", strings.Join(result.Unresolved, ", "))
	}
	return result.Text, err
}

// mask hides the secrets among the words in a text.
func mask(words *variables.Dictionary, text string) string {
	if words == nil {
		return text
	}
	return words.Mask(text)
}

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
	var made []string // of secrets, by expressions
	text := func(text string) (string, error) {
		result, err := k.text(text)
		made = append(made, result.Made()...)
		return result.Text, err
	}
	c, err := c.Evaluate(text, k.Pattern)
	if err != nil {
		return err.Error()
	}
	return mask(k.Words, variables.NewSecrets(made...).Hide(k.Checks.Ask(ctx, c)))
}

// Text evaluates a text of a check. The error says which of its expressions cannot be
// resolved.
func (k Checker) Text(text string) (string, error) {
	result, err := k.text(text)
	return result.Text, err
}

func (k Checker) text(text string) (variables.Result, error) {
	return k.evaluate(text, (*variables.Dictionary).Evaluate)
}

// Pattern evaluates the regular expression of a check, in which values match as they
// are. The error is as that of Text.
func (k Checker) Pattern(text string) (probe.Pattern, error) {
	result, err := k.evaluate(text, (*variables.Dictionary).EvaluatePattern)
	return probe.Pattern{Text: result.Text, Shown: mask(k.Words, result.Shown())}, err
}

// evaluate evaluates a template that must leave nothing open.
func (k Checker) evaluate(text string, by func(*variables.Dictionary, string) (variables.Result, error)) (variables.Result, error) {
	if !strings.Contains(text, "#{") {
		return variables.Result{Text: text}, nil
	}
	if k.Words == nil {
		return variables.Result{}, fmt.Errorf("%s cannot be resolved: only what begins with Slot. is known here", text)
	}
	result, err := by(k.Words, text)
	if err == nil && len(result.Unresolved) > 0 {
		err = fmt.Errorf("%s cannot be resolved", strings.Join(result.Unresolved, ", "))
	}
	return result, err
}

// mask hides the secrets among the words in a text.
func mask(words *variables.Dictionary, text string) string {
	if words == nil {
		return text
	}
	return words.Mask(text)
}

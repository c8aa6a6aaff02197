package faults

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/internal/spelling"
)

// A Problem is what is wrong with a plan: where and what, and how it may have
// been meant.
type Problem struct {
	Path string `json:"path"` // rules[2].match.slot
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// Error puts the problem into one line.
func (p Problem) Error() string {
	if p.Hint == "" {
		return p.Path + ": " + p.Text
	}
	return p.Path + ": " + p.Text + " (" + p.Hint + ")"
}

// Codes lists the error codes that a plan may use without saying which HTTP
// status goes with them. Source: Microsoft's page "Service Management Status and
// Error Codes".
func Codes() []string {
	return []string{
		"AuthenticationFailed", "BadRequest", "ConflictError", "ForbiddenError", "InternalError", "InvalidHttpVerb", "InvalidXmlRequest",
		"MissingOrIncorrectVersionHeader", "MissingOrInvalidRequiredQueryParameter", "OperationTimedOut", "ResourceNotFound", "ServerBusy",
		"SubscriptionDisabled", "TooManyRequests",
	}
}

// Validate returns all that is wrong with a plan, in the order of its parts;
// none when it can be carried out.
func (p Plan) Validate() []Problem {
	var c checker
	for i := range p.Rules {
		c.rule(fmt.Sprintf("rules[%d]", i), &p.Rules[i])
	}
	c.atLeastZero("budget.inARow", p.Budget.InARow)
	c.atLeastZero("budget.total", p.Budget.Total)
	return c.problems
}

// checker collects problems.
type checker struct{ problems []Problem }

func (c *checker) add(path, hint, format string, args ...any) {
	c.problems = append(c.problems, Problem{path, fmt.Sprintf(format, args...), hint})
}

func (c *checker) atLeastZero(path string, n int) {
	if n < 0 {
		c.add(path, "", "%d is negative", n)
	}
}

func (c *checker) rule(path string, r *Rule) {
	t, known := traits[r.Kind]
	if !known {
		c.unknownKind(path, r.Kind)
		return
	}
	c.fields(path, r, t)
	c.match(path+".match", r, t)
	c.code(path, r)
	c.atLeastZero(path+".count", r.Count)
	if r.Probability < 0 || r.Probability > 1 || r.Probability != r.Probability {
		c.add(path+".probability", "", "%v is not between 0 and 1", r.Probability)
	}
	if r.Delay < 0 {
		c.add(path+".delay", "", "%s is negative", r.Delay)
	}
	if r.RetryAfter < 0 {
		c.add(path+".retryAfter", "", "%s is negative", r.RetryAfter)
	}
}

func (c *checker) unknownKind(path string, kind Kind) {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	if kind == "" {
		c.add(path+".kind", "one of "+strings.Join(names, ", "), "a rule needs a kind")
		return
	}
	hint := "one of " + strings.Join(names, ", ")
	if near := spelling.Nearest(string(kind), names); near != "" {
		hint = "did you mean " + near + "?"
	}
	c.add(path+".kind", hint, "%q is not a kind of fault", string(kind))
}

// fields reports what a rule says that means nothing to its kind, and what it
// leaves out that the kind needs.
func (c *checker) fields(path string, r *Rule, t trait) {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"code", r.Code != ""}, {"message", r.Message != ""}, {"status", r.Status != 0}, {"delay", r.Delay != 0}, {"retryAfter", r.RetryAfter != 0},
	} {
		switch {
		case f.given && !t.uses[f.name]:
			c.add(path+"."+f.name, "", "means nothing to %s", r.Kind)
		case !f.given && t.needs == f.name:
			c.add(path, "", "%s needs %s", r.Kind, f.name)
		}
	}
}

func (c *checker) match(path string, r *Rule, t trait) {
	m := &r.Match
	for _, f := range []struct{ name, pattern string }{
		{"operation", m.Operation}, {"service", m.Service}, {"slot", m.Slot}, {"role", m.Role}, {"instance", m.Instance}, {"client", m.Client},
	} {
		if f.pattern != "" && !matchable[t.point][f.name] {
			c.add(path+"."+f.name, "", "a fault of the kind %s cannot be matched by it", r.Kind)
		}
	}
	c.atLeastZero(path+".nth", m.Nth)
	if m.Slot != "" && !fits(m.Slot, "production") && !fits(m.Slot, "staging") {
		c.add(path+".slot", "production or staging", "%q is no slot", m.Slot)
	}
	if m.Operation != "" && t.only != nil && !slices.ContainsFunc(t.only, func(name string) bool { return fits(m.Operation, name) }) {
		c.add(path+".operation", "", "%s befalls %s only", r.Kind, strings.Join(t.only, " and "))
	}
}

// code checks an error: a status that is one, and a code with a status that is
// known or given.
func (c *checker) code(path string, r *Rule) {
	if r.Status != 0 && (r.Status < 400 || r.Status > 599) {
		c.add(path+".status", "", "%d is not the status of an error; those are 400 to 599", r.Status)
	}
	if r.Kind == ServerError && r.Status != 0 && r.Status < 500 {
		c.add(path+".status", "use refuse for others", "%d is not the status of a server's error", r.Status)
	}
	if r.Code == "" || r.Status != 0 || slices.Contains(Codes(), r.Code) {
		return
	}
	hint := "give a status for a code that is not the API's own"
	if near := spelling.Nearest(r.Code, Codes()); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	c.add(path+".code", hint, "%q is not a code of the API", r.Code)
}

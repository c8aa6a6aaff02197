package process

import (
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/variables"
)

// A Step is one thing to do. Exactly one of Script, HTTP, Manual and Webhook is
// set. Texts marked as templates are evaluated when the step runs.
type Step struct {
	Name string

	Script  *Script
	HTTP    *probe.Check // its texts are templates
	Manual  *Manual
	Webhook *Webhook

	When         Condition
	Expression   string   // for WhenVariable: a template that must come out true
	Environments []string // only there; empty is everywhere
	Excluded     []string // not there
	Disabled     bool
	Retries      int           // how often to try again, 0 to MaxRetries
	Timeout      time.Duration // of one try; 0 is none
}

// MaxRetries is how often a step may be tried again (Octopus' page on retries).
const MaxRetries = 3

// A Condition says after what a step runs.
type Condition string

// The conditions.
const (
	WhenSuccess  Condition = "success" // all steps before it succeeded; the default
	WhenFailure  Condition = "failure" // one of them failed
	WhenAlways   Condition = "always"
	WhenVariable Condition = "variable" // an expression decides, after failures, too
)

// A Script runs on this machine. Either Body or File is set.
type Script struct {
	Body  string // a template
	File  string // relative to the runner's folder; run as it is
	Shell string // sh, pwsh or python; "" goes by the file's extension, else sh
}

// A Manual intervention waits until somebody says to go on or not.
type Manual struct {
	Instructions string // a template
}

// A Webhook sends a request; any answer from 200 to 299 is a success.
type Webhook struct {
	URL         string         // a template
	Method      string         // "" is POST
	Body        string         // a template
	ContentType string         // "" is application/json
	Headers     []probe.Header // their values are templates
}

// Kind names what the step does.
func (s Step) Kind() string {
	switch {
	case s.Script != nil:
		return "script"
	case s.HTTP != nil:
		return "HTTP check"
	case s.Manual != nil:
		return "manual intervention"
	}
	return "webhook"
}

// String names the step and what it does.
func (s Step) String() string { return s.Name + " (" + s.Kind() + ")" }

// Excuse says why the step never runs in an environment, or "" when it may.
func (s Step) Excuse(environment string) string {
	in := func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, environment) })
	}
	switch {
	case s.Disabled:
		return "it is disabled"
	case len(s.Environments) > 0 && !in(s.Environments):
		return "it is for " + strings.Join(s.Environments, ", ")
	case in(s.Excluded):
		return "it is not for " + environment
	}
	return ""
}

// skip says why the step does not run, or "" when it does. The error is that of
// the expression.
func (s Step) skip(state *State, d *variables.Dictionary) (string, error) {
	if why := s.Excuse(state.Environment); why != "" {
		return why, nil
	}
	switch s.When {
	case WhenAlways:
		return "", nil
	case WhenFailure:
		if state.Err == nil {
			return "no step before it failed", nil
		}
		return "", nil
	case WhenVariable:
		return s.skipByExpression(d)
	}
	if state.Err != nil {
		return "a step before it failed", nil
	}
	return "", nil
}

func (s Step) skipByExpression(d *variables.Dictionary) (string, error) {
	result, err := d.Evaluate(s.Expression)
	if err != nil {
		return "", err
	}
	if len(result.Unresolved) > 0 || !truthy(result.Text) {
		return "its condition is not true", nil
	}
	return "", nil
}

// truthy is the truth of a text in Octopus' language.
func truthy(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "0", "no", "false":
		return false
	}
	return true
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/variables"
)

const variablesLong = `Variables prints which value each variable of the project has in an environment, and
why: of all values that hold there the most specific wins. A value for a step beats
one for a role of the step, that one for an environment, and that one without a scope;
with equals the first in the file wins, and a warning says so.

Values of secrets are never printed. With --release the project is that of the
release, as it was when the release was created. --system lists the variables that
are built in (Octopus.*) as well; --all shows also the values that lost.`

// variableFlags say what of the variables to print.
type variableFlags struct {
	environment, release string
	system, all          bool
}

func (p *program) variablesCommand() *cobra.Command {
	var f variableFlags
	c := &cobra.Command{
		Use:   "variables --environment ENVIRONMENT [NAME...]",
		Short: "Explain which values the variables have, and why",
		Long:  variablesLong,
		Example: `  vipswap variables --environment Production
  vipswap variables --environment Production --all Banner
  vipswap variables --environment Staging --release 1.1.0 --system --output json`,
		RunE: p.action(func(_ context.Context, names []string) error { return p.variables(f, names) }),
	}
	c.Flags().StringVar(&f.environment, "environment", "", "the `ENVIRONMENT` in which the values hold")
	c.Flags().StringVar(&f.release, "release", "", "the project as in the release with this `VERSION`; default: as it is now")
	c.Flags().BoolVar(&f.system, "system", false, "list built-in variables, too")
	c.Flags().BoolVar(&f.all, "all", false, "show values that lost or do not hold, too")
	return c
}

// variableView is one variable as JSON.
type variableView struct {
	Name       string          `json:"name"`
	Defined    bool            `json:"defined"` // some value holds here
	Sensitive  bool            `json:"sensitive"`
	Value      string          `json:"value"` // evaluated; asterisks if sensitive
	BuiltIn    bool            `json:"builtIn"`
	Ambiguous  bool            `json:"ambiguous"`
	Unresolved []string        `json:"unresolved,omitempty"`
	Candidates []candidateView `json:"candidates"`
}

// candidateView is one value of a variable.
type candidateView struct {
	Value  string `json:"value"` // as it is written; asterisks if sensitive
	Scope  string `json:"scope"`
	Rank   int    `json:"rank"`
	Holds  bool   `json:"holds"`
	Wins   bool   `json:"wins"`
	Reason string `json:"reason"`

	builtIn bool
}

func (p *program) variables(f variableFlags, names []string) error {
	if f.environment == "" {
		return usage("an example is --environment Production", "variables: --environment is missing")
	}
	project, dir, err := p.requireProject()
	if err != nil {
		return err
	}
	run := release.Run{Now: time.Now()}
	if f.release != "" {
		if project, run, err = p.releasedProject(f, dir); err != nil {
			return err
		}
	}
	environment, ok := project.Environment(f.environment)
	if !ok {
		return usage("it has "+strings.Join(project.Environments, ", "), "variables: the project has no environment %s", f.environment)
	}
	run.Environment = environment
	var missing []string
	dictionary, err := project.Dictionary(run, tolerant(p.sources(dir), &missing))
	if err != nil {
		return usage("", "variables: %w", err)
	}
	for _, words := range missing {
		fmt.Fprintf(p.Stderr, "%s %s\n", p.style(p.Stderr).warn("warning:"), words)
	}
	views, err := explain(project, dictionary, f, names)
	if err != nil {
		return err
	}
	return p.show(views, func(w io.Writer) { writeVariables(w, p.style(w), views, f.all || len(names) > 0) })
}

// releasedProject returns a project as it is in a release.
func (p *program) releasedProject(f variableFlags, dir string) (project *release.Project, run release.Run, err error) {
	err = p.withSession("vipswap variables", func(s *session) error {
		r, err := s.history.Release(f.release)
		if err != nil {
			return err
		}
		next, err := s.upcoming(r, f.environment)
		if err != nil {
			return err
		}
		if run, err = s.history.Run(r, next); err != nil {
			return err
		}
		project, err = r.Project()
		return err
	})
	return project, run, err
}

// tolerant wraps sources so that values which cannot be had are empty, with a word
// about each.
func tolerant(s release.Sources, missing *[]string) release.Sources {
	return release.Sources{
		Environment: s.LookupEnv,
		LookupEnv: func(name string) (string, bool) {
			value, ok := s.LookupEnv(name)
			if !ok {
				*missing = append(*missing, fmt.Sprintf("the environment variable %s is not set: a deployment would fail", name))
			}
			return value, true
		},
		ReadFile: func(path string) ([]byte, error) {
			data, err := s.ReadFile(path)
			if err != nil {
				*missing = append(*missing, fmt.Sprintf("the file %s cannot be read: a deployment would fail", path))
			}
			return data, nil
		},
	}
}

// explain collects what there is to say about the variables, in the order of the
// project; names chooses some.
func explain(project *release.Project, d *variables.Dictionary, f variableFlags, names []string) ([]variableView, error) {
	own := namesOf(project)
	chosen := own
	switch {
	case len(names) > 0:
		chosen = names
	case f.system:
		for _, name := range d.Names() {
			if !containsFold(chosen, name) {
				chosen = append(chosen, name)
			}
		}
	}
	ambiguous := d.Ambiguous()
	views := []variableView{}
	for _, name := range chosen {
		v, err := explainOne(d, name)
		if err != nil {
			return nil, usage("", "variable %s: %w", name, err)
		}
		if len(v.Candidates) == 0 {
			return nil, usage("known here: "+strings.Join(own, ", "), "there is no variable %s", name)
		}
		v.Ambiguous = containsFold(ambiguous, name)
		views = append(views, v)
	}
	return views, nil
}

func namesOf(project *release.Project) []string {
	var names []string
	for _, v := range project.Variables {
		if !containsFold(names, v.Name) {
			names = append(names, v.Name)
		}
	}
	return names
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

func explainOne(d *variables.Dictionary, name string) (variableView, error) {
	v := variableView{Name: name, Candidates: []candidateView{}}
	for _, c := range d.Explain(name) {
		_, private := c.Scope[variables.Private]
		v.Candidates = append(v.Candidates, candidateView{d.Mask(c.Value), c.Scope.String(), c.Rank, c.Matches, c.Wins, c.Reason, private})
		if c.Wins {
			v.Defined, v.Sensitive, v.BuiltIn = true, c.Sensitive, private
		}
	}
	if !v.Defined {
		return v, nil
	}
	raw, _ := d.Raw(name)
	result, err := d.Evaluate(raw)
	if syntax := (*variables.SyntaxError)(nil); err != nil && !errors.As(err, &syntax) {
		return v, err
	}
	v.Value, v.Unresolved = d.Mask(result.Shown()), result.Unresolved
	if v.Sensitive {
		v.Value = "********"
	}
	return v, nil
}

func writeVariables(w io.Writer, s style, views []variableView, all bool) {
	if len(views) == 0 {
		fmt.Fprintln(w, "the project has no variables; --system lists those that are built in")
		return
	}
	for _, v := range views {
		if v.Defined {
			fmt.Fprintf(w, "%s = %s\n", s.bold(v.Name), v.Value)
		} else {
			fmt.Fprintf(w, "%s %s\n", s.bold(v.Name), s.warn("has no value here"))
		}
		for _, c := range v.Candidates {
			writeCandidate(w, s, c, all || !v.Defined)
		}
		if v.Ambiguous {
			fmt.Fprintf(w, "  %s another value is as specific; Octopus leaves open which one wins, here it is the first\n", s.warn("warning:"))
		}
		for _, expression := range v.Unresolved {
			fmt.Fprintf(w, "  %s %s\n", s.warn("warning:"), variables.Unresolved(expression))
		}
	}
}

// holds says where a value holds.
func (c candidateView) holds() string {
	if c.builtIn {
		return ", built in"
	}
	return " for " + c.Scope
}

// writeCandidate prints the winner, or each value.
func writeCandidate(w io.Writer, s style, c candidateView, all bool) {
	switch {
	case c.Wins:
		fmt.Fprintf(w, "  %s %q%s: %s\n", s.good("+"), c.Value, c.holds(), c.Reason)
	case all && c.Reason == "":
		fmt.Fprintf(w, "  - %q%s\n", c.Value, c.holds())
	case all:
		fmt.Fprintf(w, "  - %q%s: %s\n", c.Value, c.holds(), c.Reason)
	}
}

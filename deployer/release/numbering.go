package release

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/release/version"
	"github.com/vipswap/vipswap/deployer/variables"
)

// ErrNoTemplate is returned where a release number should be made and neither
// the caller nor the project says how.
var ErrNoTemplate = errors.New("the project has no template for release numbers\nhint: name the number, or write one under versioning in vipswap.yaml: template: 1.0.i")

// NextNumber makes a release number of a template, or of the project's own if
// template is empty. Variables in it are the project's unscoped ones and those
// of Octopus' page on release versioning:
//
//	Octopus.Version.(Last|Next)(Major|Minor|Patch|Build|Revision|Suffix)
//	Octopus.Date.(Day|Month|Year|DayOfYear)   Octopus.Time.(Hour|Minute|Second)
//
// Last is the highest of the releases, 0 if there is none, and Next is one
// more; Octopus.Version.Channel.* is the same, as there is one channel. A
// suffix is the pre-release with its hyphen; the next one has its last number
// raised. Then the letters i and c are replaced, see [version.Mask].
//
// The error wraps [ErrNoTemplate] if there is nothing to go by; others say
// what cannot be resolved, or why the result is no release number.
func (p *Project) NextNumber(template string, releases []Release, now time.Time) (string, error) {
	if template == "" {
		template = p.Numbering
	}
	if template == "" {
		return "", ErrNoTemplate
	}
	versions := versionsOf(releases)
	result, err := p.numberingVariables(versions, now).Evaluate(template)
	switch {
	case err != nil:
		return "", fmt.Errorf("release number %q: %w", template, err)
	case len(result.Unresolved) > 0:
		return "", fmt.Errorf("release number %q: %s cannot be resolved\nhint: unscoped variables of the project can be used, and Octopus.Version.*, Octopus.Date.* and Octopus.Time.*", template, strings.Join(result.Unresolved, ", "))
	}
	number, err := version.Apply(strings.TrimSpace(result.Text), versions)
	if err != nil {
		return "", fmt.Errorf("release number %q: %w", template, err)
	}
	return number, CheckNumber(number)
}

func versionsOf(releases []Release) []version.Version {
	var versions []version.Version
	for _, r := range releases {
		if v, err := version.Parse(r.Number); err == nil {
			versions = append(versions, v)
		}
	}
	return versions
}

// numberingVariables are those that a template may refer to. Values from
// elsewhere are left out: a number is no place for a secret.
func (p *Project) numberingVariables(versions []version.Version, now time.Time) *variables.Dictionary {
	var vars []variables.Variable
	for _, v := range p.Variables {
		if len(v.Scope) == 0 && !v.Sensitive && v.FromEnv == "" && v.FromFile == "" {
			vars = append(vars, variables.Variable{Name: v.Name, Value: v.Value})
		}
	}
	for name, value := range numberingValues(versions, now) {
		vars = append(vars, builtInVariable(name, value))
	}
	vars = append(vars, builtInVariable("Octopus.Project.Name", p.Name))
	return variables.NewSet(vars...).Resolve(nil).WithClock(func() time.Time { return now })
}

func numberingValues(versions []version.Version, now time.Time) map[string]string {
	var last version.Version
	if len(versions) > 0 {
		last = slices.MaxFunc(versions, version.Version.Compare)
	}
	values := map[string]string{
		"Octopus.Date.Day": strconv.Itoa(now.Day()), "Octopus.Date.Month": strconv.Itoa(int(now.Month())),
		"Octopus.Date.Year": strconv.Itoa(now.Year()), "Octopus.Date.DayOfYear": strconv.Itoa(now.YearDay()),
		"Octopus.Time.Hour": strconv.Itoa(now.Hour()), "Octopus.Time.Minute": strconv.Itoa(now.Minute()),
		"Octopus.Time.Second": strconv.Itoa(now.Second()),
	}
	suffix := ""
	if last.PreRelease != "" {
		suffix = "-" + last.PreRelease
	}
	for _, prefix := range []string{"Octopus.Version.", "Octopus.Version.Channel."} {
		for part, n := range map[string]int{"Major": last.Major, "Minor": last.Minor, "Patch": last.Patch, "Build": last.Patch, "Revision": last.Revision} {
			values[prefix+"Last"+part] = strconv.Itoa(n)
			values[prefix+"Next"+part] = strconv.Itoa(n + 1)
		}
		values[prefix+"LastSuffix"] = suffix
		values[prefix+"NextSuffix"] = raiseLastNumber(suffix)
	}
	return values
}

// raiseLastNumber adds one to the number that text ends with, if it does.
func raiseLastNumber(text string) string {
	head := strings.TrimRight(text, "0123456789")
	n, err := strconv.Atoi(text[len(head):])
	if err != nil {
		return text
	}
	return head + strconv.Itoa(n+1)
}

// numbering checks the template of release numbers. One without expressions
// must be a mask with a letter, or it would give the same number every time.
func (r *reader) numbering(file versioningFile) string {
	const path = "versioning.template"
	template := strings.TrimSpace(file.Template)
	if template == "" || !r.template(path, template) || strings.Contains(template, "#{") {
		return template
	}
	if m, ok := version.ParseMask(template); !ok || !m.Counts() {
		r.report(path, fmt.Sprintf("%q would be the number of every release", template), "use i for a number that counts, as in 1.0.i, or expressions such as #{Octopus.Version.NextPatch}")
	}
	return template
}

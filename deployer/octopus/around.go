package octopus

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// The types of steps around the cloud service that have a counterpart, and
// their settings.
const (
	scriptAction = "Octopus.Script"
	manualAction = "Octopus.Manual"

	propertyBody         = "Octopus.Action.Script.ScriptBody"
	propertySyntax       = "Octopus.Action.Script.Syntax"
	propertySource       = "Octopus.Action.Script.ScriptSource"
	propertyOnServer     = "Octopus.Action.RunOnServer"
	propertyInstructions = "Octopus.Action.Manual.Instructions"
	propertyExpression   = "Octopus.Step.ConditionVariableExpression"
	propertyRetries      = "Octopus.Action.AutoRetry.MaximumCount"
)

// shells tell what runs a script of Octopus here.
var shells = map[string]string{"Bash": "sh", "PowerShell": "pwsh", "Python": "python", "": "pwsh"}

// helpers are what Octopus gives scripts, and is not there here.
var helpers = regexp.MustCompile(`(?i)\$?OctopusParameters|(Set|New|Fail|Update|Write)-(OctopusVariable|OctopusArtifact|Step|Progress|Highlight|Verbose)\b|new_octopusartifact|fail_step|update_progress|write_(verbose|highlight|warning|wait)`)

// conditions tell after what a step runs.
var conditions = map[string]string{"": "", "Success": "", "Failure": "failure", "Always": "always"}

// A neighbour is a step before or after the one that deploys.
type neighbour struct {
	slug, name             string
	script, shell          string
	instructions           string
	condition              string
	environments, excluded []string
	disabled               bool
	retries                int
}

// neighbours takes over the steps around the chosen one that can be, and
// notes the rest.
func (im *importer) neighbours(actions []action, chosen action, n notes) {
	into, taken := &im.before, []string{chosen.name}
	for _, a := range actions {
		if a.action.line == chosen.action.line {
			into = &im.after
			continue
		}
		if why := cannotFollow(a); why != "" {
			n.add(a.action.line, LeftOut, fmt.Sprintf("step %q (%s)", a.name, a.kind), why)
			continue
		}
		a.name = n.unique(a, taken)
		taken = append(taken, a.name)
		*into = append(*into, im.neighbour(a, n))
	}
}

// unique returns the name of an action, with a number behind it when another step
// has that name already.
func (n notes) unique(a action, taken []string) string {
	name := a.name
	for i := 2; containsFold(taken, name); i++ {
		name = fmt.Sprintf("%s (%d)", a.name, i)
	}
	if name != a.name {
		n.add(a.action.line, Changed, fmt.Sprintf("step %q", a.name), fmt.Sprintf("another step has that name, so that it is %q here", name))
	}
	return name
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// cannotFollow says why a step has no counterpart, or "".
func cannotFollow(a action) string {
	p := properties(a)
	switch a.kind {
	case manualAction:
		if variables.Check(p[propertyInstructions]) != nil {
			return "the expressions in its instructions make no sense"
		}
	case scriptAction:
		_, runs := shells[p[propertySyntax]]
		switch {
		case p[propertySource] != "" && p[propertySource] != "Inline":
			return "scripts from packages and repositories are not imported; write scriptFile"
		case strings.TrimSpace(p[propertyBody]) == "":
			return "its script is not in the file"
		case !runs:
			return "scripts in " + p[propertySyntax] + " cannot be run"
		case variables.Check(p[propertyBody]) != nil:
			return "the expressions in its script make no sense"
		}
	case cloudServiceAction:
		return "a project here deploys one cloud service"
	default:
		return "only scripts and manual interventions are imported beside the cloud service"
	}
	if c := a.step.text("condition"); c != "Variable" {
		if _, known := conditions[c]; !known {
			return "its condition " + c + " is unknown"
		}
	} else if e := p[propertyExpression]; !hasExpression(e) || variables.Check(e) != nil {
		return "the expression of its condition makes no sense"
	}
	return ""
}

// properties returns the settings of an action and of the step around it.
func properties(a action) map[string]string {
	all := make(map[string]string)
	for _, b := range []body{a.step.body, a.action.body} {
		if at := b.find("properties"); at != nil {
			for _, property := range at.value.dictionary {
				all[property.name] = property.value.text
			}
		}
	}
	return all
}

// carried are the properties of a neighbour that are taken over, or that say
// what is so here anyway.
var carried = []string{propertyBody, propertySyntax, propertySource, propertyOnServer, propertyInstructions, propertyExpression, propertyRetries}

// neighbour takes over one step.
func (im *importer) neighbour(a action, n notes) neighbour {
	p := properties(a)
	result := neighbour{slug: a.slug, name: a.name, instructions: p[propertyInstructions], condition: conditions[a.step.text("condition")]}
	if a.step.text("condition") == "Variable" {
		result.condition = p[propertyExpression]
	}
	if a.kind == scriptAction {
		result.script, result.shell = p[propertyBody], shells[p[propertySyntax]]
		if used := helpers.FindString(result.script); used != "" {
			n.add(a.action.line, Changed, fmt.Sprintf("step %q", a.name), used+" is not there for scripts here; write #{NAME} for a variable")
		}
	}
	for _, text := range []string{result.script, result.instructions, result.condition} {
		n.expressions(a.action.line, fmt.Sprintf("step %q", a.name), text)
	}
	result.retry(a, p[propertyRetries], n)
	for _, b := range []body{a.step.body, a.action.body} {
		for _, at := range b.attributes {
			im.neighbourAttribute(&result, a, at, n)
		}
	}
	for _, inner := range a.action.blocks {
		n.add(inner.line, LeftOut, strings.TrimSpace(fmt.Sprintf("step %q: %s %s", a.name, inner.name, inner.label())), blockReason(inner.name))
	}
	return result
}

func (s *neighbour) retry(a action, text string, n notes) {
	if text == "" || text == "0" {
		return
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 0 || count > process.MaxRetries || s.script == "" {
		n.add(a.action.line, LeftOut, fmt.Sprintf("step %q: %s = %q", a.name, propertyRetries, text), "it is no number of retries that is possible here")
		return
	}
	s.retries = count
}

func (im *importer) neighbourAttribute(s *neighbour, a action, at attribute, n notes) {
	switch at.name {
	case "name", "action_type":
	case "condition": // taken over above
	case "is_disabled":
		s.disabled = at.value.text == "true"
	case "environments":
		s.environments = im.places(s.environments, a, at, n)
		if len(s.environments) == 0 && len(at.value.list) > 0 {
			s.disabled = true
			n.add(at.line, Changed, fmt.Sprintf("step %q", a.name), "it is disabled, because the project has none of its environments")
		}
	case "excluded_environments":
		s.excluded = im.places(s.excluded, a, at, n)
	case "properties":
		for _, property := range at.value.dictionary {
			onTargets := property.name == propertyOnServer && !strings.EqualFold(property.value.text, "true")
			if onTargets || !slices.Contains(carried, property.name) {
				n.add(property.line, LeftOut, fmt.Sprintf("step %q: %s", a.name, describe(property)), reasonFor(property.name))
			}
		}
	default:
		n.attributeOf(fmt.Sprintf("step %q: ", a.name), at)
	}
}

// places adds the environments of an attribute that the project has.
func (im *importer) places(list []string, a action, at attribute, n notes) []string {
	for _, slug := range at.value.list {
		name, known := im.environment(slug)
		if !known {
			n.add(at.line, LeftOut, fmt.Sprintf("step %q: environment %s", a.name, slug), "the imported project does not have this environment")
			continue
		}
		list = append(list, name)
	}
	return list
}

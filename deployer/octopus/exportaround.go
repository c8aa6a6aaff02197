package octopus

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
)

// syntaxes are the names of the shells in Octopus.
var syntaxes = map[string]string{"": "Bash", "sh": "Bash", "pwsh": "PowerShell", "python": "Python"}

// conditionNames are the conditions in Octopus.
var conditionNames = map[process.Condition]string{
	process.WhenFailure: "Failure", process.WhenAlways: "Always", process.WhenVariable: "Variable",
}

// stepSlugs gives every step of a project a slug of its own, by its name.
func stepSlugs(p *release.Project) map[string]string {
	slugs, taken := map[string]string{}, map[string]bool{}
	names := []string{p.Step.Name}
	for _, s := range slices.Concat(p.Before, p.After) {
		names = append(names, s.Name)
	}
	for _, name := range names {
		base := slugOf(name)
		if base == "" {
			base = "step"
		}
		slug := base
		for i := 2; taken[slug]; i++ {
			slug = fmt.Sprintf("%s-%d", base, i)
		}
		slugs[name], taken[slug] = slug, true
	}
	return slugs
}

// cannotExport says why a step has no counterpart in Octopus, or "".
func cannotExport(s process.Step) string {
	switch {
	case s.HTTP != nil:
		return "Octopus has no step that checks an address; a script there would do it"
	case s.Webhook != nil:
		return "Octopus has no step that calls a webhook; a script there would do it"
	case s.Script != nil && s.Script.File != "":
		return "the script is in a file, and in Octopus it stands in the process or in a package"
	}
	return ""
}

// exportSteps writes those steps that Octopus can have, and notes the others.
func exportSteps(steps []process.Step, slugs map[string]string, n notes) []block {
	var blocks []block
	for _, s := range steps {
		if why := cannotExport(s); why != "" {
			n.add(0, LeftOut, fmt.Sprintf("step %q", s.Name), why)
			continue
		}
		if s.Timeout > 0 {
			n.add(0, LeftOut, fmt.Sprintf("step %q: timeout", s.Name), "steps in Octopus have no time limit")
		}
		blocks = append(blocks, exportStep(s, slugs[s.Name]))
	}
	return blocks
}

// exportStep is what [importer.neighbour] reads.
func exportStep(s process.Step, slug string) block {
	outer := body{attributes: []attribute{textAttribute("name", s.Name)}}
	if c := conditionNames[s.When]; c != "" {
		outer.attributes = append([]attribute{textAttribute("condition", c)}, outer.attributes...)
	}
	if s.When == process.WhenVariable {
		outer.attributes = append(outer.attributes, attribute{name: "properties", value: value{dictionary: []attribute{textAttribute(propertyExpression, s.Expression)}}})
	}
	kind, properties := manualAction, []attribute(nil)
	if s.Script != nil {
		kind, properties = scriptAction, scriptProperties(s)
	} else if s.Manual.Instructions != "" {
		properties = []attribute{textAttribute(propertyInstructions, s.Manual.Instructions)}
	}
	action := body{attributes: []attribute{textAttribute("action_type", kind)}}
	for _, scope := range []struct {
		name   string
		places []string
	}{{"environments", s.Environments}, {"excluded_environments", s.Excluded}} {
		if len(scope.places) > 0 {
			action.attributes = append(action.attributes, attribute{name: scope.name, value: value{list: slugsOf(scope.places), isList: true}})
		}
	}
	if s.Disabled {
		action.attributes = append(action.attributes, attribute{name: "is_disabled", value: value{text: "true"}})
	}
	if len(properties) > 0 {
		action.attributes = append(action.attributes, attribute{name: "properties", value: value{dictionary: properties}})
	}
	outer.blocks = []block{{name: "action", body: action}}
	return block{name: "step", labels: []string{slug}, body: outer}
}

// scriptProperties are those of a script that runs where the deployment does.
func scriptProperties(s process.Step) []attribute {
	var properties []attribute
	if s.Retries > 0 {
		properties = append(properties, textAttribute(propertyRetries, strconv.Itoa(s.Retries)))
	}
	return append(properties, textAttribute(propertyOnServer, "true"), textAttribute(propertyBody, s.Script.Body),
		textAttribute(propertySource, "Inline"), textAttribute(propertySyntax, syntaxes[s.Script.Shell]))
}

func textAttribute(name, text string) attribute {
	return attribute{name: name, value: value{text: text, isText: true}}
}

func slugsOf(names []string) []string {
	var slugs []string
	for _, name := range names {
		slugs = append(slugs, slugOf(name))
	}
	return slugs
}

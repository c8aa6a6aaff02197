package octopus

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/variables"
)

// shouldFail is the one variable of Octopus that has its meaning here, too.
const shouldFail = "OctopusShouldFailDeploymentOnSubstitutionFails"

// meaningful are the beginnings of names, in lower case, that mean something to Octopus.
// Other names that begin with its name, without the point, are anybody's.
var meaningful = []string{
	"octopus.", "octopusazure", "octopusprint", "octopusdeletescripts", "octopusbypass", "octopussuppress", "octopusskip", "octopusfreediskspace",
}

func isReserved(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return slices.ContainsFunc(meaningful, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// propertyOf returns the setting of the step that a variable of this name is, too, or
// "".
func propertyOf(name string) string {
	for _, property := range []string{propertyService, propertyStorage, propertySlot, propertyLabel, propertyConfiguration, propertySwap, propertyCount} {
		if strings.EqualFold(strings.TrimSpace(name), property) {
			return property
		}
	}
	return ""
}

// meaningless tells why a variable, which may be a setting of the step, has no effect.
func meaningless(name, property string, s step) string {
	switch {
	case release.BuiltIn(name):
		return "it is built in, and no other value of it holds"
	case property == "":
		return ""
	case s.given[property]:
		return "the step has a setting of that name, which holds here"
	case property == propertyService || property == propertyStorage || property == propertySlot:
		return "write service, storageAccount and step.slot in vipswap.yaml"
	}
	return ""
}

// setting takes over a variable that is a setting of the step.
func (im *importer) setting(v block, property string, s *step, n notes) {
	what := fmt.Sprintf("variable %q", v.label())
	list := im.values(v, *s, n)
	if _, isSwitch := switches[property]; isSwitch {
		im.switchVars = append(im.switchVars, list...)
		text := fmt.Sprintf("#{if %s}#{%[1]s}#{/if}", property)
		s.bound = append(s.bound, attribute{name: property, value: value{text: text, isText: true}, line: v.line})
		return
	}
	switch {
	case len(list) == 0: // said already
	case slices.ContainsFunc(list, func(one variable) bool { return one.fromEnv != "" }):
		n.add(v.line, LeftOut, what, "a secret cannot be a setting of the step")
	case len(list) == 1 && list[0].everywhere():
		settings[property](s, list[0].value)
		n.add(v.line, Changed, what, "it is "+keys[property]+" here")
	default:
		name := im.free(property[strings.LastIndexByte(property, '.')+1:])
		for i := range list {
			list[i].name = name
		}
		im.vars = append(im.vars, list...)
		settings[property](s, fmt.Sprintf("#{if %s}#{%[1]s}%s#{/if}", name, otherwise[property]))
		n.add(v.line, Changed, what, fmt.Sprintf("it is the variable %q here, which %s uses", name, keys[property]))
	}
}

// keys say where the settings are in vipswap.yaml, and otherwise what they are in
// Octopus where nothing is set.
var (
	keys = map[string]string{
		propertyLabel: "step.label", propertyConfiguration: "step.configurationFile",
		propertySwap: "step.swap", propertyCount: "step.instanceCount",
	}
	otherwise = map[string]string{propertyLabel: "#{else}" + usualLabel}
)

func (v variable) everywhere() bool {
	return len(v.environments)+len(v.steps)+len(v.roles) == 0
}

// free returns a name that no variable has.
func (im *importer) free(name string) string {
	free := name
	for i := 2; containsFold(im.taken, free); i++ {
		free = fmt.Sprintf("%s%d", name, i)
	}
	return free
}

// decide gives the switches a value that are bound to expressions: the one that they
// have wherever they count, or else that of the guide on VIP swaps.
func (im *importer) decide(s *step) {
	for _, a := range s.bound {
		n, what := im.notes(processFile), fmt.Sprintf("%s = %q", a.name, a.value.text)
		if !s.given[a.name] {
			n, what = im.notes(variablesFile), fmt.Sprintf("variable %q", a.name)
		}
		truth, decided := im.truth(a, *s)
		if decided {
			n.add(a.line, Changed, what, fmt.Sprintf("by the variables of the project it is %s wherever it counts: it is fixed in %s", yes(truth), keys[a.name]))
		} else {
			truth = a.name == propertySwap
			n.add(a.line, LeftOut, what, fmt.Sprintf("%s cannot depend on a variable, and its value is not known or not the same everywhere: it was taken for %s, as in the guide on VIP swaps", keys[a.name], yes(truth)))
		}
		switches[a.name](s, truth)
	}
	if s.swap {
		im.notes(processFile).add(s.line, Assumed, "swapWhenProductionEmpty: deploy", "the guide on VIP swaps deploys into an empty production; the step swapped from December 2015, as swapWhenProductionEmpty: swap does")
	}
}

// truth returns the value that a switch has in every environment, if it has one. The
// swap does not count in environments whose slot is staging.
func (im *importer) truth(a attribute, s step) (truth, decided bool) {
	values := make(map[bool]bool)
	for _, environment := range im.options.Environments {
		d := im.dictionary(environment, s)
		if slot, err := d.Evaluate(s.slot); a.name == propertySwap && err == nil && strings.EqualFold(slot.Text, "staging") {
			continue
		}
		result, err := d.Evaluate(a.value.text)
		if err != nil || len(result.Unresolved) > 0 || len(result.Malformed) > 0 {
			return false, false
		}
		values[isTrue(result.Text)] = true
	}
	return values[true], len(values) == 1
}

// dictionary returns the variables of an environment, as far as the files have them.
func (im *importer) dictionary(environment string, s step) *variables.Dictionary {
	vars := []variables.Variable{
		{Name: "Octopus.Environment.Name", Value: variables.Escape(environment)},
		{Name: "Octopus.Project.Name", Value: variables.Escape(im.options.Name)},
		{Name: "Octopus.Action.Name", Value: variables.Escape(s.name)},
	}
	for _, v := range slices.Concat(im.vars, im.switchVars) {
		if v.fromEnv == "" {
			scope := variables.Scope{variables.Environment: v.environments, variables.Step: v.steps, variables.TargetRole: v.roles}
			maps.DeleteFunc(scope, func(_ variables.Kind, list []string) bool { return len(list) == 0 })
			vars = append(vars, variables.Variable{Name: v.name, Value: v.value, Scope: scope})
		}
	}
	return variables.NewSet(vars...).Resolve(variables.Scope{
		variables.Environment: {environment}, variables.Step: {s.name}, variables.TargetRole: s.roles,
	})
}

package octopus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/variables"
)

// A variable is one value of a name, for a project of ours.
type variable struct {
	name         string
	value        string
	fromEnv      string
	environments []string
	steps        []string
	roles        []string
}

// foreignScopes are the kinds of scope that have no counterpart. A value with
// one must not be carried over without it: it would hold too widely.
var foreignScopes = map[string]string{
	"channel": "channels are not supported", "tenant_tag": "tenants are not supported",
	"machine": "there are no deployment targets here",
	"process": "a project here has one process", "process_owner": "a project here has one process",
}

// secretType is the type of variables whose values Octopus keeps.
const secretType = "Sensitive"

// supportedTypes are those of variables that are carried over.
var supportedTypes = []string{"", "String", secretType}

// variables reads variables.ocl.
func (im *importer) variables(b body, s *step) {
	n := im.notes(variablesFile)
	n.unknown(b, "variables have no such setting")
	for _, v := range b.blocks {
		im.taken = append(im.taken, v.label())
	}
	for _, v := range b.blocks {
		if v.name != "variable" || v.label() == "" {
			n.add(v.line, LeftOut, strings.TrimSpace(v.name+" "+v.label()), "only variables with a name are imported")
			continue
		}
		im.variable(v, s, n)
	}
}

// variable reads the values of one name. Some names have a meaning.
func (im *importer) variable(v block, s *step, n notes) {
	what := fmt.Sprintf("variable %q", v.label())
	property := propertyOf(v.label())
	switch why := meaningless(v.label(), property, *s); {
	case why != "":
		n.add(v.line, LeftOut, what, why)
	case property != "":
		im.setting(v, property, s, n)
	default:
		if isReserved(v.label()) {
			n.add(v.line, LeftOut, "what "+what+" does", "it is a plain variable here, and nothing depends on it but expressions")
		}
		im.vars = append(im.vars, im.values(v, *s, n)...)
	}
}

// values reads the values of a variable that can be carried over.
func (im *importer) values(v block, s step, n notes) []variable {
	what := fmt.Sprintf("variable %q", v.label())
	var list []variable
	kind := v.text("type")
	for _, a := range v.attributes {
		if a.name != "type" {
			n.add(a.line, LeftOut, what+": "+describe(a), "it has no counterpart")
		}
	}
	if !slices.Contains(supportedTypes, kind) {
		n.add(v.line, LeftOut, fmt.Sprintf("%s of type %s", what, kind), "only texts and secrets are supported")
		return nil
	}
	for _, inner := range v.blocks {
		if inner.name != "value" {
			n.add(inner.line, LeftOut, what+": "+inner.name, "it has no counterpart")
			continue
		}
		if result, ok := im.value(v.label(), kind == secretType, inner, s, n); ok {
			list = append(list, result)
		}
	}
	return list
}

// keeps reports whether a value is carried over, whatever environments the project
// has.
func (im *importer) keeps(v, b block, s step) bool {
	kind := v.text("type")
	_, hasText := textOf(b)
	if !slices.Contains(supportedTypes, kind) || kind != secretType && !hasText || meaningless(v.label(), propertyOf(v.label()), s) != "" {
		return false
	}
	for _, a := range b.attributes {
		if _, foreign := foreignScopes[a.name]; foreign && len(a.value.list) > 0 {
			return false
		}
	}
	if at := b.find("role"); at != nil && len(at.value.list) > 0 && !slices.ContainsFunc(at.value.list, func(role string) bool { return containsFold(s.roles, role) }) {
		return false
	}
	at := b.find("action")
	return at == nil || len(at.value.list) == 0 || slices.ContainsFunc(at.value.list, im.importsSlug)
}

func (im *importer) importsSlug(slug string) bool {
	return slices.ContainsFunc(im.actions, func(a action) bool { return strings.EqualFold(a.slug, slug) && im.imports(a) })
}

// value reads one value with its scope.
func (im *importer) value(name string, secret bool, b block, s step, n notes) (variable, bool) {
	what := fmt.Sprintf("a value of variable %q", name)
	result := variable{name: name}
	if !result.scope(im, b, s, n, what) {
		return result, false
	}
	for _, inner := range b.blocks {
		if inner.name == "prompt" {
			n.add(inner.line, LeftOut, "the prompt of variable "+fmt.Sprintf("%q", name), "nobody is asked at deployment time; the value here always holds")
			continue
		}
		n.add(inner.line, LeftOut, what+": "+inner.name, "it has no counterpart")
	}
	if secret {
		result.fromEnv = environmentName(name)
		n.add(b.line, Changed, fmt.Sprintf("secret variable %q", name), "Octopus keeps its value; set the environment variable "+result.fromEnv)
		return result, true
	}
	text, ok := textOf(b)
	if !ok {
		n.add(b.line, LeftOut, what, "it has no value, which is not the same as an empty one")
		return result, false
	}
	result.value = text
	if err := variables.Check(text); err != nil {
		result.value = variables.Escape(text)
		n.add(b.line, Changed, what, "its expression makes no sense, so that Octopus leaves the text as it is; it is escaped here")
	}
	n.expressions(b.line, what, result.value)
	return result, true
}

// textOf returns what a value holds: its label, or its attribute value.
func textOf(b block) (string, bool) {
	if len(b.labels) > 0 {
		return b.labels[0], true
	}
	if a := b.find("value"); a != nil && a.value.isText {
		return a.value.text, true
	}
	return "", false
}

// scope takes over where a value holds. It reports whether the value can be
// carried over at all.
func (v *variable) scope(im *importer, b block, s step, n notes, what string) bool {
	ok := true
	for _, a := range b.attributes {
		why, foreign := foreignScopes[a.name]
		switch {
		case a.name == "value":
		case a.name == "description":
			if a.value.text != "" {
				n.add(a.line, LeftOut, what+": "+describe(a), "variables have no description; write a comment")
			}
		case a.name == "environment":
			ok = v.environment(im, a, n, what) && ok
		case a.name == "action":
			ok = v.action(im, a, s, n, what) && ok
		case a.name == "role":
			ok = v.role(a, s, n, what) && ok
		case foreign && len(a.value.list) > 0:
			n.add(b.line, LeftOut, fmt.Sprintf("%s for %s", what, describe(a)), why+", and without it the value would hold everywhere")
			ok = false
		case !foreign:
			n.add(a.line, LeftOut, what+": "+describe(a), "it has no counterpart")
		}
	}
	return ok
}

// environment takes the environments over that the project is to have.
func (v *variable) environment(im *importer, a attribute, n notes, what string) bool {
	for _, slug := range a.value.list {
		name, known := im.environment(slug)
		if !known {
			n.add(a.line, LeftOut, fmt.Sprintf("%s for environment %s", what, slug), "the imported project does not have this environment")
			continue
		}
		v.environments = append(v.environments, name)
	}
	return len(v.environments) > 0 || len(a.value.list) == 0
}

// action takes the steps over that are imported.
func (v *variable) action(im *importer, a attribute, s step, n notes, what string) bool {
	imported := map[string]string{strings.ToLower(s.slug): s.name}
	for _, other := range slices.Concat(im.before, im.after) {
		imported[strings.ToLower(other.slug)] = other.name
	}
	for _, slug := range a.value.list {
		name, known := imported[strings.ToLower(slug)]
		if !known {
			n.add(a.line, LeftOut, fmt.Sprintf("%s for step %s", what, slug), "that step is not imported")
			continue
		}
		v.steps = append(v.steps, name)
	}
	return len(v.steps) > 0 || len(a.value.list) == 0
}

// role takes the target roles over that the step has.
func (v *variable) role(a attribute, s step, n notes, what string) bool {
	for _, role := range a.value.list {
		if !containsFold(s.roles, role) {
			n.add(a.line, LeftOut, fmt.Sprintf("%s for target role %s", what, role), "the imported step does not have that role")
			continue
		}
		v.roles = append(v.roles, role)
	}
	return len(v.roles) > 0 || len(a.value.list) == 0
}

// environmentName makes a name for the environment of a process.
func environmentName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	return "VIPSWAP_VAR_" + strings.ToUpper(clean)
}

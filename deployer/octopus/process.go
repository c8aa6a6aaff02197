package octopus

import (
	"cmp"
	"fmt"
	"strings"
)

// An action is one action of the process, with the step around it.
type action struct {
	step, action block
	name, slug   string
	kind         string // its type
}

// process reads deployment_process.ocl: the cloud-service step that is meant,
// and notes about the rest.
func (im *importer) process(b body) (step, error) {
	n := im.notes(processFile)
	n.unknown(b, "the process has no such setting here")
	var actions []action
	for _, s := range b.blocks {
		if s.name != "step" {
			n.add(s.line, LeftOut, fmt.Sprintf("%s %q", s.name, s.label()), "only steps are imported")
			continue
		}
		actions = append(actions, actionsOf(s)...)
		for _, inner := range s.blocks {
			if inner.name != "action" {
				n.add(inner.line, LeftOut, fmt.Sprintf("%s of step %q", inner.name, nameOf(s)), "it has no counterpart")
			}
		}
	}
	chosen, err := im.choose(actions)
	if err != nil {
		return step{}, err
	}
	im.actions, im.chosen = actions, chosen
	for _, a := range actions {
		if im.imports(a) {
			im.mentionPlaces(a)
		}
	}
	return im.cloudStep(chosen, n), nil
}

// imports reports whether an action becomes a step of the project.
func (im *importer) imports(a action) bool {
	return a.action.line == im.chosen.action.line || cannotFollow(a) == ""
}

// mentionPlaces notes the environments that an action names.
func (im *importer) mentionPlaces(a action) {
	for _, name := range []string{"environments", "excluded_environments"} {
		if at := a.action.find(name); at != nil {
			for _, slug := range at.value.list {
				im.mention(slug)
			}
		}
	}
}

// actionsOf lists the actions of a step. The label of an action is its slug, and its
// name as well when it has no other; an action without either has those of the step.
func actionsOf(s block) []action {
	var list []action
	for _, inner := range s.blocks {
		if inner.name != "action" {
			continue
		}
		a := action{step: s, action: inner, name: inner.text("name"), slug: inner.label(), kind: inner.text("action_type")}
		if a.name == "" {
			a.name = cmp.Or(inner.label(), nameOf(s))
		}
		if a.slug == "" {
			a.slug = s.label()
		}
		if a.kind == "" {
			a.kind = "a step template"
		}
		list = append(list, a)
	}
	return list
}

func nameOf(s block) string {
	if name := s.text("name"); name != "" {
		return name
	}
	return s.label()
}

// choose finds the action that deploys the cloud service.
func (im *importer) choose(actions []action) (action, error) {
	var found []action
	var words []string
	for _, a := range actions {
		if a.kind != cloudServiceAction {
			continue
		}
		if im.options.Step == "" || strings.EqualFold(im.options.Step, a.slug) || strings.EqualFold(im.options.Step, a.name) {
			found = append(found, a)
		}
		words = append(words, fmt.Sprintf("%q at line %d", a.name, a.action.line))
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(words) == 0:
		return action{}, fmt.Errorf("%s: there is no step of type %s", processFile, cloudServiceAction)
	case len(found) == 0:
		return action{}, fmt.Errorf("%s: no cloud-service step is named %q\nhint: there are %s", processFile, im.options.Step, strings.Join(words, ", "))
	}
	return action{}, fmt.Errorf("%s: %d steps deploy a cloud service, and a project here has one: %s\nhint: name the one to import", processFile, len(found), strings.Join(words, ", "))
}

// cloudStep takes over what the chosen action says.
func (im *importer) cloudStep(a action, n notes) step {
	s := step{slug: a.slug, name: a.name, line: a.action.line}
	im.stepAttributes(&s, a.step, n)
	for _, at := range a.action.attributes {
		switch at.name {
		case "name", "action_type":
		case "environments", "excluded_environments":
			n.add(at.line, LeftOut, describe(at), "the step runs in every environment of the lifecycle")
		case "properties":
			s.packageWork(at.value.dictionary, n)
			for _, property := range at.value.dictionary {
				s.set(property, n)
			}
		default:
			n.attribute(at)
		}
	}
	for _, inner := range a.action.blocks {
		n.add(inner.line, LeftOut, strings.TrimSpace(inner.name+" "+inner.label()), blockReason(inner.name))
	}
	return s
}

// stepAttributes looks at what stands around the action.
func (im *importer) stepAttributes(s *step, around block, n notes) {
	for _, at := range around.attributes {
		switch at.name {
		case "name":
		case "properties":
			for _, property := range at.value.dictionary {
				if property.name == propertyRoles {
					s.set(property, n)
					continue
				}
				n.add(property.line, LeftOut, describe(property), reasonFor(property.name))
			}
		default:
			n.attribute(at)
		}
	}
}

// harmless are the values of attributes that say what is so here anyway.
var harmless = map[string]string{
	"condition": "Success", "start_trigger": "StartAfterPrevious", "package_requirement": "LetOctopusDecide",
	"is_disabled": "false", "is_required": "false",
}

// attributeReasons tell why an attribute of a step has no counterpart.
var attributeReasons = map[string]string{
	"channels": "channels are not supported", "tenant_tags": "tenants are not supported",
	"worker_pool": "the step runs where vipswap runs", "worker_pool_variable": "the step runs where vipswap runs",
	"notes": "steps have no notes; write a comment", "is_disabled": "the step of a project always runs",
	"is_required": "the step of a project always runs", "condition": "conditions of the step are not imported",
	"start_trigger": "steps run one after the other here",
}

// attribute notes one that has no counterpart, unless it says nothing.
func (n notes) attribute(a attribute) { n.attributeOf("", a) }

// attributeOf is attribute for a step that is to be named.
func (n notes) attributeOf(what string, a attribute) {
	if a.value.isNull || a.value.isText && (a.value.text == "" || harmless[a.name] == a.value.text) || a.value.isList && len(a.value.list) == 0 {
		return
	}
	why := attributeReasons[a.name]
	if why == "" {
		why = "it has no counterpart"
	}
	n.add(a.line, LeftOut, what+describe(a), why)
}

// unknown notes the attributes of a body that should have none.
func (n notes) unknown(b body, why string) {
	for _, a := range b.attributes {
		n.add(a.line, LeftOut, describe(a), why)
	}
}

// blockReason tells why a block of an action has no counterpart.
func blockReason(name string) string {
	switch name {
	case "packages":
		return "feeds are not supported: a release takes its package from a file, by release create --package"
	case "container":
		return "the step runs where vipswap runs"
	}
	return "it has no counterpart"
}

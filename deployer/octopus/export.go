package octopus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/variables"
)

// exportedSchema is the version of the files that Export writes.
const exportedSchema = 6

// Export writes the files of a project for Octopus: the step that deploys the
// cloud service with the scripts and manual interventions around it, the
// variables and the template of release numbers. Names of
// files are within Octopus' folder (.octopus). The notes say what of the
// project Octopus keeps elsewhere, or does not know.
func Export(p *release.Project) (map[string][]byte, []Note) {
	var list []Note
	n := notes{release.FileName, &list}
	lifecycleNotes(p, n)
	demandNotes(p, n)
	stepNotes(p, n)
	slugs := stepSlugs(p)
	return map[string][]byte{
		processFile:   writeBody(exportProcess(p, slugs, n)),
		variablesFile: writeBody(exportVariables(p, slugs, n)),
		settingsFile:  writeBody(exportSettings(p)),
		schemaFile:    writeBody(body{attributes: []attribute{{name: "version", value: value{text: fmt.Sprint(exportedSchema)}}}}),
	}, list
}

// lifecycleNotes tell what Octopus keeps in its database.
func lifecycleNotes(p *release.Project, n notes) {
	n.add(0, LeftOut, "environments "+strings.Join(p.Environments, ", "), "Octopus keeps environments in its database; their slugs are used")
	for _, ph := range p.Lifecycle.Phases {
		n.add(0, LeftOut, "phase "+ph.Name, "Octopus keeps lifecycles in its database")
	}
	if p.Location != "" {
		n.add(0, LeftOut, "location", "the step in Octopus does not make a cloud service")
	}
	if p.Unresolved == release.UnresolvedFail {
		n.add(0, LeftOut, "unresolved: fail", "in Octopus the variable OctopusShouldFailDeploymentOnSubstitutionFails chooses that")
	}
}

// demandNotes tell what Octopus demands of a step, and a project here does not have: it
// validates all fields of a step that names its service itself, and its package.
func demandNotes(p *release.Project, n notes) {
	n.add(0, LeftOut, "the account of the step ("+propertyAccount+")", "Octopus demands it, and keeps accounts in its database: choose it in the step")
	n.add(0, LeftOut, "the package of the step (packages)", "Octopus demands it, and takes packages from feeds: choose feed and package in the step")
	if p.StorageAccount == "" {
		n.add(0, LeftOut, "the storage account of the step", "Octopus demands it, and the project has no storageAccount")
	}
}

// stepNotes tell which settings the step in Octopus does not have.
func stepNotes(p *release.Project, n notes) {
	s := p.Step
	const unknown = "the step in Octopus does not have it"
	for _, c := range []struct {
		is   bool
		what string
		why  string
	}{
		{s.SwapWhenProductionEmpty != release.EmptyDeploy, "swapWhenProductionEmpty", unknown + "; since December 2015 it swaps"},
		{s.LabelMismatch != release.MismatchDeploy, "labelMismatch", unknown + " and deploys"},
		{s.InstanceCount != release.CountFromFile && s.InstanceCount != release.CountFromTarget, "instanceCount: " + string(s.InstanceCount), "the step in Octopus knows file and target; file was written"},
		{s.UpgradeMode != release.UpgradeAuto, "upgradeMode", unknown + " and upgrades one domain after the other"},
		{len(s.Instances) > 0, "instances", unknown},
		{!s.Gates.Empty(), "gates", unknown},
		{!s.WaitReady, "waitReady: false", "the step in Octopus never waits for instances"},
	} {
		if c.is {
			n.add(0, LeftOut, c.what, c.why)
		}
	}
}

// The label of a project that does not name one is that of Octopus, which
// therefore needs no property.
const usualLabel = "#{Octopus.Action.Name} v#{Octopus.Release.Number}"

// exportProcess writes all steps in their order.
func exportProcess(p *release.Project, slugs map[string]string, n notes) body {
	before := exportSteps(p.Before, slugs, n)
	return body{blocks: slices.Concat(before, []block{exportCloudStep(p, slugs)}, exportSteps(p.After, slugs, n))}
}

func exportCloudStep(p *release.Project, slugs map[string]string) block {
	s := p.Step
	var properties []attribute
	add := func(name, text string) {
		if text != "" {
			properties = append(properties, textAttribute(name, text))
		}
	}
	add(propertyConfiguration, s.ConfigurationFile)
	add(propertyService, p.Service)
	if s.Label != usualLabel {
		add(propertyLabel, s.Label)
	}
	add(propertyLegacy, "True")
	add(propertySlot, s.Slot)
	add(propertyStorage, p.StorageAccount)
	add(propertySwap, yes(s.Swap == release.SwapIfPossible))
	add(propertyCount, yes(s.InstanceCount == release.CountFromTarget))
	exportWork(s.Package, s.NoScripts, add)
	slices.SortFunc(properties, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	action := block{name: "action", body: body{attributes: []attribute{
		{name: "action_type", value: value{text: cloudServiceAction, isText: true}},
		{name: "properties", value: value{dictionary: properties}},
	}}}
	outer := body{attributes: []attribute{textAttribute("name", s.Name)}, blocks: []block{action}}
	if len(s.Roles) > 0 {
		roles := textAttribute(propertyRoles, strings.Join(s.Roles, ","))
		outer.attributes = append(outer.attributes, attribute{name: "properties", value: value{dictionary: []attribute{roles}}})
	}
	return block{name: "step", labels: []string{slugs[s.Name]}, body: outer}
}

func yes(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// exportVariables groups the values by name, in the order of the names.
func exportVariables(p *release.Project, slugs map[string]string, n notes) body {
	var b body
	exported := exportedSteps(p)
	for _, v := range p.Variables {
		if v.Sensitive || v.FromEnv != "" || v.FromFile != "" {
			n.add(0, LeftOut, fmt.Sprintf("variable %q", v.Name), "Octopus keeps secrets in its database, and knows no values from elsewhere")
			continue
		}
		steps, left := exported.choose(v.Scope[variables.Step])
		for _, step := range left {
			n.add(0, LeftOut, fmt.Sprintf("a value of variable %q for step %s", v.Name, step), "that step is not exported")
		}
		if len(steps) == 0 && len(left) > 0 {
			continue
		}
		same := func(other block) bool { return strings.EqualFold(other.label(), v.Name) }
		i := slices.IndexFunc(b.blocks, same)
		if i < 0 {
			i = len(b.blocks)
			b.blocks = append(b.blocks, block{name: "variable", labels: []string{v.Name}})
		}
		b.blocks[i].blocks = append(b.blocks[i].blocks, exportValue(v, steps, slugs))
	}
	return b
}

// stepNames are the names of steps that are exported.
type stepNames []string

func exportedSteps(p *release.Project) stepNames {
	names := stepNames{p.Step.Name}
	for _, s := range slices.Concat(p.Before, p.After) {
		if cannotExport(s) == "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// choose divides steps by whether they are exported.
func (names stepNames) choose(steps []string) (exported, left []string) {
	for _, step := range steps {
		i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, step) })
		if i < 0 {
			left = append(left, step)
			continue
		}
		exported = append(exported, names[i])
	}
	return exported, left
}

// exportValue writes a value that holds for these steps, with their slugs.
func exportValue(v release.Variable, steps []string, slugs map[string]string) block {
	result := block{name: "value"}
	scope := func(name string, list []string) {
		if len(list) > 0 {
			result.attributes = append(result.attributes, attribute{name: name, value: value{list: list, isList: true}})
		}
	}
	var actions []string
	for _, step := range steps {
		actions = append(actions, slugs[step])
	}
	scope("action", actions)
	scope("environment", slugsOf(v.Scope[variables.Environment]))
	scope("role", v.Scope[variables.TargetRole])
	if strings.Contains(v.Value, "\n") {
		result.attributes = append(result.attributes, attribute{name: "value", value: value{text: v.Value, isText: true}})
	} else {
		result.labels = []string{v.Value}
	}
	return result
}

func exportSettings(p *release.Project) body {
	b := body{blocks: []block{{name: "connectivity_policy", body: body{
		attributes: []attribute{{name: "allow_deployments_to_no_targets", value: value{text: "true"}}},
	}}}}
	if p.Numbering != "" {
		b.blocks = append(b.blocks, block{name: "versioning_strategy", body: body{
			attributes: []attribute{{name: "template", value: value{text: p.Numbering, isText: true}}},
		}})
	}
	return b
}

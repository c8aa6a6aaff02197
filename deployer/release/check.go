package release

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/variables"
	"github.com/vipswap/vipswap/internal/lazyregexp"
)

var (
	// serviceName follows Microsoft's page for Create Cloud Service: it is
	// the first label of a DNS name.
	serviceName = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

	// accountName follows Microsoft's page for Create Storage Account.
	accountName = lazyregexp.New(`^[a-z0-9]{3,24}$`)
)

// project checks what the file says and makes a project of it.
func (r *reader) project(file projectFile) *Project {
	p := &Project{
		Name:           strings.TrimSpace(file.Project),
		Service:        strings.TrimSpace(file.Service),
		StorageAccount: strings.TrimSpace(file.StorageAccount),
		Location:       strings.TrimSpace(file.Location),
	}
	r.required("project", p.Name, "the name of the project")
	if r.required("service", p.Service, "the name of the cloud service") {
		r.checkName("service", p.Service, serviceName(), "a cloud service's name has letters, digits and hyphens, at most 63")
	}
	if p.StorageAccount != "" {
		r.checkName("storageAccount", p.StorageAccount, accountName(), "a storage account's name has 3 to 24 lower-case letters and digits")
	}
	p.Environments = r.environments(file.Environments)
	p.Lifecycle = r.lifecycle(file.Lifecycle, p.Environments).Resolve(p.Environments)
	p.Step = r.step(file.Step)
	r.steps("before", file.Before, p)
	r.steps("after", file.After, p)
	p.Variables = r.variables(file.Variables, p)
	p.Numbering = r.numbering(file.Versioning)
	p.Unresolved = UnresolvedKeep
	choose(r, "unresolved", file.Unresolved, &p.Unresolved, UnresolvedKeep, UnresolvedFail)
	if !r.Failed() {
		r.evaluate(p)
	}
	return p
}

func (r *reader) required(path, value, what string) bool {
	if value == "" {
		r.report(path, fmt.Sprintf("%s is missing: %s", path[strings.LastIndexAny(path, ".]")+1:], what), "")
	}
	return value != ""
}

// checkName checks a name that is no template.
func (r *reader) checkName(path, value string, pattern *regexp.Regexp, rule string) {
	if r.template(path, value) && !strings.Contains(value, "#{") && !pattern.MatchString(value) {
		r.report(path, fmt.Sprintf("%q cannot be a name: %s", value, rule), "")
	}
}

// template checks that expressions in a value can be parsed.
func (r *reader) template(path, value string) bool {
	if !strings.Contains(value, "#{") {
		return true
	}
	err := variables.Check(value)
	if err != nil {
		r.report(path, fmt.Sprintf("the expression makes no sense: %v", err), "write ##{ where the text #{ is meant")
	}
	return err == nil
}

func (r *reader) environments(list []string) []string {
	if len(list) == 0 {
		r.report("environments", "environments are missing: a list of names, in the order that releases go through them", "for example [Staging, Production]")
	}
	var names []string
	for i, name := range list {
		path := fmt.Sprintf("environments[%d]", i)
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			r.report(path, "an environment needs a name", "")
		case containsFold(names, name):
			r.report(path, fmt.Sprintf("environment %s is listed twice", name), "names are the same in any case")
		default:
			names = append(names, name)
		}
	}
	return names
}

func (r *reader) lifecycle(file lifecycleFile, environments []string) Lifecycle {
	var l Lifecycle
	var phases, used []string
	for i, f := range file.Phases {
		path := fmt.Sprintf("lifecycle.phases[%d]", i)
		p := Phase{Name: strings.TrimSpace(f.Name), Minimum: f.Minimum, Optional: f.Optional}
		if r.required(path+".name", p.Name, "the name of the phase") && containsFold(phases, p.Name) {
			r.report(path+".name", fmt.Sprintf("phase %s is defined twice", p.Name), "")
		}
		phases = append(phases, p.Name)
		p.Automatic = r.phaseEnvironments(path+".automatic", f.Automatic, environments, &used)
		p.Manual = r.phaseEnvironments(path+".manual", f.Manual, environments, &used)
		l.Phases = append(l.Phases, p)
		r.phaseSize(path, p, i == len(file.Phases)-1, len(environments)-len(used))
	}
	return l
}

// phaseEnvironments returns names as the project writes them.
func (r *reader) phaseEnvironments(path string, list, environments []string, used *[]string) []string {
	var names []string
	for i, name := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		j := slices.IndexFunc(environments, func(e string) bool { return strings.EqualFold(e, strings.TrimSpace(name)) })
		switch {
		case j < 0:
			r.report(at, fmt.Sprintf("there is no environment %q", name), didYouMean(name, environments))
		case containsFold(*used, environments[j]):
			r.report(at, fmt.Sprintf("environment %s is in a phase already", environments[j]), "an environment can be in one phase only")
		default:
			names = append(names, environments[j])
			*used = append(*used, environments[j])
		}
	}
	return names
}

// phaseSize checks how many environments a phase has, where rest are not
// named in it or before.
func (r *reader) phaseSize(path string, p Phase, last bool, rest int) {
	size := len(p.Environments())
	if size == 0 {
		size = rest
		switch {
		case !last:
			r.report(path, fmt.Sprintf("phase %s names no environments, which only the last phase may", p.Name), "it then stands for all that are left")
		case rest == 0:
			r.report(path, fmt.Sprintf("no environment is left for phase %s", p.Name), "")
		}
	}
	if p.Minimum < 0 || p.Minimum > size {
		r.report(path+".minimum", fmt.Sprintf("minimum must be between 0 and %d, the number of the phase's environments", size), "0 means all of them")
	}
}

// step fills the defaults in.
func (r *reader) step(f stepFile) Step {
	s := defaultStep
	overwrite(&s.Name, strings.TrimSpace(f.Name))
	overwrite(&s.Slot, f.Slot)
	overwrite(&s.Label, f.Label)
	overwrite(&s.ConfigurationFile, f.ConfigurationFile)
	r.template("step.slot", s.Slot)
	r.template("step.label", s.Label)
	r.template("step.configurationFile", s.ConfigurationFile)
	choose(r, "step.swap", f.Swap, &s.Swap, SwapIfPossible, SwapNever)
	choose(r, "step.swapWhenProductionEmpty", f.SwapWhenProductionEmpty, &s.SwapWhenProductionEmpty, EmptyDeploy, EmptySwap)
	choose(r, "step.labelMismatch", f.LabelMismatch, &s.LabelMismatch, MismatchDeploy, MismatchFail)
	choose(r, "step.instanceCount", f.InstanceCount, &s.InstanceCount, CountFromFile, CountFromTarget, CountFromProduction, CountMaximum)
	choose(r, "step.upgradeMode", f.UpgradeMode, &s.UpgradeMode, UpgradeAuto, UpgradeManual, UpgradeSimultaneous)
	if f.WaitReady != nil {
		s.WaitReady = *f.WaitReady
	}
	r.duration("step.readyTimeout", f.ReadyTimeout, &s.ReadyTimeout)
	r.duration("step.operationTimeout", f.OperationTimeout, &s.OperationTimeout)
	s.Package, s.NoScripts = r.packageWork(f.Package)
	s.Instances = r.instances(f.Instances)
	s.Roles = r.roles(f.Roles)
	s.Gates = r.gates("step.gates", f.Gates)
	return s
}

// roles checks the target roles of the step.
func (r *reader) roles(list []string) []string {
	var roles []string
	for i, name := range list {
		path := fmt.Sprintf("step.roles[%d]", i)
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			r.report(path, "the name of a target role is empty", "")
		case containsFold(roles, name):
			r.report(path, fmt.Sprintf("the step has the role %s already", name), "")
		case strings.Contains(name, ","):
			r.report(path, fmt.Sprintf("%q cannot be the name of a role", name), "write each role as an entry of its own")
		default:
			roles = append(roles, name)
		}
	}
	return roles
}

func overwrite(field *string, value string) {
	if value != "" {
		*field = value
	}
}

// choose sets field to one of choices, in any case.
func choose[T ~string](r *reader, path, value string, field *T, choices ...T) {
	if value == "" {
		return
	}
	var words []string
	for _, c := range choices {
		if strings.EqualFold(string(c), value) {
			*field = c
			return
		}
		words = append(words, string(c))
	}
	r.report(path, fmt.Sprintf("%q is not possible here", value), "use one of: "+strings.Join(words, ", "))
}

func (r *reader) duration(path, value string, field *time.Duration) {
	if value == "" {
		return
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		r.report(path, fmt.Sprintf("%q is not a time span", value), "write 90s, 30m or 1h30m, for example")
		return
	}
	*field = d
}

func (r *reader) variables(list []variableFile, p *Project) []Variable {
	var vars []Variable
	for i, f := range list {
		path := fmt.Sprintf("variables[%d]", i)
		v := Variable{Name: strings.TrimSpace(f.Name), FromEnv: f.FromEnv, FromFile: f.FromFile}
		if !r.required(path+".name", v.Name, "the name of the variable") {
			continue
		}
		r.variableValue(path, f, &v)
		v.Scope = r.scope(path, f, p)
		vars = append(vars, v)
	}
	return vars
}

// variableValue takes over where the value comes from.
func (r *reader) variableValue(path string, f variableFile, v *Variable) {
	sources := 0
	for _, set := range []bool{f.Value != nil, f.FromEnv != "", f.FromFile != ""} {
		if set {
			sources++
		}
	}
	if sources != 1 {
		r.report(path, fmt.Sprintf("variable %s needs exactly one of value, fromEnv and fromFile", v.Name), `an empty value is written value: ""`)
		return
	}
	v.Sensitive = f.Value == nil
	if f.Sensitive != nil {
		v.Sensitive = *f.Sensitive
	}
	if f.Value == nil {
		return
	}
	v.Value = *f.Value
	if !v.Sensitive {
		r.template(path+".value", v.Value)
	} else {
		r.Hide(path + ".value")
		r.Hide(path + ".sensitive")
		r.report(path+".sensitive", fmt.Sprintf("the sensitive variable %s has its value in this file, where anybody can read it", v.Name), "use fromEnv or fromFile instead of value")
	}
}

func (r *reader) scope(path string, f variableFile, p *Project) variables.Scope {
	scope := variables.Scope{}
	r.addScope(path+".environments", f.Environments, p.Environments, "environment", scope, variables.Environment)
	r.addScope(path+".steps", f.Steps, p.stepNames(), "step", scope, variables.Step)
	r.addScope(path+".roles", f.Roles, p.Step.Roles, "target role", scope, variables.TargetRole)
	if len(scope) == 0 {
		return nil
	}
	return scope
}

// scopeHints say where the places of a kind of scope are named, for files that name none.
var scopeHints = map[variables.Kind]string{
	variables.TargetRole: "step.roles lists those of the step; a setting of one role of the service is named Role/Setting",
}

// addScope adds one kind of scope, if the file names any of it.
func (r *reader) addScope(path string, list, known []string, what string, scope variables.Scope, kind variables.Kind) {
	hint := func(name string) string { return didYouMean(name, known) }
	if len(known) == 0 {
		hint = func(string) string { return scopeHints[kind] }
	}
	for i, name := range list {
		if !containsFold(known, name) {
			r.report(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("there is no %s %q", what, name), hint(name))
		}
	}
	if len(list) > 0 {
		scope[kind] = list
	}
}

package release

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// A Run is one deployment, as far as variables can refer to it. What is empty
// has no variable.
type Run struct {
	Environment string // as the project writes it
	Release     string // its number
	Deployment  string // its ID, or "" where there is none yet
	Extra       []variables.Variable

	// Step is the name of the step that the variables are for; "" is the one that
	// deploys the cloud service.
	Step string

	ReleaseID string // such as Releases-3
	Notes     string // of the release
	Created   time.Time
	CreatedBy string
	Past      Past

	// Now is what NowDate and NowDateUtc say; zero is Created. It is one time for the
	// whole of a deployment, so that a plan and a resume say what the deployment says.
	Now time.Time
}

// clock returns the clock of a run's expressions: it stands still. A run without a
// time has none.
func (r Run) clock() func() time.Time {
	at := r.Now
	if at.IsZero() {
		at = r.Created
	}
	if at.IsZero() {
		return nil
	}
	return func() time.Time { return at.Local() }
}

// Past is what a run can know of what was before it.
type Past struct {
	Current     string // number of the release last deployed to the environment successfully
	Attempted   string // number of the release last deployed to it, however that ended
	Deployment  string // ID of the last successful deployment to it
	LastRelease string // number of the release created before this one
}

// releasePrefix begins the IDs of releases, as Octopus writes them.
const releasePrefix = "Releases-"

// Run returns what the variables of a deployment can refer to. The
// deployment need not be recorded yet: its ID is then empty.
func (h *History) Run(r Release, d Deployment) (Run, error) {
	run := Run{Environment: d.Environment, Release: r.Number, Deployment: d.ID, Notes: r.Notes, Created: d.Created, CreatedBy: d.CreatedBy}
	err := h.view(func(tx *bbolt.Tx) error {
		sequence, err := releaseSequence(tx, r.Number)
		if err != nil {
			return err
		}
		run.ReleaseID = releasePrefix + strconv.FormatUint(sequence, 10)
		releases, err := all[Release](tx, releasesBucket)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(releases, func(other Release) bool { return other.Number == r.Number }); i > 0 {
			run.Past.LastRelease = releases[i-1].Number
		}
		deployments, err := all[Deployment](tx, deploymentBucket)
		run.Past.recall(deployments, d)
		return err
	})
	return run, err
}

// recall takes in the deployments to the environment of now, but not now
// itself.
func (p *Past) recall(deployments []Deployment, now Deployment) {
	for _, d := range deployments {
		if !strings.EqualFold(d.Environment, now.Environment) || d.ID == now.ID || d.State == Queued {
			continue
		}
		p.Attempted = d.Release
		if d.State == Success {
			p.Current, p.Deployment = d.Release, d.ID
		}
	}
}

// builtIn returns the variables that a process in Octopus finds, as far as
// they make sense for a cloud service: those of its page on system variables,
// and the plain ones that the step gave to scripts. See also
// [Project.stepVariables].
func (p *Project) builtIn(run Run) []variables.Variable {
	return append(p.fixed(run), p.stepVariables()...)
}

// fixed returns the built-in variables that no project can override.
func (p *Project) fixed(run Run) []variables.Variable {
	values := [...][2]string{
		{"Octopus.Environment.Name", run.Environment},
		{"Octopus.Environment.Id", p.environmentID(run.Environment)},
		{"Octopus.Environment.SortOrder", p.sortOrder(run.Environment)},
		{"Octopus.Project.Name", p.Name},
		{"Octopus.Release.Number", run.Release},
		{"Octopus.Release.Id", run.ReleaseID},
		{"Octopus.Release.Notes", run.Notes},
		{"Octopus.Release.CurrentForEnvironment.Number", run.Past.Current},
		{"Octopus.Release.PreviousForEnvironment.Number", run.Past.Attempted},
		{"Octopus.Release.Previous.Number", run.Past.LastRelease},
		{"Octopus.Deployment.Id", run.Deployment},
		{"Octopus.Deployment.Name", ifSet(run.Environment, "Deploy to %s")},
		{"Octopus.Deployment.Created", timeText(run.Created)},
		{"Octopus.Deployment.CreatedBy.Username", run.CreatedBy},
		{"Octopus.Deployment.CreatedBy.DisplayName", run.CreatedBy},
		{"Octopus.Deployment.PreviousSuccessful.Id", run.Past.Deployment},
		{"Octopus.Action.Name", cmp.Or(run.Step, p.Step.Name)},
		{"Octopus.Action.Number", p.stepNumber(run.Step)},
		{"Octopus.Step.Name", cmp.Or(run.Step, p.Step.Name)},
		{"Octopus.Step.Number", p.stepNumber(run.Step)},
		{"Octopus.Action.IsSkipped", titleBool(false)},
		{"Octopus.Step.Status.Code", string(process.Running)},
		{"Octopus.Release.Channel.Name", ifSet(run.Release, defaultChannel)},
		{"Octopus.Action.Package.PackageVersion", run.Release},
		{"Octopus.Action.Package[].PackageVersion", run.Release},
		{fmt.Sprintf("Octopus.Action[%s].Package.PackageVersion", p.Step.Name), run.Release},
		{"Octopus.Task.Id", strings.Replace(run.Deployment, idPrefix, "ServerTasks-", 1)},
		{"Octopus.Task.Name", taskName(p.Name, run)},
	}
	var vars []variables.Variable
	for _, v := range values {
		if v[1] != "" {
			vars = append(vars, builtInVariable(v[0], v[1]))
		}
	}
	return append(vars, p.stepsByName(cmp.Or(run.Step, p.Step.Name))...)
}

// stepsByName returns the variables with which each step can be found by its name, in
// order, and the status of the one that runs. What became of those before it is known to
// who runs them.
func (p *Project) stepsByName(runs string) []variables.Variable {
	var vars []variables.Variable
	set := func(name, step, value string) {
		vars = append(vars, builtInVariable(fmt.Sprintf(name, step), value))
	}
	for _, s := range slices.Concat(p.Before, []process.Step{{Name: p.Step.Name}}, p.After) {
		for _, kind := range []string{"Action", "Step"} {
			set("Octopus."+kind+"[%s].Name", s.Name, s.Name)
			set("Octopus."+kind+"[%s].Number", s.Name, p.stepNumber(s.Name))
		}
	}
	set("Octopus.Step[%s].Status.Code", runs, string(process.Running))
	return vars
}

// BuiltIn reports whether a name, in any case, is that of a built-in variable, whose
// value no project can choose.
func BuiltIn(name string) bool {
	const any = "x"
	p := Project{Name: any, Environments: []string{any}, Step: Step{Name: any}}
	run := Run{
		Environment: any, Release: any, Deployment: any, ReleaseID: any, Notes: any, Created: time.Unix(0, 0), CreatedBy: any,
		Past: Past{Current: any, Attempted: any, Deployment: any, LastRelease: any},
	}
	return slices.ContainsFunc(p.fixed(run), func(v variables.Variable) bool { return strings.EqualFold(v.Name, strings.TrimSpace(name)) })
}

// defaultChannel is the name of the only channel of a project that has no other,
// as Octopus makes it.
const defaultChannel = "Default"

// A setting of the step is a variable, too: for expressions by its name in Octopus, for
// scripts by a plain one.
type stepSetting struct{ name, plain, value, key string }

// stepSettings lists them. Their values are templates, as in the project.
func (p *Project) stepSettings() []stepSetting {
	const prefix = "Octopus.Action.Azure."
	count := titleBool(p.Step.InstanceCount == CountFromTarget)
	swap := titleBool(p.Step.Swap == SwapIfPossible)
	return []stepSetting{
		{prefix + "CloudServiceName", "OctopusAzureServiceName", p.Service, "service"},
		{prefix + "StorageAccountName", "OctopusAzureStorageAccountName", p.StorageAccount, "storageAccount"},
		{prefix + "Slot", "OctopusAzureSlot", p.Step.Slot, "step.slot"},
		{prefix + "DeploymentLabel", "OctopusAzureDeploymentLabel", p.Step.Label, "step.label"},
		{prefix + "SwapIfPossible", "OctopusAzureSwapIfPossible", swap, "step.swap"},
		{prefix + "UseCurrentInstanceCount", "OctopusAzureUseCurrentInstanceCount", count, "step.instanceCount"},
		{prefix + "CloudServiceConfigurationFileRelativePath", "", p.Step.ConfigurationFile, "step.configurationFile"},
	}
}

// stepVariables are the settings of the step as variables. One that the project defines
// itself is left to it.
func (p *Project) stepVariables() []variables.Variable {
	var vars []variables.Variable
	for _, s := range p.stepSettings() {
		for _, name := range []string{s.name, s.plain} {
			if name != "" && s.value != "" && !p.defines(name) {
				vars = append(vars, variables.Variable{Name: name, Value: s.value, Scope: variables.Scope{variables.Private: nil}})
			}
		}
	}
	return vars
}

// idle lists the variables of the project that do not do what their names say.
func (p *Project) idle() []string {
	var list []string
	seen := make(map[string]bool)
	for _, v := range p.Variables {
		if k := strings.ToLower(v.Name); !seen[k] && BuiltIn(v.Name) {
			seen[k] = true
			list = append(list, fmt.Sprintf("the variable %s is built in: what the project says for it never holds", v.Name))
		}
	}
	for _, s := range p.stepSettings() {
		refers := func(name string) bool { return strings.EqualFold(name, s.name) }
		if p.defines(s.name) && !slices.ContainsFunc(variables.Names(s.value), refers) {
			list = append(list, fmt.Sprintf("the variable %s does not change %s: write that", s.name, s.key))
		}
	}
	return list
}

func (p *Project) defines(name string) bool {
	return slices.ContainsFunc(p.Variables, func(v Variable) bool { return strings.EqualFold(v.Name, name) })
}

// builtInVariable is one that a project cannot override. Its value is text,
// not a template.
func builtInVariable(name, value string) variables.Variable {
	return variables.Variable{Name: name, Value: variables.Escape(value), Scope: variables.Scope{variables.Private: nil}}
}

func (p *Project) position(environment string) int {
	return slices.IndexFunc(p.Environments, func(e string) bool { return strings.EqualFold(e, environment) })
}

func (p *Project) environmentID(environment string) string {
	if i := p.position(environment); i >= 0 {
		return "Environments-" + strconv.Itoa(i+1)
	}
	return ""
}

func (p *Project) sortOrder(environment string) string {
	if i := p.position(environment); i >= 0 {
		return strconv.Itoa(i)
	}
	return ""
}

func taskName(project string, run Run) string {
	if run.Release == "" {
		return ""
	}
	return fmt.Sprintf("Deploy %s release %s to %s", project, run.Release, run.Environment)
}

func ifSet(value, words string) string {
	if value == "" {
		return ""
	}
	return strings.ReplaceAll(words, "%s", value)
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// titleBool writes a truth value as Octopus does.
func titleBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

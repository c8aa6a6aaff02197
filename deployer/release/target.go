package release

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/variables"
)

// Sources are where the values come from that the project's file only names.
type Sources struct {
	LookupEnv func(name string) (string, bool)
	ReadFile  func(path string) ([]byte, error) // path as the project writes it

	// Environment is for expressions such as #{env:PATH}; nil is LookupEnv.
	Environment func(name string) (string, bool)
}

// environment returns what expressions find under env:NAME.
func (s Sources) environment() func(name string) (string, bool) {
	if s.Environment != nil {
		return s.Environment
	}
	return s.LookupEnv
}

// maxSecret is how large a value from a file may be, in bytes.
const maxSecret = 1 << 20

// Dictionary returns the variables as they hold for a run: the project's, the
// extra ones, and the built-in Octopus.* ones, which cannot be overridden. Its clock
// stands still at the run's time. An
// error comes when a value that holds for this run cannot be had from its
// source; values for other environments are not asked for.
func (p *Project) Dictionary(run Run, sources Sources) (*variables.Dictionary, error) {
	place := p.place(run)
	var vars []variables.Variable
	for _, v := range p.Variables {
		value := v.Value
		if v.Scope.Matches(place) {
			var err error
			if value, err = v.read(sources); err != nil {
				return nil, fmt.Errorf("variable %s: %w", v.Name, err)
			}
		}
		vars = append(vars, variables.Variable{Name: v.Name, Value: value, Sensitive: v.Sensitive, Scope: v.Scope})
	}
	set := variables.NewSet(vars...).With(run.Extra...).With(p.builtIn(run)...)
	return set.Resolve(place).WithClock(run.clock()).WithEnvironment(sources.environment()), nil
}

// read returns the value from where it is. What comes from outside is no
// template: its hashes are hidden from the evaluation.
func (v Variable) read(sources Sources) (string, error) {
	switch {
	case v.FromEnv != "":
		value, found := sources.LookupEnv(v.FromEnv)
		if !found {
			return "", fmt.Errorf("the environment variable %s is not set", v.FromEnv)
		}
		return variables.Escape(value), nil
	case v.FromFile != "":
		data, err := sources.ReadFile(v.FromFile)
		if err != nil {
			return "", err
		}
		if len(data) > maxSecret {
			return "", fmt.Errorf("file %s is larger than %d bytes", v.FromFile, maxSecret)
		}
		return variables.Escape(strings.TrimRight(string(data), "\r\n")), nil
	}
	return v.Value, nil
}

func (p *Project) place(run Run) variables.Scope {
	place := variables.Scope{
		variables.Environment: {run.Environment},
		variables.Step:        {cmp.Or(run.Step, p.Step.Name)},
	}
	if run.Step == "" || run.Step == p.Step.Name {
		place[variables.TargetRole] = p.Step.Roles // the others run without a target
	}
	return place
}

// A Target is where a run goes, with every expression evaluated.
type Target struct {
	Service           string
	StorageAccount    string // "" if the project names none
	Location          string // "" if the project names none
	Slot              management.Slot
	Label             string
	ConfigurationFile string         // "" if the project names none
	Instances         map[string]int // by role; goes before what the configuration says
}

// maxLabel is the longest label, in characters, by Microsoft's page for
// Create Deployment.
const maxLabel = 100

// Target evaluates the project's templates with the variables of a run. It
// fails if one of them has an expression that cannot be resolved, or gives
// nothing suitable.
func (p *Project) Target(d *variables.Dictionary) (Target, error) {
	var t Target
	var slot string
	templates := [...]struct {
		what, template string
		result         *string
	}{
		{"service", p.Service, &t.Service},
		{"storageAccount", p.StorageAccount, &t.StorageAccount},
		{"location", p.Location, &t.Location},
		{"step.slot", p.Step.Slot, &slot},
		{"step.label", p.Step.Label, &t.Label},
		{"step.configurationFile", p.Step.ConfigurationFile, &t.ConfigurationFile},
	}
	for _, tm := range templates {
		var err error
		if *tm.result, err = resolved(d, tm.template); err != nil {
			return Target{}, fmt.Errorf("%s: %w", tm.what, err)
		}
	}
	var err error
	if t.Slot, err = parseSlot(slot); err != nil {
		return Target{}, fmt.Errorf("step.slot: %w", err)
	}
	if t.Instances, err = p.Step.instances(d); err != nil {
		return Target{}, err
	}
	return t, t.check()
}

// instances evaluates the numbers of instances. A role whose number comes out empty
// is left to the configuration.
func (s Step) instances(d *variables.Dictionary) (map[string]int, error) {
	if len(s.Instances) == 0 {
		return nil, nil
	}
	counts := map[string]int{}
	for _, c := range s.Instances {
		text, err := resolved(d, c.Count)
		if err != nil {
			return nil, fmt.Errorf("step.instances: role %s: %w", c.Role, err)
		}
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("step.instances: role %s: %q is no number of instances", c.Role, text)
		}
		counts[c.Role] = n
	}
	return counts, nil
}

// CheckService says why a name cannot be that of a cloud service: it is the first
// label of a DNS name, says Microsoft's page for Create Cloud Service.
func CheckService(name string) error {
	if serviceName().MatchString(name) {
		return nil
	}
	return fmt.Errorf("%q cannot be the name of a cloud service: it has letters, digits and hyphens, at most 63", name)
}

// CheckAccount says why a name cannot be that of a storage account, by Microsoft's
// page for Create Storage Account.
func CheckAccount(name string) error {
	if accountName().MatchString(name) {
		return nil
	}
	return fmt.Errorf("%q cannot be the name of a storage account: it has 3 to 24 lower-case letters and digits", name)
}

func (t Target) check() error {
	switch {
	case CheckService(t.Service) != nil:
		return fmt.Errorf("service: %w", CheckService(t.Service))
	case t.StorageAccount != "" && CheckAccount(t.StorageAccount) != nil:
		return fmt.Errorf("storageAccount: %w", CheckAccount(t.StorageAccount))
	case t.Label == "":
		return errors.New("step.label: the label is empty")
	case utf8.RuneCountInString(t.Label) > maxLabel:
		return fmt.Errorf("step.label: the label has %d characters, at most %d are allowed", utf8.RuneCountInString(t.Label), maxLabel)
	}
	return nil
}

// resolved evaluates a template that must leave nothing open.
func resolved(d *variables.Dictionary, template string) (string, error) {
	result, err := d.Evaluate(template)
	if err != nil {
		return "", err
	}
	if len(result.Unresolved) > 0 {
		return "", fmt.Errorf("%s cannot be resolved", strings.Join(result.Unresolved, ", "))
	}
	return strings.TrimSpace(result.Text), nil
}

func parseSlot(text string) (management.Slot, error) {
	for _, slot := range management.Slots {
		if strings.EqualFold(text, string(slot)) {
			return slot, nil
		}
	}
	return "", fmt.Errorf("%q is no slot: it must be Staging or Production, in any case", text)
}

// evaluate finds out, while the file is read, what would go wrong later: a
// variable that refers to itself, and an environment without a slot.
func (r *reader) evaluate(p *Project) {
	p.slots = make(map[string]management.Slot)
	var bindings []string
	bound := true
	for _, e := range p.Environments {
		d := p.preview(e)
		if !r.cycles(p, d) {
			return
		}
		slot, binding := bind(d, p.Step.Slot)
		p.slots[strings.ToLower(e)] = slot
		bindings = append(bindings, fmt.Sprintf("%s -> %s", e, binding))
		bound = bound && slot != ""
	}
	if !bound {
		path := "step.slot"
		if _, written := r.Place(path); !written {
			path = "environments"
		}
		r.report(path, fmt.Sprintf("the slot %q must be Staging or Production in every environment, but: %s", p.Step.Slot, strings.Join(bindings, ", ")),
			"name the environments Staging and Production, or define a variable for the slot with a value for each environment; values from the environment or from files cannot be used here")
	}
}

// Warnings lists what is allowed but hardly meant: variables that have the names of
// others, and a label that depends on the environment.
func (p *Project) Warnings() []string { return append(p.idle(), p.labels()...) }

// labels warns of a label that depends on the environment, so that staging never holds
// the one that Production looks for.
func (p *Project) labels() []string {
	if p.Step.Swap == SwapNever {
		return nil
	}
	seen := make(map[string]bool)
	for _, e := range p.Environments {
		result, err := p.preview(e).Evaluate(p.Step.Label)
		if err == nil {
			seen[result.Text] = true
		}
	}
	if len(seen) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("the label %q differs from environment to environment, so a deployment to Production will never be a swap", p.Step.Label)}
}

// preview returns the variables of an environment without those whose values
// are elsewhere.
func (p *Project) preview(environment string) *variables.Dictionary {
	run := Run{Environment: environment}
	var vars []variables.Variable
	for _, v := range p.Variables {
		if v.FromEnv == "" && v.FromFile == "" {
			vars = append(vars, variables.Variable{Name: v.Name, Value: v.Value, Scope: v.Scope})
		}
	}
	return variables.NewSet(vars...).With(p.builtIn(run)...).Resolve(p.place(run))
}

// cycles reports the first variable that cannot be evaluated.
func (r *reader) cycles(p *Project, d *variables.Dictionary) bool {
	for i, v := range p.Variables {
		if _, _, err := d.Get(v.Name); err != nil {
			r.report(fmt.Sprintf("variables[%d]", i), err.Error(), "")
			return false
		}
	}
	return true
}

// bind evaluates the slot and describes what came out.
func bind(d *variables.Dictionary, template string) (management.Slot, string) {
	text, err := resolved(d, template)
	if err != nil {
		return "", err.Error()
	}
	slot, err := parseSlot(text)
	if err != nil {
		return "", fmt.Sprintf("%q", text)
	}
	return slot, string(slot)
}

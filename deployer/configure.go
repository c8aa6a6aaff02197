package deployer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// CountSource says where the instance counts of a deployment come from.
type CountSource string

// The sources of instance counts.
const (
	CountsFromFile       CountSource = "file"       // the configuration file; also ""
	CountsFromTarget     CountSource = "target"     // what the slot that is deployed to has now
	CountsFromProduction CountSource = "production" // what production has now
	CountsFromMaximum    CountSource = "maximum"    // the largest of the file, the target slot and production
)

// countSlots says which slots each source reads.
var countSlots = map[CountSource]func(target management.Slot) []management.Slot{
	"":                   func(management.Slot) []management.Slot { return nil },
	CountsFromFile:       func(management.Slot) []management.Slot { return nil },
	CountsFromTarget:     func(target management.Slot) []management.Slot { return []management.Slot{target} },
	CountsFromProduction: func(management.Slot) []management.Slot { return []management.Slot{management.Production} },
	CountsFromMaximum: func(target management.Slot) []management.Slot {
		return slices.Compact([]management.Slot{target, management.Production})
	},
}

// Lookup gives the values of variables.
type Lookup interface {
	// Lookup returns the evaluated value of a variable. A variable that exists
	// without a value gives an empty one, true. Names have no case.
	Lookup(name string) (value Value, defined bool)
}

// A Value is that of a variable, evaluated.
type Value struct {
	Text  string
	Shown string // Text for people: asterisks in place of secrets; "" when they may see nothing of it
}

// secret reports whether there is something that people may not see.
func (v Value) secret() bool { return v.Shown != v.Text }

// Configuring says how a configuration is to be changed.
type Configuring struct {
	Slot      management.Slot // that is deployed to
	Counts    CountSource
	Instances map[string]int // counts by role name that go before Counts; names have no case
	Variables Lookup         // nil has no variables
}

// A Change is one value of a configuration that was changed.
type Change struct {
	Role      string `json:"role"`
	Setting   string `json:"setting,omitempty"` // "" is the instance count
	Old       string `json:"old"`               // "" when sensitive
	New       string `json:"new"`               // what may be seen of it
	Source    string `json:"source"`            // the variable, or where a count came from
	Sensitive bool   `json:"sensitive,omitempty"`
}

// String says what was changed, without secrets and what they replace.
func (c Change) String() string {
	switch {
	case c.Setting == "":
		noun := "instances"
		if c.New == "1" {
			noun = "instance"
		}
		return fmt.Sprintf("role %s: %s %s, not %s (from %s)", c.Role, c.New, noun, c.Old, c.Source)
	case c.Sensitive && c.New != "":
		return fmt.Sprintf("role %s: setting %s is set to %q (variable %s)", c.Role, c.Setting, c.New, c.Source)
	case c.Sensitive:
		return fmt.Sprintf("role %s: setting %s is set to the sensitive variable %s", c.Role, c.Setting, c.Source)
	}
	return fmt.Sprintf("role %s: setting %s is set to %q, not %q (variable %s)", c.Role, c.Setting, c.New, c.Old, c.Source)
}

// Configured is a configuration after its changes.
type Configured struct {
	Data    []byte     // the configuration; nothing but the changed values differs
	Changes []Change   // in the order of the file
	Notes   []Decision // what was seen where counts were wanted from a slot
}

// Configure sets instance counts and settings in a service configuration, as the
// guide's step does. The value of a setting is the first that is defined of the
// variables <Role>/<Setting>, <Role>\<Setting> and <Setting>; a setting without
// one keeps its value, and none is added. Roles are matched with those of a slot
// by name without regard to case; a role that the slot lacks keeps its count. An
// empty slot, or a configuration there that cannot be read, leaves the counts
// alone, and a note says so.
//
// Errors: an unknown source of counts, a count for a role that does not exist or
// below 1, and those of reading the configuration. None holds a setting's value.
func Configure(data []byte, c Configuring, seen Observed) (Configured, error) {
	sources, known := countSlots[c.Counts]
	if !known {
		return Configured{}, fmt.Errorf("unknown source of instance counts %q: use %s, %s, %s or %s", string(c.Counts), CountsFromFile, CountsFromTarget, CountsFromProduction, CountsFromMaximum)
	}
	cfg, err := servicepackage.ParseConfiguration(data)
	if err != nil {
		return Configured{}, err
	}
	if err := c.checkInstances(cfg); err != nil {
		return Configured{}, err
	}
	out := Configured{}
	counts := slotCounts(&out, seen, sources(c.Slot))
	var edits []servicepackage.RoleEdit
	for _, role := range cfg.Roles {
		edit := servicepackage.RoleEdit{Role: role.Name, Settings: map[string]string{}}
		c.count(&out, &edit, role, counts)
		c.settings(&out, &edit, role)
		edits = append(edits, edit)
	}
	out.Data, err = servicepackage.EditConfiguration(data, edits)
	return out, err
}

// checkInstances refuses counts that no role could get.
func (c Configuring) checkInstances(cfg *servicepackage.Configuration) error {
	for name, n := range c.Instances {
		if n < 1 {
			return fmt.Errorf("role %s cannot have %s", name, plural(n, "instance"))
		}
		if !slices.ContainsFunc(cfg.Roles, func(r servicepackage.RoleConfiguration) bool { return strings.EqualFold(r.Name, name) }) {
			return fmt.Errorf("there is no role %s to give %s", name, plural(n, "instance"))
		}
	}
	return nil
}

// A slotCount is the count of a role in some slot.
type slotCount struct {
	role      string
	instances int
	source    string
}

// slotCounts reads the counts of the slots' roles, and notes what was found.
func slotCounts(out *Configured, seen Observed, slots []management.Slot) []slotCount {
	var counts []slotCount
	for _, slot := range slots {
		there := seen.In(slot)
		if there == nil {
			out.note("%s is empty: it gives no instance counts", lower(slot))
			continue
		}
		cfg, err := servicepackage.ParseConfiguration(there.Configuration)
		if err != nil {
			out.note("the configuration of %s in %s cannot be read, so it gives no instance counts: %v", there.Name, lower(slot), err)
			continue
		}
		for _, r := range cfg.Roles {
			counts = append(counts, slotCount{r.Name, r.Instances, lower(slot)})
		}
	}
	return counts
}

func (out *Configured) note(format string, args ...any) {
	out.Notes = append(out.Notes, Decision{Code: ConfigurationCount, Text: fmt.Sprintf(format, args...)})
}

// count sets the number of instances of one role.
func (c Configuring) count(out *Configured, edit *servicepackage.RoleEdit, role servicepackage.RoleConfiguration, counts []slotCount) {
	want := slotCount{role.Name, role.Instances, "the file"}
	for _, there := range counts {
		larger := there.instances > want.instances
		if strings.EqualFold(there.role, role.Name) && (larger || c.Counts != CountsFromMaximum) {
			want = there
		}
	}
	for name, n := range c.Instances {
		if strings.EqualFold(name, role.Name) {
			want = slotCount{role.Name, n, "the request"}
		}
	}
	if want.instances == role.Instances || want.instances < 1 {
		return
	}
	edit.Instances = want.instances
	out.Changes = append(out.Changes, Change{
		Role: role.Name, Old: fmt.Sprint(role.Instances), New: fmt.Sprint(want.instances), Source: want.source,
	})
}

// settings sets those settings of one role for which there is a variable.
func (c Configuring) settings(out *Configured, edit *servicepackage.RoleEdit, role servicepackage.RoleConfiguration) {
	if c.Variables == nil {
		return
	}
	for _, s := range role.Settings {
		name, value, defined := c.variable(role.Name, s.Name)
		if !defined || value.Text == s.Value {
			continue
		}
		edit.Settings[s.Name] = value.Text
		change := Change{Role: role.Name, Setting: s.Name, Old: s.Value, New: value.Shown, Source: name, Sensitive: value.secret()}
		if change.Sensitive {
			change.Old = ""
		}
		out.Changes = append(out.Changes, change)
	}
}

// variable finds the first of the three names under which a setting's value may
// be defined.
func (c Configuring) variable(role, setting string) (name string, value Value, defined bool) {
	for _, name := range []string{role + "/" + setting, role + `\` + setting, setting} {
		if value, defined := c.Variables.Lookup(name); defined {
			return name, value, true
		}
	}
	return "", Value{}, false
}

// CheckConfiguration compares a configuration with the package before anything is
// sent, in the words that the service would use: roles, settings, certificates,
// counts, and the guest OS family that the package was made for. Problems are
// refusals; it returns none for a configuration that fits.
func CheckConfiguration(pkg *servicepackage.Package, data []byte) []Refusal {
	cfg, err := servicepackage.ParseConfiguration(data)
	if err != nil {
		return []Refusal{{Code: BadConfiguration, Text: err.Error()}}
	}
	var refusals []Refusal
	for _, problem := range pkg.Check(cfg) {
		refusals = append(refusals, Refusal{Code: BadConfiguration, Text: problem.Message})
	}
	return refusals
}

// DefinitionEndpoints counts the input endpoints of a service definition, as a
// deployment of it will have them.
func DefinitionEndpoints(def *servicepackage.Definition) Endpoints {
	e := Endpoints{}
	for _, role := range def.Flatten().Roles {
		for _, in := range role.InputEndpoints {
			e[strings.ToLower(in.Protocol)]++
		}
	}
	return e
}

package release

import (
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/packagework"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/variables"
)

// FileName is the name of a project's file in its folder.
const FileName = "vipswap.yaml"

// A Project is what vipswap.yaml says. Texts marked as templates may refer to
// variables and are evaluated by [Project.Target].
type Project struct {
	Name           string
	Service        string // the cloud service; a template
	StorageAccount string // receives packages; a template; "" is the subscription's only one
	Location       string // for what has to be created, such as West Europe

	Environments []string  // in order
	Lifecycle    Lifecycle // resolved: every phase has its environments
	Step         Step
	Variables    []Variable

	Before, After []process.Step // the steps around Step, in order

	// Numbering is the template of release numbers, see [Project.NextNumber];
	// "" if every number has to be named.
	Numbering string

	// Unresolved says what to do with a setting of the configuration whose
	// value has an expression that cannot be resolved.
	Unresolved UnresolvedPolicy

	source []byte
	slots  map[string]management.Slot // by environment, in lower case
}

// A Step is the one that deploys the cloud service. Its settings are those of
// the step that Octopus had, and a few that it lacked.
type Step struct {
	Name  string
	Slot  string // a template: Staging or Production
	Label string // a template; deployments with equal labels can be swapped

	Swap                    SwapPolicy
	SwapWhenProductionEmpty EmptyPolicy
	LabelMismatch           MismatchPolicy
	InstanceCount           CountSource
	ConfigurationFile       string // which .cscfg of the package to use; a template; "" searches

	UpgradeMode      UpgradeMode
	WaitReady        bool          // wait until all instances are ready
	ReadyTimeout     time.Duration // for all instances to be ready
	OperationTimeout time.Duration // for one operation of the service

	Package   packagework.Work // what to change in the package's files
	NoScripts bool             // leave the PreDeploy, Deploy and PostDeploy scripts of an outer package alone
	Instances []RoleCount      // go before InstanceCount
	Roles     []string         // target roles, for which values of variables may be

	// Gates are what has to hold around a swap. Texts of their checks are templates;
	// expressions that begin with Slot. are the deployer's.
	Gates deployer.Gates
}

// A SwapPolicy says whether a deployment to Production may be a swap.
type SwapPolicy string

// Whether to swap.
const (
	SwapIfPossible SwapPolicy = "if-possible" // when staging holds the same label
	SwapNever      SwapPolicy = "never"       // always deploy
)

// An UnresolvedPolicy says what to do with expressions that cannot be
// resolved.
type UnresolvedPolicy string

// What to do with them.
const (
	UnresolvedKeep UnresolvedPolicy = "keep" // leave them in the text and warn, as Octopus does
	UnresolvedFail UnresolvedPolicy = "fail" // refuse to deploy
)

// An EmptyPolicy says what to do when a swap is possible but Production is
// empty.
type EmptyPolicy string

// What to do with an empty Production.
const (
	EmptyDeploy EmptyPolicy = "deploy" // as Octopus' guide on VIP swaps says
	EmptySwap   EmptyPolicy = "swap"   // as Octopus did from December 2015
)

// A MismatchPolicy says what to do when staging holds another label than the
// one that should go to Production.
type MismatchPolicy string

// What to do with another label in staging.
const (
	MismatchDeploy MismatchPolicy = "deploy" // upgrade Production in place, as Octopus did
	MismatchFail   MismatchPolicy = "fail"
)

// A CountSource says where the number of instances comes from.
type CountSource string

// Where instance counts come from.
const (
	CountFromFile       CountSource = "file"
	CountFromTarget     CountSource = "target"     // what the slot runs now
	CountFromProduction CountSource = "production" // what Production runs now
	CountMaximum        CountSource = "maximum"    // the highest of these
)

// An UpgradeMode is how an occupied slot is upgraded.
type UpgradeMode string

// The modes of Microsoft's page for Upgrade Deployment, in lower case.
const (
	UpgradeAuto         UpgradeMode = "auto"
	UpgradeManual       UpgradeMode = "manual"
	UpgradeSimultaneous UpgradeMode = "simultaneous"
)

// defaultStep is a step of which the file says nothing.
var defaultStep = Step{
	Name:                    "Deploy cloud service",
	Slot:                    "#{Octopus.Environment.Name}",
	Label:                   "#{Octopus.Action.Name} v#{Octopus.Release.Number}",
	Swap:                    SwapIfPossible,
	SwapWhenProductionEmpty: EmptyDeploy,
	LabelMismatch:           MismatchDeploy,
	InstanceCount:           CountFromFile,
	UpgradeMode:             UpgradeAuto,
	WaitReady:               true,
	ReadyTimeout:            30 * time.Minute,
	OperationTimeout:        time.Hour,
}

// A Variable is one value of a name, as the file defines it. At most one of
// FromEnv and FromFile is set; Value then stays empty.
type Variable struct {
	Name      string
	Value     string // a template
	FromEnv   string // the environment variable that holds the value
	FromFile  string // the file that holds it, relative to the project's folder
	Sensitive bool
	Scope     variables.Scope
}

// Source returns the text that the project was read from. It holds no secret:
// sensitive values can only come from the environment or from files.
func (p *Project) Source() []byte { return slices.Clone(p.source) }

// Environment returns the name of an environment as the project writes it.
func (p *Project) Environment(name string) (string, bool) {
	i := slices.IndexFunc(p.Environments, func(e string) bool { return strings.EqualFold(e, name) })
	if i < 0 {
		return "", false
	}
	return p.Environments[i], true
}

// Slot returns the slot that an environment is bound to, and whether the
// project has the environment.
func (p *Project) Slot(environment string) (management.Slot, bool) {
	slot, ok := p.slots[strings.ToLower(environment)]
	return slot, ok
}

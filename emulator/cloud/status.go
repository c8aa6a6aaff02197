package cloud

import "strings"

// A Slot is one of the two places of a hosted service that can hold a deployment.
type Slot int

// The two slots. Production comes first wherever both are listed: some clients
// take the first for it.
const (
	Production Slot = iota
	Staging
)

// Slots lists both slots.
var Slots = [...]Slot{Production, Staging}

// String returns the slot's name as answers have it.
func (s Slot) String() string { return [...]string{"Production", "Staging"}[s] }

// Other returns the slot that a swap exchanges s with.
func (s Slot) Other() Slot { return 1 - s }

// ParseSlot reads a slot's name in any casing; real clients send both.
func ParseSlot(name string) (Slot, bool) {
	for _, s := range Slots {
		if strings.EqualFold(name, s.String()) {
			return s, true
		}
	}
	return 0, false
}

// A DeploymentStatus is the state of a deployment as a whole.
type DeploymentStatus string

// The deployment statuses. Source: Microsoft's page "Get Deployment".
const (
	Running                DeploymentStatus = "Running"
	Suspended              DeploymentStatus = "Suspended"
	RunningTransitioning   DeploymentStatus = "RunningTransitioning"
	SuspendedTransitioning DeploymentStatus = "SuspendedTransitioning"
	Starting               DeploymentStatus = "Starting"
	Suspending             DeploymentStatus = "Suspending"
	Deploying              DeploymentStatus = "Deploying"
	Deleting               DeploymentStatus = "Deleting"
)

// settled maps a status in transition to the one that it ends in, and every
// resting status to its transition.
var (
	settled    = map[DeploymentStatus]DeploymentStatus{RunningTransitioning: Running, SuspendedTransitioning: Suspended}
	transition = map[DeploymentStatus]DeploymentStatus{Running: RunningTransitioning, Suspended: SuspendedTransitioning}
)

// rest returns the status that a deployment is in or on its way back to.
func (s DeploymentStatus) rest() DeploymentStatus {
	if to, ok := settled[s]; ok {
		return to
	}
	return s
}

// An InstanceStatus is the state of one role instance.
type InstanceStatus string

// The instance statuses that cloud-service roles go through. Source:
// Microsoft's page "Get Deployment"; RoleStateUnknown is spelt as recorded.
const (
	RoleStateUnknown   InstanceStatus = "RoleStateUnknown"
	CreatingVM         InstanceStatus = "CreatingVM"
	StartingVM         InstanceStatus = "StartingVM"
	CreatingRole       InstanceStatus = "CreatingRole"
	StartingRole       InstanceStatus = "StartingRole"
	ReadyRole          InstanceStatus = "ReadyRole"
	BusyRole           InstanceStatus = "BusyRole"
	StoppingRole       InstanceStatus = "StoppingRole"
	StoppingVM         InstanceStatus = "StoppingVM"
	DeletingVM         InstanceStatus = "DeletingVM"
	StoppedVM          InstanceStatus = "StoppedVM"
	RestartingRole     InstanceStatus = "RestartingRole"
	CyclingRole        InstanceStatus = "CyclingRole"
	FailedStartingRole InstanceStatus = "FailedStartingRole"
	FailedStartingVM   InstanceStatus = "FailedStartingVM"
	UnresponsiveRole   InstanceStatus = "UnresponsiveRole"
)

// A PowerState is whether a role instance's machine runs.
type PowerState string

// The power states.
const (
	PowerStarting PowerState = "Starting"
	PowerStarted  PowerState = "Started"
	PowerStopping PowerState = "Stopping"
	PowerStopped  PowerState = "Stopped"
)

// An UpgradeMode is how an update walks the upgrade domains.
type UpgradeMode string

// The modes: Auto walks domain by domain, Manual waits to be told for each,
// Simultaneous takes all domains at once.
const (
	Auto         UpgradeMode = "Auto"
	Manual       UpgradeMode = "Manual"
	Simultaneous UpgradeMode = "Simultaneous"
)

// ParseUpgradeMode reads a mode in any casing; "" is Auto.
func ParseUpgradeMode(s string) (UpgradeMode, bool) {
	if s == "" {
		return Auto, true
	}
	for _, m := range []UpgradeMode{Auto, Manual, Simultaneous} {
		if strings.EqualFold(s, string(m)) {
			return m, true
		}
	}
	return "", false
}

// A DomainState is where a roll-out stands with its current upgrade domain.
type DomainState string

// The domain states.
const (
	Before DomainState = "Before"
	During DomainState = "During"
)

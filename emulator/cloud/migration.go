package cloud

import (
	"fmt"
	"strings"
)

// The operations of a deployment's migration.
const (
	ValidateDeploymentMigration Kind = "Validate Deployment Migration"
	PrepareDeploymentMigration  Kind = "Prepare Deployment Migration"
	CommitDeploymentMigration   Kind = "Commit Deployment Migration"
	AbortDeploymentMigration    Kind = "Abort Deployment Migration"
)

var deploymentMigrations = map[MigrationStep]Kind{
	PrepareMigration: PrepareDeploymentMigration, CommitMigration: CommitDeploymentMigration, AbortMigration: AbortDeploymentMigration,
}

// A Destination says into which virtual network a deployment is to be migrated.
type Destination struct {
	Network        string // "New" or "Existing"; "" when nothing was said
	ResourceGroup  string // the last three with Existing only
	VirtualNetwork string
	Subnet         string
}

// The destinations that are accepted. A third one, Default, is documented and was
// refused as not implemented.
const (
	newNetwork      = "New"
	existingNetwork = "Existing"
	defaultNetwork  = "Default"
)

// check refuses a destination that can be none.
func (to Destination) check() *Error {
	kind, known := foldIn([]string{newNetwork, existingNetwork, defaultNetwork}, to.Network)
	switch {
	case to.Network == "":
		return nil
	case !known:
		return Errorf(BadRequest, "The destination virtual network '%s' is invalid; it must be New or Existing.", to.Network)
	case kind == defaultNetwork:
		return Errorf(BadRequest, "The destination virtual network 'Default' is not implemented; use New or Existing.")
	case kind == existingNetwork && (to.ResourceGroup == "" || to.VirtualNetwork == "" || to.Subnet == ""):
		return Errorf(BadRequest, "ResourceGroupName, VirtualNetworkName and SubNetName must be specified for an existing virtual network.")
	}
	return nil
}

// A ValidationMessage is what stands in the way of a migration.
type ValidationMessage struct {
	ResourceType string
	ResourceName string
	Category     string // always Error here; a warning was never recorded
	Message      string
}

func validationErrors(resourceType, name string, problems []string) []ValidationMessage {
	var messages []ValidationMessage
	for _, problem := range problems {
		messages = append(messages, ValidationMessage{resourceType, name, "Error", problem})
	}
	return messages
}

// ValidateMigration says what stands in the way of migrating a deployment. That
// it is not there at all is such a message, not a refusal (recorded).
func (st *State) ValidateMigration(id, service, name string, to Destination) ([]ValidationMessage, *Error) {
	if err := to.check(); err != nil {
		return nil, err
	}
	problems := []string{errNoDeploymentNamed(name).Message}
	if s, _, d, err := st.Deployment(service, Selector{Name: name}); err == nil {
		name, problems = d.Name, migrationProblems(s, d, to)
		if d.Busy != "" {
			problems = append(problems, "Another operation on the deployment is in progress.")
		}
	}
	st.Done(id, ValidateDeploymentMigration, service)
	return validationErrors("Deployment", name, problems), nil
}

// migrationProblems says why a deployment cannot be migrated to a destination.
// Source of the rules: Microsoft's articles on the migration of cloud services;
// the texts are ours.
func migrationProblems(s *HostedService, d *Deployment, to Destination) []string {
	problems := deploymentProblems(s, d)
	switch network := d.network(); {
	case network != "":
		problems = append(problems, fmt.Sprintf("The deployment %s belongs to the virtual network %s. Migrate the virtual network instead.", d.Name, network))
	case to.Network == "":
		problems = append(problems, fmt.Sprintf("The deployment %s is not in a virtual network. Specify a destination virtual network.", d.Name))
	}
	return problems
}

// deploymentProblems says what about a deployment itself stands in the way.
func deploymentProblems(s *HostedService, d *Deployment) []string {
	var problems []string
	if s.Slots[Production].Deployment != nil && s.Slots[Staging].Deployment != nil {
		problems = append(problems, fmt.Sprintf("The hosted service %s has deployments in both slots. Delete one of them.", s.Name))
	}
	if d.Rollout != nil || d.Moving > 0 {
		problems = append(problems, fmt.Sprintf("Role instances of the deployment %s are being updated.", d.Name))
	}
	return problems
}

// network returns the virtual network that the deployment is in, or "".
func (d *Deployment) network() string {
	if d.Model == nil {
		return ""
	}
	return d.Model.VirtualNetwork
}

// MigrateDeployment begins a step of a deployment's migration. A prepare that
// the rules forbid is accepted and fails; the deployment is locked all the same
// until the migration is aborted. A step that was done already succeeds again.
func (st *State) MigrateDeployment(id, service, name string, step MigrationStep, to Destination) *Error {
	if err := to.check(); err != nil {
		return err
	}
	s, _, d, err := st.Deployment(service, Selector{Name: name})
	if err != nil {
		return errNoDeploymentNamed(name)
	}
	if err := idle(s, d); err != nil {
		return err
	}
	if step != PrepareMigration && d.network() != "" && d.Migration != PrepareFailed {
		return Errorf(BadRequest, "The deployment %s belongs to the virtual network %s. Migrate the virtual network instead.", d.Name, d.network())
	}
	t := transits[step]
	begins, err := t.begins(d.Migration)
	if err != nil {
		return err
	}
	order := Order{}
	if begins {
		order.Step = step
		if problems := migrationProblems(s, d, to); step == PrepareMigration && problems != nil {
			order.Err = Errorf(BadRequest, "%s", strings.Join(problems, " "))
		}
		d.Migration = t.during
	}
	st.hold(s, d, id, deploymentMigrations[step], order, st.Durations.Migration)
	return nil
}

func (st *State) finishMigration(op *Operation) {
	step, failure := op.Order.Step, op.Order.Err
	s, d, ok := st.release(op)
	if !ok || step == "" {
		return
	}
	st.migrated(s, d, step, failure)
}

// migrated brings a deployment to where a step of its migration leads. After a
// commit it is the newer platform's: its slot here is empty.
func (st *State) migrated(s *HostedService, d *Deployment, step MigrationStep, failure *Error) {
	t := transits[step]
	d.Migration = t.after
	if failure != nil {
		d.Migration = t.failed
	}
	st.touch(s, d)
	if step == CommitMigration && failure == nil {
		st.empty(s, s.slotOf(d))
		st.touchService(s)
	}
}

// migrating refuses when a deployment of the service is being migrated. The text
// is from Microsoft's blog; that it comes as a conflict is not documented.
func (s *HostedService) migrating() *Error {
	for _, slot := range Slots {
		if d := s.Slots[slot].Deployment; d != nil && d.Migration != NotMigrating {
			return Errorf(ConflictError, "Deployment %s in HostedService %s is in the process of being migrated and hence cannot be changed.", d.Name, s.Name)
		}
	}
	return nil
}

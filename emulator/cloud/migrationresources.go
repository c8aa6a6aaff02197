package cloud

import (
	"fmt"
	"slices"
	"strings"
)

// A Migration is the migration of something that is not a deployment.
type Migration struct {
	Resource Migratable
	Name     string
	State    MigrationState
	Busy     string // id of the operation that carries out a step; "" for none
}

const keptMigrations = "migrations"

// The operations of the migration of anything but a deployment.
const (
	ValidateResourceMigration Kind = "Validate Migration"
	PrepareResourceMigration  Kind = "Prepare Migration"
	CommitResourceMigration   Kind = "Commit Migration"
	AbortResourceMigration    Kind = "Abort Migration"
)

var resourceMigrations = map[MigrationStep]Kind{
	PrepareMigration: PrepareResourceMigration, CommitMigration: CommitResourceMigration, AbortMigration: AbortResourceMigration,
}

// A Migratable is a kind of thing that can be migrated by itself. Its value is
// the ResourceType of validation messages; the last two words were not recorded.
type Migratable string

// The kinds. There are never network security groups or route tables here.
const (
	MigratableStorage        Migratable = "Storage"
	MigratableNetwork        Migratable = "VirtualNetwork"
	MigratableReservedIP     Migratable = "ReservedIP"
	MigratableSecurityGroups Migratable = "NetworkSecurityGroup"
	MigratableRouteTable     Migratable = "RouteTable"
)

// migratable is what the platform does with one kind. find returns a thing's name
// as it is kept; absent is the refusal when there is no such thing; gone takes
// away what a commit has handed over.
type migratable struct {
	find     func(*State, string) (string, bool)
	absent   func(name string) *Error
	problems func(*State, string) []string
	gone     func(*State, string)
}

// migratables is the table of kinds.
var migratables = map[Migratable]migratable{
	MigratableStorage:        {(*State).findAccount, errNoAccount, noProblems, (*State).dropAccount},
	MigratableNetwork:        {(*State).findSite, errNoSite, (*State).siteProblems, (*State).dropSite},
	MigratableReservedIP:     {(*State).findReserved, errNoReserved, (*State).reservedProblems, (*State).dropReserved},
	MigratableSecurityGroups: {findNothing, errNoSecurityGroup, noProblems, nil},
	MigratableRouteTable:     {findNothing, errNoRouteTable, noProblems, nil},
}

func findNothing(*State, string) (string, bool) { return "", false }
func noProblems(*State, string) []string        { return nil }

func (st *State) findAccount(name string) (string, bool) {
	a, err := st.Account(name)
	if err != nil {
		return "", false
	}
	return a.Name, true
}

func (st *State) findSite(name string) (string, bool) {
	for _, site := range st.Sites() {
		if key(site.Name) == key(name) {
			return site.Name, true
		}
	}
	return "", false
}

func (st *State) findReserved(name string) (string, bool) {
	r, ok := st.reserved.get(name)
	if !ok {
		return "", false
	}
	return r.Name, true
}

// What requests for a missing thing are refused with. A missing virtual network
// is a bad request (recorded), the others are not found; the texts are ours.
func errNoAccount(name string) *Error {
	return Errorf(ResourceNotFound, "The storage account '%s' was not found.", name)
}
func errNoSite(name string) *Error {
	return Errorf(BadRequest, "The virtual network '%s' was not found.", name)
}
func errNoReserved(name string) *Error {
	return Errorf(ResourceNotFound, "The reserved IP '%s' does not exist.", name)
}
func errNoSecurityGroup(name string) *Error {
	return Errorf(ResourceNotFound, "The network security group '%s' does not exist.", name)
}
func errNoRouteTable(name string) *Error {
	return Errorf(ResourceNotFound, "The route table '%s' does not exist.", name)
}

// siteProblems are those of the deployments in a virtual network, which are
// migrated with it.
func (st *State) siteProblems(name string) []string {
	var problems []string
	for s, d := range st.deploymentsIn(name) {
		for _, problem := range deploymentProblems(s, d) {
			if !slices.Contains(problems, problem) {
				problems = append(problems, problem)
			}
		}
	}
	return problems
}

// reservedProblems: an address in use goes with the deployment that uses it.
func (st *State) reservedProblems(name string) []string {
	if use := st.reservedUses()[key(name)]; use != nil {
		return []string{fmt.Sprintf("The reserved IP %s is in use by the deployment %s. Migrate the deployment instead.", name, use.Deployment)}
	}
	return nil
}

// deploymentsIn yields the deployments that are in a virtual network, with their
// services.
func (st *State) deploymentsIn(network string) func(yield func(*HostedService, *Deployment) bool) {
	return func(yield func(*HostedService, *Deployment) bool) {
		for s := range st.services.all {
			for _, slot := range Slots {
				d := s.Slots[slot].Deployment
				if d != nil && key(d.network()) == key(network) && !yield(s, d) {
					return
				}
			}
		}
	}
}

func (st *State) dropAccount(name string) {
	st.accounts.remove(name)
	st.changes.mark(keptAccounts, key(name))
}

func (st *State) dropReserved(name string) {
	st.reserved.remove(name)
	st.changes.mark(keptReserved, key(name))
}

// dropSite takes a virtual network off the list; the configuration that it was
// in keeps the text until another one is put.
func (st *State) dropSite(name string) {
	if n, ok := st.networks.get(theNetwork); ok {
		n.Sites = slices.DeleteFunc(slices.Clone(n.Sites), func(site VirtualNetworkSite) bool { return key(site.Name) == key(name) })
		st.changes.mark(keptNetworks, theNetwork)
	}
}

// MigrationOf returns how far the migration of a thing has come.
func (st *State) MigrationOf(kind Migratable, name string) MigrationState {
	if m, ok := st.migrations.get(migrationKey(kind, name)); ok {
		return m.State
	}
	return NotMigrating
}

func migrationKey(kind Migratable, name string) string { return key(string(kind) + "/" + name) }

// unmigrated refuses when a thing is being migrated. The sentence follows the one
// for deployments.
func (st *State) unmigrated(kind Migratable, name string) *Error {
	if st.MigrationOf(kind, name) == NotMigrating {
		return nil
	}
	return Errorf(ConflictError, "%s %s is in the process of being migrated and hence cannot be changed.", kind, name)
}

// ValidateResource says what stands in the way of migrating a thing. That it is
// not there at all is such a message, not a refusal (recorded).
func (st *State) ValidateResource(id string, kind Migratable, name string) []ValidationMessage {
	m := migratables[kind]
	problems := []string{m.absent(name).Message}
	if known, ok := m.find(st, name); ok {
		name, problems = known, m.problems(st, known)
	}
	st.Done(id, ValidateResourceMigration, name)
	return validationErrors(string(kind), name, problems)
}

// MigrateResource begins a step of a thing's migration. The deployments in a
// virtual network go with it, and none of them may be busy.
func (st *State) MigrateResource(id string, kind Migratable, name string, step MigrationStep) *Error {
	of := migratables[kind]
	known, ok := of.find(st, name)
	if !ok {
		return of.absent(name)
	}
	name = known
	m := Migration{Resource: kind, Name: name}
	if have, ok := st.migrations.get(migrationKey(kind, name)); ok {
		m = *have
	}
	if m.Busy != "" {
		return errBusyf("Another operation on this or dependent resource is in progress.")
	}
	begins, err := transits[step].begins(m.State)
	if err != nil {
		return err
	}
	if err := st.freeIn(kind, name); err != nil {
		return err
	}
	order := Order{Resource: kind}
	if begins {
		order.Step, m.State = step, transits[step].during
		if problems := of.problems(st, name); step == PrepareMigration && problems != nil {
			order.Err = Errorf(BadRequest, "%s", strings.Join(problems, " "))
		}
		order.Deployments = st.holdIn(id, kind, name, step)
	}
	m.Busy = id
	st.putMigration(&m)
	st.begin(id, resourceMigrations[step], name, order, st.Durations.Migration)
	return nil
}

// sitesUnmigrated refuses while a virtual network is being migrated: they are all
// set together.
func (st *State) sitesUnmigrated() *Error {
	for _, site := range st.Sites() {
		if err := st.unmigrated(MigratableNetwork, site.Name); err != nil {
			return err
		}
	}
	return nil
}

// freeIn refuses while an operation holds a deployment in a virtual network, or
// the configuration of all networks.
func (st *State) freeIn(kind Migratable, name string) *Error {
	if kind != MigratableNetwork {
		return nil
	}
	if st.NetworkBusy() {
		return errBusyf("Another operation on this or dependent resource is in progress.")
	}
	for s, d := range st.deploymentsIn(name) {
		if err := idle(s, d); err != nil {
			return err
		}
	}
	return nil
}

// holdIn takes exclusive access to the deployments in a virtual network, and
// returns their private ids.
func (st *State) holdIn(id string, kind Migratable, name string, step MigrationStep) []string {
	if kind != MigratableNetwork {
		return nil
	}
	var held []string
	for s, d := range st.deploymentsIn(name) {
		d.Busy, d.Migration = id, transits[step].during
		held = append(held, d.PrivateID)
		st.touch(s, d)
	}
	return held
}

func (st *State) putMigration(m *Migration) {
	at := migrationKey(m.Resource, m.Name)
	if m.State == NotMigrating && m.Busy == "" {
		st.migrations.remove(at)
	} else {
		st.migrations.put(at, m)
	}
	st.changes.mark(keptMigrations, at)
}

func (st *State) finishResourceMigration(op *Operation) {
	order := *op.Order
	st.end(op, order.Err)
	have, ok := st.migrations.get(migrationKey(order.Resource, op.Service))
	if !ok {
		return
	}
	m := *have
	m.Busy = ""
	if order.Step != "" {
		m.State = transits[order.Step].after
		if order.Err != nil {
			m.State = transits[order.Step].failed
		}
		st.releaseIn(op, order)
	}
	st.putMigration(&m)
	if order.Step == CommitMigration && order.Err == nil {
		migratables[m.Resource].gone(st, m.Name)
	}
}

// releaseIn ends the exclusive access to the deployments that an operation took
// along.
func (st *State) releaseIn(op *Operation, order Order) {
	for s := range st.services.all {
		for _, slot := range Slots {
			if d := s.Slots[slot].Deployment; d != nil && d.Busy == op.ID {
				d.Busy = ""
				st.migrated(s, d, order.Step, order.Err)
			}
		}
	}
}

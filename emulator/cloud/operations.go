package cloud

import (
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
)

// An OperationStatus is the state of an asynchronous request.
type OperationStatus string

// The three states of an operation.
const (
	InProgress OperationStatus = "InProgress"
	Succeeded  OperationStatus = "Succeeded"
	Failed     OperationStatus = "Failed"
)

// A Kind names an operation as the reference of the API does.
type Kind string

// The operations whose end changes the state.
const (
	CreateDeployment       Kind = "Create Deployment"
	DeleteDeployment       Kind = "Delete Deployment"
	SwapDeployment         Kind = "Swap Deployment"
	ChangeConfiguration    Kind = "Change Deployment Configuration"
	UpdateDeploymentStatus Kind = "Update Deployment Status"
	UpgradeDeployment      Kind = "Upgrade Deployment"
	WalkUpgradeDomain      Kind = "Walk Upgrade Domain"
	RollbackUpdate         Kind = "Rollback Update Or Upgrade"
	RebootRoleInstance     Kind = "Reboot Role Instance"
	ReimageRoleInstance    Kind = "Reimage Role Instance"
	RebuildRoleInstance    Kind = "Rebuild Role Instance"
	DeleteRoleInstances    Kind = "Delete Role Instances"
	GetPackage             Kind = "Get Package"
	CreateReservedIP       Kind = "Create Reserved IP Address"
	DeleteReservedIP       Kind = "Delete Reserved IP Address"
	AssociateReservedIP    Kind = "Associate Reserved IP Address"
	DisassociateReservedIP Kind = "Disassociate Reserved IP Address"
	AddVirtualIP           Kind = "Add Virtual IP"
	DeleteVirtualIP        Kind = "Delete Virtual IP"
	AddDNSServer           Kind = "Add DNS Server"
	UpdateDNSServer        Kind = "Update DNS Server"
	DeleteDNSServer        Kind = "Delete DNS Server"
	SetNetwork             Kind = "Set Network Configuration"
	CreateStorageAccount   Kind = "Create Storage Account"
	DeleteHostedService    Kind = "Delete Cloud Service"
)

// finish is the table of what the end of an operation does, for each kind.
var finish = map[Kind]func(*State, *Operation){
	CreateDeployment:       (*State).finishCreate,
	DeleteDeployment:       (*State).finishDelete,
	SwapDeployment:         (*State).finishSwap,
	ChangeConfiguration:    (*State).finishUpdate,
	UpdateDeploymentStatus: (*State).finishStatus,
	UpgradeDeployment:      (*State).finishUpdate,
	WalkUpgradeDomain:      (*State).finishWalk,
	RollbackUpdate:         (*State).finishRollback,
	RebootRoleInstance:     (*State).finishNothing,
	ReimageRoleInstance:    (*State).finishNothing,
	RebuildRoleInstance:    (*State).finishNothing,
	DeleteRoleInstances:    (*State).finishDeleteInstances,
	GetPackage:             (*State).finishNothing,
	CreateReservedIP:       (*State).finishReserved,
	DeleteReservedIP:       (*State).finishDeleteReserved,
	AssociateReservedIP:    (*State).finishReserved,
	DisassociateReservedIP: (*State).finishReserved,
	AddVirtualIP:           (*State).finishAddVirtualIP,
	DeleteVirtualIP:        (*State).finishDeleteVirtualIP,
	AddDNSServer:           (*State).finishDNS,
	UpdateDNSServer:        (*State).finishDNS,
	DeleteDNSServer:        (*State).finishDNS,
	SetNetwork:             (*State).finishNetwork,
	CreateStorageAccount:   (*State).finishCreateAccount,
	DeleteHostedService:    (*State).finishDeleteService,

	AddServiceCertificate:      (*State).finishAddCertificate,
	DeleteServiceCertificate:   (*State).finishDeleteCertificate,
	AddExtension:               (*State).finishAddExtension,
	DeleteExtension:            (*State).finishDeleteExtension,
	PrepareDeploymentMigration: (*State).finishMigration,
	CommitDeploymentMigration:  (*State).finishMigration,
	AbortDeploymentMigration:   (*State).finishMigration,
	PrepareResourceMigration:   (*State).finishResourceMigration,
	CommitResourceMigration:    (*State).finishResourceMigration,
	AbortResourceMigration:     (*State).finishResourceMigration,

	Phantom: (*State).finishPhantom,
}

// An Operation is a change that was asked for: who and what, and how it stands.
// Changes that are done at once have one too, since clients ask for it.
type Operation struct {
	ID        string // 32 hex digits, the x-ms-request-id of the request
	Seq       uint64 // order of asking
	Kind      Kind
	Status    OperationStatus
	Err       *Error `json:",omitempty"` // what a Failed operation failed with
	Started   time.Time
	Completed time.Time `json:",omitzero"`

	Service string   `json:",omitempty"` // hosted service or storage account, as named in the request
	Request *Request `json:",omitempty"` // nil when nobody asked over the API
	Order   *Order   `json:",omitempty"` // what is to be done at the end

	Polls  int            `json:",omitempty"` // that it waits for; 0 when its end is due at a time
	Strike *faults.Strike `json:",omitempty"` // the fault that befell it
}

// An Order is what an operation does when it ends.
type Order struct {
	Deployments []string         `json:",omitempty"` // private ids of the deployments that it holds
	Target      DeploymentStatus `json:",omitempty"` // of Update Deployment Status
	Start       bool             `json:",omitempty"` // of Create Deployment
	Version     *Version         `json:",omitempty"` // of Upgrade and Change Configuration
	Mode        UpgradeMode      `json:",omitempty"`
	Role        string           `json:",omitempty"` // of Upgrade, the only one to walk
	Waited      bool             `json:",omitempty"` // has waited for instances to start
	Instances   []uint32         `json:",omitempty"` // of Delete Role Instances
	Reserved    string           `json:",omitempty"` // name of the reserved IP
	VirtualIP   string           `json:",omitempty"` // name of the virtual IP, "" for the default one
	DNS         *DNSServer       `json:",omitempty"` // name server
	Err         *Error           `json:",omitempty"` // found out already, reported when the operation ends
	Fault       *Error           `json:",omitempty"` // what it will fail with all the same

	Was map[string]DeploymentStatus `json:",omitempty"` // of what is being deleted, by private id

	Certificate *ServiceCertificate `json:",omitempty"` // to add or delete
	Extension   *Extension          `json:",omitempty"` // to add or delete
	Step        MigrationStep       `json:",omitempty"` // of a migration; "" when there is nothing left to do
	Resource    Migratable          `json:",omitempty"` // of the migration of anything but a deployment
}

// operationMap keeps operations by id.
type operationMap map[string]*Operation

// Operation finds an operation by its id, with or without dashes.
func (st *State) Operation(id string) (*Operation, *Error) {
	if op, ok := st.operations[strings.ToLower(strings.ReplaceAll(id, "-", ""))]; ok {
		return op, nil
	}
	return nil, Errorf(ResourceNotFound, "The operation request ID was not found.")
}

// Operations yields all operations that are remembered, oldest first.
func (st *State) Operations(yield func(*Operation) bool) {
	for _, op := range st.order {
		if !yield(op) {
			return
		}
	}
}

// Operations that ended longer ago than this are forgotten, but never the
// newest keepOperations. Nothing is documented; clients may ask half a minute
// after the end by their own clock, which can be days here.
const (
	keepFor        = 24 * time.Hour
	keepOperations = 10000
)

// record remembers op and forgets what is old.
func (st *State) record(op *Operation) {
	st.Seq++
	op.Seq, op.Request = st.Seq, st.asking
	st.operations[op.ID] = op
	st.order = append(st.order, op)
	st.changes.mark(keptOperations, op.ID)
	for len(st.order) > keepOperations {
		old := st.order[0]
		if old.Status == InProgress || st.Now.Sub(old.Completed) < keepFor {
			return
		}
		delete(st.operations, old.ID)
		st.changes.mark(keptOperations, old.ID)
		st.order = st.order[1:]
	}
}

// Done records a change that was carried out at once.
func (st *State) Done(id string, kind Kind, service string) {
	st.record(&Operation{ID: id, Kind: kind, Status: Succeeded, Started: st.Now, Completed: st.Now, Service: service})
}

// begin records an operation in progress that usually takes so long.
func (st *State) begin(id string, kind Kind, service string, order Order, takes time.Duration) {
	op := &Operation{ID: id, Kind: kind, Status: InProgress, Started: st.Now, Service: service, Order: &order}
	st.record(op)
	if st.strikeOperation(op); op.Strike != nil {
		struck[op.Strike.Kind](st, op, takes)
		return
	}
	st.progress(op, takes)
}

// finishOperation ends an operation: with the error that was found out when it
// was asked for, or with what its kind does.
func (st *State) finishOperation(d Due) {
	op, ok := st.operations[d.Operation]
	if !ok || op.Status != InProgress {
		return
	}
	if op.Order.Fault != nil {
		st.abandon(op, op.Order.Fault)
		return
	}
	finish[op.Kind](st, op)
}

// end completes op; err nil means that it succeeded.
func (st *State) end(op *Operation, err *Error) {
	op.Status, op.Err, op.Completed, op.Order = Succeeded, err, st.Now, nil
	if err != nil {
		op.Status = Failed
	}
	st.changes.mark(keptOperations, op.ID)
}

// HTTPStatus returns what the operation reports: 200 when it succeeded, the
// error's status when it failed, 0 while it is in progress.
func (op *Operation) HTTPStatus() int {
	switch op.Status {
	case Succeeded:
		return 200
	case Failed:
		return op.Err.Status()
	}
	return 0
}

// InProgress counts the operations in progress.
func (st *State) InProgress() int {
	n := 0
	for _, op := range st.order {
		if op.Status == InProgress {
			n++
		}
	}
	return n
}

// EndOf returns when an operation in progress is due to end; false when nothing
// ends it.
func (st *State) EndOf(operation string) (time.Time, bool) {
	for i := range st.due {
		if st.due[i].Kind == FinishOperation && st.due[i].Operation == operation {
			return st.due[i].At, true
		}
	}
	return time.Time{}, false
}

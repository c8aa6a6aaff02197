package management

import "time"

// A Slot is one of the two places of a cloud service that can hold a deployment.
type Slot string

// The slots, as the service writes them.
const (
	Production Slot = "Production"
	Staging    Slot = "Staging"
)

// Slots lists both slots, production first, as every listing shows them.
var Slots = [...]Slot{Production, Staging}

// Other returns the slot that a swap exchanges s with.
func (s Slot) Other() Slot {
	if s == Production {
		return Staging
	}
	return Production
}

// A DeploymentStatus is the state of a deployment as a whole. It says nothing
// about its instances: a deployment is Running before any of them is ready.
type DeploymentStatus string

// Deployment statuses that the deployer tells apart.
const (
	StatusRunning                DeploymentStatus = "Running"
	StatusSuspended              DeploymentStatus = "Suspended"
	StatusRunningTransitioning   DeploymentStatus = "RunningTransitioning"
	StatusSuspendedTransitioning DeploymentStatus = "SuspendedTransitioning"
	StatusStarting               DeploymentStatus = "Starting"
	StatusSuspending             DeploymentStatus = "Suspending"
	StatusDeploying              DeploymentStatus = "Deploying"
	StatusDeleting               DeploymentStatus = "Deleting"
)

// An InstanceStatus is the state of one role instance, such as ReadyRole.
type InstanceStatus string

// Instance statuses that the deployer tells apart.
const (
	InstanceReady          InstanceStatus = "ReadyRole"
	InstanceStopped        InstanceStatus = "StoppedVM"
	InstanceFailedStarting InstanceStatus = "FailedStartingRole"
	InstanceFailedVM       InstanceStatus = "FailedStartingVM"
	InstanceCycling        InstanceStatus = "CyclingRole"
	InstanceUnresponsive   InstanceStatus = "UnresponsiveRole"
)

// A Deployment is what a slot holds, as Get Deployment describes it.
type Deployment struct {
	Name            string
	Slot            Slot
	PrivateID       string // 32 hex digits
	Status          DeploymentStatus
	Label           string // decoded
	URL             string
	Configuration   []byte // the .cscfg, decoded
	Instances       []Instance
	Roles           []Role
	Upgrade         *UpgradeStatus // nil unless an update is rolling out
	UpgradeDomains  int
	SDKVersion      string
	Locked          bool
	RollbackAllowed bool
	Created         time.Time
	LastModified    time.Time
	Properties      []Property
	VirtualIPs      []VirtualIP
	ReservedIPName  string
}

// VIP returns the address that the deployment's slot answers on, or "".
func (d *Deployment) VIP() string {
	if len(d.VirtualIPs) == 0 {
		return ""
	}
	return d.VirtualIPs[0].Address
}

// An Instance is one role instance of a deployment.
type Instance struct {
	Role          string
	Name          string
	Status        InstanceStatus
	UpgradeDomain int
	FaultDomain   int
	Size          string
	Details       string
	ErrorCode     string
	IPAddress     string
	PowerState    string
	Endpoints     []Endpoint
}

// An Endpoint is a public port that leads to an instance.
type Endpoint struct {
	Name       string
	VIP        string
	PublicPort int
	LocalPort  int
	Protocol   string
}

// A Role is one role of a deployment, with the public endpoints that its slot
// forwards to it.
type Role struct {
	Name           string
	OSVersion      string
	InputEndpoints []InputEndpoint
}

// An InputEndpoint is a public endpoint of a role.
type InputEndpoint struct {
	Port     int
	Protocol string
	VIP      string
}

// An UpgradeStatus tells how far a roll-out has come.
type UpgradeStatus struct {
	Type          string // Auto, Manual or Simultaneous
	DomainState   string // Before or During
	CurrentDomain int
}

// A Property is one extended property.
type Property struct{ Name, Value string }

// A VirtualIP is a public address of a deployment.
type VirtualIP struct {
	Address string
	Name    string
}

// A NewDeployment is what Create Deployment needs.
type NewDeployment struct {
	Name                 string
	PackageURL           string
	Label                string // plain text, at most 100 characters
	Configuration        []byte // the .cscfg, plain
	Start                bool   // false leaves it Suspended
	TreatWarningsAsError bool
	Properties           []Property
}

// An Upgrade is what Upgrade Deployment needs.
type Upgrade struct {
	Mode          string // Auto, Manual or Simultaneous; "" is Auto
	PackageURL    string
	Label         string
	Configuration []byte
	Role          string // upgrade this role only; "" is all
	Force         bool   // allow a change that loses local data
	Properties    []Property
}

// A ConfigurationChange is what Change Deployment Configuration needs.
type ConfigurationChange struct {
	Configuration []byte
	Mode          string
	Properties    []Property
}

// An Operation is the state of an asynchronous request.
type Operation struct {
	ID         string // 32 hex digits, as in x-ms-request-id
	Status     OperationStatus
	HTTPStatus int    // 0 while in progress
	Err        *Error // set when Status is Failed
}

// An OperationStatus is InProgress, Succeeded or Failed.
type OperationStatus string

// The three states of an operation.
const (
	InProgress OperationStatus = "InProgress"
	Succeeded  OperationStatus = "Succeeded"
	Failed     OperationStatus = "Failed"
)

// A Service is a hosted service (cloud service) without its deployments.
type Service struct {
	Name          string
	URL           string
	Label         string
	Description   string
	Location      string
	AffinityGroup string
	Status        string
	Created       time.Time
	LastModified  time.Time
	Properties    []Property
}

// A NewService is what Create Cloud Service needs.
type NewService struct {
	Name          string
	Label         string // plain text; "" takes the name
	Description   string
	Location      string // exactly one of Location and AffinityGroup
	AffinityGroup string
	Properties    []Property
}

// A ServiceDetail is a hosted service with what its slots hold.
type ServiceDetail struct {
	Service
	Deployments []Deployment // none to two, in the order of the answer
}

// A ServiceUpdate is what Update Cloud Service changes. What is left out stays
// as it is; at least one of Label and Description is needed.
type ServiceUpdate struct {
	Label       string     // plain text; "" leaves it
	Description *string    // nil leaves it
	Properties  []Property // merged by name with those there are
}

// A StorageAccount is a classic storage account.
type StorageAccount struct {
	Name         string
	Label        string
	Location     string
	Status       string
	BlobEndpoint string // with a slash at its end
}

// A NewStorageAccount is what Create Storage Account needs.
type NewStorageAccount struct {
	Name     string
	Label    string
	Location string
	Type     string // "" is Standard_LRS
}

// StorageKeys are the two access keys of a storage account, in base64.
type StorageKeys struct{ Primary, Secondary string }

// String hides the keys, so that none gets into a log by accident.
func (StorageKeys) String() string { return "storage keys (not shown)" }

// GoString hides the keys as well.
func (k StorageKeys) GoString() string { return k.String() }

// A Subscription is what Get Subscription tells of quotas and their use.
type Subscription struct {
	ID              string
	Name            string
	Status          string
	MaxCores        int
	CurrentCores    int
	MaxServices     int
	CurrentServices int
}

// A Location is a place where services can be created.
type Location struct{ Name, DisplayName string }

package servicepackage

// RoleKind tells the kinds of roles apart.
type RoleKind string

// The kinds of roles. VMRole was withdrawn after SDK 1.8: it is read and
// counted, and Check refuses to deploy it (our choice).
const (
	WebRole    RoleKind = "WebRole"
	WorkerRole RoleKind = "WorkerRole"
	VMRole     RoleKind = "VirtualMachineRole"
)

// Definition is a service definition: what roles a service has and what each
// needs. One that an author wrote differs from the one inside a package; see
// Flatten. Defaults are filled in when it is read.
type Definition struct {
	Name                    string
	SchemaVersion           string // e.g. "2015-04.2.6"; empty when not given
	TopologyChangeDiscovery string // "UpgradeDomainWalk" or "Blast"
	UpgradeDomainCount      int    // 5 unless given
	Probes                  []Probe
	Roles                   []Role
	TrafficRules            []TrafficRule
	Warnings                []Warning // unknown elements and attributes
}

// Role is one role of a definition. The fields from Imports down are empty in
// a flattened definition, save for imports of unknown modules.
type Role struct {
	Name                   string
	Kind                   RoleKind
	VMSize                 string // as declared, "Small" when not
	NativeCodeExecution    bool
	Settings               []string
	LocalStorage           []LocalStorage
	InputEndpoints         []InputEndpoint
	InternalEndpoints      []InternalEndpoint
	InstanceInputEndpoints []InstanceInputEndpoint
	Certificates           []Certificate
	Imports                []string // module names
	Sites                  []Site
	StartupPriority        int
	Startup                []Task
	ExecutionContext       string     // of the role's own process: "limited" or "elevated"
	RuntimeEnvironment     []Variable // of the role's own process
	EntryPoint             *EntryPoint
	Contents               []Content
}

// LocalStorage is a folder on the instance's temporary disk.
type LocalStorage struct {
	Name           string
	SizeMB         int  // 1000 unless given: the schema and the real tool, against Microsoft's prose page
	CleanOnRecycle bool // true unless given
}

// InputEndpoint is a port of the virtual IP, balanced over the role's instances.
type InputEndpoint struct {
	Name                     string
	Protocol                 string // http, https, tcp or udp
	Port                     int    // public
	LocalPort                int    // on the instance; 0 means assigned at run time ("*"); the public port unless given
	Certificate              string
	IgnoreRoleInstanceStatus bool
	LoadBalancerProbe        string
	LoadBalancer             string // internal load balancer of the configuration
	IdleTimeoutInMinutes     int    // 0 when not given
	LoadBalancerDistribution string
}

// PortRange is the ports from Min to Max, both included.
type PortRange struct{ Min, Max int }

// Size returns how many ports the range has.
func (r PortRange) Size() int { return r.Max - r.Min + 1 }

// InternalEndpoint is reachable from the other instances of the deployment. A
// port attribute and FixedPort elements are kept as ranges of one port.
type InternalEndpoint struct {
	Name     string
	Protocol string      // http, tcp, udp or any
	Ports    []PortRange // empty: assigned at run time
}

// InstanceInputEndpoint gives each instance its own public port.
type InstanceInputEndpoint struct {
	Name                 string
	Protocol             string // tcp or udp
	LocalPort            int
	PublicPorts          PortRange
	IdleTimeoutInMinutes int // 0 when not given
}

// PublicPort returns the public port of the instance with that index, from 0.
// Which instance gets which port is documented nowhere: counting up from the
// lowest is our choice.
func (e InstanceInputEndpoint) PublicPort(index int) int { return e.PublicPorts.Min + index }

// Certificate is a certificate that the platform installs on the instances.
type Certificate struct {
	Name            string
	StoreLocation   string // CurrentUser or LocalMachine
	StoreName       string
	PermissionLevel string // limitedOrElevated or elevated
}

// Probe is a load balancer probe that input endpoints may name.
type Probe struct {
	Name            string
	Protocol        string // http or tcp
	Path            string
	Port            int // 0: the endpoint's
	IntervalSeconds int // 15 unless given
	TimeoutSeconds  int // 31 unless given
}

// Site is one web site of a web role.
type Site struct {
	Name              string
	PhysicalDirectory string
	Bindings          []Binding
	Applications      []VirtualDirectory // both virtual applications and directories
}

// Binding ties a site to an endpoint.
type Binding struct{ Name, EndpointName, HostHeader string }

// VirtualDirectory is a virtual application or directory below a site.
type VirtualDirectory struct {
	Name              string
	PhysicalDirectory string
	Application       bool
	Children          []VirtualDirectory
}

// Task is a start-up task; tasks run in file order.
type Task struct {
	CommandLine      string
	ExecutionContext string // limited or elevated
	TaskType         string // simple, foreground or background
	Environment      []Variable
}

// Variable is an environment variable: a fixed value, or the path of one that
// the instance looks up when it starts.
type Variable struct{ Name, Value, XPath string }

// EntryPoint is the program of a role: an assembly or a command line.
type EntryPoint struct {
	AssemblyName           string
	TargetFrameworkVersion string
	CommandLine            string
	ReadyOnProcessStart    bool
}

// Content is a folder that the real packager copies into the role.
type Content struct{ Destination, SourceDirectory string }

// TrafficRule limits who may talk to internal endpoints.
type TrafficRule struct {
	Destinations []RoleEndpoint
	AllowAll     bool
	FromRoles    []string
}

// RoleEndpoint names an endpoint of a role.
type RoleEndpoint struct{ RoleName, EndpointName string }

// Role returns the role of that name, nil when there is none. Names are
// compared with case kept.
func (d *Definition) Role(name string) *Role {
	for i := range d.Roles {
		if d.Roles[i].Name == name {
			return &d.Roles[i]
		}
	}
	return nil
}

// PublicEndpoints counts the input and instance input endpoints after
// flattening. Microsoft's page for Swap Deployment asks that it be the same in
// both deployments of a swap.
func (d *Definition) PublicEndpoints() int {
	n := 0
	for _, r := range d.Flatten().Roles {
		n += len(r.InputEndpoints) + len(r.InstanceInputEndpoints)
	}
	return n
}

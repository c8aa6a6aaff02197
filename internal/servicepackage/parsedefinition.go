package servicepackage

import "math"

const (
	definitionSpace = "http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition"
	definitionFile  = "ServiceDefinition.csdef"

	maxPort = 65535
)

// definitionReader collects the definition and the names seen so far.
type definitionReader struct {
	Definition
	roleNames, probeNames map[string]bool
}

// ParseDefinition reads a service definition as an author wrote it or as it
// stands in a package, with or without byte order mark, at most 4 MB. It
// returns a *SyntaxError for what is not a definition: malformed XML, a
// document type, the wrong root or namespace, a missing or malformed
// attribute, or a name used twice. Unknown elements and attributes become
// Warnings. Whether the service accepts it is for Check.
func ParseDefinition(data []byte) (*Definition, error) {
	root, err := parseTree(definitionFile, data, maxDocumentBytes)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: definitionFile, space: definitionSpace}
	d.checkRoot(root, "ServiceDefinition")
	if d.err != nil {
		return nil, d.err
	}
	r := definitionReader{roleNames: map[string]bool{}, probeNames: map[string]bool{}}
	r.Name = d.required(root, "name")
	r.SchemaVersion = d.optional(root, "schemaVersion", "")
	r.UpgradeDomainCount = d.integer(root, "upgradeDomainCount", 5, 1, math.MaxInt32)
	r.TopologyChangeDiscovery = d.oneOf(root, "topologyChangeDiscovery", "UpgradeDomainWalk", "UpgradeDomainWalk", "Blast")
	readChildren(d, root, &r, definitionChildren)
	d.warnUnreadAttributes(root)
	r.Warnings = d.warnings
	if d.err != nil {
		return nil, d.err
	}
	return &r.Definition, nil
}

var definitionChildren = map[string]child[definitionReader]{
	"LoadBalancerProbes":  nested(listOf("LoadBalancerProbe", readProbe)),
	"WebRole":             {many: true, read: readRoleOf(WebRole, webRoleChildren)},
	"WorkerRole":          {many: true, read: readRoleOf(WorkerRole, workerRoleChildren)},
	"VirtualMachineRole":  {many: true, read: readRoleOf(VMRole, vmRoleChildren)},
	"NetworkTrafficRules": nested(listOf("OnlyAllowTrafficTo", readTrafficRule)),
}

func readProbe(d *decoder, e *element, r *definitionReader) {
	p := Probe{
		Name:            d.required(e, "name"),
		Protocol:        d.oneOf(e, "protocol", "", "http", "tcp"),
		Path:            d.optional(e, "path", ""),
		Port:            d.port(e, "port"),
		IntervalSeconds: d.integer(e, "intervalInSeconds", 15, 0, math.MaxInt32),
		TimeoutSeconds:  d.integer(e, "timeoutInSeconds", 31, 0, math.MaxInt32),
	}
	d.unique(e, r.probeNames, p.Name)
	r.Probes = append(r.Probes, p)
}

func readTrafficRule(d *decoder, e *element, r *definitionReader) {
	var rule TrafficRule
	readChildren(d, e, &rule, trafficRuleChildren)
	if len(rule.Destinations) == 0 {
		d.fail(e, "<OnlyAllowTrafficTo> needs <Destinations> with at least one <RoleEndpoint>")
	}
	if !rule.AllowAll && len(rule.FromRoles) == 0 {
		d.fail(e, "<OnlyAllowTrafficTo> needs <AllowAllTraffic> or <WhenSource> with at least one <FromRole>")
	}
	r.TrafficRules = append(r.TrafficRules, rule)
}

var trafficRuleChildren = map[string]child[TrafficRule]{
	"Destinations": nested(listOf("RoleEndpoint", func(d *decoder, e *element, r *TrafficRule) {
		r.Destinations = append(r.Destinations, RoleEndpoint{
			RoleName: d.required(e, "roleName"), EndpointName: d.required(e, "endpointName")})
	})),
	"AllowAllTraffic": {read: func(_ *decoder, e *element, r *TrafficRule) { r.AllowAll = true }},
	"WhenSource": {read: func(d *decoder, e *element, r *TrafficRule) {
		d.oneOf(e, "matches", "", "AnyRule")
		readChildren(d, e, r, listOf("FromRole", func(d *decoder, e *element, r *TrafficRule) {
			r.FromRoles = append(r.FromRoles, d.required(e, "roleName"))
		}))
	}},
}

package management

import (
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	servicesPath = "/services/hostedservices"
	servicePath  = servicesPath + "/{service}"
)

var serviceOperations = []operation{
	{"Get Cloud Service Properties", "GET", servicePath, "", "2009-10-01", 200, (*Server).getService, "Microsoft's page; recorded traffic"},
	{"List Cloud Services", "GET", servicesPath, "", "2009-10-01", 200, (*Server).listServices, "Microsoft's page; recorded traffic"},
	{"Create Cloud Service", "POST", servicesPath, "", "2010-10-28", http.StatusCreated, (*Server).createService, "Microsoft's page; recorded traffic"},
	{"Update Cloud Service", "PUT", servicePath, "", "2010-10-28", 200, (*Server).updateService, "Microsoft's page; recorded traffic"},
	{"Delete Cloud Service", "DELETE", servicePath, "", "2010-10-28", 200, (*Server).deleteService, "Microsoft's page; recorded traffic"},
	{"Delete Cloud Service and Media", "DELETE", servicePath, "media", "2013-08-01", http.StatusAccepted, (*Server).deleteServiceMedia, "Microsoft's page"},
	{"Check Cloud Service Name Availability", "GET", servicesPath + "/operations/isavailable/{name}", "", "2012-03-01", 200, (*Server).serviceNameAvailable, "Microsoft's page; recorded traffic"},
}

// extendedProperty is one name and value; without a value, in a request, the
// property is to be removed.
type extendedProperty struct {
	Name  string  `wire:"Name"`
	Value *string `wire:"Value,nil"`
}

func properties(elements []extendedProperty) []cloud.Property {
	ps := make([]cloud.Property, len(elements))
	for i, e := range elements {
		ps[i] = cloud.Property(e)
	}
	return ps
}

func propertyElements(ps []cloud.Property) []extendedProperty {
	elements := make([]extendedProperty, len(ps))
	for i, p := range ps {
		elements[i] = extendedProperty(p)
	}
	return elements
}

// serviceDocument is Get Cloud Service Properties.
type serviceDocument struct {
	_ wire.Root `wire:"HostedService"`
	serviceElements
	Deployments *deploymentsElement `wire:"Deployments"`
}

// deploymentsElement is there with embed-detail only, and then even when empty.
type deploymentsElement struct {
	Deployment []deploymentElements `wire:"Deployment,flat"`
}

// servicesDocument is List Cloud Services.
type servicesDocument struct {
	_             wire.Root         `wire:"HostedServices"`
	HostedService []serviceListItem `wire:"HostedService,flat"`
}

type serviceListItem struct {
	serviceElements
	ComputeCapabilities *computeCapabilities `wire:"ComputeCapabilities,since=2014-05-01"`
}

type serviceElements struct {
	URL         string             `wire:"Url"`
	ServiceName string             `wire:"ServiceName"`
	Properties  *serviceProperties `wire:"HostedServiceProperties"`
}

type serviceProperties struct {
	Description        *string            `wire:"Description,nil"`
	AffinityGroup      string             `wire:"AffinityGroup,omitempty"`
	Location           string             `wire:"Location,omitempty"`
	Label              wire.Base64        `wire:"Label"`
	Status             string             `wire:"Status,since=2012-03-01"`
	DateCreated        time.Time          `wire:"DateCreated,since=2012-03-01"`
	DateLastModified   time.Time          `wire:"DateLastModified,since=2012-03-01"`
	ExtendedProperties []extendedProperty `wire:"ExtendedProperties>ExtendedProperty,since=2012-03-01"`
	ReverseDNSFqdn     *string            `wire:"ReverseDnsFqdn,since=2014-06-01"`
}

func (r *request) serviceElements(s *cloud.HostedService) serviceElements {
	return serviceElements{
		URL:         r.base() + "/" + r.universe.ID() + servicesPath + "/" + s.Name,
		ServiceName: s.Name,
		Properties: &serviceProperties{
			Description: s.Description, AffinityGroup: s.AffinityGroup, Location: s.Location, Label: wire.Base64(s.Label),
			Status: "Created", DateCreated: s.Created, DateLastModified: s.Modified,
			ExtendedProperties: propertyElements(s.Properties), ReverseDNSFqdn: s.ReverseDNS,
		},
	}
}

func (s *Server) getService(r *request) (answer, error) {
	var doc serviceDocument
	detail := r.flag("embed-detail")
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		service, err := st.Service(r.vars["service"])
		if err != nil {
			return false, err
		}
		doc = serviceDocument{serviceElements: r.serviceElements(service)}
		unfinished := service.Busy != ""
		if !detail {
			return unfinished, nil
		}
		doc.Deployments = &deploymentsElement{}
		for _, slot := range cloud.Slots {
			if d := service.Slots[slot].Deployment; d != nil {
				doc.Deployments.Deployment = append(doc.Deployments.Deployment, deploymentOf(st, service, slot, r.version))
				unfinished = unfinished || d.Unfinished()
			}
		}
		return unfinished, nil
	})
	return answer{body: doc}, err
}

// propertiesInLists is the version from which lists tell more than names and
// addresses. Source: Microsoft's page "List Cloud Services".
const propertiesInLists = wire.Version("2012-03-01")

func (s *Server) listServices(r *request) (answer, error) {
	var doc servicesDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		for service := range st.Services {
			item := serviceListItem{serviceElements: r.serviceElements(service), ComputeCapabilities: &allSizes}
			if r.version < propertiesInLists {
				item.Properties = nil
			}
			doc.HostedService = append(doc.HostedService, item)
		}
		return false, nil
	})
	return answer{body: doc}, err
}

type createServiceRequest struct {
	ServiceName        string             `wire:"ServiceName"`
	Label              wire.Base64        `wire:"Label"`
	Description        *string            `wire:"Description"`
	Location           string             `wire:"Location"`
	AffinityGroup      string             `wire:"AffinityGroup"`
	ExtendedProperties []extendedProperty `wire:"ExtendedProperties>ExtendedProperty"`
	ReverseDNSFqdn     *string            `wire:"ReverseDnsFqdn"`
}

func (s *Server) createService(r *request) (answer, error) {
	var body createServiceRequest
	if err := r.decode("CreateHostedService", &body); err != nil {
		return answer{}, err
	}
	r.created = body.ServiceName
	spec := cloud.ServiceSpec{
		Name: body.ServiceName, Label: string(body.Label), Description: body.Description,
		Location: body.Location, AffinityGroup: body.AffinityGroup,
		Properties: properties(body.ExtendedProperties), ReverseDNS: body.ReverseDNSFqdn,
	}
	err := r.change(func(st *cloud.State) *cloud.Error { return st.CreateService(r.id, spec) })
	return answer{location: r.base() + "/subscriptions/" + r.universe.ID() + "/compute/" + spec.Name}, err
}

type updateServiceRequest struct {
	Label              wire.Base64        `wire:"Label"`
	Description        *string            `wire:"Description"`
	ExtendedProperties []extendedProperty `wire:"ExtendedProperties>ExtendedProperty"`
	ReverseDNSFqdn     *string            `wire:"ReverseDnsFqdn"`
}

func (s *Server) updateService(r *request) (answer, error) {
	var body updateServiceRequest
	if err := r.decode("UpdateHostedService", &body); err != nil {
		return answer{}, err
	}
	change := cloud.ServiceChange{
		Label: optional(body.Label), Description: body.Description,
		ReverseDNS: body.ReverseDNSFqdn, Properties: properties(body.ExtendedProperties),
	}
	err := r.change(func(st *cloud.State) *cloud.Error { return st.UpdateService(r.id, r.vars["service"], change) })
	return answer{}, err
}

// optional tells an absent element from an empty one.
func optional(b wire.Base64) *string {
	if b == nil {
		return nil
	}
	text := string(b)
	return &text
}

func (s *Server) deleteService(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.DeleteService(r.id, r.vars["service"]) })
}

func (s *Server) deleteServiceMedia(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.DeleteServiceMedia(r.id, r.vars["service"]) })
}

// availabilityDocument answers a name check. The reason is a sentence on the
// wire, where the page promises a word; it is there from 2013-03-01 on.
type availabilityDocument struct {
	_      wire.Root `wire:"AvailabilityResponse"`
	Result bool      `wire:"Result"`
	Reason *string   `wire:"Reason,nil,since=2013-03-01"`
}

func availability(free bool, reason string) answer {
	doc := availabilityDocument{Result: free}
	if !free {
		doc.Reason = &reason
	}
	return answer{body: doc}
}

func (s *Server) serviceNameAvailable(r *request) (answer, error) {
	free, reason := false, ""
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		free, reason = st.ServiceNameAvailable(r.vars["name"])
		return false, nil
	})
	return availability(free, reason), err
}

// computeCapabilities lists role sizes: those of cloud services first, and with
// the odd spelling of the second list (recorded; the page has it otherwise).
type computeCapabilities struct {
	WebWorkerRoleSizes       []string `wire:"WebWorkerRoleSizes>RoleSize"`
	VirtualMachinesRoleSizes []string `wire:"VirtualMachinesRoleSizes>RoleSize"`
}

var allSizes = computeCapabilities{cloud.WebWorkerSizes, cloud.VirtualMachineSizes}

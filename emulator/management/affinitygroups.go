package management

import (
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	groupsPath = "/affinitygroups"
	groupPath  = groupsPath + "/{group}"
)

var affinityGroupOperations = []operation{
	{"Create Affinity Group", "POST", groupsPath, "", "2012-03-01", http.StatusCreated, (*Server).createGroup, "recorded traffic; clients"},
	{"List Affinity Groups", "GET", groupsPath, "", "2009-10-01", 200, (*Server).listGroups, "recorded traffic; clients"},
	{"Get Affinity Group Properties", "GET", groupPath, "", "2009-10-01", 200, (*Server).getGroup, "recorded traffic; clients"},
	{"Update Affinity Group", "PUT", groupPath, "", "2012-03-01", 200, (*Server).updateGroup, "recorded traffic; clients"},
	{"Delete Affinity Group", "DELETE", groupPath, "", "2012-03-01", 200, (*Server).deleteGroup, "recorded traffic; clients"},
}

// groupsDocument is List Affinity Groups.
type groupsDocument struct {
	_             wire.Root       `wire:"AffinityGroups"`
	AffinityGroup []groupListItem `wire:"AffinityGroup,flat"`
}

type groupElements struct {
	Name        string      `wire:"Name"`
	Label       wire.Base64 `wire:"Label"`
	Description *string     `wire:"Description,nil"`
	Location    string      `wire:"Location"`
}

type groupListItem struct {
	groupElements
	Capabilities        []string             `wire:"Capabilities>Capability"`
	CreatedTime         time.Time            `wire:"CreatedTime"`
	ComputeCapabilities *computeCapabilities `wire:"ComputeCapabilities,since=2014-05-01"`
}

// groupDocument is Get Affinity Group Properties: with what is in the group, and
// without sizes (recorded).
type groupDocument struct {
	_ wire.Root `wire:"AffinityGroup"`
	groupElements
	HostedServices  []groupMember  `wire:"HostedServices>HostedService"`
	StorageServices []groupAccount `wire:"StorageServices>StorageService"`
	Capabilities    []string       `wire:"Capabilities>Capability"`
	CreatedTime     time.Time      `wire:"CreatedTime"`
}

type groupMember struct {
	URL         string `wire:"Url"`
	ServiceName string `wire:"ServiceName"`
}

type groupAccount struct {
	groupMember
	ExtendedProperties []extendedProperty `wire:"ExtendedProperties>ExtendedProperty"`
}

// groupCapabilities are those of every affinity group (recorded).
var groupCapabilities = []string{"PersistentVMRole", "HighMemory"}

func groupOf(g *cloud.AffinityGroup) groupElements {
	return groupElements{g.Name, wire.Base64(g.Label), g.Description, g.Location}
}

func (s *Server) listGroups(r *request) (answer, error) {
	var doc groupsDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		for g := range st.Groups {
			doc.AffinityGroup = append(doc.AffinityGroup, groupListItem{groupOf(g), groupCapabilities, g.Created, &allSizes})
		}
		return false, nil
	})
	return answer{body: doc}, err
}

func (s *Server) getGroup(r *request) (answer, error) {
	var doc groupDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		g, err := st.Group(r.vars["group"])
		if err != nil {
			return false, err
		}
		doc = groupDocument{groupElements: groupOf(g), Capabilities: groupCapabilities, CreatedTime: g.Created}
		services, accounts := st.InGroup(g)
		for _, service := range services {
			doc.HostedServices = append(doc.HostedServices, groupMember{r.serviceElements(service).URL, service.Name})
		}
		for _, a := range accounts {
			doc.StorageServices = append(doc.StorageServices, groupAccount{groupMember{r.accountURL(a), a.Name}, propertyElements(a.Properties)})
		}
		return false, nil
	})
	return answer{body: doc}, err
}

type createGroupRequest struct {
	Name        string      `wire:"Name"`
	Label       wire.Base64 `wire:"Label"`
	Description *string     `wire:"Description"`
	Location    string      `wire:"Location"`
}

func (s *Server) createGroup(r *request) (answer, error) {
	var body createGroupRequest
	if err := r.decode("CreateAffinityGroup", &body); err != nil {
		return answer{}, err
	}
	r.created = body.Name
	spec := cloud.GroupSpec{Name: body.Name, Label: string(body.Label), Description: body.Description, Location: body.Location}
	err := r.change(func(st *cloud.State) *cloud.Error { return st.CreateGroup(r.id, spec) })
	return answer{location: r.base() + "/subscriptions/" + r.universe.ID() + "/affinitygroup/" + spec.Name}, err
}

type updateGroupRequest struct {
	Label       wire.Base64 `wire:"Label"`
	Description *string     `wire:"Description"`
}

func (s *Server) updateGroup(r *request) (answer, error) {
	var body updateGroupRequest
	if err := r.decode("UpdateAffinityGroup", &body); err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.UpdateGroup(r.id, r.vars["group"], string(body.Label), body.Description)
	})
}

func (s *Server) deleteGroup(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.DeleteGroup(r.id, r.vars["group"]) })
}

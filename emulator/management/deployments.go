package management

import (
	"net/http"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
	"github.com/vipswap/vipswap/emulator/packages"
)

const (
	slotPath = servicePath + "/deploymentslots/{slot}"
	namePath = servicePath + "/deployments/{deployment}"
)

var deploymentOperations = slices.Concat(
	bothPaths(operation{"Get Deployment", "GET", "", "", "2009-10-01", 200, (*Server).getDeployment, "Microsoft's page; recorded traffic"}),
	[]operation{
		{"Create Deployment", "POST", slotPath, "", "2009-10-01", http.StatusAccepted, (*Server).createDeployment, "Microsoft's page; recorded traffic"},
		{"Swap Deployment", "POST", servicePath, "", "2009-10-01", http.StatusAccepted, (*Server).swapDeployment, "Microsoft's page; several clients"},
	},
	bothPaths(operation{"Delete Deployment", "DELETE", "", "", "2009-10-01", http.StatusAccepted, (*Server).deleteDeployment, "Microsoft's page; recorded traffic"}),
	bothPaths(operation{"Delete Deployment and Media", "DELETE", "", "media", "2013-08-01", http.StatusAccepted, (*Server).deleteDeployment, "Microsoft's page"}),
	bothPaths(operation{"Change Deployment Configuration", "POST", "", "config", "2009-10-01", http.StatusAccepted, (*Server).changeConfiguration, "Microsoft's page; recorded traffic"}),
	bothPaths(operation{"Update Deployment Status", "POST", "", "status", "2009-10-01", http.StatusAccepted, (*Server).updateStatus, "Microsoft's page; recorded traffic"}),
	bothPaths(operation{"Upgrade Deployment", "POST", "", "upgrade", "2009-10-01", http.StatusAccepted, (*Server).upgradeDeployment, "Microsoft's page; recorded traffic"}),
)

// bothPaths gives an operation its two addresses, by slot and by name; op.path
// is what follows.
func bothPaths(op operation) []operation {
	bySlot, byName := op, op
	bySlot.path, byName.path = slotPath+op.path, namePath+op.path
	return []operation{bySlot, byName}
}

// getDeployment describes a deployment. What was encoded once is kept until the
// deployment changes, or the second does: the time of the last change was
// recorded to move with the time of the query.
func (s *Server) getDeployment(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	var doc deploymentDocument
	var encoded []byte
	var key documentKey
	err = r.look(func(st *cloud.State) (bool, *cloud.Error) {
		service, slot, d, err := st.Deployment(r.vars["service"], by)
		if err != nil {
			return false, err
		}
		key = documentKey{universe: r.universe, revision: d.Revision(), version: r.version, second: st.Now.Unix()}
		if encoded, _ = s.documents.get(key); encoded == nil {
			doc = deploymentDocument{deploymentElements: deploymentOf(st, service, slot, r.version)}
		}
		return d.Unfinished(), nil
	})
	if err == nil && encoded == nil {
		encoded, err = s.encode(key, doc)
	}
	return answer{encoded: encoded}, err
}

type createDeploymentRequest struct {
	Name                 string                  `wire:"Name"`
	PackageURL           string                  `wire:"PackageUrl"`
	Label                wire.Base64             `wire:"Label"`
	Configuration        wire.Base64             `wire:"Configuration"`
	StartDeployment      bool                    `wire:"StartDeployment"`
	TreatWarningsAsError bool                    `wire:"TreatWarningsAsError"`
	ExtendedProperties   []extendedProperty      `wire:"ExtendedProperties>ExtendedProperty"`
	Extensions           *extensionConfiguration `wire:"ExtensionConfiguration"`
}

func (s *Server) createDeployment(r *request) (answer, error) {
	slot, err := r.slot()
	if err != nil {
		return answer{}, err
	}
	var body createDeploymentRequest
	if err := r.decode("CreateDeployment", &body); err != nil {
		return answer{}, err
	}
	if err := required(body.PackageURL, body.Configuration); err != nil {
		return answer{}, err
	}
	spec := cloud.DeploymentSpec{
		Name: body.Name, Label: string(body.Label), Start: body.StartDeployment, Properties: properties(body.ExtendedProperties),
		Extensions: body.Extensions.set(),
	}
	spec.Model, spec.Err = s.packages.Read(r.packageRequest(body.PackageURL, body.Configuration, body.TreatWarningsAsError))
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(r.id, r.vars["service"], slot, spec)
	})
}

// required refuses a request that lacks the package or the configuration.
func required(packageURL string, configuration wire.Base64) error {
	if strings.TrimSpace(packageURL) == "" || len(configuration) == 0 {
		return cloud.Errorf(cloud.BadRequest, "PackageUrl and Configuration must be specified.")
	}
	return nil
}

// packageRequest is what the reader of packages needs of a request.
func (r *request) packageRequest(url string, configuration wire.Base64, warningsAsErrors bool) packages.Request {
	return packages.Request{
		Operation: r.id, Subscription: r.universe.ID(), PackageURL: strings.TrimSpace(url),
		Configuration: configuration, WarningsAsErrors: warningsAsErrors,
	}
}

func (s *Server) deleteDeployment(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.DeleteDeployment(r.id, r.vars["service"], by)
	})
}

// swapRequest names the two deployments. Real clients leave Production out, send
// it empty or nil when the slot is empty, and name a private id.
type swapRequest struct {
	Production       string `wire:"Production"`
	SourceDeployment string `wire:"SourceDeployment"`
}

// swapDeployment exchanges the deployments of a service's two slots.
func (s *Server) swapDeployment(r *request) (answer, error) {
	var body swapRequest
	if err := r.decode("Swap", &body); err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.Swap(r.id, r.vars["service"], strings.TrimSpace(body.Production), strings.TrimSpace(body.SourceDeployment))
	})
}

type changeConfigurationRequest struct {
	Configuration        wire.Base64             `wire:"Configuration"`
	TreatWarningsAsError bool                    `wire:"TreatWarningsAsError"`
	Mode                 string                  `wire:"Mode"`
	ExtendedProperties   []extendedProperty      `wire:"ExtendedProperties>ExtendedProperty"`
	Extensions           *extensionConfiguration `wire:"ExtensionConfiguration"`
}

// changeConfiguration gives a deployment another configuration. It is judged by
// the package that is deployed, so it is read under the same lock.
func (s *Server) changeConfiguration(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	var body changeConfigurationRequest
	if err := r.decode("ChangeConfiguration", &body); err != nil {
		return answer{}, err
	}
	mode, err := upgradeMode(body.Mode)
	if err != nil {
		return answer{}, err
	}
	if len(body.Configuration) == 0 {
		return answer{}, cloud.Errorf(cloud.BadRequest, "Configuration must be specified.")
	}
	u := cloud.Update{Mode: mode, Properties: properties(body.ExtendedProperties), Extensions: body.Extensions.set()}
	judge := r.packageRequest("", body.Configuration, body.TreatWarningsAsError)
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		if _, _, d, err := st.Deployment(r.vars["service"], by); err == nil && d.Model != nil {
			u.Model, u.Err = s.packages.Configure(d.Model.Package, judge)
		}
		return st.ChangeConfiguration(r.id, r.vars["service"], by, u)
	})
}

func upgradeMode(text string) (cloud.UpgradeMode, error) {
	mode, ok := cloud.ParseUpgradeMode(strings.TrimSpace(text))
	if !ok {
		return "", cloud.Errorf(cloud.BadRequest, "The mode '%s' is invalid; it must be Auto, Manual or Simultaneous.", text)
	}
	return mode, nil
}

type updateStatusRequest struct {
	Status string `wire:"Status"`
}

func (s *Server) updateStatus(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	var body updateStatusRequest
	if err := r.decode("UpdateDeploymentStatus", &body); err != nil {
		return answer{}, err
	}
	to, err := wire.Enum(body.Status, cloud.Running, cloud.Suspended)
	if err != nil {
		return answer{}, cloud.Errorf(cloud.BadRequest, "The deployment status '%s' is invalid; it must be Running or Suspended.", body.Status)
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.UpdateStatus(r.id, r.vars["service"], by, to)
	})
}

type upgradeRequest struct {
	Mode                 string                  `wire:"Mode"`
	PackageURL           string                  `wire:"PackageUrl"`
	Configuration        wire.Base64             `wire:"Configuration"`
	Label                wire.Base64             `wire:"Label"`
	RoleToUpgrade        string                  `wire:"RoleToUpgrade"`
	TreatWarningsAsError bool                    `wire:"TreatWarningsAsError"`
	Force                bool                    `wire:"Force"`
	ExtendedProperties   []extendedProperty      `wire:"ExtendedProperties>ExtendedProperty"`
	Extensions           *extensionConfiguration `wire:"ExtensionConfiguration"`
}

func (s *Server) upgradeDeployment(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	var body upgradeRequest
	if err := r.decode("UpgradeDeployment", &body); err != nil {
		return answer{}, err
	}
	if err := required(body.PackageURL, body.Configuration); err != nil {
		return answer{}, err
	}
	mode, err := upgradeMode(body.Mode)
	if err != nil {
		return answer{}, err
	}
	u := cloud.Update{
		Label: string(body.Label), Mode: mode, Role: strings.TrimSpace(body.RoleToUpgrade), Force: body.Force,
		Properties: properties(body.ExtendedProperties), Extensions: body.Extensions.set(),
	}
	u.Model, u.Err = s.packages.Read(r.packageRequest(body.PackageURL, body.Configuration, body.TreatWarningsAsError))
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.Upgrade(r.id, r.vars["service"], by, u)
	})
}

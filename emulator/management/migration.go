package management

import (
	"net/http"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const networkingPath = "/services/networking"

// Migration to the newer platform: each kind of thing has the same four verbs.
var migrationOperations = slices.Concat(
	[]operation{
		{"Validate Deployment Migration", "POST", namePath + "/migration", "validate", "2017-01-01", 200, (*Server).validateDeployment, "recorded traffic; clients"},
		{"Prepare Deployment Migration", "POST", namePath + "/migration", "prepare", "2017-01-01", http.StatusAccepted, deploymentStep(cloud.PrepareMigration), "recorded traffic; clients"},
		{"Commit Deployment Migration", "POST", namePath + "/migration", "commit", "2017-01-01", http.StatusAccepted, deploymentStep(cloud.CommitMigration), "clients"},
		{"Abort Deployment Migration", "POST", namePath + "/migration", "abort", "2017-01-01", http.StatusAccepted, deploymentStep(cloud.AbortMigration), "clients"},
	},
	migrations("Virtual Network", networkingPath+"/virtualnetwork/{name}", "2016-07-01", cloud.MigratableNetwork),
	migrations("Reserved IP", networkingPath+"/reservedips/{name}", "2016-07-01", cloud.MigratableReservedIP),
	migrations("Network Security Group", networkingPath+"/networksecuritygroups/{name}", "2016-07-01", cloud.MigratableSecurityGroups),
	migrations("Route Table", networkingPath+"/routetables/{name}", "2016-07-01", cloud.MigratableRouteTable),
	migrations("Storage Account", accountsPath+"/{name}", "2016-03-01", cloud.MigratableStorage),
)

// migrations returns the four operations on a kind of thing at path.
func migrations(what, path string, since wire.Version, kind cloud.Migratable) []operation {
	path += "/migration"
	return []operation{
		{"Validate " + what + " Migration", "POST", path, "validate", since, 200, validateResource(kind), "recorded traffic; clients"},
		{"Prepare " + what + " Migration", "POST", path, "prepare", since, http.StatusAccepted, resourceStep(kind, cloud.PrepareMigration), "clients"},
		{"Commit " + what + " Migration", "POST", path, "commit", since, http.StatusAccepted, resourceStep(kind, cloud.CommitMigration), "clients"},
		{"Abort " + what + " Migration", "POST", path, "abort", since, http.StatusAccepted, resourceStep(kind, cloud.AbortMigration), "clients"},
	}
}

// validationDocument is the answer to a validation; nothing in it is good news.
type validationDocument struct {
	_                 wire.Root                   `wire:"ValidationMessages"`
	ValidationMessage []validationMessageElements `wire:"ValidationMessage,flat"`
}

type validationMessageElements struct {
	ResourceType string `wire:"ResourceType"`
	ResourceName string `wire:"ResourceName"`
	Category     string `wire:"Category"`
	Message      string `wire:"Message"`
}

func validation(messages []cloud.ValidationMessage) answer {
	var doc validationDocument
	for _, m := range messages {
		doc.ValidationMessage = append(doc.ValidationMessage, validationMessageElements(m))
	}
	return answer{body: doc}
}

// destinationRequest says where a deployment is to go. Clients send the first
// three empty where they have no meaning.
type destinationRequest struct {
	ResourceGroupName         string `wire:"ResourceGroupName"`
	VirtualNetworkName        string `wire:"VirtualNetworkName"`
	SubNetName                string `wire:"SubNetName"`
	DestinationVirtualNetwork string `wire:"DestinationVirtualNetwork"`
}

// destination reads where a deployment is to go; a request without a body says
// nothing.
func (r *request) destination() (cloud.Destination, error) {
	if len(r.body) == 0 {
		return cloud.Destination{}, nil
	}
	var body destinationRequest
	if err := r.decode("DeploymentNetworkResource", &body); err != nil {
		return cloud.Destination{}, err
	}
	return cloud.Destination{
		Network: strings.TrimSpace(body.DestinationVirtualNetwork), ResourceGroup: strings.TrimSpace(body.ResourceGroupName),
		VirtualNetwork: strings.TrimSpace(body.VirtualNetworkName), Subnet: strings.TrimSpace(body.SubNetName),
	}, nil
}

func (s *Server) validateDeployment(r *request) (answer, error) {
	to, err := r.destination()
	if err != nil {
		return answer{}, err
	}
	var messages []cloud.ValidationMessage
	err = r.change(func(st *cloud.State) (err *cloud.Error) {
		messages, err = st.ValidateMigration(r.id, r.vars["service"], r.vars["deployment"], to)
		return err
	})
	return validation(messages), err
}

// deploymentStep returns the handler of a step of a deployment's migration. Only
// a prepare has a body.
func deploymentStep(step cloud.MigrationStep) func(*Server, *request) (answer, error) {
	return func(_ *Server, r *request) (answer, error) {
		var to cloud.Destination
		if step == cloud.PrepareMigration {
			var err error
			if to, err = r.destination(); err != nil {
				return answer{}, err
			}
		}
		return answer{}, r.change(func(st *cloud.State) *cloud.Error {
			return st.MigrateDeployment(r.id, r.vars["service"], r.vars["deployment"], step, to)
		})
	}
}

func validateResource(kind cloud.Migratable) func(*Server, *request) (answer, error) {
	return func(_ *Server, r *request) (answer, error) {
		var messages []cloud.ValidationMessage
		err := r.change(func(st *cloud.State) *cloud.Error {
			messages = st.ValidateResource(r.id, kind, r.vars["name"])
			return nil
		})
		return validation(messages), err
	}
}

func resourceStep(kind cloud.Migratable, step cloud.MigrationStep) func(*Server, *request) (answer, error) {
	return func(_ *Server, r *request) (answer, error) {
		return answer{}, r.change(func(st *cloud.State) *cloud.Error {
			return st.MigrateResource(r.id, kind, r.vars["name"], step)
		})
	}
}

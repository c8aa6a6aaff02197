package management_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

func intoNetwork(kind string) string {
	return document("DeploymentNetworkResource", "<ResourceGroupName/><VirtualNetworkName/><SubNetName/><DestinationVirtualNetwork>"+kind+"</DestinationVirtualNetwork>")
}

const migrationOfV1 = shop + "/deployments/v1/migration?comp="

// migrationStates returns the MigrationState of each role in Get Deployment.
func (w *world) migrationStates() []string {
	body := w.do(get(shop + "/deploymentslots/production")).Body.String()
	var states []string
	for _, role := range strings.Split(body, "<Role>")[1:] {
		_, after, found := strings.Cut(role, "</ConfigurationSets>")
		if !found {
			w.Errorf("a role without configuration sets: %s", role)
		}
		state, _, _ := strings.Cut(after, "</Role>")
		states = append(states, state)
	}
	return states
}

func (w *world) wantStates(want string) {
	w.Helper()
	for _, got := range w.migrationStates() {
		if got != want {
			w.Errorf("a role ends with %q, want %q", got, want)
		}
	}
}

func TestDeploymentsAreMigrated(t *testing.T) {
	w := newWorld(t)
	live(w)
	w.wantStates("")
	if answer := w.do(post(migrationOfV1+"validate", intoNetwork("New"))); answer.Code != 200 || answer.Body.String() != "<ValidationMessages"+answerRoot+"/>" {
		t.Errorf("the validation is answered %d %s", answer.Code, answer.Body)
	}
	w.must(post(migrationOfV1+"prepare", intoNetwork("New")))
	w.wantStates("<MigrationState>Preparing</MigrationState>")
	w.advance(time.Hour)
	w.wantStates("<MigrationState>Prepared</MigrationState>")
	answer := w.do(call{method: "DELETE", path: shop + "/deployments/v1"})
	want := refusal{409, "ConflictError", "Deployment v1 in HostedService shop is in the process of being migrated and hence cannot be changed."}
	if got := refused(t, answer); got != want {
		t.Errorf("a locked deployment is answered %v, want %v", got, want)
	}
	w.done(post(migrationOfV1+"abort", ""))
	w.wantStates("")
	w.done(post(migrationOfV1+"prepare", document("DeploymentNetworkResource",
		"<ResourceGroupName>g</ResourceGroupName><VirtualNetworkName>n</VirtualNetworkName><SubNetName>s</SubNetName><DestinationVirtualNetwork>Existing</DestinationVirtualNetwork>")))
	w.done(post(migrationOfV1+"commit", ""))
	if answer := w.do(get(shop + "/deploymentslots/production")); answer.Code != 404 {
		t.Errorf("after the commit the slot is answered %d %s", answer.Code, answer.Body)
	}
}

func TestMigrationMessages(t *testing.T) {
	w := newWorld(t)
	message := func(kind, name, text string) string {
		return "<ValidationMessages" + answerRoot + "><ValidationMessage><ResourceType>" + kind + "</ResourceType><ResourceName>" + name +
			"</ResourceName><Category>Error</Category><Message>" + text + "</Message></ValidationMessage></ValidationMessages>"
	}
	for path, want := range map[string]string{
		shop + "/deployments/v9":                        message("Deployment", "v9", "The deployment name 'v9' does not exist."),
		"/services/hostedservices/none/deployments/v9":  message("Deployment", "v9", "The deployment name 'v9' does not exist."),
		"/services/storageservices/files":               message("Storage", "files", "The storage account 'files' was not found."),
		"/services/networking/virtualnetwork/office":    message("VirtualNetwork", "office", "The virtual network 'office' was not found."),
		"/services/networking/reservedips/front":        message("ReservedIP", "front", "The reserved IP 'front' does not exist."),
		"/services/networking/networksecuritygroups/g1": message("NetworkSecurityGroup", "g1", "The network security group 'g1' does not exist."),
		"/services/networking/routetables/r1":           message("RouteTable", "r1", "The route table 'r1' does not exist."),
	} {
		answer := w.do(post(path+"/migration?comp=validate", ""))
		if answer.Code != 200 || answer.Body.String() != want {
			t.Errorf("%s is answered %d %s, want %s", path, answer.Code, answer.Body, want)
		}
	}
}

func TestStorageAccountsAreMigrated(t *testing.T) {
	const account = "/services/storageservices/files"
	w := newWorld(t)
	file(w)
	shows := func(want string) {
		t.Helper()
		if got := w.do(get(account)).Body.String(); !strings.HasSuffix(got, want+"</StorageService>") {
			t.Errorf("the account is shown as %s, want %s at its end", got, want)
		}
	}
	shows("</Capabilities>")
	w.done(post(account+"/migration?comp=prepare", ""))
	shows("</Capabilities><MigrationState>Prepared</MigrationState>")
	w.done(post(account+"/migration?comp=abort", ""))
	shows("</Capabilities>")
	w.done(post(account+"/migration?comp=prepare", ""))
	w.done(post(account+"/migration?comp=commit", ""))
	if answer := w.do(get(account)); answer.Code != 404 {
		t.Errorf("after the commit the account is answered %d", answer.Code)
	}
}

func TestMigrationRefusals(t *testing.T) {
	absent := refusal{404, "ResourceNotFound", "The deployment name 'v1' does not exist."}
	failed := func(w *world) {
		both(w)
		w.must(post(migrationOfV1+"prepare", intoNetwork("New")))
		w.advance(time.Hour)
	}
	runProtocol(t, []protocolTest{
		{name: "unknown verb", prepare: live, call: post(migrationOfV1+"move", ""), refused: wrongQuery},
		{name: "wrong method", prepare: live, call: get(shop + "/deployments/v1/migration?comp=validate"), refused: wrongVerb},
		{name: "another root", prepare: live, call: post(migrationOfV1+"prepare", document("Migration", "")), refused: wrongXML},
		{name: "default network", prepare: live, call: post(migrationOfV1+"prepare", intoNetwork("Default")), refused: refusal{400, "BadRequest", "The destination virtual network 'Default' is not implemented; use New or Existing."}},
		{name: "incomplete", prepare: live, call: post(migrationOfV1+"validate", intoNetwork("Existing")), refused: refusal{400, "BadRequest", "ResourceGroupName, VirtualNetworkName and SubNetName must be specified for an existing virtual network."}},
		{name: "prepare of nothing", call: post(migrationOfV1+"prepare", intoNetwork("New")), refused: absent},
		{name: "commit of nothing", call: post(migrationOfV1+"commit", ""), refused: absent},
		{name: "abort of nothing", call: post(migrationOfV1+"abort", ""), refused: absent},
		{name: "commit unprepared", prepare: live, call: post(migrationOfV1+"commit", ""), refused: refusal{409, "ConflictError", "The migration cannot be committed because it has not been prepared."}},
		{name: "commit what failed", prepare: failed, call: post(migrationOfV1+"commit", ""), refused: refusal{409, "ConflictError", "The migration cannot be committed because it has not been prepared."}},
		{name: "network", call: post("/services/networking/virtualnetwork/office/migration?comp=prepare", ""), refused: refusal{400, "BadRequest", "The virtual network 'office' was not found."}},
		{name: "route table", call: post("/services/networking/routetables/r1/migration?comp=abort", ""), refused: refusal{404, "ResourceNotFound", "The route table 'r1' does not exist."}},
	})
}

func TestVirtualNetworksShowTheirMigration(t *testing.T) {
	w := newWorld(t)
	w.change(func(st *cloud.State) *cloud.Error {
		return st.PutNetwork("00000000000000000000000000000001", cloud.Network{Sites: []cloud.VirtualNetworkSite{{Name: "office", Location: "West US"}}})
	})
	w.advance(time.Hour)
	shows := func(want bool) {
		t.Helper()
		list := w.do(get("/services/networking/virtualnetwork")).Body.String()
		if strings.HasSuffix(list, "<MigrationState>Prepared</MigrationState></VirtualNetworkSite></VirtualNetworkSites>") != want {
			t.Errorf("the networks are shown as %s, prepared: want %v", list, want)
		}
	}
	shows(false)
	w.done(post("/services/networking/virtualnetwork/office/migration?comp=prepare", ""))
	shows(true)
	w.done(post("/services/networking/virtualnetwork/office/migration?comp=abort", ""))
	shows(false)
}

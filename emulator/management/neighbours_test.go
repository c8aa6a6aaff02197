package management_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// TestNeighbourRequests sends what the documents do not show: queries and bodies
// that are wrong as such. What rules refuse, the tests of package cloud list.
func TestNeighbourRequests(t *testing.T) {
	period := "StartTime=2015-07-01&EndTime=2015-07-02"
	bad := func(message string) refusal { return refusal{400, "BadRequest", message} }
	runProtocol(t, []protocolTest{
		{name: "operations without a period", call: get("/operations"), refused: wrongQuery},
		{name: "operations without an end", call: get("/operations?StartTime=2015-07-01"), refused: wrongQuery},
		{name: "operations of no date", call: get("/operations?StartTime=soon&EndTime=2015-07-02"), refused: wrongQuery},
		{name: "operations of long ago", call: get("/operations?StartTime=2011-01-01&EndTime=2015-07-02"), refused: bad("The date specified in parameter StartTime is not within the correct range.")},
		{name: "operations backwards", call: get("/operations?starttime=2015-07-02&endtime=2015-07-01T23:59:59.999Z"), refused: bad("The date specified in parameter EndTime is not within the correct range.")},
		{name: "operations of no result", call: get("/operations?" + period + "&OperationResultFilter=Perhaps"), refused: bad("The operation result 'Perhaps' is invalid; it must be Succeeded, Failed or InProgress.")},
		{name: "operations after nothing", call: get("/operations?" + period + "&ContinuationToken=%21"), refused: bad("The continuation token is invalid.")},
		{name: "operations", call: get("/operations/?" + period + "&OperationResultFilter=succeeded"), status: 200},
		{name: "keys without an action", prepare: file, call: post("/services/storageservices/files/keys", document("RegenerateKeys", "<KeyType>Primary</KeyType>")), refused: wrongQuery},
		{name: "keys of no type", prepare: file, call: post("/services/storageservices/files/keys?action=regenerate", document("RegenerateKeys", "")), refused: bad("The key type '' is invalid; it must be Primary or Secondary.")},
		{name: "group with a label that is not base64", call: post("/affinitygroups", document("CreateAffinityGroup", "<Name>home</Name><Label>%</Label><Location>West US</Location>")), refused: bad("The element Label is not valid base64.")},
		{name: "network of another root", call: call{method: "PUT", path: "/services/networking/media", body: "<a/>"}, refused: bad("The network configuration is invalid: the file is no network configuration: its root element must be NetworkConfiguration in the namespace http://schemas.microsoft.com/ServiceHosting/2011/07/NetworkConfiguration")},
		{name: "profile of no status", prepare: web, call: call{method: "PUT", path: profiles + "/web", body: document("Profile", "<Status>On</Status>")}, refused: bad("The profile status 'On' is invalid; it must be Enabled or Disabled.")},
		{name: "virtual IP on a deployment that is not there", call: post(shop+"/deployments/v1/second", ""), refused: refusal{404, "ResourceNotFound", "The deployment name 'v1' does not exist."}},
		{name: "association in the body of another", prepare: front, call: post(reservedIPs+"/front/operations/associate", reservedBody), refused: refusal{400, "InvalidXmlRequest", "The request body’s XML was invalid or not correctly specified."}},
	})
}

// TestOperationsArePaged goes through a list that is longer than a page.
func TestOperationsArePaged(t *testing.T) {
	w := newWorld(t)
	for range 250 {
		w.must(call{method: "PUT", path: shop, body: document("UpdateHostedService", "<Label>"+b64("Label")+"</Label>")})
	}
	query := "/operations?StartTime=2015-07-01&EndTime=2015-07-02&ObjectIdFilter=https://" + host + "/" + subscription + shop
	token := regexp.MustCompile(`<ContinuationToken>(.*)</ContinuationToken>`)
	path, pages, seen := query, 0, map[string]bool{}
	for path != "" && pages < 10 {
		text := w.do(get(path)).Body.String()
		for _, id := range regexp.MustCompile(`<OperationId>([^<]+)`).FindAllStringSubmatch(text, -1) {
			seen[id[1]] = true
		}
		pages, path = pages+1, ""
		if found := token.FindStringSubmatch(text); found != nil {
			path = query + "&ContinuationToken=" + found[1]
		}
	}
	if pages != 3 || len(seen) != 250 {
		t.Errorf("%d operations on %d pages, want 250 on 3", len(seen), pages)
	}
}

// TestOperationsKeepNoSecrets looks for a body's text in the list of operations
// and in what is kept.
func TestOperationsKeepNoSecrets(t *testing.T) {
	w := newWorld(t)
	w.must(call{method: "PUT", path: shop, body: document("UpdateHostedService", "<Label>"+b64("Label")+"</Label><Password>sesame</Password>")})
	list := w.do(get("/operations?StartTime=2015-07-01&EndTime=2015-07-02")).Body.String()
	if !strings.Contains(list, "UpdateCloudService") || strings.Contains(list, "sesame") || strings.Contains(w.dump(), "sesame") {
		t.Errorf("the list of operations is %s", list)
	}
}

// TestReservedAddressFollowsTheSlot swaps as a client does and reads addresses.
func TestReservedAddressFollowsTheSlot(t *testing.T) {
	w := newWorld(t)
	both(w)
	for _, name := range []string{"v1", "v2"} {
		w.done(post(reservedIPs, document("ReservedIP", "<Name>ip-"+name+"</Name><ServiceName>shop</ServiceName><DeploymentName>"+name+"</DeploymentName>")))
	}
	w.done(post(shop, swapBody("v1", "v2")))
	for slot, want := range map[string]string{"production": "<Name>v2</Name>", "staging": "<Name>v1</Name>"} {
		text := w.do(get(shop + "/deploymentslots/" + slot)).Body.String()
		reserved := map[string]string{"production": "ip-v1", "staging": "ip-v2"}[slot]
		if !strings.Contains(text, want) || !strings.Contains(text, "<ReservedIPName>"+reserved+"</ReservedIPName></VirtualIP>") {
			t.Errorf("%s has not %s at %s: %s", slot, want, reserved, text)
		}
	}
	if text := w.do(get(reservedIPs + "/ip-v1")).Body.String(); !strings.Contains(text, "<DeploymentName>v2</DeploymentName>") {
		t.Errorf("ip-v1: %s", text)
	}
}

// TestNetworkGoesByAutoClock polls for a network configuration that replaces
// another, on a clock that waits for whoever looks.
func TestNetworkGoesByAutoClock(t *testing.T) {
	w := worldOf(t, cloud.AutoTime, packagesReader())
	office(w)
	changed := strings.ReplaceAll(netcfg, "10.0.0.4", "10.0.0.9")
	w.must(call{method: "PUT", path: "/services/networking/media", body: changed})
	for range 5 {
		if answer := w.do(get("/services/networking/media")); answer.Code == 200 && answer.Body.String() == changed {
			return
		}
	}
	t.Errorf("the file is still not there %v later", w.Now().Sub(cloud.Epoch).Round(time.Second))
}

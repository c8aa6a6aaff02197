package management_test

import (
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// exchanges are the requests whose answers are kept under testdata/documents.
var exchanges = slices.Concat(neighbourExchanges, heldExchanges, []exchange{
	{name: "in-progress", prepare: func(w *world) {
		w.must(post(shop+"/deploymentslots/staging", createBody("v1", "v1", true)))
	}, call: get("/operations/"), target: lastOperation},
	{name: "succeeded", prepare: next, call: get("/operations/"), target: lastOperation},
	{name: "succeeded-at-once", call: get("/operations/"), target: lastOperation, gates: true},
	{name: "failed", prepare: func(w *world) {
		w.must(post(shop+"/deploymentslots/staging", createWithoutPackage))
		w.advance(time.Hour)
	}, call: get("/operations/"), target: lastOperation},

	{name: "running", prepare: live, call: get(shop + "/deploymentslots/production"), gates: true},
	{name: "by-name", prepare: both, call: get(shop + "/deployments/V2")},
	{name: "deploying", prepare: func(w *world) {
		w.must(post(shop+"/deploymentslots/staging", createBody("v1", "v1", true)))
	}, call: get(shop + "/deploymentslots/Staging")},
	{name: "deploying-what-will-fail", prepare: func(w *world) {
		w.must(post(shop+"/deploymentslots/staging", createWithoutPackage))
	}, call: get(shop + "/deploymentslots/Staging")},
	{name: "suspended-without-endpoints", prepare: func(w *world) {
		w.done(call{method: "POST", path: shop + "/deploymentslots/staging", body: document("CreateDeployment", "<Name>idle</Name><PackageUrl>"+plainURL+
			"</PackageUrl><Label>"+b64("idle")+"</Label><Configuration>"+b64(plainConfiguration)+"</Configuration>")})
	}, call: get(shop + "/deploymentslots/staging")},
	{name: "upgrading", prepare: upgrading, call: get(shop + "/deploymentslots/staging")},
	{name: "swapped", prepare: func(w *world) {
		both(w)
		w.done(post(shop, swapBody("v1", "v2")))
	}, call: get(shop + "/deploymentslots/staging")},
	{name: "network", prepare: func(w *world) {
		w.change(func(st *cloud.State) *cloud.Error {
			return st.CreateReservedIP(strings.Repeat("1", 32), cloud.ReservedSpec{Name: "front", Label: "front", Location: "West US"})
		})
		w.advance(time.Hour)
		w.done(call{method: "POST", path: shop + "/deploymentslots/staging", body: document("CreateDeployment", "<Name>v1</Name><PackageUrl>"+shopURL+
			"</PackageUrl><Label>"+b64("v1")+"</Label><Configuration>"+b64(shopConfiguration("hello", 1, network))+"</Configuration><StartDeployment>true</StartDeployment>")})
	}, call: get(shop + "/deploymentslots/staging")},
	{name: "empty-slot", call: get(shop + "/deploymentslots/staging")},

	{name: "staging", call: post(shop+"/deploymentslots/staging", createBody("v1", "1.0 <beta> & more", true))},
	{name: "occupied", prepare: live, call: post(shop+"/deploymentslots/Production", createBody("v2", "2.0", true))},
	{name: "both-names", prepare: both, call: post(shop, swapBody("v1", "v2"))},
	{name: "empty-production", prepare: next, call: post(shop, swapBody("", "v2"))},
	{name: "by-slot", prepare: live, call: call{method: "DELETE", path: shop + "/deploymentslots/production"}},
	{name: "by-name", prepare: live, call: call{method: "DELETE", path: shop + "/deployments/v1"}},
	{name: "by-slot", prepare: live, call: call{method: "DELETE", path: shop + "/deploymentslots/production?comp=media"}},
	{name: "by-name", prepare: live, call: call{method: "DELETE", path: shop + "/deployments/v1?comp=media"}},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/?comp=config", configBody)},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/?comp=config", configBody)},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/?comp=status", statusBody("Suspended"))},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/?comp=status", statusBody("Suspended"))},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/?comp=upgrade", upgradeBody)},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/?comp=upgrade", upgradeBody)},
	{name: "busy", prepare: func(w *world) {
		live(w)
		w.must(post(shop+"/deployments/v1/?comp=status", statusBody("Suspended")))
	}, call: call{method: "DELETE", path: shop + "/deployments/v1"}},

	{name: "by-slot", prepare: walkable, call: post(shop+"/deploymentslots/staging/?comp=walkupgradedomain", document("WalkUpgradeDomain", "<UpgradeDomain>0</UpgradeDomain>"))},
	{name: "by-name", prepare: walkable, call: post(shop+"/deployments/v2?comp=walkupgradedomain", document("WalkUpgradeDomain", "<UpgradeDomain>0</UpgradeDomain>"))},
	{name: "wrong-domain", prepare: walkable, call: post(shop+"/deployments/v2?comp=walkupgradedomain", document("WalkUpgradeDomain", "<UpgradeDomain>1</UpgradeDomain>"))},
	{name: "by-slot", prepare: upgrading, call: post(shop+"/deploymentslots/staging/?comp=rollback", rollbackBody)},
	{name: "by-name", prepare: upgrading, call: post(shop+"/deployments/v2/?comp=rollback", rollbackBody), status: 200},
	{name: "nothing-to-undo", prepare: next, call: post(shop+"/deployments/v2/?comp=rollback", rollbackBody)},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/roleinstances/Web_IN_0?comp=reboot", "")},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/roleinstances/web_in_0?comp=reboot", "")},
	{name: "missing", prepare: live, call: post(shop+"/deployments/v1/roleinstances/Web_IN_9?comp=reboot", "")},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/roleinstances/Web_IN_0?comp=reimage", "")},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/roleinstances/Web_IN_0?comp=reimage", "")},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/roleinstances/Web_IN_0?comp=rebuild&resources=allLocalDrives", "")},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/roleinstances/Web_IN_0?comp=rebuild&resources=allLocalDrives", "")},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/roleinstances/?comp=delete", document("RoleInstances", "<Name>Web_IN_1</Name>"))},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/roleinstances/?comp=delete", document("RoleInstances", "<Name>Web_IN_1</Name>"))},
	{name: "last-of-its-role", prepare: live, call: post(shop+"/deployments/v1/roleinstances/?comp=delete", document("RoleInstances", "<Name>Work_IN_0</Name>"))},
	{name: "by-slot", prepare: live, call: get(shop + "/deploymentslots/production/events?StartTime=2015-07-01&EndTime=2015-07-02T00:00:00.000Z")},
	{name: "by-name", prepare: live, call: get(shop + "/deployments/v1/events?starttime=2015-07-01&endtime=2015-07-02")},
	{name: "by-slot", prepare: live, call: post(shop+"/deploymentslots/production/package?containerUri=https%3A%2F%2Ffiles.blob.core.windows.net%2Fpackages", "")},
	{name: "by-name", prepare: live, call: post(shop+"/deployments/v1/package?containerUri=https%3A%2F%2Ffiles.blob.core.windows.net%2Fpackages", "")},

	{name: "with-deployments", prepare: func(w *world) { describe(w); both(w) }, call: get(shop + "?embed-detail=true"), gates: true},
	{name: "with-no-deployments", call: get(shop + "?embed-detail=true")},
	{name: "plain", prepare: both, call: get("/services/hostedservices/SHOP")},
	{name: "described", prepare: describe, call: get(shop)},
	{name: "missing", call: get("/services/hostedservices/none")},
	{name: "one", call: get("/services/hostedservices"), gates: true},
	{name: "none", prepare: func(w *world) { w.must(call{method: "DELETE", path: shop}) }, call: get("/services/hostedservices")},
	{name: "full", call: post("/services/hostedservices", createServiceBody("Store-2"))},
	{name: "taken", call: post("/services/hostedservices", createServiceBody("SHOP"))},
	{name: "label", call: call{method: "PUT", path: shop, body: document("UpdateHostedService", "<Label>"+b64("New label")+"</Label>")}},
	{name: "empty", call: call{method: "DELETE", path: shop}},
	{name: "in-use", prepare: live, call: call{method: "DELETE", path: shop}},
	{name: "in-use", prepare: live, call: call{method: "DELETE", path: shop + "?comp=media"}},
	{name: "free", call: get("/services/hostedservices/operations/isavailable/free"), gates: true},
	{name: "taken", call: get("/services/hostedservices/operations/isavailable/Shop"), gates: true},
	{name: "invalid", call: get("/services/hostedservices/operations/isavailable/a_b")},

	{name: "plain", prepare: both, call: get("")},
	{name: "one", call: call{method: "GET", path: "/subscriptions", subscription: "-"}},
	{name: "all", call: get("/locations")},

	{name: "created", prepare: file, call: get("/services/storageservices/files")},
	{name: "creating", prepare: func(w *world) { w.must(createFiles) }, call: get("/services/storageservices/files")},
	{name: "missing", call: get("/services/storageservices/files")},
	{name: "one", prepare: file, call: get("/services/storageservices")},
	{name: "none", call: get("/services/storageservices")},
	{name: "full", call: createFiles},
	{name: "unused", prepare: file, call: call{method: "DELETE", path: "/services/storageservices/files"}},
	{name: "both", prepare: file, call: get("/services/storageservices/files/keys")},
	{name: "free", call: get("/services/storageservices/operations/isavailable/free1")},
	{name: "taken", prepare: file, call: get("/services/storageservices/operations/isavailable/files")},
	{name: "invalid", call: get("/services/storageservices/operations/isavailable/No")},
})

func post(path, body string) call { return call{method: "POST", path: path, body: body} }

func get(path string) call { return call{method: "GET", path: path} }

var createWithoutPackage = document("CreateDeployment", "<Name>v1</Name><PackageUrl>https://files.blob.core.windows.net/packages/none.cspkg</PackageUrl><Label>"+b64("v1")+
	"</Label><Configuration>"+b64(shopConfiguration("hello", 2, ""))+"</Configuration><StartDeployment>true</StartDeployment>")

func swapBody(production, source string) string {
	return document("Swap", "<Production>"+production+"</Production><SourceDeployment>"+source+"</SourceDeployment>")
}

func statusBody(status string) string {
	return document("UpdateDeploymentStatus", "<Status>"+status+"</Status>")
}

func createServiceBody(name string) string {
	return document("CreateHostedService", "<ServiceName>"+name+"</ServiceName><Label>"+b64("Größe")+"</Label><Description>all &lt;of&gt; it</Description><Location>North Europe</Location>"+
		"<ExtendedProperties><ExtendedProperty><Name>team</Name><Value>blue</Value></ExtendedProperty></ExtendedProperties><ReverseDnsFqdn>shop.example.</ReverseDnsFqdn>")
}

// describe gives the service all that it can have.
func describe(w *world) {
	w.must(call{method: "PUT", path: shop, body: document("UpdateHostedService", "<Label>"+b64("Shop & more")+"</Label><Description>what &lt;we&gt; sell</Description>"+
		"<ExtendedProperties><ExtendedProperty><Name>team</Name><Value>blue</Value></ExtendedProperty></ExtendedProperties><ReverseDnsFqdn>shop.example.</ReverseDnsFqdn>")})
}

// What exchanges prepare.
var (
	both = func(w *world) { w.deploy("production", "v1"); w.deploy("staging", "v2") }
	live = func(w *world) { w.deploy("production", "v1") }
	next = func(w *world) { w.deploy("staging", "v2") }
	file = func(w *world) { w.done(createFiles) }
)

var createFiles = call{method: "POST", path: "/services/storageservices", body: document("CreateStorageServiceInput",
	"<ServiceName>files</ServiceName><Description>Packages &amp; more</Description><Label>"+b64("Files")+"</Label><Location>West US</Location><ExtendedProperties/><AccountType>Standard_LRS</AccountType>")}

// upgrading leaves the deployment in staging in the middle of an update.
func upgrading(w *world) {
	next(w)
	w.must(post(shop+"/deploymentslots/staging/?comp=upgrade", upgradeBody))
	w.advance(2 * time.Minute)
}

// walkable leaves the deployment in staging in an update that waits for orders.
func walkable(w *world) {
	next(w)
	w.done(post(shop+"/deploymentslots/staging/?comp=upgrade", strings.Replace(upgradeBody, "Auto", "Manual", 1)))
}

var rollbackBody = document("RollbackUpdateOrUpgrade", "<Mode>Auto</Mode><Force>false</Force>")

// upgradeBody asks for the same package with another configuration.
var upgradeBody = document("UpgradeDeployment", "<Mode>Auto</Mode><PackageUrl>"+shopURL+"</PackageUrl><Configuration>"+b64(shopConfiguration("good day", 2, ""))+
	"</Configuration><Label>"+b64("v3")+"</Label><Force>true</Force><ExtendedProperties><ExtendedProperty><Name>commit</Name><Value>abc</Value></ExtendedProperty></ExtendedProperties>")

var configBody = document("ChangeConfiguration", "<Configuration>"+b64(shopConfiguration("hello", 3, ""))+"</Configuration><TreatWarningsAsError>false</TreatWarningsAsError><Mode>Auto</Mode>")

const network = `<NetworkConfiguration><Dns><DnsServers><DnsServer name="ns" IPAddress="10.0.0.4"/></DnsServers></Dns><VirtualNetworkSite name="office"/>` +
	`<AddressAssignments><ReservedIPs><ReservedIP name="front"/></ReservedIPs></AddressAssignments></NetworkConfiguration>`

// lastOperation returns the id of the newest operation.
func lastOperation(w *world) (id string) {
	w.change(func(st *cloud.State) *cloud.Error {
		for op := range st.Operations {
			id = op.ID
		}
		return nil
	})
	return id
}

package management_test

import (
	"strings"
	"time"
)

// neighbourExchanges are those of what a cloud service has around it.
var neighbourExchanges = []exchange{
	{name: "created", call: createHome},
	{name: "exists", prepare: home, call: createHome},
	{name: "two", prepare: func(w *world) {
		home(w)
		w.done(post("//affinitygroups", document("CreateAffinityGroup", "<Name>away</Name><Label>"+b64("Away")+"</Label><Location>East US</Location>")))
	}, call: get("//affinitygroups"), gates: true},
	{name: "empty", prepare: home, call: get("/affinitygroups/home")},
	{name: "used", prepare: homeInUse, call: get("/affinitygroups/HOME")},
	{name: "missing", call: get("/affinitygroups/home")},
	{name: "plain", prepare: home, call: call{method: "PUT", path: "/affinitygroups/home", body: document("UpdateAffinityGroup", "<Label>"+b64("New")+"</Label><Description>What is new</Description>")}},
	{name: "plain", prepare: home, call: call{method: "DELETE", path: "/affinitygroups/home"}},
	{name: "used", prepare: homeInUse, call: call{method: "DELETE", path: "/affinitygroups/home"}},
	{name: "malformed", call: call{method: "DELETE", path: "/affinitygroups/a_b"}},

	{name: "all", call: get("/rolesizes")},
	{name: "all", call: get("/operatingsystems")},
	{name: "all", call: get("/operatingsystemfamilies")},
	{name: "some", prepare: func(w *world) {
		home(w)
		w.must(post(shop+"/deploymentslots/staging", createWithoutPackage))
		w.advance(time.Hour)
		w.must(post(shop+"/deploymentslots/production", createBody("v2", "v2", true)))
	}, call: get("/operations?StartTime=2015-07-01&EndTime=2015-07-02T00:00:00.000Z")},
	{name: "range", call: get("/operations?StartTime=2015-07-02&EndTime=2015-07-01")},

	{name: "replicated", prepare: func(w *world) {
		w.done(post("/services/storageservices", document("CreateStorageServiceInput", "<ServiceName>files</ServiceName><Label>"+b64("Files")+
			"</Label><Location>west us</Location><AccountType>Standard_RAGRS</AccountType>")))
	}, call: get("/services/storageservices/files"), gates: true},
	{name: "in-group", prepare: homeInUse, call: get("/services/storageservices/files")},
	{name: "plain", prepare: file, call: call{method: "PUT", path: "/services/storageservices/files", body: document("UpdateStorageServiceInput",
		"<Description>More</Description><Label>"+b64("More")+"</Label><AccountType>Standard_GRS</AccountType>")}},
	{name: "old-client", prepare: file, call: call{method: "PUT", path: "/services/storageservices/files", body: document("UpdateStorageServiceInput", "<GeoReplicationEnabled>true</GeoReplicationEnabled>")}},
	{name: "primary", prepare: file, call: post("/services/storageservices/files/keys?action=regenerate", document("RegenerateKeys", "<KeyType>Primary</KeyType>"))},

	{name: "at-location", call: post(reservedIPs, reservedBody)},
	{name: "in-place", prepare: live, call: post(reservedIPs, document("ReservedIP", "<Name>front</Name><ServiceName>shop</ServiceName><DeploymentName>v1</DeploymentName>"))},
	{name: "exists", prepare: front, call: post(reservedIPs, reservedBody)},
	{name: "two", prepare: func(w *world) {
		associated(w)
		w.done(post(reservedIPs, document("ReservedIP", "<Name>back</Name><Location>West US</Location>")))
	}, call: get(reservedIPs)},
	{name: "free", prepare: front, call: get(reservedIPs + "/front")},
	{name: "used", prepare: associated, call: get(reservedIPs + "/front")},
	{name: "creating", prepare: func(w *world) { w.must(post(reservedIPs, reservedBody)) }, call: get(reservedIPs + "/front")},
	{name: "missing", call: get(reservedIPs + "/front")},
	{name: "free", prepare: front, call: call{method: "DELETE", path: reservedIPs + "/front"}},
	{name: "used", prepare: associated, call: call{method: "DELETE", path: reservedIPs + "/front"}},
	{name: "default", prepare: func(w *world) { live(w); front(w) }, call: post(reservedIPs+"/front/operations/associate", associationBody)},
	{name: "default", prepare: associated, call: post(reservedIPs+"/front/operations/disassociate", associationBody)},

	{name: "none", call: get("/services/networking/media")},
	{name: "one", prepare: office, call: get("/services/networking/media")},
	{name: "whole", call: call{method: "PUT", path: "/services/networking/media", body: netcfg}},
	{name: "malformed", call: call{method: "PUT", path: "/services/networking/media", body: "<NetworkConfiguration/>"}},
	{name: "one", prepare: func(w *world) { office(w); live(w) }, call: get("/services/networking/virtualnetwork")},

	{name: "plain", prepare: live, call: post(shop+"/deployments/v1/dnsservers", document("DnsServer", "<Name>ns</Name><Address>10.0.0.5</Address>"))},
	{name: "plain", prepare: named, call: call{method: "PUT", path: shop + "/deployments/v1/dnsservers/ns", body: document("DnsServer", "<Name>ns</Name><Address>10.0.0.6</Address>")}},
	{name: "plain", prepare: named, call: call{method: "DELETE", path: shop + "/deployments/v1/dnsservers/ns"}},
	{name: "plain", prepare: live, call: post(shop+"/deployments/v1/second", "")},
	{name: "long-path", prepare: live, call: post(shop+"/deployments/v1/virtualIPs/second", "")},
	{name: "plain", prepare: second, call: call{method: "DELETE", path: shop + "/deployments/v1/virtualIPs/second"}},
	{name: "neighbours", prepare: func(w *world) { named(w); second2(w) }, call: get(shop + "/deployments/v1")},

	{name: "free", call: get("/services/WATM/operations/isavailable/web.trafficmanager.net")},
	{name: "taken", prepare: web, call: get("/services/WATM/operations/isavailable/web.trafficmanager.net")},
	{name: "plain", call: createWeb},
	{name: "one", prepare: web, call: get(profiles)},
	{name: "disabled", prepare: web, call: get(profiles + "/web")},
	{name: "enabled", prepare: enabledWeb, call: get(profiles + "/web")},
	{name: "missing", call: get(profiles + "/web")},
	{name: "enable", prepare: defined, call: enableWeb},
	{name: "plain", prepare: web, call: call{method: "DELETE", path: profiles + "/web"}},
	{name: "plain", prepare: web, call: post(profiles+"/web/definitions", definitionBody)},
	{name: "one", prepare: defined, call: get(profiles + "/web/definitions")},
	{name: "enabled", prepare: enabledWeb, call: get(profiles + "/web/definitions/1")},
}

const (
	reservedIPs = "/services/networking/reservedips"
	profiles    = "/services/WATM/profiles"
)

// What exchanges of neighbours send and prepare.
var (
	createHome = post("/affinitygroups", document("CreateAffinityGroup", "<Name>home</Name><Label>"+b64("Home")+"</Label><Description/><Location>West US</Location>"))
	home       = func(w *world) { w.done(createHome) }

	reservedBody    = document("ReservedIP", "<Name>front</Name><Label>The front &amp; only</Label><Location>West US</Location>")
	associationBody = document("ReservedIPAssociation", "<ServiceName>shop</ServiceName><DeploymentName>v1</DeploymentName>")
	front           = func(w *world) { w.done(post(reservedIPs, reservedBody)) }

	netcfg = "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<NetworkConfiguration xmlns=\"http://schemas.microsoft.com/ServiceHosting/2011/07/NetworkConfiguration\">\r\n" +
		`<VirtualNetworkConfiguration><Dns><DnsServers><DnsServer name="ns" IPAddress="10.0.0.4"/></DnsServers></Dns><VirtualNetworkSites>` +
		`<VirtualNetworkSite name="office" Location="West US"><AddressSpace><AddressPrefix>10.0.0.0/8</AddressPrefix></AddressSpace>` +
		`<Subnets><Subnet name="front"><AddressPrefix>10.0.0.0/16</AddressPrefix></Subnet></Subnets><DnsServersRef><DnsServerRef name="ns"/></DnsServersRef>` +
		"</VirtualNetworkSite></VirtualNetworkSites></VirtualNetworkConfiguration>\r\n</NetworkConfiguration>"
	office = func(w *world) { w.done(call{method: "PUT", path: "/services/networking/media", body: netcfg}) }

	createWeb      = post(profiles, document("Profile", "<DomainName>web.trafficmanager.net</DomainName><Name>web</Name>"))
	web            = func(w *world) { w.done(createWeb) }
	definitionBody = document("Definition", "<DnsOptions><TimeToLiveInSeconds>300</TimeToLiveInSeconds></DnsOptions><Monitors><Monitor><IntervalInSeconds>30</IntervalInSeconds>"+
		"<TimeoutInSeconds>10</TimeoutInSeconds><ToleratedNumberOfFailures>3</ToleratedNumberOfFailures><Protocol>HTTP</Protocol><Port>80</Port>"+
		"<HttpOptions><Verb>GET</Verb><RelativePath>/</RelativePath><ExpectedStatusCode>200</ExpectedStatusCode></HttpOptions></Monitor></Monitors>"+
		"<Policy><LoadBalancingMethod>Failover</LoadBalancingMethod><Endpoints><Endpoint><DomainName>shop.cloudapp.net</DomainName><Status>Enabled</Status><Type>CloudService</Type></Endpoint>"+
		"<Endpoint><DomainName>shop.example.org</DomainName><Status>Disabled</Status><Type>Any</Type><Weight>2</Weight></Endpoint></Endpoints></Policy>")
	enableWeb  = call{method: "PUT", path: profiles + "/web", body: document("Profile", "<Status>Enabled</Status><StatusDetails><EnabledVersion>1</EnabledVersion></StatusDetails>")}
	enabledWeb = func(w *world) { defined(w); w.done(enableWeb) }
)

func homeInUse(w *world) {
	home(w)
	w.done(post("/services/hostedservices", document("CreateHostedService", "<ServiceName>store</ServiceName><Label>"+b64("Store")+"</Label><AffinityGroup>home</AffinityGroup>")))
	w.done(post("/services/storageservices", document("CreateStorageServiceInput", "<ServiceName>files</ServiceName><Label>"+b64("Files")+
		"</Label><AffinityGroup>home</AffinityGroup><GeoReplicationEnabled>false</GeoReplicationEnabled>")))
}

func associated(w *world) {
	live(w)
	front(w)
	w.done(post(reservedIPs+"/front/operations/associate", associationBody))
}

// named gives a deployment a name server of its own.
func named(w *world) {
	live(w)
	w.done(post(shop+"/deployments/v1/dnsservers", document("DnsServer", "<Name>ns</Name><Address>10.0.0.5</Address>")))
}

func second(w *world) { live(w); w.done(post(shop+"/deployments/v1/second", "")) }

// second2 gives the deployment two further virtual IPs, one of them with a
// reserved address.
func second2(w *world) {
	w.done(post(shop+"/deployments/v1/second", ""))
	w.done(post(shop+"/deployments/v1/virtualips/third", ""))
	front(w)
	w.done(post(reservedIPs+"/front/operations/associate", strings.Replace(associationBody, "</DeploymentName>", "</DeploymentName><VirtualIPName>third</VirtualIPName>", 1)))
}

func defined(w *world) {
	web(w)
	w.done(post(profiles+"/web/definitions", definitionBody))
}

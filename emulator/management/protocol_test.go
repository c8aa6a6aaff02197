package management_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
)

// The refusals of the API itself, whatever was asked for.
var (
	wrongVersion = refusal{400, "MissingOrIncorrectVersionHeader", "The versioning header is not specified or was specified incorrectly."}
	wrongXML     = refusal{400, "InvalidXmlRequest", "The request body’s XML was invalid or not correctly specified."}
	wrongQuery   = refusal{400, "MissingOrInvalidRequiredQueryParameter", "A required query parameter was not specified for this request or was specified incorrectly."}
	wrongVerb    = refusal{400, "InvalidHttpVerb", "The HTTP verb specified was not recognized by the server or isn’t valid for this resource."}
	forbidden    = refusal{403, "ForbiddenError", "The server failed to authenticate the request. Verify that the certificate is valid and is associated with this subscription."}
	noPage       = refusal{404, "ResourceNotFound", "The specified resource does not exist."}
	noService    = refusal{404, "ResourceNotFound", "The hosted service does not exist."}
	noDeployment = refusal{404, "ResourceNotFound", "No deployments were found."}
)

// protocolTest is a request and how it is answered: with a status, or refused.
type protocolTest struct {
	name    string
	prepare func(*world)
	call
	status  int
	refused refusal
}

func runProtocol(t *testing.T, tests []protocolTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if test.prepare != nil {
				test.prepare(w)
			}
			before := w.dump()
			answer := w.do(test.call)
			checkAnswer(t, answer)
			if test.status != 0 {
				if answer.Code != test.status {
					t.Errorf("answered %d %s, want %d", answer.Code, answer.Body, test.status)
				}
				return
			}
			if diff := cmp.Diff(test.refused, refused(t, answer)); diff != "" {
				t.Errorf("refusal mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, w.dump()); diff != "" {
				t.Errorf("the refusal changed something (-before +after):\n%s", diff)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	tests := []protocolTest{
		{name: "missing", refused: wrongVersion}, // its version is set below
		{name: "not a date", call: call{version: "latest"}, refused: wrongVersion},
		{name: "not a day", call: call{version: "2014-13-01"}, refused: wrongVersion},
		{name: "other form", call: call{version: "2014-10-1"}, refused: wrongVersion},
		{name: "a time", call: call{version: "2014-10-01T00:00:00Z"}, refused: wrongVersion},
		{name: "older than the API", call: call{version: "2009-09-30"}, refused: wrongVersion},
		{name: "the first", call: call{version: "2009-10-01"}, status: 200},
		{name: "between two", call: call{version: "2014-10-02"}, status: 200},
		{name: "after the last", call: call{version: "2031-01-01"}, status: 200},
	}
	tests[0].version = "-"
	for i := range tests {
		tests[i].method, tests[i].path = "GET", shop
	}
	runProtocol(t, tests)
}

// TestUnknownVersionMeansTheOneBefore compares the answers for two versions.
func TestUnknownVersionMeansTheOneBefore(t *testing.T) {
	for asked, meant := range map[string]string{"2012-02-29": "2011-12-01", "2014-05-20": "2014-05-01", "2031-01-01": "2018-03-01"} {
		w := newWorld(t)
		live(w)
		path := shop + "/deploymentslots/production"
		got := w.do(call{method: "GET", path: path, version: asked}).Body.String()
		if want := w.do(call{method: "GET", path: path, version: meant}).Body.String(); got != want {
			t.Errorf("%s is answered unlike %s:\n%s", asked, meant, cmp.Diff(want, got))
		}
	}
}

func TestAddresses(t *testing.T) {
	const services = "/services/hostedservices"
	runProtocol(t, []protocolTest{
		{name: "trailing slash", call: get(shop + "/"), status: 200},
		{name: "two trailing slashes", call: get(shop + "//"), status: 200},
		{name: "subscription with a slash", call: get("/"), status: 200},
		{name: "double slashes", call: get("//services//hostedservices///shop"), status: 200},
		{name: "double slashes in a POST", call: post("//services//hostedservices", createServiceBody("other")), status: 201},
		{name: "casing of the words", call: get("/Services/HostedServices/shop"), status: 200},
		{name: "casing of a slot", prepare: live, call: get(shop + "/DeploymentSlots/PRODUCTION"), status: 200},
		{name: "casing of a service", call: get(services + "/SHOP"), status: 200},
		{name: "casing of a deployment", prepare: live, call: get(shop + "/deployments/V1"), status: 200},
		{name: "casing of the subscription", call: call{method: "GET", path: shop, subscription: strings.ToUpper(subscription)}, status: 200},
		{name: "operation id with dashes", prepare: live, call: get("/operations/998faec0-8e37-1da6-f9e2-49afd9fa4f89"), status: 200},
		{name: "escaped letter", call: get(services + "/sho%70"), status: 200},
		{name: "escaped slash", call: get(services + "%2Fshop"), status: 200},
		{name: "query name casing", prepare: live, call: get(shop + "?Embed-Detail=true"), status: 200},
		{name: "comp casing", prepare: live, call: post(shop+"/deploymentslots/production?COMP=Status", statusBody("Running")), status: 202},
		{name: "comp with a slash before", prepare: live, call: post(shop+"/deployments/v1/?comp=status", statusBody("Running")), status: 202},
		{name: "unknown query parameter", call: get(shop + "?api=1&x"), status: 200},
		{name: "unknown comp of a GET", call: get(shop + "?comp=everything"), status: 200},

		{name: "unknown page", call: get("/services/cars"), refused: noPage},
		{name: "page below a page", call: get(shop + "/deployments/v1/more/of/it"), refused: noPage},
		{name: "page below the list of subscriptions", call: call{method: "GET", path: "/subscriptions/services/hostedservices/shop", subscription: "-"}, refused: noPage},
		{name: "wrong method", call: call{method: "PUT", path: services}, refused: wrongVerb},
		{name: "PATCH", call: call{method: "PATCH", path: shop}, refused: wrongVerb},
		{name: "POST for a GET", call: post("/locations", ""), refused: wrongVerb},
		{name: "unknown comp", prepare: live, call: post(shop+"/deploymentslots/production?comp=restart", ""), refused: wrongQuery},
		{name: "no comp by name", prepare: live, call: post(shop+"/deployments/v1", ""), refused: wrongQuery},
		{name: "swap with comp", prepare: both, call: post(shop+"?comp=swap", swapBody("v1", "v2")), refused: wrongQuery},
		{name: "unknown slot", call: get(shop + "/deploymentslots/test"), refused: refusal{400, "BadRequest", "The deployment slot 'test' is invalid; it must be production or staging."}},
		{name: "unknown operation", call: get("/operations/00000000000000000000000000000000"), refused: refusal{404, "ResourceNotFound", "The operation request ID was not found."}},
		{name: "missing service", call: get(services + "/none"), refused: noService},
		{name: "slot of a missing service", call: get(services + "/none/deploymentslots/staging"), refused: noDeployment},
		{name: "empty slot", call: get(shop + "/deploymentslots/staging"), refused: noDeployment},
		{name: "delete in an empty slot", call: call{method: "DELETE", path: shop + "/deploymentslots/staging"}, refused: noDeployment},
		{name: "absent name", call: get(shop + "/deployments/v9"), refused: noDeployment},
		{name: "change of an absent name", call: post(shop+"/deployments/v9/?comp=status", statusBody("Running")), refused: refusal{404, "ResourceNotFound", "The deployment name 'v9' does not exist."}},
	})
}

func TestEmbedDetail(t *testing.T) {
	for query, want := range map[string]bool{
		"": false, "?embed-detail=false": false, "?embed-detail=true": true, "?embed-detail=True": true, "?EMBED-DETAIL=true": true,
	} {
		w := newWorld(t)
		answer := w.do(get(shop + query)).Body.String()
		if got := strings.Contains(answer, "<Deployments"); got != want {
			t.Errorf("%q lists deployments: %v, want %v", query, got, want)
		}
	}
}

func TestAuthentication(t *testing.T) {
	const other = "11111111-2222-3333-4444-555555555555"
	runProtocol(t, []protocolTest{
		{name: "no certificate", call: call{method: "GET", path: shop, anonymous: true}, refused: forbidden},
		{name: "unknown certificate", call: call{method: "GET", path: shop, stranger: true}, refused: forbidden},
		{name: "unknown subscription", call: call{method: "GET", path: shop, subscription: other}, refused: forbidden},
		{name: "no subscription", call: call{method: "GET", path: "/", subscription: "-"}, refused: forbidden},
		{name: "before the version", call: call{method: "GET", path: shop, stranger: true, version: "-"}, refused: forbidden},
		{name: "before the page", call: call{method: "GET", path: "/nothing", stranger: true}, refused: forbidden},
		{name: "of a change", call: call{method: "DELETE", path: shop, stranger: true}, refused: forbidden},
		{name: "list of subscriptions", call: call{method: "GET", path: "/subscriptions", subscription: "-"}, status: 200},
		{name: "list of subscriptions, other casing", call: call{method: "GET", path: "/Subscriptions/", subscription: "-"}, status: 200},
		{name: "list of subscriptions for a stranger", call: call{method: "GET", path: "/subscriptions", subscription: "-", stranger: true}, refused: forbidden},
		{name: "list of subscriptions, wrong method", call: call{method: "DELETE", path: "/subscriptions", subscription: "-"}, refused: wrongVerb},
	})
}

// TestBodies sends one request in the many forms that clients were seen to use.
func TestBodies(t *testing.T) {
	const services = "/services/hostedservices"
	elements := "<ServiceName>new</ServiceName><Label>" + b64("Label") + "</Label><Location>West US</Location>"
	plain := document("CreateHostedService", elements)
	create := func(name, body string) protocolTest {
		return protocolTest{name: name, call: post(services, body), status: 201}
	}
	bad := func(name, body string, want refusal) protocolTest {
		return protocolTest{name: name, call: post(services, body), refused: want}
	}
	label := func(text string) string {
		return document("CreateHostedService", "<ServiceName>new</ServiceName><Label>"+text+"</Label><Location>West US</Location>")
	}
	const badLabel = "The label must be base64 of UTF-8 text of 1 to 100 characters."
	tests := []protocolTest{
		create("plain", plain),
		create("declaration", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+plain),
		create("byte order mark", "\uFEFF"+`<?xml version="1.0" encoding="utf-8"?>`+plain),
		create("indented", strings.ReplaceAll(plain, "><", ">\r\n  <")),
		create("other order", document("CreateHostedService", "<Location>West US</Location><Label>"+b64("L")+"</Label><Description></Description><ServiceName>new</ServiceName>")),
		create("unknown elements", document("CreateHostedService", "<Shape><Colour>blue</Colour></Shape>"+elements+"<More/>")),
		create("empty and nil elements", document("CreateHostedService", elements+`<Description i:nil="true"/><AffinityGroup/><ExtendedProperties></ExtendedProperties>`)),
		create("space in tags", strings.NewReplacer("<CreateHostedService xmlns", "<CreateHostedService  xmlns", "</CreateHostedService>", "</CreateHostedService >").Replace(plain)),
		create("prefixed namespace", `<a:CreateHostedService xmlns:a="http://schemas.microsoft.com/windowsazure"><a:ServiceName>new</a:ServiceName><a:Label>`+b64("L")+`</a:Label><a:Location>West US</a:Location></a:CreateHostedService>`),
		create("folded base64", label("\n  "+b64("a label")[:4]+"\r\n"+b64("a label")[4:]+"\n")),
		create("any characters in a label", label(b64("Größe <&> 尺寸"))),
		create("label of 100 characters", label(b64(strings.Repeat("ß", 100)))),
		create("location in other casing", strings.Replace(plain, "West US", "west us", 1)),

		bad("no body", "", wrongXML),
		bad("not XML", "name=n1", wrongXML),
		bad("cut short", plain[:len(plain)-5], wrongXML),
		bad("unescaped text", document("CreateHostedService", elements+"<Description>you & me</Description>"), wrongXML),
		bad("other root", strings.ReplaceAll(plain, "CreateHostedService", "CreateService"), wrongXML),
		bad("no namespace", strings.Replace(plain, `xmlns="http://schemas.microsoft.com/windowsazure" `, "", 1), wrongXML),
		bad("namespace with https", strings.Replace(plain, "http://schemas.m", "https://schemas.m", 1), wrongXML),
		bad("document type", `<!DOCTYPE x [<!ENTITY e "West US">]>`+strings.Replace(plain, "West US", "&e;", 1), wrongXML),
		bad("too deep", document("CreateHostedService", elements+strings.Repeat("<A>", 100)+strings.Repeat("</A>", 100)), wrongXML),
		bad("two documents", plain+plain, wrongXML),
		bad("bad base64", label("Größe"), refusal{400, "BadRequest", "The element Label is not valid base64."}),
		bad("label of 101 characters", label(b64(strings.Repeat("ß", 101))), refusal{400, "BadRequest", badLabel}),
		bad("label that is no text", label(b64("\xff\xfe")), refusal{400, "BadRequest", badLabel}),
		bad("empty label", label(""), refusal{400, "BadRequest", badLabel}),
		bad("description too long", document("CreateHostedService", elements+"<Description>"+strings.Repeat("d", 1025)+"</Description>"), refusal{400, "BadRequest", "The description is longer than 1024 characters."}),
		bad("name with an underscore", strings.Replace(plain, "new", "n_w", 1), refusal{400, "BadRequest", "The hosted service name is invalid."}),
		bad("name taken, in other casing", strings.Replace(plain, "new", "Shop", 1), refusal{409, "ConflictError", "The specified DNS name is already taken."}),
		bad("unknown location", strings.Replace(plain, "West US", "Atlantis", 1), refusal{400, "BadRequest", "The location 'Atlantis' is not available to this subscription."}),
		bad("property twice", document("CreateHostedService", elements+"<ExtendedProperties><ExtendedProperty><Name>a</Name><Value>1</Value></ExtendedProperty><ExtendedProperty><Name>A</Name><Value>1</Value></ExtendedProperty></ExtendedProperties>"),
			refusal{400, "BadRequest", "The extended property 'A' is given twice."}),
		bad("too many properties", document("CreateHostedService", elements+"<ExtendedProperties>"+manyProperties(51)+"</ExtendedProperties>"),
			refusal{400, "BadRequest", "There are 51 extended properties; at most 50 are allowed."}),
	}
	for _, contentType := range []string{"text/xml", "application/atom+xml;type=entry;charset=utf-8", "nonsense", "application/json"} {
		c := post(services, plain)
		c.contentType = contentType
		tests = append(tests, protocolTest{name: "content type " + contentType, call: c, status: 201})
	}
	runProtocol(t, tests)
}

func manyProperties(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<ExtendedProperty><Name>p%d</Name><Value>1</Value></ExtendedProperty>", i)
	}
	return b.String()
}

func TestBodiesWhereNoneIsDue(t *testing.T) {
	runProtocol(t, []protocolTest{
		{name: "GET with a body", call: call{method: "GET", path: shop, body: swapBody("", "v1"), contentType: "application/xml"}, status: 200},
		{name: "GET with what is not XML", call: call{method: "GET", path: shop, body: "<<<"}, status: 200},
		{name: "DELETE with a body", call: call{method: "DELETE", path: shop, body: " "}, status: 200},
		{name: "DELETE with a content type", call: call{method: "DELETE", path: shop, contentType: "application/xml"}, status: 200},
		{name: "reboot with a body", prepare: live, call: post(shop+"/deployments/v1/roleinstances/Web_IN_0?comp=reboot", "<Empty/>"), status: 202},
	})
}

// TestDeleteWithoutLength sends a DELETE as a client that says nothing about a
// body, where net/http makes the length -1.
func TestDeleteWithoutLength(t *testing.T) {
	w := newWorld(t)
	for _, length := range []int64{0, -1} {
		w.must(post("/services/hostedservices", createServiceBody("gone")))
		r := call{method: "DELETE", path: "/services/hostedservices/gone"}.request()
		r.Body, r.ContentLength = http.NoBody, length
		answer := recorded(w, r)
		if answer.Code != 200 {
			t.Errorf("with length %d answered %d %s", length, answer.Code, answer.Body)
		}
	}
}

func TestBodyTooLarge(t *testing.T) {
	w := worldOf(t, cloud.ManualTime, packagesReader(), management.WithMaxBody(1000))
	before := w.dump()
	answer := w.do(post("/services/hostedservices", createServiceBody(strings.Repeat("n", 1000))))
	want := refusal{400, "BadRequest", "The request body is larger than 1000 bytes."}
	if diff := cmp.Diff(want, refused(t, answer)); diff != "" {
		t.Errorf("refusal mismatch (-want +got):\n%s", diff)
	}
	if after := w.dump(); after != before {
		t.Error("the refusal changed something")
	}
}

// TestDeploymentRefusals are the refusals of requests about deployments that the
// API itself gives, before the platform is asked.
func TestDeploymentRefusals(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(createBody("v1", "v1", true), old, new, 1) }
	configuration := b64(shopConfiguration("hello", 2, ""))
	missing := refusal{400, "BadRequest", "PackageUrl and Configuration must be specified."}
	staging := shop + "/deploymentslots/staging"
	runProtocol(t, []protocolTest{
		{name: "create without a package", call: post(staging, edit(shopURL, " ")), refused: missing},
		{name: "create without a configuration", call: post(staging, edit(configuration, "")), refused: missing},
		{name: "create with a bad configuration", call: post(staging, edit(configuration, "{}")), refused: refusal{400, "BadRequest", "The element Configuration is not valid base64."}},
		{name: "create without a name", call: post(staging, edit("<Name>v1</Name>", "")), refused: refusal{400, "BadRequest", "The deployment name is invalid."}},
		{name: "create with a flag that is none", call: post(staging, edit("<StartDeployment>true", "<StartDeployment>yes")), refused: wrongXML},
		{name: "create in a missing service", call: post("/services/hostedservices/none/deploymentslots/staging", createBody("v1", "v1", true)), refused: noService},
		{name: "create in an unknown slot", call: post(shop+"/deploymentslots/test", createBody("v1", "v1", true)), refused: refusal{400, "BadRequest", "The deployment slot 'test' is invalid; it must be production or staging."}},
		{name: "create with capital flags", call: post(staging, edit("<StartDeployment>true", "<StartDeployment>True")), status: 202},
		{name: "unknown status", prepare: live, call: post(shop+"/deployments/v1?comp=status", statusBody("Stopped")), refused: refusal{400, "BadRequest", "The deployment status 'Stopped' is invalid; it must be Running or Suspended."}},
		{name: "status in other casing", prepare: live, call: post(shop+"/deployments/v1?comp=status", statusBody("suspended")), status: 202},
		{name: "unknown mode", prepare: live, call: post(shop+"/deployments/v1?comp=upgrade", strings.Replace(upgradeBody, "Auto", "Quick", 1)), refused: refusal{400, "BadRequest", "The mode 'Quick' is invalid; it must be Auto, Manual or Simultaneous."}},
		{name: "mode in other casing", prepare: live, call: post(shop+"/deployments/v1?comp=upgrade", strings.Replace(upgradeBody, "Auto", "simultaneous", 1)), status: 202},
		{name: "upgrade without a label", prepare: live, call: post(shop+"/deployments/v1?comp=upgrade", strings.Replace(upgradeBody, b64("v3"), "", 1)), refused: refusal{400, "BadRequest", "The label must be base64 of UTF-8 text of 1 to 100 characters."}},
		{name: "change without a configuration", prepare: live, call: post(shop+"/deployments/v1?comp=config", document("ChangeConfiguration", "<Mode>Auto</Mode>")), refused: refusal{400, "BadRequest", "Configuration must be specified."}},
		{name: "swap without a source", prepare: both, call: post(shop, document("Swap", "<Production>v1</Production>")), refused: refusal{400, "BadRequest", "A parameter was incorrect."}},
		{name: "swap with another root", prepare: both, call: post(shop, strings.ReplaceAll(swapBody("v1", "v2"), "Swap", "SwapDeployment")), refused: wrongXML},
		{name: "swap with a nil production", prepare: next, call: post(shop, document("Swap", `<Production i:nil="true"/><SourceDeployment>v2</SourceDeployment>`)), status: 202},
		{name: "swap with nothing deployed", call: post(shop, swapBody("v1", "v2")), refused: noDeployment},
		{name: "rebuild of nothing said", prepare: live, call: post(shop+"/deployments/v1/roleinstances/Web_IN_0?comp=rebuild", ""), refused: wrongQuery},
		{name: "package to nowhere", prepare: live, call: post(shop+"/deployments/v1/package", ""), refused: wrongQuery},
		{name: "events without a period", prepare: live, call: get(shop + "/deployments/v1/events"), refused: wrongQuery},
		{name: "events of a period that ends before it begins", prepare: live, call: get(shop + "/deployments/v1/events?StartTime=2015-07-02&EndTime=2015-07-01"),
			refused: refusal{400, "BadRequest", "The date specified in parameter EndTime is not within the correct range."}},
	})
}

// TestConfigurationComesBack checks what is stored of a configuration: a byte
// order mark, a wrong declaration and Windows line ends are what clients send.
func TestConfigurationComesBack(t *testing.T) {
	sent := "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n" + shopConfiguration("hello", 2, "")
	w := newWorld(t)
	w.done(post(shop+"/deploymentslots/staging", strings.Replace(createBody("v1", "v1", true), b64(shopConfiguration("hello", 2, "")), b64(sent), 1)))
	answer := w.do(get(shop + "/deploymentslots/staging")).Body.String()
	if want := "<Configuration>" + b64(strings.ReplaceAll(sent, "\r\n", "\n")) + "</Configuration>"; !strings.Contains(answer, want) {
		t.Errorf("the configuration is not there as it was sent, with line feeds:\n%s", answer)
	}
}

// TestBusyNamesTheOperation checks the text that clients cut the id out of, and
// that reading is never refused.
func TestBusyNamesTheOperation(t *testing.T) {
	w := newWorld(t)
	live(w)
	id := w.must(post(shop+"/deployments/v1/?comp=status", statusBody("Suspended")))
	want := refusal{409, "ConflictError", "Windows Azure is currently performing an operation with x-ms-requestid " + id + " on this deployment that requires exclusive access."}
	for _, c := range []call{
		post(shop+"/deployments/v1/?comp=status", statusBody("Running")),
		post(shop+"/deployments/v1/?comp=upgrade", upgradeBody),
		post(shop+"/deploymentslots/production/?comp=config", configBody),
		{method: "DELETE", path: shop + "/deployments/v1"},
	} {
		if diff := cmp.Diff(want, refused(t, w.do(c))); diff != "" {
			t.Errorf("%s %s mismatch (-want +got):\n%s", c.method, c.path, diff)
		}
	}
	if answer := w.do(get(shop + "/deployments/v1")); answer.Code != 200 || !strings.Contains(answer.Body.String(), "<Locked>true</Locked>") {
		t.Errorf("reading what is held: %d %s", answer.Code, answer.Body)
	}
}

// TestServiceThatIsBeingDeleted asks for changes of a service that goes with all
// that it holds.
func TestServiceThatIsBeingDeleted(t *testing.T) {
	going := func(w *world) { both(w); w.must(call{method: "DELETE", path: shop + "?comp=media"}) }
	busy := refusal{409, "ConflictError", "Windows Azure is currently performing an operation on this hosted service that requires exclusive access."}
	runProtocol(t, []protocolTest{
		{name: "read", prepare: going, call: get(shop), status: 200},
		{name: "read a deployment", prepare: going, call: get(shop + "/deployments/v1"), status: 200},
		{name: "update", prepare: going, call: call{method: "PUT", path: shop, body: document("UpdateHostedService", "<Label>"+b64("new")+"</Label>")}, refused: busy},
		{name: "delete", prepare: going, call: call{method: "DELETE", path: shop}, refused: busy},
		{name: "delete again", prepare: going, call: call{method: "DELETE", path: shop + "?comp=media"}, refused: busy},
		{name: "swap", prepare: going, call: post(shop, swapBody("v1", "v2")), refused: busy},
		{name: "suspend", prepare: going, call: post(shop+"/deployments/v1?comp=status", statusBody("Suspended")), refused: busy},
		{name: "create anew", prepare: going, call: post("/services/hostedservices", createServiceBody("shop")), refused: refusal{409, "ConflictError", "The specified DNS name is already taken."}},
		{name: "when it is gone", prepare: func(w *world) { going(w); w.advance(time.Hour) }, call: post("/services/hostedservices", createServiceBody("shop")), status: 201},
	})
}

// TestEveryChangeCanBePolled asks for the operation behind every kind of change,
// those that are done at once too.
func TestEveryChangeCanBePolled(t *testing.T) {
	for _, e := range exchanges {
		if e.method == "GET" {
			continue
		}
		w := newWorld(t)
		if e.prepare != nil {
			e.prepare(w)
		}
		answer := w.do(e.call)
		if answer.Code >= 300 {
			continue
		}
		w.advance(2 * time.Hour)
		id := answer.Header().Get("x-ms-request-id")
		if poll := w.do(get("/operations/" + id)).Body.String(); !strings.Contains(poll, "<Status>Succeeded</Status><HttpStatusCode>200</HttpStatusCode>") {
			t.Errorf("the operation of %s %s: %s", e.method, e.path, poll)
		}
	}
}

// TestAutoClockSteps polls as a client does, without moving time by hand.
func TestAutoClockSteps(t *testing.T) {
	w := worldOf(t, cloud.AutoTime, packagesReader())
	id := w.must(post(shop+"/deploymentslots/staging", createBody("v1", "v1", true)))
	until := func(path, text string) {
		t.Helper()
		for range 200 {
			if strings.Contains(w.do(get(path)).Body.String(), text) {
				return
			}
		}
		t.Fatalf("%s never has %s: %s", path, text, w.do(get(path)).Body)
	}
	until("/operations/"+id, "<Status>Succeeded</Status>")
	until(shop+"/deploymentslots/staging", "<InstanceName>Work_IN_0</InstanceName><InstanceStatus>ReadyRole</InstanceStatus>")
	w.must(post(shop+"/deployments/v1?comp=status", statusBody("Suspended")))
	for range 200 {
		if answer := w.do(post(shop+"/deployments/v1?comp=status", statusBody("Running"))); answer.Code == 202 {
			break
		}
	}
	until(shop+"?embed-detail=true", "<Status>Running</Status>")
	w.must(call{method: "DELETE", path: shop + "?comp=media"})
	until(shop, "<Code>ResourceNotFound</Code>")
}

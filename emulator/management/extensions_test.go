package management_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
)

const extensionsOfShop = shop + "/extensions"

// rdpExtension is what PowerShell sends for Remote Desktop.
func rdpExtension(id, more string) string {
	return document("Extension", "<ProviderNameSpace>Microsoft.Windows.Azure.Extensions</ProviderNameSpace><Type>RDP</Type><Id>"+id+"</Id>"+more+
		"<PublicConfiguration>"+b64("<PublicConfig><UserName>joe</UserName></PublicConfig>")+"</PublicConfiguration>"+
		"<PrivateConfiguration>"+b64("<PrivateConfig><Password>hidden-word</Password></PrivateConfig>")+"</PrivateConfiguration><Version>1.*</Version>")
}

func createWith(configuration string) string {
	return document("CreateDeployment", "<Name>v1</Name><PackageUrl>"+shopURL+"</PackageUrl><Label>"+b64("v1")+"</Label><Configuration>"+
		b64(shopConfiguration("hello", 2, ""))+"</Configuration><StartDeployment>true</StartDeployment>"+configuration)
}

func upgradeWith(configuration string) string {
	return document("UpgradeDeployment", "<Mode>Auto</Mode><PackageUrl>"+shopURL+"</PackageUrl><Configuration>"+b64(shopConfiguration("bye", 2, ""))+
		"</Configuration><Label>"+b64("v2")+"</Label><Force>true</Force>"+configuration)
}

func configWith(configuration string) string {
	return document("ChangeConfiguration", "<Configuration>"+b64(shopConfiguration("hello", 2, ""))+"</Configuration>"+configuration)
}

// extensionsShown returns the ExtensionConfiguration of Get Deployment.
func (w *world) extensionsShown(slot, version string) string {
	w.Helper()
	body := w.do(call{method: "GET", path: shop + "/deploymentslots/" + slot, version: version}).Body.String()
	_, after, ok := strings.Cut(body, "<ExtensionConfiguration>")
	if !ok {
		return ""
	}
	inner, rest, _ := strings.Cut(after, "</ExtensionConfiguration>")
	if !strings.HasPrefix(rest, "<VirtualIPs>") {
		w.Errorf("after ExtensionConfiguration comes %.20s", rest)
	}
	return inner
}

// The calls of New-AzureDeployment with an extension, in their order.
func TestNewAzureDeployment(t *testing.T) {
	w, c := newWorld(t), newCertificate(t)
	for _, slot := range []string{"Production", "Staging", "Staging"} {
		if answer := w.do(get(shop + "/deploymentslots/" + slot)); answer.Code != 404 {
			t.Fatalf("an empty slot is answered %d", answer.Code)
		}
	}
	w.done(post(shop+"/certificates", certificateFile(c.data(), "cer", "")))
	w.answers(extensionsOfShop, "2014-10-01", "<Extensions"+answerRoot+"/>")
	w.done(post(extensionsOfShop, rdpExtension("Default-RDP-Staging-Ext-0", "")))
	if answer := w.do(get(shop + "/certificates")); answer.Code != 200 {
		t.Fatalf("certificates are answered %d", answer.Code)
	}
	w.done(call{method: "DELETE", path: extensionsOfShop + "/Default-RDP-Staging-Ext-0"})
	w.done(post(extensionsOfShop, rdpExtension("Default-RDP-Staging-Ext-0", "<Thumbprint>"+strings.ToLower(c.thumbprint())+"</Thumbprint><ThumbprintAlgorithm>sha1</ThumbprintAlgorithm>")))
	w.done(post(shop+"/deploymentslots/Staging", createWith("<ExtensionConfiguration><AllRoles><Extension><Id>Default-RDP-Staging-Ext-0</Id></Extension></AllRoles><NamedRoles/></ExtensionConfiguration>")))

	inner := "<ProviderNameSpace>Microsoft.Windows.Azure.Extensions</ProviderNameSpace><Type>RDP</Type><Id>Default-RDP-Staging-Ext-0</Id><Version>1.*</Version><Thumbprint>" + c.thumbprint() +
		"</Thumbprint><ThumbprintAlgorithm>sha1</ThumbprintAlgorithm><PublicConfiguration>" + b64("<PublicConfig><UserName>joe</UserName></PublicConfig>") + "</PublicConfiguration>"
	w.answers(extensionsOfShop, "", "<Extensions"+answerRoot+"><Extension>"+inner+"</Extension></Extensions>")
	w.answers(extensionsOfShop+"/default-rdp-staging-ext-0", "", "<Extension"+answerRoot+">"+inner+"</Extension>")
	want := "<AllRoles><Extension><Id>Default-RDP-Staging-Ext-0</Id><State>enable</State></Extension></AllRoles><NamedRoles/>"
	if got := w.extensionsShown("staging", ""); got != want {
		t.Errorf("the deployment shows %s, want %s", got, want)
	}
	w.done(post(shop, swapBody("", "v1")))
	if got := w.extensionsShown("production", ""); got != want {
		t.Errorf("after the swap the deployment shows %s, want %s", got, want)
	}
}

func TestExtensionConfigurations(t *testing.T) {
	const rdp = "<Extension><Id>Rdp-0</Id>"
	const enabled = "<AllRoles>" + rdp + "<State>enable</State></Extension></AllRoles><NamedRoles/>"
	w := newWorld(t)
	w.done(post(extensionsOfShop, rdpExtension("Rdp-0", "")))
	w.must(post(shop+"/deploymentslots/staging", createWith("<ExtensionConfiguration><AllRoles>"+rdp+"</Extension></AllRoles></ExtensionConfiguration>")))
	for version, want := range map[string]string{
		"2012-12-01": "", // before there were any
		"2013-03-01": "<AllRoles>" + rdp + "</Extension></AllRoles><NamedRoles/>",
		"2014-06-01": "<AllRoles>" + rdp + `<State i:nil="true"/></Extension></AllRoles><NamedRoles/>`,
	} {
		if got := w.extensionsShown("staging", version); got != want {
			t.Errorf("while it is created, %s shows %s, want %s", version, got, want)
		}
	}
	w.advance(time.Hour)
	for _, test := range []struct{ sent, want string }{
		{"", enabled},
		{`<ExtensionConfiguration i:nil="true"/>`, enabled},
		{"<ExtensionConfiguration><NamedRoles><Role><RoleName>Web</RoleName><Extensions>" + rdp + "<State>disable</State></Extension></Extensions></Role></NamedRoles></ExtensionConfiguration>",
			"<NamedRoles><Role><RoleName>Web</RoleName><Extensions>" + rdp + "<State>Disable</State></Extension></Extensions></Role></NamedRoles>"},
		{"<ExtensionConfiguration><AllRoles>" + rdp + "<State>Uninstall</State></Extension></AllRoles></ExtensionConfiguration>",
			"<NamedRoles><Role><RoleName>Web</RoleName><Extensions>" + rdp + "<State>Uninstall</State></Extension></Extensions></Role>" +
				"<Role><RoleName>Work</RoleName><Extensions>" + rdp + "<State>Uninstall</State></Extension></Extensions></Role></NamedRoles>"},
		{"<ExtensionConfiguration><NamedRoles></NamedRoles></ExtensionConfiguration>", ""},
		{"<ExtensionConfiguration><AllRoles>" + rdp + "</Extension></AllRoles></ExtensionConfiguration>", enabled},
	} {
		for comp, body := range map[string]string{"config": configWith(test.sent), "upgrade": upgradeWith(test.sent)} {
			w.done(post(shop+"/deploymentslots/staging?comp="+comp, body))
			if got := w.extensionsShown("staging", ""); got != test.want {
				t.Errorf("after %s with %q it shows %s, want %s", comp, test.sent, got, test.want)
			}
		}
	}
}

func TestExtensionRefusals(t *testing.T) {
	one := func(w *world) { w.done(post(extensionsOfShop, rdpExtension("Rdp-0", ""))) }
	absent := refusal{404, "ResourceNotFound", "The extension with the ID 'x' does not exist."}
	runProtocol(t, []protocolTest{
		{name: "taken", prepare: one, call: post(extensionsOfShop, rdpExtension("RDP-0", "")), refused: refusal{409, "ConflictError", "An extension with the ID 'Rdp-0' already exists."}},
		{name: "busy", prepare: func(w *world) { w.must(post(extensionsOfShop, rdpExtension("Rdp-0", ""))) }, call: post(extensionsOfShop, rdpExtension("Rdp-1", "")),
			refused: refusal{409, "ConflictError", "Another operation on extension with namespace Microsoft.Windows.Azure.Extensions, type RDP is already in progress."}},
		{name: "in use", prepare: func(w *world) {
			one(w)
			w.done(post(shop+"/deploymentslots/staging", createWith("<ExtensionConfiguration><AllRoles><Extension><Id>rdp-0</Id></Extension></AllRoles></ExtensionConfiguration>")))
		}, call: call{method: "DELETE", path: extensionsOfShop + "/Rdp-0"}, refused: refusal{400, "BadRequest", "The extension 'Rdp-0' is in use by a deployment and cannot be deleted."}},
		{name: "no base64", call: post(extensionsOfShop, document("Extension", "<PrivateConfiguration>!</PrivateConfiguration>")), refused: refusal{400, "BadRequest", "The element PrivateConfiguration is not valid base64."}},
		{name: "nothing said", call: post(extensionsOfShop, document("Extension", "")), refused: refusal{400, "BadRequest", "ProviderNameSpace, Type and Id must be specified."}},
		{name: "another root", call: post(extensionsOfShop, document("Extensions", "")), refused: wrongXML},
		{name: "unknown service", call: get("/services/hostedservices/none/extensions"), refused: noService},
		{name: "add to an unknown service", call: post("/services/hostedservices/none/extensions", rdpExtension("Rdp-0", "")), refused: noService},
		{name: "get", call: get(extensionsOfShop + "/x"), refused: absent},
		{name: "delete", call: call{method: "DELETE", path: extensionsOfShop + "/x"}, refused: absent},
		{name: "deployment with an unknown one", call: post(shop+"/deploymentslots/staging", createWith("<ExtensionConfiguration><AllRoles><Extension><Id>x</Id></Extension></AllRoles></ExtensionConfiguration>")),
			refused: refusal{400, "BadRequest", "The extension with the ID 'x' in the extension configuration does not exist."}},
		{name: "unknown state", prepare: one, call: post(shop+"/deploymentslots/staging", createWith("<ExtensionConfiguration><AllRoles><Extension><Id>Rdp-0</Id><State>on</State></Extension></AllRoles></ExtensionConfiguration>")),
			refused: refusal{400, "BadRequest", "The extension state 'on' is invalid; it must be Enable, Disable or Uninstall."}},
	})
}

func TestAvailableExtensions(t *testing.T) {
	w := newWorld(t)
	list := w.do(get("/services/extensions")).Body.String()
	for _, want := range []string{
		"<ExtensionImages" + answerRoot + "><ExtensionImage><ProviderNameSpace>Microsoft.Windows.Azure.Extensions</ProviderNameSpace><Type>ADDomain</Type><Version>1.3</Version><Label>",
		"<Type>PaaSDiagnostics</Type>", "<Type>RDP</Type>", "<HostingResources>WebRole|WorkerRole</HostingResources><ThumbprintAlgorithm>sha1</ThumbprintAlgorithm><PublicConfigurationSchema>",
		"<BlockRoleUponFailure>false</BlockRoleUponFailure><SampleConfig>",
	} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %s: %s", want, list)
		}
	}
	if old := w.do(call{method: "GET", path: "/services/extensions", version: "2013-08-01"}).Body.String(); strings.Contains(old, "SampleConfig") {
		t.Errorf("the list has SampleConfig before its time: %s", old)
	}
	if versions := w.do(get("/services/extensions/microsoft.windows.azure.extensions/rdp")).Body.String(); strings.Count(versions, "<Version>") != 2 {
		t.Errorf("versions of RDP: %s", versions)
	}
	w.answers("/services/extensions/none/RDP", "", "<ExtensionImages"+answerRoot+"/>")
	w.answers("/services/publisherextensions", "", "<ExtensionImages"+answerRoot+"/>")
}

// The private configuration holds a password: no answer, no log and no file may.
func TestPrivateConfigurationsAreNotKept(t *testing.T) {
	var log bytes.Buffer
	w := worldOf(t, cloud.ManualTime, packagesReader(), management.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	w.must(post(extensionsOfShop, rdpExtension("Rdp-0", "")))
	during := w.dump()
	w.advance(time.Hour)
	seen := during + w.dump() + log.String() + w.do(get(extensionsOfShop)).Body.String() + w.do(get(extensionsOfShop+"/Rdp-0")).Body.String()
	private := "<PrivateConfig><Password>hidden-word</Password></PrivateConfig>"
	for _, secret := range []string{"hidden-word", b64(private)} {
		if strings.Contains(seen, secret) {
			t.Errorf("%s shows in %s", secret, seen)
		}
	}
	if log.Len() == 0 {
		t.Error("nothing was logged, so nothing was tested")
	}
}

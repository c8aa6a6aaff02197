package servicepackage

import (
	"archive/zip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestOpenNewer(t *testing.T) {
	data := packShop(t)
	p, err := openBytesOf(data)
	if err != nil {
		t.Fatal(err)
	}
	families := []string{"1", "2", "3", "4", "5", "6"}
	want := &Package{
		Format: V20120315, Size: int64(len(data)), ProductVersion: DefaultSDKVersion,
		Definition:          mustDefinition(t, string(testdata(t, "shop.flat.csdef"))),
		SupportedOSFamilies: map[string][]string{"Shop.Web": families, "Shop.Worker": families},
		RequiredFeatures:    map[string][]string{"Shop.Web": {"NetFx40"}, "Shop.Worker": {"NetFx40"}},
		Support: map[string]SupportData{
			"Shop.Web":    {DefaultSDKVersion, "v4.0", true, true, []string{"RemoteAccess", "RemoteForwarder"}},
			"Shop.Worker": {DefaultSDKVersion, "v4.0", false, false, []string{"Caching", "Connect"}},
		},
	}
	if diff := cmp.Diff(want, p, cmpopts.IgnoreUnexported(Package{})); diff != "" {
		t.Errorf("package mismatch (-want +got):\n%s", diff)
	}
	files := []string{
		"Shop.Web RoleModel.xml (generated)",
		"Shop.Web RuntimeSetup.Manifest (generated)",
		"Shop.Web __entrypoint.txt Shop.Web.dll",
		"Shop.Web approot/Web.config <configuration/>",
		"Shop.Web approot/a b%ü.txt odd name",
		"Shop.Web approot/bin/Shop.Web.dll assembly",
		"Shop.Web approot/bin/copy.dll assembly",
		"Shop.Web approot/empty.txt ",
		"Shop.Web sitesroot/0/Web.config <configuration/>",
		"Shop.Web sitesroot/0/a b%ü.txt odd name",
		"Shop.Web sitesroot/0/bin/Shop.Web.dll assembly",
		"Shop.Web sitesroot/0/bin/copy.dll assembly",
		"Shop.Web sitesroot/0/empty.txt ",
		"Shop.Worker RoleModel.xml (generated)",
		"Shop.Worker RuntimeSetup.Manifest (generated)",
		"Shop.Worker approot/Shop.dll assembly",
		"Shop.Worker approot/run.cmd @echo",
	}
	if diff := cmp.Diff(files, listing(t, p)); diff != "" {
		t.Errorf("files mismatch (-want +got):\n%s", diff)
	}
	if problems := p.Check(mustConfiguration(t, string(testdata(t, "shop.cscfg")))); len(problems) > 0 {
		t.Errorf("Check: %v", problems)
	}
}

const definitionPart = "ServiceDefinition/ServiceDefinition.csdef"

func TestOpenNewerRefuses(t *testing.T) {
	good := packShop(t)
	dll := localPart(t, good, "assembly")
	onManifest := func(old, new string) func([]entry) []entry { return edit(t, "package.xml", old, new) }
	both := func(first, second func([]entry) []entry) func([]entry) []entry {
		return func(e []entry) []entry { return second(first(e)) }
	}
	relationship := `<Relationship Type="` + newerRelationship + `" Target="/package.xml" TargetMode="External" Id="R2" />`
	tests := []struct {
		name   string
		change func([]entry) []entry
		want   string
	}{
		{"nothing changed", adding(), ""},
		{"folder entries", adding(entry{name: "LocalContent/"}, entry{name: "NamedStreams/"}), ""},
		{"stored entries", func(e []entry) []entry {
			for i := range e {
				e[i].method = zip.Store
			}
			return e
		}, ""},
		{"internal relationship", edit(t, "_rels/.rels", ` TargetMode="External"`, ""), ""},
		{"part name in other case", func(e []entry) []entry {
			for i := range e {
				e[i].name = strings.Replace(e[i].name, "package.xml", "Package.XML", 1)
			}
			return e
		}, ""},

		{"changed file", edit(t, dll, "assembly", "Assembly"), `part "` + dll + `": its SHA-256 is`},
		{"longer file", edit(t, dll, "assembly", "assembly!"), `it has 9 bytes, the manifest says 8`},
		{"missing file", without(dll), `the manifest keeps it in "` + dll + `", which is not in the package`},
		{"changed definition", edit(t, definitionPart, "Zebra", "zebrA"), `part "` + definitionPart + `": its SHA-256 is`},
		{"two at once", both(edit(t, dll, "assembly", "Assembly"), edit(t, definitionPart, "Zebra", "zebrA")), `; part "` + definitionPart + `"`},
		{"entry twice", adding(entry{name: dll, data: "x"}), "the zip has this entry twice"},
		{"entry twice in other case", adding(entry{name: strings.ToUpper(dll), data: "x"}), "the zip has this entry twice"},
		{"dots", adding(entry{name: "../evil", data: "x"}), `part "../evil": the name is refused: it has the element ".."`},
		{"escaped dots", adding(entry{name: "a/%2E%2e/b", data: "x"}), `it has the element ".."`},
		{"absolute", adding(entry{name: "/etc/passwd", data: "x"}), "it is absolute"},
		{"backslash", adding(entry{name: `a\b`, data: "x"}), "it has a backslash"},
		{"drive", adding(entry{name: "C:evil", data: "x"}), "it has a colon"},
		{"control character", adding(entry{name: "a\x00b", data: "x"}), "it has control characters"},
		{"empty element", adding(entry{name: "a//b", data: "x"}), `it has the element ""`},

		{"no relationships", without("_rels/.rels"), "it has no _rels/.rels"},
		{"other relationship", edit(t, "_rels/.rels", "2012/03/15", "2013/03/15"), "names neither a package definition nor a service description"},
		{"two relationships", edit(t, "_rels/.rels", "</Relationships>", relationship+"</Relationships>"), "the relationship to the package definition is there 2 times"},
		{"manifest elsewhere", edit(t, "_rels/.rels", "/package.xml", "/other.xml"), `it names the package definition "/other.xml", which is not in the package`},
		{"relationships with document type", edit(t, "_rels/.rels", "<Relationships", "<!DOCTYPE r><Relationships"), "_rels/.rels:2:1: a document type"},

		{"manifest root", func(e []entry) []entry {
			return both(onManifest("<PackageDefinition", "<Package"), onManifest("</PackageDefinition", "</Package"))(e)
		}, "the root element is <Package>"},
		{"manifest namespace", onManifest(`xmlns="http:`, `xmlns="https:`), `in the namespace "https://`},
		{"manifest document type", onManifest("<PackageDefinition", "<!DOCTYPE p><PackageDefinition"), "package.xml:2:1: a document type"},
		{"manifest cut short", func(e []entry) []entry {
			for i := range e {
				if e[i].name == "package.xml" {
					e[i].data = e[i].data[:2000]
				}
			}
			return e
		}, "not well-formed XML: unexpected EOF"},
		{"manifest with unknown element", onManifest("<PackageMetaData>", "<Novelty /><PackageMetaData>"), "unexpected element <Novelty>"},
		{"no layouts", func(e []entry) []entry {
			for i := range e {
				if e[i].name == "package.xml" {
					before, _, _ := strings.Cut(e[i].data, "<PackageLayouts>")
					e[i].data = before + "</PackageDefinition>"
				}
			}
			return e
		}, "<PackageDefinition> needs <PackageLayouts>"},
		{"no product version", onManifest("ProductVersion/<", "Other/<"), "it has no product version"},
		{"relative key", onManifest("<Key>http://schemas.microsoft.com/windowsazure/", "<Key>"), "the metadata key is not an absolute URI"},
		{"metadata too long", onManifest("<Value>", "<Value>"+strings.Repeat("1", maxMetadataBytes)), "the metadata has more than 1048576 bytes"},
		{"algorithm", onManifest("Sha256", "Sha1"), `IntegrityCheckHashAlgortihm must be Sha256 or None, not "Sha1"`},
		{"length", onManifest("<LengthInBytes>", "<LengthInBytes>-"), "LengthInBytes must be a whole number"},
		{"hash is no base64", onManifest("<IntegrityCheckHash>", "<IntegrityCheckHash>!"), "the manifest's hash is not the base64 of a SHA-256"},
		{"content twice", func(e []entry) []entry { return repeatContent(e) }, `is there twice`},
		{"reference into nothing", onManifest("<DataContentReference>", "<DataContentReference>x"), `it refers to the content "x`},
		{"path out of the role", onManifest(`<FilePath>\approot\Web.config`, `<FilePath>\approot\..\..\evil`), `the path is refused: it has the element ".."`},
		{"path with drive", onManifest(`<FilePath>\approot\Web.config`, `<FilePath>C:\evil`), "the path is refused: it has a colon"},
		{"path twice", onManifest(`<FilePath>\approot\Web.config`, `<FilePath>\APPROOT\empty.txt`), "the layout has this path twice"},
		{"time", onManifest("2012-03-15T00:00:00Z", "yesterday"), "a time or ReadOnly of <FileDescription> is malformed"},
		{"layout of an unknown role", onManifest("<Name>Roles/Shop.Worker<", "<Name>Roles/Other<"), `part "Roles/Other": the definition has no role "Other"; part "Roles/Shop.Worker": the layout of this role of the definition is missing`},
		{"layout twice", onManifest("<Name>Roles/Shop.Worker<", "<Name>Roles/Shop.Web<"), `missing or there twice: "Roles/Shop.Web"`},
		{"no definition", onManifest("<Name>ServiceDefinition/ServiceDefinition.csdef<", "<Name>Other/ServiceDefinition.csdef<"), "there are 0 service definitions; expected one"},
		{"no stream", onManifest("<Name>NamedStreams/SupportData/Shop.Web/1.0<", "<Name>Other<"), `part "NamedStreams/SupportData/Shop.Web/1.0": this named stream is missing`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := openBytesOf(rezip(t, good, tt.change))
			if tt.want == "" {
				if err != nil {
					t.Errorf("error = %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
}

// localPart returns the name of the local content with that text.
func localPart(t testing.TB, data []byte, text string) string {
	t.Helper()
	name := ""
	rezip(t, data, func(entries []entry) []entry {
		for _, e := range entries {
			if e.data == text && strings.HasPrefix(e.name, "LocalContent/") {
				if name != "" {
					t.Errorf("%q is stored twice", text)
				}
				name = e.name
			}
		}
		return entries
	})
	return name
}

// repeatContent gives the manifest its first content once more.
func repeatContent(entries []entry) []entry {
	for i, e := range entries {
		if e.name == "package.xml" {
			start := strings.Index(e.data, "<ContentDefinition>")
			end := strings.Index(e.data, "</ContentDefinition>") + len("</ContentDefinition>")
			entries[i].data = e.data[:end] + e.data[start:end] + e.data[end:]
		}
	}
	return entries
}

func TestOpenNewerWithoutHash(t *testing.T) {
	for _, hash := range []string{"<IntegrityCheckHash />", `<IntegrityCheckHash i:nil="true" />`} {
		data := rezip(t, packShop(t), func(entries []entry) []entry {
			for i, e := range entries {
				if e.name == "package.xml" {
					before, after, _ := strings.Cut(e.data, "Sha256")
					start, end := strings.Index(after, "<IntegrityCheckHash>"), strings.Index(after, "</IntegrityCheckHash>")
					entries[i].data = before + "None" + after[:start] + hash + after[end+len("</IntegrityCheckHash>"):]
				}
			}
			return entries
		})
		p, err := openBytesOf(data)
		if err != nil {
			t.Errorf("%s: %v", hash, err)
			continue
		}
		listing(t, p) // checks that the SHA256 of every file is right all the same
	}
}

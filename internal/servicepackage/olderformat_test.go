package servicepackage

import (
	"archive/zip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestOpenOlder(t *testing.T) {
	for _, method := range []uint16{zip.Store, zip.Deflate} { // the real tool stores; others compress
		o := newOlder()
		o.innerMethod = method
		o.streams.hashes = map[string]string{"RequiredFeatures/My_Role/1.0": strings.ToUpper(emptySHA256)}
		data := o.build(t)
		p, err := openBytesOf(data)
		if err != nil {
			t.Fatal(err)
		}
		want := &Package{
			Format: Legacy, Size: int64(len(data)), ProductVersion: "2.9.1",
			Definition:          mustDefinition(t, def(`<WorkerRole name="My_Role"/>`)),
			SupportedOSFamilies: map[string][]string{"My_Role": {"4"}},
			RequiredFeatures:    map[string][]string{"My_Role": {"NetFx45"}},
			Support:             map[string]SupportData{},
		}
		if diff := cmp.Diff(want, p, cmpopts.IgnoreUnexported(Package{})); diff != "" {
			t.Errorf("package mismatch (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"My_Role approot/a b.txt x", "My_Role approot/app.dll assembly"}, listing(t, p)); diff != "" {
			t.Errorf("files mismatch (-want +got):\n%s", diff)
		}
		created := time.Date(2018, 6, 11, 3, 25, 16, 347192300, time.UTC)
		if got := p.Files()[0].Created; !got.Equal(created) {
			t.Errorf("created %v, want %v", got, created)
		}
	}
}

func TestOpenEncrypted(t *testing.T) {
	o := newOlder()
	o.encrypt, o.outer.keytype = true, `2" key="00" iv="00" magic="00`
	p, err := openBytesOf(o.build(t))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Encrypted || p.Definition.Role("My_Role") == nil || len(p.Files()) != 0 || p.ProductVersion != "2.9.1" {
		t.Errorf("encrypted %v, definition %v, files %v, version %q", p.Encrypted, p.Definition, p.Files(), p.ProductVersion)
	}
	if _, err := p.Open("My_Role", "approot/app.dll"); err == nil || !strings.Contains(err.Error(), "the package is encrypted") {
		t.Errorf("Open: %v, want it to say that the package is encrypted", err)
	}
	if got := p.Check(mustConfiguration(t, cfg(`<Role name="My_Role"><Instances count="1"/></Role>`))); len(got) > 0 {
		t.Errorf("Check: %v", got)
	}
	o = newOlder()
	o.encrypt, o.outer.keytype = true, "2"
	o.outer.hashes = map[string]string{"My_Role_0123.cssx": strings.Repeat("0", 64)}
	if _, err := openBytesOf(o.build(t)); err == nil || !strings.Contains(err.Error(), `part "My_Role_0123.cssx": its SHA-256 is`) {
		t.Errorf("error = %v, want the hash of the encrypted part verified", err)
	}
}

func TestOpenOlderRefuses(t *testing.T) {
	wrong := strings.Repeat("AB", 32)
	another := newOlder()
	anotherRole := string(another.role.build(t))
	tests := []struct {
		name   string
		change func(*older)
		want   string
	}{
		{"hash of an outer part", func(o *older) { o.outer.hashes = map[string]string{"SD.csdx": wrong} }, `part "SD.csdx": its SHA-256 is`},
		{"hash of a file", func(o *older) { o.role.hashes = map[string]string{"approot/app.dll": wrong} }, `part "My_Role_0123.cssx/approot/app.dll": its SHA-256 is`},
		{"hash of the definition", func(o *older) { o.definition.hashes = map[string]string{"ServiceDefinition.csdef": wrong} }, `part "SD.csdx/ServiceDefinition.csdef"`},
		{"hash of the model", func(o *older) { o.model.hashes = map[string]string{"ServiceDefinition.rd": wrong} }, `part "SM.csmx/ServiceDefinition.rd"`},
		{"hash of a stream", func(o *older) { o.streams.hashes = map[string]string{"SupportedOSes/My_Role/1.0": wrong} }, `part "NS.csnsx/SupportedOSes/My_Role/1.0"`},
		{"hash of nothing, not in the streams", func(o *older) { o.role.hashes = map[string]string{"approot/app.dll": emptySHA256} }, `approot/app.dll": its SHA-256 is`},
		{"unknown element in the manifest", func(o *older) { o.role.extra = "<Novelty/>" }, "unexpected element <Novelty>"},
		{"encryption type", func(o *older) { o.outer.keytype = "3" }, `keytype of <Encryption> must be one of 1, 2`},
		{"role of the definition missing", func(o *older) {
			o.definition.entries[0].data = def(`<WorkerRole name="My_Role"/><WorkerRole name="B"/>`)
		}, `part "B_*.cssx": the package of this role of the definition is missing`},
		{"role not in the definition", func(o *older) { o.definition.entries[0].data = def(`<WorkerRole name="B"/>`) }, `part "My_Role_0123.cssx": the definition has no role "My_Role"`},
		{"two packages of a role", func(o *older) {
			o.outer.entries = []entry{{name: "My_Role_9.cssx", data: anotherRole}}
		}, `there is another package for role "My_Role"`},
		{"broken definition", func(o *older) { o.definition.entries[0].data = "<a/>" }, "SD.csdx/ServiceDefinition.csdef:1:1: the root element is <a>"},
		{"broken stream", func(o *older) { o.streams.entries[0].data = "<a/>" }, "NS.csnsx/RequiredFeatures/My_Role/1.0:1:1: the root element is <a>"},
		{"no model", func(o *older) { o.outer.targets = o.outer.targets[1:] }, `part "_rels/.rels": it has no relationship SERVICEMODEL`},
		{"relationship into nothing", func(o *older) { o.outer.targets[0][1] = "none.csmx" }, `names "/none.csmx", which is not there`},
		{"inner part is no zip", func(o *older) {
			o.outer.entries = []entry{{name: "SM2.csmx", data: "hello"}}
			o.outer.targets[0][1] = "SM2.csmx"
		}, `part "SM2.csmx": it is not a zip archive`},
		{"path out of the role", func(o *older) { o.role.entries[0].name = "approot/%2e%2e/%2e%2e/evil.dll" }, `the name is refused: it has the element ".."`},
		{"path twice in other case", func(o *older) { o.role.entries[1].name = "approot/APP.dll" }, "the zip has this entry twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOlder()
			tt.change(o)
			_, err := openBytesOf(o.build(t))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
	unlisted := rezip(t, newOlder().build(t), adding(entry{name: "extra.txt", data: "x"}))
	if _, err := openBytesOf(unlisted); err == nil || !strings.Contains(err.Error(), `part "extra.txt": the manifest does not list it`) {
		t.Errorf("error = %v, want the unlisted part named", err)
	}
}

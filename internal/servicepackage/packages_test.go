package servicepackage

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// entry is a zip entry to be written, in whatever way a test wants it.
type entry struct {
	name   string
	data   string
	method uint16
}

func zipOf(t testing.TB, entries []entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: e.method})
		if err == nil {
			_, err = io.WriteString(w, e.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// rezip reads a zip, lets change work on its entries and writes it again.
func rezip(t testing.TB, data []byte, change func([]entry) []entry) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var entries []entry
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{f.Name, string(content), f.Method})
	}
	return zipOf(t, change(entries))
}

// edit replaces text in the entry of that name, which must have it.
func edit(t testing.TB, name, old, new string) func([]entry) []entry {
	return func(entries []entry) []entry {
		for i, e := range entries {
			if e.name == name {
				if !strings.Contains(e.data, old) {
					t.Fatalf("%s has no %q:\n%s", name, old, e.data)
				}
				entries[i].data = strings.Replace(e.data, old, new, 1)
				return entries
			}
		}
		t.Fatalf("no entry %s", name)
		return nil
	}
}

func without(name string) func([]entry) []entry {
	return func(entries []entry) []entry {
		return slices.DeleteFunc(entries, func(e entry) bool { return e.name == name })
	}
}

func adding(more ...entry) func([]entry) []entry {
	return func(entries []entry) []entry { return append(entries, more...) }
}

func openBytesOf(data []byte) (*Package, error) {
	return OpenPackage(bytes.NewReader(data), int64(len(data)))
}

// shopFolders are the role folders of shop.csdef.
func shopFolders() map[string]fs.FS {
	return map[string]fs.FS{
		"Shop.Web": fstest.MapFS{
			"Web.config":       {Data: []byte("<configuration/>")},
			"bin/Shop.Web.dll": {Data: []byte("assembly")},
			"bin/copy.dll":     {Data: []byte("assembly")},
			"empty.txt":        {},
			"a b%ü.txt":        {Data: []byte("odd name")},
		},
		"Shop.Worker": fstest.MapFS{"run.cmd": {Data: []byte("@echo")}, "Shop.dll": {Data: []byte("assembly")}},
	}
}

func packShop(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Pack(&buf, PackOptions{Definition: testdata(t, "shop.csdef"), Roles: shopFolders()}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// olderPart is an inner package of the older format, or the package itself.
type olderPart struct {
	entries []entry
	targets [][2]string       // relationship id and target
	hashes  map[string]string // instead of the right ones
	keytype string
	extra   string // put into the manifest after the items
}

func (p *olderPart) build(t testing.TB) []byte {
	t.Helper()
	var items strings.Builder
	for _, e := range p.entries {
		hash, given := p.hashes[e.name]
		if !given {
			hash = fmt.Sprintf("%X", sha256.Sum256([]byte(e.data)))
		}
		fmt.Fprintf(&items, `<Item name="\%s" hash="%s" uri="/%s" created="131731611163471923" modified="131362299300000000" />`,
			strings.ReplaceAll(unescapePart(e.name), "/", `\`), hash, e.name)
	}
	manifest := "\xef\xbb\xbf" + `<PackageManifest version="2"><Encryption keytype="` + p.keytype + `" /><Contents hashtype="1">` +
		items.String() + `</Contents><NamedStreams />` + p.extra + `</PackageManifest>`
	rels := `<Relationships xmlns="` + relationshipSpace + `"><Relationship Id="MANIFEST" Type="t" Target="/m.csman" />` +
		`<Relationship Id="R1" TargetMode="External" Type="` + productVersionRelationship + `" Target="http://x:80/V#2.9.1" />`
	for _, target := range p.targets {
		rels += fmt.Sprintf(`<Relationship Id="%s" Type="t" Target="/%s" />`, target[0], target[1])
	}
	return zipOf(t, append(slices.Clone(p.entries),
		entry{name: "m.csman", data: manifest, method: zip.Deflate},
		entry{name: "_rels/.rels", data: rels + "</Relationships>"},
		entry{name: "[Content_Types].xml", data: "<Types/>"}))
}

// older is a package in the older format before it is built. Tests change what
// they want to be wrong.
type older struct {
	role, model, streams, definition olderPart
	outer                            olderPart
	innerMethod                      uint16
	encrypt                          bool
}

func newOlder() *older {
	plain := func(targets [][2]string, entries ...entry) olderPart {
		return olderPart{entries: entries, targets: targets, keytype: "1"}
	}
	return &older{
		role:       plain(nil, entry{name: "approot/app.dll", data: "assembly", method: zip.Deflate}, entry{name: "approot/a%20b.txt", data: "x"}),
		model:      plain([][2]string{{"SERVICEMODEL", "ServiceDefinition.rd"}}, entry{name: "ServiceDefinition.rd", data: "<serviceModel/>"}),
		definition: plain([][2]string{{"SERVICEDESCRIPTION", "ServiceDefinition.csdef"}}, entry{name: "ServiceDefinition.csdef", data: def(`<WorkerRole name="My_Role"/>`)}),
		streams: plain(nil,
			entry{name: "RequiredFeatures/My_Role/1.0", data: `<RequiredFeatures version="1.0"><Feature name="NetFx45" version="0"/></RequiredFeatures>`},
			entry{name: "SupportedOSes/My_Role/1.0", data: `<SupportedOsFamilies version="1.0"><OsFamily name="4" version="0"/></SupportedOsFamilies>`}),
		outer: olderPart{keytype: "1", targets: [][2]string{
			{"SERVICEMODEL", "SM.csmx"}, {"SERVICEDESCRIPTION", "SD.csdx"}, {"NAMEDSTREAMPACKAGE", "NS.csnsx"}}},
	}
}

func (o *older) build(t testing.TB) []byte {
	t.Helper()
	opaque := func(data []byte) string {
		if !o.encrypt {
			return string(data)
		}
		return strings.Repeat("\x9c\x01\xfe?", len(data)/16*4+4)
	}
	o.outer.entries = append([]entry{
		{"My_Role_0123.cssx", opaque(o.role.build(t)), o.innerMethod},
		{"SM.csmx", opaque(o.model.build(t)), o.innerMethod},
		{"SD.csdx", string(o.definition.build(t)), o.innerMethod},
		{"NS.csnsx", opaque(o.streams.build(t)), o.innerMethod},
	}, o.outer.entries...)
	return o.outer.build(t)
}

// listing gives role, path, size and content of every file of a package.
func listing(t testing.TB, p *Package) []string {
	t.Helper()
	var lines []string
	for _, f := range p.Files() {
		r, err := p.Open(f.Role, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != f.SHA256 || int64(len(data)) != f.Size {
			t.Errorf("%s: SHA256 %s and size %d, its content has %s and %d", f.Path, f.SHA256, f.Size, sum, len(data))
		}
		content := string(data)
		if generated := path.Dir(f.Path) == "." && f.Path != "__entrypoint.txt"; generated {
			content = "(generated)"
		}
		lines = append(lines, f.Role+" "+f.Path+" "+content)
	}
	return lines
}

package servicepackage

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The documents that a package is made of, but for its local content.
func TestPackDocuments(t *testing.T) {
	data := packShop(t)
	parts := map[string]string{
		"package.xml":                                "package.xml",
		"_rels/.rels":                                "rels.xml",
		"[Content_Types].xml":                        "content_types.xml",
		"ServiceDefinition/ServiceDefinition.rd":     "shop.rd",
		"ServiceDefinition/ServiceDefinition.rdsc":   "shop.rdsc",
		"NamedStreams/SupportData/Shop.Web/1.0":      "supportdata.xml",
		"NamedStreams/RequiredFeatures/Shop.Web/1.0": "requiredfeatures.xml",
		"NamedStreams/SupportedOSes/Shop.Web/1.0":    "supportedoses.xml",
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(defaultTime) {
			t.Errorf("%s has the time %v, want %v", f.Name, f.Modified, defaultTime)
		}
		if file, ok := parts[f.Name]; ok {
			golden(t, file, readAll(t, f.Open))
			delete(parts, f.Name)
		}
	}
	for name := range parts {
		t.Errorf("the package has no %s", name)
	}
	golden(t, "entries.txt", []byte(strings.Join(names, "\n")+"\n"))
	p, err := openBytesOf(data)
	if err != nil {
		t.Fatal(err)
	}
	for file, name := range map[string]string{"rolemodel.xml": "RoleModel.xml", "runtimesetup.xml": "RuntimeSetup.Manifest"} {
		golden(t, file, readAll(t, func() (io.ReadCloser, error) { return p.Open("Shop.Web", name) }))
	}
	golden(t, "worker_rolemodel.xml", readAll(t, func() (io.ReadCloser, error) { return p.Open("Shop.Worker", "RoleModel.xml") }))
	summary, err := json.MarshalIndent(p.Summary(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.json", append(bytes.Replace(summary, []byte(`"sizeBytes": `+jsonNumber(p.Size)), []byte(`"sizeBytes": 0`), 1), '\n'))
}

func jsonNumber(n int64) string {
	data, _ := json.Marshal(n)
	return string(data)
}

func readAll(t testing.TB, open func() (io.ReadCloser, error)) []byte {
	t.Helper()
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestPackIsDeterministic(t *testing.T) {
	first := packShop(t)
	later := shopFolders()
	for _, folder := range later {
		for _, f := range folder.(fstest.MapFS) {
			f.ModTime = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		}
	}
	var second bytes.Buffer
	if err := Pack(&second, PackOptions{Definition: testdata(t, "shop.csdef"), Roles: later}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second.Bytes()) {
		t.Error("the same definition and files give other bytes when the files have other times")
	}
	var third bytes.Buffer
	at := time.Date(2024, 2, 3, 4, 5, 6, 700, time.FixedZone("", 3600))
	if err := Pack(&third, PackOptions{Definition: testdata(t, "shop.csdef"), Roles: later, Time: at}); err != nil {
		t.Fatal(err)
	}
	p, err := openBytesOf(third.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Files()[0].Modified, at.UTC(); !got.Equal(want) {
		t.Errorf("modified %v, want %v", got, want)
	}
}

func TestPackOptions(t *testing.T) {
	var buf bytes.Buffer
	opts := PackOptions{Definition: testdata(t, "shop.csdef"), Roles: shopFolders(), SDKVersion: "2.6.1", OSFamilies: []string{"4"}, TargetFramework: "v4.5.1"}
	if err := Pack(&buf, opts); err != nil {
		t.Fatal(err)
	}
	p, err := openBytesOf(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got := []string{p.ProductVersion, p.SupportedOSFamilies["Shop.Web"][0], p.RequiredFeatures["Shop.Web"][0], p.Support["Shop.Web"].TargetFrameworkVersion}
	if diff := cmp.Diff([]string{"2.6.1", "4", "NetFx451", "v4.5.1"}, got); diff != "" {
		t.Errorf("options mismatch (-want +got):\n%s", diff)
	}
}

func TestPackWithoutEndpointsHasNoContract(t *testing.T) {
	var buf bytes.Buffer
	if err := Pack(&buf, PackOptions{Definition: []byte(def(`<WorkerRole name="W"/>`)), Roles: map[string]fs.FS{"W": fstest.MapFS{}}}); err != nil {
		t.Fatal(err)
	}
	rezip(t, buf.Bytes(), func(entries []entry) []entry {
		for _, e := range entries {
			if strings.HasSuffix(e.name, ".rdsc") || strings.Contains(e.data, "<implements") {
				t.Errorf("%s: a service without input endpoints has no contract", e.name)
			}
		}
		return entries
	})
}

func TestEntryAssembly(t *testing.T) {
	files := func(names ...string) []SourceFile {
		var list []SourceFile
		for _, name := range names {
			list = append(list, SourceFile{Path: name})
		}
		return list
	}
	tests := []struct {
		name  string
		entry *EntryPoint
		files []SourceFile
		want  string
	}{
		{"declared", &EntryPoint{AssemblyName: "x.dll"}, files("W.dll"), "x.dll"},
		{"command", &EntryPoint{CommandLine: "run.cmd"}, files("W.dll"), ""},
		{"called like the role", nil, files("a.dll", "w.dll"), "w.dll"},
		{"in bin", nil, files("bin/W.dll"), "W.dll"},
		{"elsewhere", nil, files("lib/W.dll"), ""},
	}
	for _, tt := range tests {
		if got := entryAssembly(&Role{Name: "W", EntryPoint: tt.entry}, tt.files); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	shop := string(testdata(t, "shop.csdef"))
	withFile := func(name string) map[string]fs.FS {
		folders := shopFolders()
		worker := maps.Clone(folders["Shop.Worker"].(fstest.MapFS))
		worker[name] = &fstest.MapFile{Data: []byte("x")}
		folders["Shop.Worker"] = worker
		return folders
	}
	missing := shopFolders()
	delete(missing, "Shop.Web")
	extra := shopFolders()
	extra["Other"] = fstest.MapFS{}
	device := shopFolders()
	device["Shop.Web"] = fstest.MapFS{"pipe": {Mode: fs.ModeNamedPipe}}
	link := shopFolders()
	link["Shop.Web"] = fstest.MapFS{"link": {Mode: fs.ModeSymlink, Data: []byte("/etc/passwd")}}
	tests := []struct {
		name, def string
		folders   map[string]fs.FS
		want      string
	}{
		{"definition", "<a/>", shopFolders(), "ServiceDefinition.csdef:1:1: the root element is <a>"},
		{"no roles", def(""), nil, "cannot be packed: The service definition file declares no role."},
		{"role without folder", shop, missing, `role "Shop.Web" of the service definition has no folder`},
		{"folder without role", shop, extra, `there is a folder for role "Other", which the service definition does not declare (roles: Shop.Web, Shop.Worker)`},
		{"binding", strings.Replace(shop, `endpointName="HttpIn"`, `endpointName="X"`, 1), shopFolders(), "names the endpoint 'X'"},
		{"clash", strings.Replace(shop, `port="80"`, `port="443"`, 1), shopFolders(), "overlaps with an already defined port"},
		{"web role without sites", def(`<WebRole name="W"><Endpoints><InternalEndpoint name="A" protocol="tcp"/><InternalEndpoint name="B" protocol="tcp"/></Endpoints></WebRole>`), map[string]fs.FS{"W": fstest.MapFS{}}, "may have only one internal endpoint"},
		{"role name", def(`<WorkerRole name=".."/>`), map[string]fs.FS{"..": fstest.MapFS{}}, "The role name '..' in the service definition file is not valid: it has only dots."},
		{"symbolic link", shop, link, "link is a symbolic link"},
		{"irregular file", shop, device, "pipe is not a regular file"},
		{"names that differ in case", shop, withFile("RUN.cmd"), "is there twice (compared without regard to case)"},
		{"backslash", shop, withFile(`a\b`), "it has a backslash"},
		{"colon", shop, withFile("a:b"), "it has a colon"},
		{"not on Windows", shop, withFile("what?"), "no file name on Windows can have"},
		{"not in XML", shop, withFile("a\uffff"), "XML cannot hold"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Pack(io.Discard, PackOptions{Definition: []byte(tt.def), Roles: tt.folders})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPackRefusesLinksOnDisk(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "link.txt")); err != nil {
		t.Skip("skipped, because this system makes no symbolic links: ", err)
	}
	err := Pack(io.Discard, PackOptions{Definition: []byte(def(`<WorkerRole name="W"/>`)), Roles: map[string]fs.FS{"W": os.DirFS(dir)}})
	if err == nil || !strings.Contains(err.Error(), "link.txt is a symbolic link") {
		t.Errorf("error = %v", err)
	}
}

func TestWritePackageRefuses(t *testing.T) {
	minimal := func(change func(*PackageContents)) error {
		c := PackageContents{ProductVersion: "2.9", Definition: []byte("x"), Roles: []RoleContents{{Name: "W"}}}
		change(&c)
		return WritePackage(io.Discard, c)
	}
	broken := errors.New("disk on fire")
	opens := 0
	changing := func() (io.ReadCloser, error) {
		opens++
		return openBytes([]byte{byte(opens)})()
	}
	tests := []struct {
		name   string
		change func(*PackageContents)
		want   string
	}{
		{"no version", func(c *PackageContents) { c.ProductVersion = "" }, "a product version and a definition are needed"},
		{"no definition", func(c *PackageContents) { c.Definition = nil }, "a product version and a definition are needed"},
		{"path", func(c *PackageContents) { c.Roles[0].Files = []SourceFile{{Path: "../x"}} }, `the path "../x" of role "W" is refused`},
		{"role name", func(c *PackageContents) { c.Roles[0].Name = "a/b" }, `the role name "a/b" is not valid`},
		{"roles that differ in case", func(c *PackageContents) {
			c.Roles = []RoleContents{{Name: "w", SupportData: []byte("x")}, {Name: "W", SupportData: []byte("x")}}
		}, "is there twice"},
		{"file that cannot be opened", func(c *PackageContents) {
			c.Roles[0].Files = []SourceFile{{Path: "x", Open: func() (io.ReadCloser, error) { return nil, broken }}}
		}, "disk on fire"},
		{"file that changes", func(c *PackageContents) { c.Roles[0].Files = []SourceFile{{Path: "x", Open: changing}} }, "it changed while it was packed"},
	}
	for _, tt := range tests {
		if err := minimal(tt.change); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want %q", tt.name, err, tt.want)
		}
	}
	l := &limitedWriter{w: io.Discard, left: 3}
	if _, err := l.Write([]byte("abc")); err != nil {
		t.Error(err)
	}
	if _, err := l.Write([]byte("d")); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want one that wraps ErrTooLarge", err)
	}
}

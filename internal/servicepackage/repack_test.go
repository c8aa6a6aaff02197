package servicepackage

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unpacked opens a package and unpacks it into a new folder.
func unpacked(t testing.TB, data []byte) (*Package, string) {
	t.Helper()
	p, err := openBytesOf(data)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := p.Unpack(root); err != nil {
		t.Fatal(err)
	}
	return p, dir
}

func repacked(t testing.TB, p *Package, dir string) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := p.Repack(&buf, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func put(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRepackUnchanged(t *testing.T) {
	original := packShop(t)
	p, dir := unpacked(t, original)
	first := repacked(t, p, dir)
	again, err := openBytesOf(first)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listing(t, p), listing(t, again)); diff != "" {
		t.Errorf("files mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(p.Files()[0].Modified, again.Files()[0].Modified); diff != "" {
		t.Errorf("time mismatch (-want +got):\n%s", diff)
	}
	p2, dir2 := unpacked(t, first)
	if second := repacked(t, p2, dir2); !bytes.Equal(first, second) {
		t.Error("a package that was re-packed gives other bytes when it is re-packed again")
	}
	if third := repacked(t, p, dir); !bytes.Equal(first, third) {
		t.Error("the same folder gives other bytes")
	}
}

func TestRepackChanges(t *testing.T) {
	p, dir := unpacked(t, packShop(t))
	put(t, dir, "LocalContent/Shop.Web/Web.new.config", "<new/>")
	put(t, dir, "LocalContent/Shop.Web/approot/Web.config", "<changed/>")
	if err := os.Remove(filepath.Join(dir, "LocalContent", "Shop.Worker", "approot", "run.cmd")); err != nil {
		t.Fatal(err)
	}
	again, err := openBytesOf(repacked(t, p, dir))
	if err != nil {
		t.Fatal(err)
	}
	was, is := map[string]bool{}, map[string]bool{}
	for _, line := range listing(t, p) {
		was[line] = true
	}
	for _, line := range listing(t, again) {
		is[line] = true
	}
	var diff []string
	for line := range was {
		if !is[line] {
			diff = append(diff, "- "+line)
		}
	}
	for line := range is {
		if !was[line] {
			diff = append(diff, "+ "+line)
		}
	}
	want := []string{
		"+ Shop.Web Web.new.config (generated)", "+ Shop.Web approot/Web.config <changed/>",
		"- Shop.Web approot/Web.config <configuration/>", "- Shop.Worker approot/run.cmd @echo",
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(diff))); diff != "" {
		t.Errorf("changes mismatch (-want +got):\n%s", diff)
	}
}

// TestRepackSharesAndKeeps looks at the parts: equal contents are stored once, and
// what did not change keeps its name.
func TestRepackSharesAndKeeps(t *testing.T) {
	odd := rezip(t, packShop(t), func(entries []entry) []entry { return entries })
	p, dir := unpacked(t, odd)
	put(t, dir, "LocalContent/Shop.Worker/approot/copy.txt", "<configuration/>")
	again, err := openBytesOf(repacked(t, p, dir))
	if err != nil {
		t.Fatal(err)
	}
	parts := func(p *Package) map[string]string {
		byPath := map[string]string{}
		for _, f := range p.files {
			byPath[f.Role+"/"+f.Path] = f.entry.Name
		}
		return byPath
	}
	want := parts(p)
	want["Shop.Worker/approot/copy.txt"] = want["Shop.Web/approot/Web.config"]
	if diff := cmp.Diff(want, parts(again)); diff != "" {
		t.Errorf("parts mismatch (-want +got):\n%s", diff)
	}
}

func TestRepackConvertsTheOlderFormat(t *testing.T) {
	p, dir := unpacked(t, newOlder().build(t))
	got, err := openBytesOf(repacked(t, p, dir))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listing(t, p), listing(t, got)); diff != "" {
		t.Errorf("files mismatch (-want +got):\n%s", diff)
	}
	type facts struct {
		Format   Format
		Version  string
		Families map[string][]string
		Features map[string][]string
		Support  map[string]SupportData
		Created  string
	}
	want := facts{V20120315, "2.9.1", map[string][]string{"My_Role": {"4"}}, map[string][]string{"My_Role": {"NetFx45"}},
		map[string]SupportData{"My_Role": {SDKVersion: "2.9.1", TargetFrameworkVersion: "v4.0"}}, p.Files()[0].Created.String()}
	have := facts{got.Format, got.ProductVersion, got.SupportedOSFamilies, got.RequiredFeatures, got.Support, got.Files()[0].Created.String()}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("package mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(p.Definition, got.Definition); diff != "" {
		t.Errorf("definition mismatch (-want +got):\n%s", diff)
	}
}

func TestRepackErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, dir string)
		want   string
	}{
		{"folder without role", func(t *testing.T, dir string) { put(t, dir, "LocalContent/Other/x.txt", "x") }, "the folder LocalContent/Other has no role in the definition"},
		{"role without folder", func(t *testing.T, dir string) { os.RemoveAll(filepath.Join(dir, "LocalContent", "Shop.Web")) }, "the role Shop.Web has no folder LocalContent/Shop.Web"},
		{"no definition", func(t *testing.T, dir string) { os.RemoveAll(filepath.Join(dir, "ServiceDefinition")) }, "there is no service definition"},
		{"broken definition", func(t *testing.T, dir string) { put(t, dir, "ServiceDefinition/ServiceDefinition.csdef", "<x") }, "ServiceDefinition/ServiceDefinition.csdef:1"},
		{"name", func(t *testing.T, dir string) { put(t, dir, "LocalContent/Shop.Web/approot/a?.txt", "x") }, "which no file name on Windows can have"},
		{"same name in another case", func(t *testing.T, dir string) { put(t, dir, "LocalContent/Shop.Web/approot/WEB.config", "x") }, "is there twice"},
		{"link", func(t *testing.T, dir string) {
			if err := os.Symlink("Web.config", filepath.Join(dir, "LocalContent", "Shop.Web", "approot", "link")); err != nil {
				t.Skip("skipped, because links cannot be made here")
			}
		}, "is not a regular file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, dir := unpacked(t, packShop(t))
			test.change(t, dir)
			err := p.Repack(&bytes.Buffer{}, os.DirFS(dir))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %q", err, test.want)
			}
		})
	}
}

func TestEncryptedIsNotUnpacked(t *testing.T) {
	o := newOlder()
	o.encrypt, o.outer.keytype = true, `2" key="00" iv="00" magic="00`
	p, err := openBytesOf(o.build(t))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, err := range map[string]error{"unpack": p.Unpack(root), "re-pack": p.Repack(&bytes.Buffer{}, root.FS())} {
		if err == nil || !strings.Contains(err.Error(), "the package is encrypted") {
			t.Errorf("%s: got %v, want it to say that the package is encrypted", name, err)
		}
	}
}

// TestUnpackLayout pins the folders of an unpacked package.
func TestUnpackLayout(t *testing.T) {
	_, dir := unpacked(t, packShop(t))
	folders := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if below, _ := filepath.Rel(dir, path); err == nil && !e.IsDir() {
			folders[filepath.ToSlash(filepath.Dir(below))] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(folders))
	for _, want := range []string{"LocalContent/Shop.Web/approot", "LocalContent/Shop.Worker/approot", "NamedStreams/SupportData/Shop.Web", "ServiceDefinition"} {
		if !slices.Contains(got, want) {
			t.Errorf("there is no %s in %v", want, got)
		}
	}
}

package deployer_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer"
)

// files makes a file system of empty files.
func files(names ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, n := range names {
		fsys[n] = &fstest.MapFile{}
	}
	return fsys
}

func TestFindPackage(t *testing.T) {
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string
		err   string
	}{
		{"in the root", files("shop.cspkg", "readme.txt"), "shop.cspkg", ""},
		{"root wins", files("shop.cspkg", "old/a.cspkg", "old/b.cspkg"), "shop.cspkg", ""},
		{"any case", files("SHOP.CSPKG"), "SHOP.CSPKG", ""},
		{"below", files("bin/app.publish/shop.cspkg"), "bin/app.publish/shop.cspkg", ""},
		{"two in the root", files("a.cspkg", "b.cspkg"), "", "there are 2 service packages where one is expected:\n  a.cspkg\n  b.cspkg"},
		{"two below", files("x/a.cspkg", "y/z/b.cspkg"), "", "there are 2 service packages where one is expected:\n  x/a.cspkg\n  y/z/b.cspkg"},
		{"none", files("shop.zip", "cspkg"), "", "there is no service package (.cspkg)"},
		{"a folder of that name", files("a.cspkg/b.txt"), "", "there is no service package (.cspkg)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := deployer.FindPackage(test.files)
			if diff := cmp.Diff([]string{test.want, test.err}, []string{got, text(err)}); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestFindConfiguration(t *testing.T) {
	const cloudFile = "ServiceConfiguration.Cloud.cscfg"
	type choice = deployer.ConfigurationChoice
	tests := []struct {
		name   string
		files  fstest.MapFS
		choice choice
		want   string
		missed []string
		err    string
	}{
		{"cloud", files(cloudFile), choice{}, cloudFile, nil, ""},
		{"environment", files(cloudFile, "ServiceConfiguration.Staging.cscfg"), choice{Environment: "Staging"}, "ServiceConfiguration.Staging.cscfg", nil, ""},
		{"environment with blanks", files("ServiceConfiguration.Pre Production.cscfg"), choice{Environment: "Pre Production"}, "ServiceConfiguration.Pre Production.cscfg", nil, ""},
		{"no file for the environment", files(cloudFile), choice{Environment: "Staging"}, cloudFile, []string{"ServiceConfiguration.Staging.cscfg"}, ""},
		{"wished", files(cloudFile, "x.cscfg"), choice{File: "x.cscfg", Environment: "Cloud"}, "x.cscfg", nil, ""},
		{"wished in a folder", files("sub/x.cscfg"), choice{File: `sub\x.cscfg`}, "sub/x.cscfg", nil, ""},
		{"leading backslash", files("sub/x.cscfg"), choice{File: `\sub\x.cscfg`}, "sub/x.cscfg", nil, ""},
		{"leading dot", files("sub/x.cscfg"), choice{File: `.\sub\x.cscfg`}, "sub/x.cscfg", nil, ""},
		{"cannot leave", files("x.cscfg"), choice{File: `..\..\x.cscfg`}, "x.cscfg", nil, ""},
		{"any case", files("Sub/X.CSCFG"), choice{File: "sub/x.cscfg"}, "Sub/X.CSCFG", nil, ""},
		{"exact case wins", files("X.cscfg", "x.cscfg"), choice{File: "x.cscfg"}, "x.cscfg", nil, ""},
		{"wished is not there", files(cloudFile), choice{File: "x.cscfg", Environment: "Staging"}, cloudFile, []string{"x.cscfg", "ServiceConfiguration.Staging.cscfg"}, ""},
		{"blank wishes", files(cloudFile), choice{File: "  ", Environment: " "}, cloudFile, nil, ""},
		{"wished is a folder", files("x.cscfg/y", cloudFile), choice{File: "x.cscfg"}, cloudFile, []string{"x.cscfg"}, ""},
		{"below a file", files("x", cloudFile), choice{File: "x/y.cscfg"}, cloudFile, []string{"x/y.cscfg"}, ""},
		{"required", files(cloudFile), choice{File: "x.cscfg", Required: true}, "", nil, "there is no configuration x.cscfg\nhint: these configurations are there: " + cloudFile},
		{"none", files("a/Local.cscfg"), choice{File: "x.cscfg"}, "", []string{"x.cscfg", cloudFile}, "there is no service configuration; tried x.cscfg, " + cloudFile + "\nhint: these configurations are there: a/Local.cscfg"},
		{"none at all", files("a.txt"), choice{}, "", []string{cloudFile}, "there is no service configuration; tried " + cloudFile},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, missed, err := deployer.FindConfiguration(test.files, test.choice)
			if diff := cmp.Diff([]string{test.want, test.err}, []string{got, text(err)}); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.missed, missed); diff != "" {
				t.Errorf("missed: mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// An entry of a zip file that a test makes.
type entry struct {
	name, content string
	mode          fs.FileMode
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(f, e.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExtract(t *testing.T) {
	small := deployer.ExtractLimits{Entries: 3, Bytes: 1 << 20}
	zeros := strings.Repeat("\x00", 1<<20)
	tests := []struct {
		name    string
		entries []entry
		want    []string
		err     string
	}{
		{"files and folders", []entry{{name: "a.cspkg"}, {name: "sub/"}, {name: `win\b.cscfg`}}, []string{"a.cspkg", "sub", "win", "win/b.cscfg"}, ""},
		{"up", []entry{{name: "../a"}}, nil, `entry "../a": its name leads out of the package`},
		{"up in between", []entry{{name: `x\..\..\a`}}, nil, `entry "x\\..\\..\\a": its name leads out of the package`},
		{"absolute", []entry{{name: "/etc/a"}}, nil, `entry "/etc/a": its name is not a path below the package`},
		{"drive", []entry{{name: `C:\a`}}, nil, `entry "C:\\a": its name is not a path below the package`},
		{"twice but for case", []entry{{name: "a"}, {name: "A"}}, []string{"a"}, `entry "A": its name is taken by "a"`},
		{"link", []entry{{name: "a", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}}, nil, `entry "a": it is no ordinary file (L---------)`},
		{"too many", []entry{{name: "a"}, {name: "b"}, {name: "c"}, {name: "d"}}, nil, "it has 4 entries; 3 are allowed"},
		{"just large enough", []entry{{name: "a", content: zeros}}, []string{"a"}, ""},
		{"bomb", []entry{{name: "a", content: zeros}, {name: "b", content: "1"}}, []string{"a", "b"}, `entry "b": the contents are larger than 1 MiB`},
		{"file where a folder is", []entry{{name: "a/b"}, {name: "A"}, {name: "c"}}, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			data := zipped(t, test.entries...)
			err := deployer.Extract(bytes.NewReader(data), int64(len(data)), dir, small)
			if diff := cmp.Diff(test.err, text(err)); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			if got := tree(t, dir); test.want != nil {
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("files: mismatch (-want +got)\n%s", diff)
				}
			}
		})
	}
}

func tree(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if name != "." {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestExtractNotAZip(t *testing.T) {
	data := []byte("this is no zip file")
	err := deployer.Extract(bytes.NewReader(data), int64(len(data)), t.TempDir(), deployer.DefaultExtractLimits())
	if err == nil || !strings.Contains(err.Error(), "not a readable zip file") {
		t.Errorf("got %v", err)
	}
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestChosen has the words for which configuration was taken, and why.
func TestChosen(t *testing.T) {
	const cloudFile, stagingFile = "ServiceConfiguration.Cloud.cscfg", "ServiceConfiguration.Staging.cscfg"
	type choice = deployer.ConfigurationChoice
	elsewhere := write(t, filepath.Join(t.TempDir(), "my.cscfg"), nil)
	many := []string{cloudFile, stagingFile}
	for i := range 12 {
		many = append(many, fmt.Sprintf("x%02d.cscfg", i))
	}
	tests := []struct {
		name   string
		files  []string
		source deployer.Source
		want   deployer.Decision
	}{
		{"given", []string{cloudFile}, deployer.Source{ConfigurationPath: elsewhere, Choice: choice{File: "x.cscfg", Environment: "Staging"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is my.cscfg, which was given with the package"}},
		{"the only one", []string{cloudFile}, deployer.Source{},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is " + cloudFile + ", since no other is named"}},
		{"wished", []string{cloudFile, "sub/x.cscfg"}, deployer.Source{Choice: choice{File: `.\SUB\x.cscfg`, Environment: "Staging"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is sub/x.cscfg, as was asked for"}},
		{"of the environment", []string{cloudFile, stagingFile}, deployer.Source{Choice: choice{Environment: "staging"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is " + stagingFile + ", that of staging"}},
		{"the environment is named like the last resort", []string{cloudFile}, deployer.Source{Choice: choice{Environment: "Cloud"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is " + cloudFile + ", that of Cloud"}},
		{"none of the environment", []string{cloudFile}, deployer.Source{Choice: choice{Environment: "Pre Prod"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is " + cloudFile + ": there is no ServiceConfiguration.Pre Prod.cscfg"}},
		{"those of others", []string{cloudFile, stagingFile, "ServiceConfiguration.PreProd.cscfg"}, deployer.Source{Choice: choice{Environment: "Pre Prod"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is " + cloudFile + ": there is no ServiceConfiguration.Pre Prod.cscfg, but there are ServiceConfiguration.PreProd.cscfg, " + stagingFile}},
		{"one of another", []string{cloudFile, "sub/not in the root.cscfg", stagingFile}, deployer.Source{Choice: choice{Environment: "Stagin"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is " + cloudFile + ": there is no ServiceConfiguration.Stagin.cscfg, but there is " + stagingFile}},
		{"many of others", many, deployer.Source{Choice: choice{Environment: "Test"}},
			deployer.Decision{Code: "configuration-chosen", Text: "the configuration is " + cloudFile + ": there is no ServiceConfiguration.Test.cscfg, but there are " + stagingFile + ", x00.cscfg, x01.cscfg, x02.cscfg, x03.cscfg, x04.cscfg, x05.cscfg, x06.cscfg, x07.cscfg, x08.cscfg, and 3 more"}},
		{"wished in vain", []string{cloudFile, stagingFile}, deployer.Source{Choice: choice{File: "x.cscfg", Environment: "Staging"}},
			deployer.Decision{Code: "configuration-missed", Warning: true, Text: "there is no x.cscfg in the package: " + stagingFile + " is used"}},
		{"wished in vain, and none of the environment", []string{cloudFile}, deployer.Source{Choice: choice{File: "x.cscfg", Environment: "Staging"}},
			deployer.Decision{Code: "configuration-missed", Warning: true, Text: "there is no x.cscfg, nor a " + stagingFile + " in the package: " + cloudFile + " is used"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.source.Path = t.TempDir()
			for _, name := range append(test.files, "Shop.cspkg") {
				write(t, filepath.Join(test.source.Path, name), nil)
			}
			in, err := deployer.OpenInput(test.source)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if diff := cmp.Diff(test.want, in.Chosen); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// TestOpenInput opens the same release in each form that it can come in.
func TestOpenInput(t *testing.T) {
	const cloudFile = "ServiceConfiguration.Cloud.cscfg"
	folder := t.TempDir()
	packed := write(t, filepath.Join(folder, "Shop.cspkg"), []byte("package"))
	write(t, filepath.Join(folder, cloudFile), []byte("cloud"))
	elsewhere := write(t, filepath.Join(t.TempDir(), "my.cscfg"), []byte("mine"))
	outer := write(t, filepath.Join(t.TempDir(), "Shop.1.0.nupkg"), zipped(t, entry{name: "content/Shop.cspkg", content: "package"}, entry{name: cloudFile, content: "cloud"}))
	tests := []struct {
		name   string
		source deployer.Source
		want   []string // package path, configuration path, configuration
	}{
		{"folder", deployer.Source{Path: folder}, []string{"Shop.cspkg", cloudFile, "cloud"}},
		{"service package", deployer.Source{Path: packed}, []string{"Shop.cspkg", cloudFile, "cloud"}},
		{"configuration elsewhere", deployer.Source{Path: packed, ConfigurationPath: elsewhere}, []string{"Shop.cspkg", elsewhere, "mine"}},
		{"outer package", deployer.Source{Path: outer}, []string{"content/Shop.cspkg", cloudFile, "cloud"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.source.TempDir = t.TempDir()
			in, err := deployer.OpenInput(test.source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, []string{in.PackagePath, in.ConfigurationPath, string(in.Configuration)}); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			content, err := io.ReadAll(io.NewSectionReader(in.Package.Content, 0, in.Package.Size))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte("package"))
			want := []string{"Shop.cspkg", hex.EncodeToString(sum[:]), "package"}
			if diff := cmp.Diff(want, []string{in.Package.Name, in.Package.SHA256, string(content)}); diff != "" {
				t.Errorf("package: mismatch (-want +got)\n%s", diff)
			}
			if err := in.Close(); err != nil {
				t.Error(err)
			}
			if left := tree(t, test.source.TempDir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestOpenInputErrors(t *testing.T) {
	dir := t.TempDir()
	noPackage := write(t, filepath.Join(dir, "none.zip"), zipped(t, entry{name: "a.txt"}))
	evil := write(t, filepath.Join(dir, "evil.zip"), zipped(t, entry{name: "../evil.cspkg"}))
	strange := write(t, filepath.Join(dir, "shop.tar"), nil)
	alone := write(t, filepath.Join(dir, "alone", "shop.cspkg"), nil)
	large := write(t, filepath.Join(dir, "large.cscfg"), make([]byte, 4<<20+1))
	tests := []struct {
		name   string
		source deployer.Source
		want   string
	}{
		{"missing", deployer.Source{Path: filepath.Join(dir, "gone")}, "no such file or directory"},
		{"another kind", deployer.Source{Path: strange}, "a folder, a .cspkg, or a .zip or .nupkg with one in it is expected"},
		{"no package", deployer.Source{Path: noPackage}, "there is no service package"},
		{"evil", deployer.Source{Path: evil}, "its name leads out of the package"},
		{"no configuration", deployer.Source{Path: alone}, "there is no service configuration; tried ServiceConfiguration.Cloud.cscfg"},
		{"configuration missing", deployer.Source{Path: alone, ConfigurationPath: filepath.Join(dir, "x.cscfg")}, "x.cscfg: no such file or directory"},
		{"configuration too large", deployer.Source{Path: alone, ConfigurationPath: large}, "is larger than 4 MiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.source.TempDir = t.TempDir()
			_, err := deployer.OpenInput(test.source)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), test.source.Path) {
				t.Errorf("got %v", err)
			}
			if left := tree(t, test.source.TempDir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestLinksDoNotLeadOut has a folder whose configuration is a link to a file
// outside.
func TestLinksDoNotLeadOut(t *testing.T) {
	secret := write(t, filepath.Join(t.TempDir(), "secret"), []byte("secret"))
	folder := t.TempDir()
	write(t, filepath.Join(folder, "shop.cspkg"), nil)
	if err := os.Symlink(secret, filepath.Join(folder, "ServiceConfiguration.Cloud.cscfg")); err != nil {
		t.Skipf("skipped, because links cannot be made here: %v", err)
	}
	if in, err := deployer.OpenInput(deployer.Source{Path: folder}); err == nil {
		t.Errorf("read %q", in.Configuration)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(zipped(f, entry{name: "a/b.cspkg", content: "x"}, entry{name: `win\c`, content: "y"}))
	f.Add(zipped(f, entry{name: "../a", content: "x"}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		limits := deployer.ExtractLimits{Entries: 20, Bytes: 1 << 16}
		_ = deployer.Extract(bytes.NewReader(data), int64(len(data)), dir, limits)
		if got, err := os.ReadDir(outer); err != nil || len(got) != 1 {
			t.Errorf("something was written outside: %v %v", got, err)
		}
		var size int64
		err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				info, _ := e.Info()
				size += info.Size()
			}
			return err
		})
		if err != nil || size > limits.Bytes+1 {
			t.Errorf("%d bytes were written: %v", size, err)
		}
	})
}

func FuzzFindConfiguration(f *testing.F) {
	f.Add(`\sub\x.cscfg`, "Pre Production")
	f.Add("../../etc/passwd", "../..")
	f.Add("", "/")
	f.Fuzz(func(t *testing.T, file, environment string) {
		fsys := files("a/b.cscfg", "ServiceConfiguration.Staging.cscfg", "ServiceConfiguration.Cloud.cscfg")
		got, _, err := deployer.FindConfiguration(fsys, deployer.ConfigurationChoice{File: file, Environment: environment})
		if err != nil {
			return
		}
		if _, there := fsys[got]; !there {
			t.Errorf("found %q, which is not there", got)
		}
	})
}

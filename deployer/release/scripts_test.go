package release

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const scriptedYAML = `
project: Shop
service: shop
environments: [Staging, Production]
before:
  - {name: Hello, scriptFile: scripts/hello.sh}
  - {name: Hello again, scriptFile: scripts/hello.sh}
  - {name: Other, scriptFile: other/hello.sh}
  - {name: Inline, script: echo}
after:
  - {name: Off, scriptFile: gone.sh, disabled: true}
`

// scriptFolder writes the scripts of scriptedYAML into a folder.
func scriptFolder(t *testing.T, folder string) {
	t.Helper()
	for path, text := range map[string]string{"scripts/hello.sh": "echo 1", "other/hello.sh": "echo 2"} {
		path = filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// scripted returns a history with a release of scriptedYAML, and its folder.
func scripted(t *testing.T) (*History, Release, string) {
	t.Helper()
	folder := t.TempDir()
	scriptFolder(t, folder)
	h := openHistory(t, folder)
	n := sourceFiles(t, t.TempDir())
	n.Number, n.Project = "1.0.0", mustProject(t, scriptedYAML)
	r, _, err := h.CreateRelease(n)
	if err != nil {
		t.Fatal(err)
	}
	return h, r, folder
}

// TestScriptsAreInTheSnapshot runs scripts as they were, whatever became of the
// files.
func TestScriptsAreInTheSnapshot(t *testing.T) {
	h, r, folder := scripted(t)
	if err := os.RemoveAll(filepath.Join(folder, "scripts")); err != nil {
		t.Fatal(err)
	}
	p, err := r.Project()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.UseScripts(r, p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.steps() {
		text := s.Script.Body + s.Script.File
		if filepath.IsAbs(s.Script.File) {
			data, err := os.ReadFile(s.Script.File)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		got = append(got, text)
	}
	if diff := cmp.Diff([]string{"echo 1", "echo 1", "echo 2", "echo", "gone.sh"}, got); diff != "" {
		t.Errorf("scripts mismatch (-want +got):\n%s", diff)
	}
}

// TestScriptsThatChanged refuses to run what is not the script of the release.
func TestScriptsThatChanged(t *testing.T) {
	h, r, _ := scripted(t)
	p, err := r.Project()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.releaseDir("1.0.0"), r.Scripts[0].Name), []byte("rm -r"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := h.UseScripts(r, p); err == nil || !strings.Contains(err.Error(), "has changed since the release was created") {
		t.Errorf("a changed script: %v", err)
	}
}

// TestScriptsThatCannotBeTaken makes no release without its scripts.
func TestScriptsThatCannotBeTaken(t *testing.T) {
	many := "project: Shop\nservice: shop\nenvironments: [Staging, Production]\nbefore:\n"
	for i := range maxScripts + 1 {
		many += fmt.Sprintf("  - {name: S%d, scriptFile: s%d.sh}\n", i, i)
	}
	tests := map[string]struct {
		yaml   string
		change func(folder string) error
		want   string
	}{
		"missing":   {scriptedYAML, func(folder string) error { return os.RemoveAll(filepath.Join(folder, "other")) }, "scriptFile other/hello.sh: "},
		"too large": {scriptedYAML, func(folder string) error { return os.Truncate(filepath.Join(folder, "other/hello.sh"), maxScript+1) }, "larger than"},
		"a folder": {scriptedYAML, func(folder string) error {
			path := filepath.Join(folder, "scripts/hello.sh")
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o777))
		}, "is no regular file"},
		"too many": {many, func(string) error { return nil }, "the steps run 65 script files; a release takes 64"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			scriptFolder(t, folder)
			if err := tt.change(folder); err != nil {
				t.Fatal(err)
			}
			h := openHistory(t, folder)
			n := sourceFiles(t, t.TempDir())
			n.Number, n.Project = "1.0.0", mustProject(t, tt.yaml)
			if _, _, err := h.CreateRelease(n); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q in it", err, tt.want)
			}
			left, err := os.ReadDir(filepath.Join(folder, historyDir, releasesDir))
			if err != nil || len(left) > 0 {
				t.Errorf("there is something left: %v, %v", left, err)
			}
		})
	}
}

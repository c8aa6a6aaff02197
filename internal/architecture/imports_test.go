package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/vipswap/vipswap/"

// A rule forbids imports: of packages of the module, direct and through others,
// and direct ones of the standard library.
type rule struct {
	pkg    string // of the module; with "/..." everything below, too
	banned []string
	why    string
}

var rules = []rule{
	{"emulator/...", []string{"deployer", "cmd", "scenarios"}, "the two halves meet over HTTP alone"},
	{"deployer/...", []string{"emulator", "cmd", "scenarios"}, "the two halves meet over HTTP alone"},
	{"emulator/cloud", []string{"emulator/management", "emulator/blob", "emulator/packages", "internal", "net", "net/http", "encoding/xml", "os", "log/slog"}, "the platform knows no protocol, file or clock of the machine"},
	{"internal/junit", []string{"emulator", "deployer", "scenarios"}, "suites and deployers report through it"},
	{"deployer/calls", []string{"deployer/management", "deployer/storage", "net"}, "both clients tell of calls in its words"},
	{"deployer/report", []string{"deployer/release", "deployer/storage", "os"}, "it tells of runs, wherever they come from and wherever that goes"},
	{"deployer/planfile", []string{"deployer/release", "deployer/runlog", "deployer/storage", "net/http"}, "a plan is looked at without asking anybody"},
	{"deployer/gatework", []string{"deployer/release", "deployer/runlog", "deployer/storage"}, "gates are those of any plan"},
	{"deployer/preflight", []string{"deployer/release", "deployer/storage", "net", "net/http", "os"}, "it asks through a port, and adds to a plan"},
	{"deployer/locking", []string{"deployer/release", "deployer/runlog", "net/http", "os"}, "it asks accounts and leases through ports"},
	{"deployer/provision", []string{"deployer/release", "deployer/locking", "deployer/runlog", "net/http", "os"}, "it makes things outside of slots, whoever needs them"},
	{"internal/servicepackage", []string{"emulator", "deployer", "net"}, "both halves import it, so it imports neither"},
	{"emulator/faults", []string{"emulator/cloud", "emulator/management", "emulator/blob", "internal", "net/http", "os", "github.com/goccy/go-yaml"}, "plans and decisions are plain data"},
	{"emulator/blob", []string{"emulator/cloud", "emulator/management"}, "the blob endpoint knows accounts through a port"},
	{"emulator/management", []string{"emulator/blob", "emulator/store"}, "the API knows storage through a port"},
	{"deployer/release/journal", []string{"deployer/locking", "deployer/runlog", "net/http", "os"}, "it reads and writes entries, through a port"},
	{"deployer/variables", []string{"deployer/management", "deployer/release"}, "the language stands alone"},
	{"deployer/management", []string{"deployer/release", "deployer/variables", "deployer/storage"}, "the client stands alone"},
}

// fine are packages of the module that a ban of a folder above does not mean.
var fine = map[string]bool{
	"deployer/release/version": true, // release numbers, which the language can take apart
	"internal/spelling":        true, // pure functions on words
	"internal/lazyregexp":      true, // regular expressions, compiled when they are used
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestImportsFollowTheArchitecture(t *testing.T) {
	for _, p := range list(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		for _, r := range rules {
			if !r.concerns(path) {
				continue
			}
			for _, dep := range p.Deps {
				if ours, ok := strings.CutPrefix(dep, module); ok && r.bansOurs(ours) {
					t.Errorf("%s depends on %s: %s", path, ours, r.why)
				}
			}
			for _, dep := range p.Imports {
				if slices.Contains(r.banned, dep) {
					t.Errorf("%s imports %s: %s", path, dep, r.why)
				}
			}
		}
	}
}

func (r rule) concerns(path string) bool {
	if folder, ok := strings.CutSuffix(r.pkg, "/..."); ok {
		return path == folder || strings.HasPrefix(path, folder+"/")
	}
	return path == r.pkg
}

// bansOurs reports whether a package of the module is banned: by itself or with
// a folder above it.
func (r rule) bansOurs(path string) bool {
	return !fine[path] && slices.ContainsFunc(r.banned, func(b string) bool {
		return path == b || strings.HasPrefix(path, b+"/")
	})
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", module+"...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var all []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages were found", len(all))
	}
	return all
}

package emulator_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

var update = flag.Bool("update", false, "rewrite golden files")

const snapshotDefinition = `<ServiceDefinition name="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">` +
	`<WorkerRole name="Web" vmsize="Small"><Endpoints><InputEndpoint name="Http" protocol="tcp" port="80"/></Endpoints></WorkerRole></ServiceDefinition>`

const snapshotConfiguration = `<ServiceConfiguration serviceName="Shop" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">` +
	`<Role name="Web"><Instances count="2"/></Role></ServiceConfiguration>`

// swapping brings a session into the middle of a swap and returns its operation.
func (s *session) swapping() string {
	s.Helper()
	s.done("POST", "/services/hostedservices", createService("shop"))
	url := s.upload("shop.cspkg", pack(s, []byte(snapshotDefinition), ""))
	for _, d := range []struct{ slot, name string }{{"production", "v1"}, {"staging", "v2"}} {
		s.done("POST", "/services/hostedservices/shop/deploymentslots/"+d.slot, createDeployment(d.name, url, []byte(snapshotConfiguration)))
	}
	resp, body := call(s, s.Emulator, "POST", "/services/hostedservices/shop", swap("v1", "v2"))
	if resp.StatusCode != http.StatusAccepted {
		s.Fatalf("swap: %s %s", resp.Status, body)
	}
	return resp.Header.Get("x-ms-request-id")
}

// production returns what the production slot of a universe's shop holds, and
// how the operation stands, without moving time.
func production(t testing.TB, e *emulator.Emulator, id, operation string) (name string, status cloud.OperationStatus) {
	t.Helper()
	state, err := e.State(id)
	if err != nil {
		t.Fatal(err)
	}
	if s := state.Service("shop"); s != nil && s.Production.Deployment != nil {
		name = s.Production.Deployment.Name
	}
	if op := state.Operation(operation); op != nil {
		status = op.Status
	}
	return name, status
}

func (s *session) wantProduction(id, operation, name string, status cloud.OperationStatus) {
	s.Helper()
	if n, st := production(s, s.Emulator, id, operation); n != name || st != status {
		s.Errorf("production holds %q and the swap is %q, want %q and %q", n, st, name, status)
	}
}

// content reads a blob; "" when there is none.
func (s *session) content(name string) string {
	s.Helper()
	got, err := s.files.DownloadStream(context.Background(), "packages", name, nil)
	if err != nil {
		return ""
	}
	defer got.Body.Close()
	data, err := io.ReadAll(got.Body)
	if err != nil {
		s.Fatal(err)
	}
	return string(data)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A universe goes back to the middle of a swap, with its blobs, as often as one
// likes, and goes on from there.
func TestRestoreSnapshot(t *testing.T) {
	s := newSession(t)
	id := s.Subscription()
	operation := s.swapping()
	s.upload("notes.txt", []byte("before"))
	info, err := s.Snapshot(id, "middle of a swap")
	want := emulator.SnapshotInfo{Name: "middle of a swap", Time: info.Time, Services: 1, StorageAccounts: 1, Operations: info.Operations, Pending: info.Pending}
	if diff := cmp.Diff(want, info); diff != "" || err != nil || info.Pending == 0 || info.Operations < 5 {
		t.Errorf("%v, mismatch (-want +got):\n%s%+v", err, diff, info)
	}
	for range 2 {
		s.wantProduction(id, operation, "v1", cloud.InProgress)
		must(t, s.Advance(id, 1<<40))
		s.wantProduction(id, operation, "v2", cloud.Succeeded)
		if s.status("/operations/"+operation) != http.StatusOK {
			t.Error("the operation is gone")
		}
		s.upload("notes.txt", []byte("after"))
		s.upload("more.txt", []byte("more"))
		must(t, s.Restore(id, "middle of a swap"))
		if before, more := s.content("notes.txt"), s.content("more.txt"); before != "before" || more != "" {
			t.Errorf("blobs are %q and %q", before, more)
		}
	}
	if now := s.Now(id); !now.Equal(info.Time) {
		t.Errorf("the time is %v, want %v", now, info.Time)
	}
	// The certificate that was let in before is let in now.
	if got := s.status("/services/hostedservices/shop"); got != http.StatusOK {
		t.Errorf("the service is answered with %d", got)
	}
}

// A package that was uploaded at the same time as another one before the universe
// was put back has its entity tag, and is not taken for it.
func TestRestoreForgetsPackages(t *testing.T) {
	s := newSession(t)
	id := s.Subscription()
	s.done("POST", "/services/hostedservices", createService("shop"))
	_, err := s.Snapshot(id, "empty")
	must(t, err)
	url := s.upload("shop.cspkg", pack(t, []byte(snapshotDefinition), ""))
	s.done("POST", "/services/hostedservices/shop/deploymentslots/staging", createDeployment("v1", url, []byte(snapshotConfiguration)))
	must(t, s.Restore(id, "empty"))
	s.upload("shop.cspkg", []byte("no package"))
	op := s.ask("POST", "/services/hostedservices/shop/deploymentslots/staging", createDeployment("v1", url, []byte(snapshotConfiguration)))
	if op.Status != "Failed" {
		t.Errorf("what is no package was deployed: %+v", op)
	}
}

// With a data folder, snapshots are there after a restart, with their blobs.
func TestSnapshotsOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	s := newSession(t, emulator.WithData(dir))
	id := s.Subscription()
	operation := s.swapping()
	_, err := s.Snapshot(id, "swapping")
	must(t, err)
	_, err = s.Snapshot(id, "other")
	must(t, err)
	must(t, s.DeleteSnapshot(id, "other"))
	must(t, s.Advance(id, 1<<40))
	if _, err := s.files.DeleteBlob(context.Background(), "packages", "shop.cspkg", nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		must(t, s.Close())
		report, err := emulator.CheckData(dir)
		if err != nil || len(report.Findings) > 0 || report.Snapshots != 1 {
			t.Errorf("check: %+v, %v", report, err)
		}
		s = reopen(t, dir)
		must(t, s.Restore(id, "swapping"))
		s.wantProduction(id, operation, "v1", cloud.InProgress)
		if len(s.content("shop.cspkg")) < 1000 {
			t.Error("the package is not there")
		}
	}
	all, err := s.Snapshots(id)
	if err != nil || len(all) != 1 || all[0].Name != "swapping" {
		t.Errorf("snapshots %+v, %v", all, err)
	}
}

// A fork goes on by itself, and outlives a restart.
func TestFork(t *testing.T) {
	const fork = "0f0f0f0f-0000-4000-a000-0000000000f0"
	dir := t.TempDir()
	s := newSession(t, emulator.WithData(dir))
	id := s.Subscription()
	operation := s.swapping()
	_, err := s.Snapshot(id, "swapping")
	must(t, err)
	must(t, s.Advance(id, 1<<40))
	info, err := s.Fork(id, "swapping", strings.ToUpper(fork))
	if err != nil || info.ID != fork || info.Services != 1 {
		t.Fatalf("fork %+v, %v", info, err)
	}
	s.wantProduction(id, operation, "v2", cloud.Succeeded)
	s.wantProduction(fork, operation, "v1", cloud.InProgress)
	resp, keys := callIn(t, s.Emulator, fork, "GET", "/services/storageservices/files/keys", "")
	_, own := call(t, s.Emulator, "GET", "/services/storageservices/files/keys", "")
	if resp.StatusCode != http.StatusOK || keys == own || !strings.Contains(keys, "<Primary>") {
		t.Errorf("keys of the fork: %s %s", resp.Status, keys)
	}
	must(t, s.Close())
	s = reopen(t, dir)
	s.wantProduction(fork, operation, "v1", cloud.InProgress)
	must(t, s.Advance(fork, 1<<40))
	s.wantProduction(fork, operation, "v2", cloud.Succeeded)
	must(t, s.DeleteUniverse(fork))
	if report, err := s.Diff(id, "", ""); err != nil || len(report.Changes) != 0 {
		t.Errorf("the universe differs from itself: %v, %v", report, err)
	}
}

// A universe that is imported elsewhere is the same, and exported again the same
// file.
func TestExportAndImport(t *testing.T) {
	s := newSession(t)
	id := s.Subscription()
	operation := s.swapping()
	_, err := s.Snapshot(id, "swapping")
	must(t, err)
	first := exported(t, s.Emulator, id)
	if again := exported(t, s.Emulator, id); !bytes.Equal(first, again) {
		t.Error("exported twice, the files differ")
	}
	must(t, s.Advance(id, 1<<40))
	var named bytes.Buffer
	must(t, s.ExportSnapshot(id, "swapping", &named))
	if !bytes.Equal(first, named.Bytes()) {
		t.Error("the snapshot of the same moment is another file")
	}
	other := newSession(t)
	other.done("POST", "/services/hostedservices", createService("gone"))
	for range 2 {
		info, err := other.Import(bytes.NewReader(first), id)
		if err != nil || info.ID != id || info.Services != 1 {
			t.Fatalf("import: %+v, %v", info, err)
		}
		other.wantProduction(id, operation, "v1", cloud.InProgress)
		if again := exported(t, other.Emulator, id); !bytes.Equal(first, again) {
			t.Errorf("exported elsewhere, the file differs:\n%s", cmp.Diff(document(t, first), document(t, again)))
		}
	}
	must(t, other.Advance(id, 1<<40))
	other.wantProduction(id, operation, "v2", cloud.Succeeded)
	fresh, err := other.Import(bytes.NewReader(first), "")
	if err != nil || fresh.ID == id || fresh.Services != 1 {
		t.Errorf("import as a new universe: %+v, %v", fresh, err)
	}
}

func exported(t testing.TB, e *emulator.Emulator, id string) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, e.Export(id, &b))
	return b.Bytes()
}

// document returns the text in an exported file.
func document(t testing.TB, file []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	f, err := z.Open("snapshot.json")
	must(t, err)
	defer f.Close()
	data, err := io.ReadAll(f)
	must(t, err)
	return string(data)
}

// The differences between two moments, as people read them.
func TestDiffGolden(t *testing.T) {
	s := newSession(t)
	id := s.Subscription()
	s.swapping()
	_, err := s.Snapshot(id, "before")
	must(t, err)
	must(t, s.Advance(id, 1<<40))
	s.done("DELETE", "/services/hostedservices/shop/deploymentslots/staging", "")
	s.done("POST", "/services/hostedservices", createService("bakery"))
	s.upload("notes.txt", []byte("hello"))
	_, err = s.Snapshot(id, "after")
	must(t, err)
	d, err := s.Diff(id, "before", "after")
	must(t, err)
	path := filepath.Join("testdata", "diff.txt")
	if *update {
		must(t, os.WriteFile(path, []byte(d.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), d.String()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	back, err := s.Diff(id, "after", "")
	if err != nil || len(back.Changes) != 0 || back.String() != "no differences\n" {
		t.Errorf("a snapshot differs from the same moment: %v, %v", back, err)
	}
}

// What cannot be done is refused with a code, and changes nothing.
func TestSnapshotRefusals(t *testing.T) {
	s := newSession(t)
	id := s.Subscription()
	s.swapping()
	_, err := s.Snapshot(id, "one")
	must(t, err)
	before := exported(t, s.Emulator, id)
	only := func(_ any, err error) error { return err }
	const none = "99999999-0000-4000-a000-000000000000"
	for name, test := range map[string]struct {
		err  error
		code universe.Code
		want string
	}{
		"a universe that is not there": {only(s.Snapshot(none, "x")), universe.NotFound, "there is no universe"},
		"a name that is none":          {only(s.Snapshot(id, "../x")), universe.Invalid, `"../x" is no name`},
		"no name":                      {only(s.Snapshot(id, "")), universe.Invalid, `"" is no name`},
		"restoring what is not there":  {s.Restore(id, "two"), universe.NotFound, `has no snapshot "two"`},
		"deleting what is not there":   {s.DeleteSnapshot(id, "two"), universe.NotFound, `has no snapshot "two"`},
		"a diff with what is not":      {only(s.Diff(id, "one", "two")), universe.NotFound, `has no snapshot "two"`},
		"a fork of what is not":        {only(s.Fork(id, "two", "")), universe.NotFound, `has no snapshot "two"`},
		"a fork into what is there":    {only(s.Fork(id, "one", id)), universe.Exists, "there is a universe"},
		"a fork into no id":            {only(s.Fork(id, "one", "shop")), universe.Invalid, "shop"},
		"importing text":               {only(s.Import(strings.NewReader("text"), id)), universe.Invalid, "not a snapshot"},
		"importing a part":             {only(s.Import(bytes.NewReader(before[:len(before)/2]), id)), universe.Invalid, "not a snapshot"},
		"importing another zip":        {only(s.Import(zipped(t, "x", "y"), id)), universe.Invalid, "there is no snapshot.json in it"},
		"importing a newer one":        {only(s.Import(zipped(t, "snapshot.json", `{"format":2}`), id)), universe.Invalid, "its format is 2"},
		"importing no format":          {only(s.Import(zipped(t, "snapshot.json", `{}`), id)), universe.Invalid, "has no format"},
		"importing an unknown record":  {only(s.Import(zipped(t, "snapshot.json", `{"format":1,"records":{"planes":{"a":{}}}}`), id)), universe.Invalid, "planes"},
		"importing without contents":   {only(s.Import(zipped(t, "snapshot.json", document(t, before)), id)), universe.Invalid, "are not in it"},
	} {
		var refused *universe.Error
		if !errors.As(test.err, &refused) || refused.Code != test.code || !strings.Contains(refused.Message, test.want) {
			t.Errorf("%s: %v, want %s: %s", name, test.err, test.code, test.want)
		}
	}
	if after := exported(t, s.Emulator, id); !bytes.Equal(before, after) {
		t.Error("refusals changed the universe")
	}
}

func zipped(t testing.TB, name, content string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	must(t, err)
	_, err = w.Write([]byte(content))
	must(t, errors.Join(err, z.Close()))
	return &b
}

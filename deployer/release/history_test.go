package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/deployer/management"
)

// A testClock moves one second each time it is asked.
type testClock struct{ now time.Time }

func (c *testClock) Now() time.Time {
	c.now = c.now.Add(time.Second)
	return c.now
}

func newClock() *testClock { return &testClock{time.Date(2026, 3, 5, 14, 0, 0, 0, time.UTC)} }

// at is the time that the clock tells when asked for the nth time.
func at(n int) time.Time { return newClock().now.Add(time.Duration(n) * time.Second) }

const automaticProject = smallProject + `lifecycle:
  phases:
    - {name: Staging, manual: [Staging]}
    - {name: Production, automatic: [Production]}
`

func openHistory(t *testing.T, folder string) *History {
	t.Helper()
	clock := newClock()
	clock.Now() // what happens, happens from the second second on
	h, err := OpenHistory(folder, Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// sourceFiles writes a package and two configurations.
func sourceFiles(t testing.TB, dir string) NewRelease {
	t.Helper()
	files := map[string]string{"app.cspkg": "package", "ServiceConfiguration.Staging.cscfg": "<s/>", "ServiceConfiguration.Cloud.cscfg": "<c/>"}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return NewRelease{
		Package:        filepath.Join(dir, "app.cspkg"),
		Configurations: []string{filepath.Join(dir, "ServiceConfiguration.Staging.cscfg"), filepath.Join(dir, "ServiceConfiguration.Cloud.cscfg")},
	}
}

func createRelease(t *testing.T, h *History, number string, p *Project) []Deployment {
	t.Helper()
	n := sourceFiles(t, t.TempDir())
	n.Number, n.Project = number, p
	_, queued, err := h.CreateRelease(n)
	if err != nil {
		t.Fatal(err)
	}
	return queued
}

// deploy takes a release to an environment and returns what that started.
func deploy(t *testing.T, h *History, p *Project, number, environment string, state State) (Deployment, []Deployment) {
	t.Helper()
	d, err := h.QueueDeployment(NewDeployment{Release: number, Environment: environment, Project: p})
	if err == nil {
		d, err = h.StartDeployment(d.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	queued, err := h.FinishDeployment(d.ID, Ending{State: state, Project: p})
	if err != nil {
		t.Fatal(err)
	}
	return d, queued
}

func TestReleaseIsASnapshot(t *testing.T) {
	folder, source := t.TempDir(), t.TempDir()
	h := openHistory(t, folder)
	n := sourceFiles(t, source)
	n.Number, n.Notes, n.Project = "1.0.0-RC.1", "first", mustProject(t, smallProject)
	created, queued, err := h.CreateRelease(n)
	if err != nil || queued != nil {
		t.Fatalf("%v, %v", queued, err)
	}
	want := Release{
		Number: "1.0.0-RC.1", Notes: "first", Created: at(2), ProjectFile: []byte(smallProject),
		Package: File{"app.cspkg", 7, sha256Hex("package")},
		Configurations: []File{
			{"ServiceConfiguration.Staging.cscfg", 4, sha256Hex("<s/>")},
			{"ServiceConfiguration.Cloud.cscfg", 4, sha256Hex("<c/>")},
		},
	}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	// The source files change, and so does the project: the release does not.
	for _, path := range append(n.Configurations, n.Package) {
		if err := os.WriteFile(path, []byte("changed"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = openHistory(t, folder)
	found, err := h.Release("v1.0-rc.1")
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("%v, mismatch (-want +got):\n%s", err, diff)
	}
	files, err := h.Files(found)
	if err != nil || len(files.Configurations) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	if data, err := os.ReadFile(files.Package); string(data) != "package" || err != nil {
		t.Errorf("the package holds %q, %v", data, err)
	}
	if p, err := found.Project(); err != nil || p.Name != "Shop" {
		t.Errorf("project %v, %v", p, err)
	}
	// A file in the history changes: that is noticed.
	if err := os.WriteFile(files.Configurations[1], []byte("<d/>"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Files(found); err == nil || !strings.Contains(err.Error(), "ServiceConfiguration.Cloud.cscfg has changed since the release was created") {
		t.Errorf("error %v", err)
	}
}

func sha256Hex(content string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
}

// TestNumbersOfReleasesAtTheSameTime has several processes make a number of one
// template: each gets one of its own.
func TestNumbersOfReleasesAtTheSameTime(t *testing.T) {
	folder, p := t.TempDir(), mustProject(t, smallProject)
	first := openHistory(t, folder)
	created := make(chan string)
	want := []string{"5.0.0", "5.0.1", "5.0.2", "5.0.3"}
	for range want {
		n, h := sourceFiles(t, t.TempDir()), openHistory(t, folder)
		n.Number, n.Template, n.Project = "5.0.0", "5.0.i", p
		go func() {
			r, _, err := h.CreateRelease(n)
			if err != nil {
				t.Error(err)
			}
			created <- r.Number
		}()
	}
	var got []string
	for range want {
		got = append(got, <-created)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numbers: mismatch (-want +got):\n%s", diff)
	}
	if releases, err := first.Releases(); len(releases) != len(want) || err != nil {
		t.Errorf("%d releases, %v", len(releases), err)
	}
}

func TestCreateReleaseRefuses(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0", p)
	dir := t.TempDir()
	good := sourceFiles(t, dir)
	good.Number, good.Project = "2.0", p
	tests := []struct {
		name   string
		change func(*NewRelease)
		want   string
	}{
		{"the same number", func(n *NewRelease) { n.Number = "1.0" }, "release 1.0 exists already\nhint"},
		{"an equal number", func(n *NewRelease) { n.Number = "v1.0.0+x" }, "release v1.0.0+x exists already, as 1.0"},
		{"a number of a template", func(n *NewRelease) { n.Template = "1.c" }, "release 1.0 exists already"},
		{"a bad template", func(n *NewRelease) { n.Template = "1.#{Missing}" }, "cannot be resolved"},
		{"a bad number", func(n *NewRelease) { n.Number = "../2.0" }, "only letters"},
		{"no project", func(n *NewRelease) { n.Project = nil }, "no project"},
		{"no package", func(n *NewRelease) { n.Package = filepath.Join(dir, "none.cspkg") }, "no such file"},
		{"a folder", func(n *NewRelease) { n.Package = dir }, "no regular file"},
		{"equal names", func(n *NewRelease) { n.Configurations = append(n.Configurations, n.Package) }, "two files of the release have the name app.cspkg"},
	}
	for _, test := range tests {
		n := good
		test.change(&n)
		if _, _, err := h.CreateRelease(n); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.want)
		}
	}
	var exists *ExistsError
	n := good
	n.Number = "1.0.0"
	if _, _, err := h.CreateRelease(n); !errors.As(err, &exists) || exists.Existing != "1.0" {
		t.Errorf("error %v is no ExistsError", err)
	}
	if releases, err := h.Releases(); len(releases) != 1 || err != nil {
		t.Errorf("%d releases, %v", len(releases), err)
	}
	if entries, err := os.ReadDir(filepath.Join(h.dir, releasesDir)); len(entries) != 1 || err != nil {
		t.Errorf("folders left: %v, %v", entries, err)
	}
	if _, err := h.Release("3"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "the latest release is 1.0") {
		t.Errorf("error %v", err)
	}
}

func TestCopyIsLimited(t *testing.T) {
	n := sourceFiles(t, t.TempDir())
	if _, err := copyFile(t.TempDir(), n.Package, "p", 6); err == nil || !strings.Contains(err.Error(), "larger than 6 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestDeploymentWhole(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0", p)
	d, err := h.QueueDeployment(NewDeployment{Release: "1.0.0", Environment: "staging", Project: p})
	if err != nil {
		t.Fatal(err)
	}
	want := Deployment{ID: "Deployments-1", Release: "1.0", Environment: "Staging", Slot: management.Staging, State: Queued, Created: at(3)}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("queued: mismatch (-want +got):\n%s", diff)
	}
	if _, err := h.StartDeployment(d.ID); err != nil {
		t.Fatal(err)
	}
	details := Details{Action: ActionDeploy, Name: "abc", Label: "Deploy cloud service v1.0"}
	for _, err := range []error{
		h.SetDetails(d.ID, details),
		h.RecordIntent(d.ID, "upload", "app.cspkg"),
		h.RecordDone(d.ID, "upload", ""),
		h.RecordIntent(d.ID, "create", ""),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	unfinished, err := h.Unfinished()
	if len(unfinished) != 1 || err != nil {
		t.Fatalf("%v, %v", unfinished, err)
	}
	open := []Entry{{Time: at(7), Step: "create", State: Intent}}
	if diff := cmp.Diff(open, unfinished[0].OpenIntents()); diff != "" {
		t.Errorf("open: mismatch (-want +got):\n%s", diff)
	}
	if _, err := h.FinishDeployment(d.ID, Ending{State: Failed, Error: "the blob is gone", Project: p}); err != nil {
		t.Fatal(err)
	}
	want.State, want.Mode, want.Details, want.Error = Failed, ModeDeploy, details, "the blob is gone"
	want.Started, want.Finished = at(4), at(8)
	want.Journal = []Entry{
		{Time: at(5), Step: "upload", State: Intent, Detail: "app.cspkg"},
		{Time: at(6), Step: "upload", State: Done},
		open[0],
	}
	got, err := h.Deployment(d.ID)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("finished: %v, mismatch (-want +got):\n%s", err, diff)
	}
}

func TestStatesFollowTheTable(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0", p)
	d, err := h.QueueDeployment(NewDeployment{Release: "1.0", Environment: "Staging", Project: p})
	if err != nil {
		t.Fatal(err)
	}
	finish := func(id string, s State) error {
		_, err := h.FinishDeployment(id, Ending{State: s, Project: p})
		return err
	}
	start := func(id string) error { _, err := h.StartDeployment(id); return err }
	steps := []struct {
		name string
		do   func() error
		want string // "" for success
	}{
		{"journal of a queued one", func() error { return h.RecordIntent(d.ID, "x", "") }, "Deployments-1 is Queued, not Executing"},
		{"details of a queued one", func() error { return h.SetDetails(d.ID, Details{}) }, "is Queued, not Executing"},
		{"success of a queued one", func() error { return finish(d.ID, Success) }, "is Queued and cannot become Success"},
		{"start", func() error { return start(d.ID) }, ""},
		{"start again", func() error { return start(d.ID) }, "is Executing and cannot become Executing"},
		{"end without an end", func() error { return finish(d.ID, Queued) }, "cannot become Queued"},
		{"success", func() error { return finish(d.ID, Success) }, ""},
		{"failure after success", func() error { return finish(d.ID, Failed) }, "is Success and cannot become Failed"},
		{"journal of a finished one", func() error { return h.RecordDone(d.ID, "x", "") }, "is Success, not Executing"},
		{"unknown", func() error { return start("Deployments-99") }, "deployment Deployments-99: not found"},
		{"nonsense", func() error { return start("x") }, "deployment x: not found"},
	}
	for _, step := range steps {
		err := step.do()
		if (err == nil) != (step.want == "") || err != nil && !strings.Contains(err.Error(), step.want) {
			t.Errorf("%s: error %v, want %q", step.name, err, step.want)
		}
	}
	d, err = h.QueueDeployment(NewDeployment{Release: "1.0", Environment: "Production", Project: p})
	if err == nil {
		err = finish(d.ID, Canceled)
	}
	if err != nil {
		t.Errorf("a queued deployment cannot be canceled: %v", err)
	}
}

func TestOneAtATimePerEnvironment(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0", p)
	createRelease(t, h, "2.0", p)
	deploy(t, h, p, "1.0", "Staging", Success)
	var ids []string
	for _, n := range []NewDeployment{
		{Release: "1.0", Environment: "Staging", Project: p}, {Release: "2.0", Environment: "Staging", Project: p}, {Release: "1.0", Environment: "Production", Project: p},
	} {
		d, err := h.QueueDeployment(n)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, d.ID)
	}
	if _, err := h.StartDeployment(ids[0]); err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, err := h.StartDeployment(ids[1]); !errors.As(err, &busy) || busy.Unfinished.ID != ids[0] {
		t.Errorf("error %v is no BusyError about %s", err, ids[0])
	}
	if _, err := h.StartDeployment(ids[2]); err != nil {
		t.Errorf("another environment is not free: %v", err)
	}
	if _, err := h.FinishDeployment(ids[0], Ending{State: Canceled}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.StartDeployment(ids[1]); err != nil {
		t.Errorf("the environment is not free: %v", err)
	}
}

func TestLifecycleIsKept(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0", p)
	queue := func(environment string) error {
		_, err := h.QueueDeployment(NewDeployment{Release: "1.0", Environment: environment, Project: p})
		return err
	}
	var refused *NotAllowedError
	if err := queue("Production"); !errors.As(err, &refused) || !strings.Contains(err.Error(), "must first succeed in Staging") {
		t.Errorf("error %v", err)
	}
	if err := queue("Moon"); !errors.As(err, &refused) || !strings.Contains(err.Error(), "it has Staging, Production") {
		t.Errorf("error %v", err)
	}
	deploy(t, h, p, "1.0", "Staging", Failed)
	if err := queue("Production"); err == nil {
		t.Error("a failed deployment opens the next phase")
	}
	deploy(t, h, p, "1.0", "Staging", Success)
	deploy(t, h, p, "1.0", "Staging", Failed)
	if err := queue("Production"); err != nil {
		t.Errorf("a failed redeployment takes progress away: %v", err)
	}
	progress, err := h.Progress("1", p.Lifecycle)
	if err != nil || progress.Phases[0].State != PhaseComplete || progress.Phases[1].State != PhaseCurrent {
		t.Errorf("%+v, %v", progress, err)
	}
	if err := func() error { _, err := h.Progress("9", p.Lifecycle); return err }(); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

func TestAutomaticDeployments(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, automaticProject)
	if queued := createRelease(t, h, "1.0", p); queued != nil {
		t.Errorf("creation queues %v", queued)
	}
	if _, queued := deploy(t, h, p, "1.0", "Staging", Failed); queued != nil {
		t.Errorf("a failure queues %v", queued)
	}
	_, queued := deploy(t, h, p, "1.0", "Staging", Success)
	want := []Deployment{{
		ID: "Deployments-3", Release: "1.0", Environment: "Production", Slot: management.Production,
		Automatic: true, State: Queued, Created: at(9), CreatedBy: "system",
	}}
	if diff := cmp.Diff(want, queued); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if _, queued := deploy(t, h, p, "1.0", "Staging", Success); queued != nil {
		t.Errorf("a redeployment queues %v", queued)
	}
	first := mustProject(t, smallProject+"lifecycle: {phases: [{name: a, automatic: [Staging]}, {name: b}]}")
	if queued := createRelease(t, h, "2.0", first); len(queued) != 1 || queued[0].Environment != "Staging" {
		t.Errorf("creation queues %v", queued)
	}
}

func TestModesAndFilters(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0", p)
	createRelease(t, h, "2.0", p)
	steps := []struct {
		number string
		state  State
		want   Mode
	}{
		{"1.0", Success, ModeDeploy}, {"1.0", Success, ModeRedeployment}, {"2.0", Failed, ModeDeploy},
		{"1.0", Success, ModeRedeployment}, {"2.0", Success, ModeDeploy}, {"1.0", Success, ModeRollback},
	}
	for i, step := range steps {
		if d, _ := deploy(t, h, p, step.number, "Staging", step.state); d.Mode != step.want {
			t.Errorf("step %d is a %s, want %s", i, d.Mode, step.want)
		}
	}
	tests := []struct {
		filter Filter
		want   int
	}{
		{Filter{}, 6}, {Filter{Release: "v1"}, 4}, {Filter{Release: "2.0", States: []State{Success}}, 1},
		{Filter{Environment: "STAGING"}, 6}, {Filter{Environment: "Production"}, 0}, {Filter{States: []State{Failed, Queued}}, 1},
	}
	for _, test := range tests {
		if got, err := h.Deployments(test.filter); len(got) != test.want || err != nil {
			t.Errorf("%+v: %d deployments, %v, want %d", test.filter, len(got), err, test.want)
		}
	}
}

func TestOpenHistoryRefuses(t *testing.T) {
	if _, err := OpenHistory(t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "no clock") {
		t.Errorf("error %v", err)
	}
	tests := []struct {
		name   string
		spoil  func(t *testing.T, path string)
		wanted string
	}{
		{"no database", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 10_000)), 0o666); err != nil {
				t.Fatal(err)
			}
		}, "is damaged, or was not written by vipswap"},
		{"newer", func(t *testing.T, path string) { setFormat(t, path, "2") }, "the history has format 2, this vipswap reads up to 1\nhint"},
		{"format", func(t *testing.T, path string) { setFormat(t, path, "x") }, "has no format version"},
	}
	for _, test := range tests {
		folder := t.TempDir()
		openHistory(t, folder).Close()
		test.spoil(t, filepath.Join(folder, historyDir, historyFile))
		if _, err := OpenHistory(folder, Options{Now: newClock().Now}); err == nil || !strings.Contains(err.Error(), test.wanted) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.wanted)
		}
	}
}

func setFormat(t *testing.T, path, format string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o666, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(formatKey, []byte(format)) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestLeftoversAreRemoved(t *testing.T) {
	folder := t.TempDir()
	openHistory(t, folder).Close()
	releases := filepath.Join(folder, historyDir, releasesDir)
	for _, dir := range []string{".new-123", "1.0"} {
		if err := os.MkdirAll(filepath.Join(releases, dir, "x"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	h := openHistory(t, folder)
	// A folder that was filled but never recorded does not stand in the way.
	createRelease(t, h, "1.0", mustProject(t, smallProject))
	if _, err := os.Stat(filepath.Join(releases, ".new-123")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a half-filled folder is still there: %v", err)
	}
	r, err := h.Release("1.0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Files(r); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(releases, "1.0", "x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old folder is still there: %v", err)
	}
}

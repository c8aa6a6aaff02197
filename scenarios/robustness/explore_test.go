package robustness

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

func explore(t *testing.T, st *stage.Stage, file string, kinds ...faults.Kind) Matrix {
	t.Helper()
	s := suite.Script{Name: "robust/" + strings.TrimSuffix(file, ".txtar"), File: filepath.Join("testdata", file)}
	m := Explore(t.Context(), st, s, Options{Kinds: kinds})
	if m.Baseline.Outcome != suite.Passed {
		t.Fatal(m.Baseline.Text())
	}
	return m
}

func newStage(t *testing.T) *stage.Stage {
	t.Helper()
	st, err := stage.Open(stage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// TestMatrix explores a script that survives little, and plays the scripts that
// are written of its failures.
func TestMatrix(t *testing.T) {
	st := newStage(t)
	m := explore(t, st, "fragile.txtar", faults.Drop, faults.Refuse, faults.Delay, faults.FailOperation, faults.StuckOperation, faults.GuestOSUpdate, faults.CutUpload)
	var b strings.Builder
	if err := m.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := `CALL                                      refuse  drop  delay  fails  stuck
Create Cloud Service 1                    X       X     .
Create Storage Account 1                  X       X     .
operation Create Storage Account 1 files                       .      .
`
	if diff := cmp.Diff(trimmed(want), trimmed(b.String())); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	dir := t.TempDir()
	for _, c := range m.Bad() {
		file, err := m.Save(dir, c)
		if err != nil {
			t.Fatal(err)
		}
		r := suite.Play(t.Context(), st, suite.Script{Name: filepath.Base(file), File: file}, suite.Performance{})
		if r.Outcome != suite.Failed {
			t.Errorf("%s, written because of %q, %s", file, c.Reason, r.Outcome)
		}
	}
	if results := m.Results(); len(results) != len(m.Cells)+1 || results[0].Outcome != suite.Passed {
		t.Errorf("%d results of %d cells", len(results), len(m.Cells))
	}
}

func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// TestStubborn explores a script that survives what passes.
func TestStubborn(t *testing.T) {
	m := explore(t, newStage(t), "stubborn.txtar", faults.Delay, faults.Slow)
	if len(m.Cells) != 2 || len(m.Bad()) != 0 {
		t.Errorf("%d of %d cells failed: %+v", len(m.Bad()), len(m.Cells), m.Bad())
	}
	for _, c := range m.Cells {
		if r := c.Result; r.Requests != nil || r.State.Services != nil || r.Outcome != suite.Passed {
			t.Errorf("call %d, %s: more is kept than a report needs: %+v", c.Call, c.Column, r)
		}
	}
}

// TestInvariantCell judges a cell by invariants that held without faults, and writes
// a script that watches them.
func TestInvariantCell(t *testing.T) {
	st := newStage(t)
	// A client that takes the first answer for the last word leaves an operation
	// behind when that takes longer than an hour.
	text := "# an account is made within the hour\nrequest 202 POST services/storageservices account.xml\nadvance 20m\n" +
		"-- account.xml --\n<CreateStorageServiceInput xmlns=\"http://schemas.microsoft.com/windowsazure\"><ServiceName>files</ServiceName>" +
		"<Label>ZmlsZXM=</Label><Location>West Europe</Location></CreateStorageServiceInput>\n"
	dir := t.TempDir()
	file := filepath.Join(dir, "hasty.txtar")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m := Explore(t.Context(), st, suite.Script{Name: "hasty", File: file}, Options{Kinds: []faults.Kind{faults.StuckOperation}})
	bad := m.Bad()
	if len(bad) != 1 || bad[0].Verdict != Broken || bad[0].Reason != "nothing-left: Create Storage Account of files is still in progress" {
		t.Fatalf("the failing cells are %+v", bad)
	}
	written, err := m.Save(dir, bad[0])
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"invariants nothing-left\n", "fault stuck-operation 'Create Storage Account' nth=1 delay=30m0s\n"} {
		if !strings.Contains(string(data), line) {
			t.Errorf("%s lacks %q:\n%s", written, line, data)
		}
	}
	r := suite.Play(t.Context(), st, suite.Script{Name: "written", File: written}, suite.Performance{})
	if r.Outcome != suite.Failed || !strings.HasPrefix(r.Reason, "nothing-left: ") {
		t.Errorf("the script %s: %s", r.Outcome, r.Reason)
	}
}

// TestRequestsOf leaves out what polling repeats.
func TestRequestsOf(t *testing.T) {
	entry := func(method, operation, url string) journal.Entry {
		return journal.Entry{Endpoint: journal.Management, Method: method, Operation: operation, URL: url, Status: 200}
	}
	poll, look, swap := entry("GET", "Get Operation Status", "/o/1"), entry("GET", "Get Deployment", "/d"), entry("POST", "Swap Deployment", "/s")
	var got []string
	for _, c := range requestsOf(suite.Result{Requests: []journal.Entry{look, swap, poll, poll, poll, poll, look, swap, swap, entry("GET", "", "/none")}}) {
		got = append(got, c.String())
	}
	want := []string{"Get Deployment 1", "Swap Deployment 1", "Get Operation Status 1", "Get Operation Status 4", "Get Deployment 2", "Swap Deployment 2", "Swap Deployment 3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

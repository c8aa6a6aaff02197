package suite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

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

// write writes a script into a folder of its own.
func write(t *testing.T, text string) suite.Script {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.txtar")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return suite.Script{Name: "test/script", File: file}
}

func find(t *testing.T, paths ...string) []suite.Script {
	t.Helper()
	scripts, err := suite.Find(paths, "")
	if err != nil {
		t.Fatal(err)
	}
	return scripts
}

func TestFind(t *testing.T) {
	tests := map[string]struct {
		paths []string
		run   string
		want  string // names, or the error
	}{
		"a folder":         {[]string{"testdata/good"}, "", "good/isolated good/passes good/skips"},
		"folders below":    {[]string{"testdata"}, "s$", "testdata/bad/fails testdata/good/passes testdata/good/skips"},
		"testdata is none": {[]string{"."}, "", ".: there is no .txtar file"},
		"a file":           {[]string{"testdata/bad/fails.txtar"}, "", "bad/fails"},
		"a pattern":        {[]string{"testdata/*/*s.txtar"}, "", "bad/fails good/passes good/skips"},
		"each once":        {[]string{"testdata/good", "testdata/good/passes.txtar"}, "passes", "good/passes"},
		"no such":          {[]string{"testdata/ugly"}, "", "testdata/ugly: there is no such file or folder, and as a pattern it fits none"},
		"none in it":       {[]string{"suite_test.go"}, "", "suite_test.go: there is no .txtar file"},
		"none that fits":   {[]string{"testdata/good"}, "nothing", `no script's name fits "nothing"; there are 3 scripts`},
		"no pattern":       {[]string{"testdata/good"}, "(", "the pattern \"(\" cannot be read: error parsing regexp: missing closing ): `(`"},
		"no glob":          {[]string{"testdata/["}, "", "testdata/[: syntax error in pattern"},
		"a file, no match": {[]string{"testdata/good/skips.txtar"}, "passes", `no script's name fits "passes"; there are 1 scripts`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			scripts, err := suite.Find(test.paths, test.run)
			var names []string
			for _, s := range scripts {
				names = append(names, s.Name)
			}
			got := strings.Join(names, " ")
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestGood plays scripts as tests, many at once.
func TestGood(t *testing.T) {
	suite.Test(t, newStage(t), find(t, "testdata/good"), suite.Performance{})
}

// TestBad plays scripts that fail, and looks at what they tell.
func TestBad(t *testing.T) {
	want := map[string][]string{
		"bad/fails": {
			"fails.txtar:6: slots: production holds -, want 1.0.0 (slots production=1.0.0 staging=-)\n",
			"phase: here the shop is not what it should be\n", "> slots production=1.0.0",
			"slots:\n  shop  production  -\n  shop  staging     -\n", "last requests:\n  1 ", "Get Cloud Service Properties bakery: 404 ResourceNotFound",
		},
		"bad/unknown_command": {`unknown command "slot" (did you mean "slots"?)`},
		"bad/wrong_use":       {`slots: usage: "test=-" is not production=LABEL or staging=LABEL`},
		"bad/never":           {"eventually: it will not be so, because nothing is pending any more: production holds -, want 1.0.0"},
	}
	report := suite.Run(t.Context(), newStage(t), find(t, "testdata/bad"), suite.Options{Parallel: 2}, nil)
	if len(report.Results) != len(want) {
		t.Errorf("%d scripts were played", len(report.Results))
	}
	for _, r := range report.Results {
		if r.Outcome != suite.Failed {
			t.Errorf("%s %s", r.Name, r.Outcome)
		}
		text := r.Text()
		for _, words := range want[r.Name] {
			if !strings.Contains(text, words) {
				t.Errorf("%s does not tell %q:\n%s", r.Name, words, text)
			}
		}
		if strings.Contains(text, "all is well here\n  >") {
			t.Errorf("%s tells of a phase that passed:\n%s", r.Name, text)
		}
		if _, err := os.Stat(r.WorkDir); r.WorkDir != "" || err == nil {
			t.Errorf("%s left %s", r.Name, r.WorkDir)
		}
	}
}

// TestParallel plays one script many times at once: universes do not meet.
func TestParallel(t *testing.T) {
	one := find(t, "testdata/good/isolated.txtar")[0]
	var scripts []suite.Script
	for i := range 40 {
		s := one
		s.Name += strings.Repeat("x", i)
		scripts = append(scripts, s)
	}
	report := suite.Run(t.Context(), newStage(t), scripts, suite.Options{Parallel: 8}, nil)
	for _, r := range report.Results {
		if r.Outcome != suite.Passed {
			t.Errorf("%s", r.Text())
		}
	}
}

// TestInterrupted begins no script when the context has ended.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report := suite.Run(ctx, newStage(t), find(t, "testdata/good"), suite.Options{}, nil)
	if n := report.Count(suite.Skipped); n != len(report.Results) {
		t.Errorf("%d of %d were skipped", n, len(report.Results))
	}
}

// TestSameJournal plays a script on two stages: the journals are the same, byte by
// byte.
func TestSameJournal(t *testing.T) {
	var journals [2]string
	for i := range journals {
		r := suite.Play(t.Context(), newStage(t), find(t, "testdata/good/passes.txtar")[0], suite.Performance{Look: true})
		if r.Outcome != suite.Passed {
			t.Fatal(r.Text())
		}
		journals[i] = reproducible(t, r)
	}
	if len(journals[0]) < 100 {
		t.Fatalf("there is hardly a journal: %s", journals[0])
	}
	if diff := cmp.Diff(journals[0], journals[1]); diff != "" {
		t.Errorf("mismatch (-first +second):\n%s", diff)
	}
}

func reproducible(t *testing.T, r suite.Result) string {
	t.Helper()
	var b bytes.Buffer
	for _, e := range journal.Reproducible(r.Requests) {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return b.String()
}

// TestKeep leaves the work folder and the universe of a failure.
func TestKeep(t *testing.T) {
	st := newStage(t)
	r := suite.Play(t.Context(), st, write(t, "# it fails\nslots production=x\n-- file.txt --\nkept\n"), suite.Performance{Keep: true})
	if data, err := os.ReadFile(filepath.Join(r.WorkDir, "file.txt")); err != nil || string(data) != "kept\n" {
		t.Errorf("%q: %v", data, err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(r.WorkDir)) })
	if _, err := st.Emulator().State(r.Subscription); err != nil {
		t.Error(err)
	}
	next := write(t, "emulator empty\nsnapshot import "+r.Universe+"\nrequest 200 GET services/hostedservices/shop\n")
	next.Name = "test/next"
	again := suite.Play(t.Context(), st, next, suite.Performance{})
	if again.Outcome != suite.Passed {
		t.Errorf("the kept universe cannot be gone on from: %s", again.Text())
	}
	for _, words := range []string{"kept:\n  work folder " + r.WorkDir, "VIPSWAP_SUBSCRIPTION_ID=" + r.Subscription} {
		if !strings.Contains(r.Text(), words) {
			t.Errorf("the failure does not tell %q:\n%s", words, r.Text())
		}
	}
}

// TestUpdate rewrites what a script compares with, in the form that does not change
// from run to run.
func TestUpdate(t *testing.T) {
	st := newStage(t)
	s := write(t, "# an operation has an id\nrequest 200 GET services/hostedservices/shop\ncompare stdout golden.xml\n-- golden.xml --\nold\n-- other.txt --\nstays\n")
	if r := suite.Play(t.Context(), st, s, suite.Performance{}); r.Outcome != suite.Failed || !strings.Contains(r.Reason, "stdout and golden.xml differ") {
		t.Fatalf("it %s: %s", r.Outcome, r.Reason)
	}
	if r := suite.Play(t.Context(), st, s, suite.Performance{Update: true}); r.Outcome != suite.Passed {
		t.Fatal(r.Text())
	}
	data, err := os.ReadFile(s.File)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"<DateCreated>TIME</DateCreated>", "<Url>https://MANAGEMENT/SUBSCRIPTION/services/hostedservices/shop</Url>", "-- other.txt --\nstays\n"} {
		if !strings.Contains(string(data), words) {
			t.Errorf("the script lacks %s:\n%s", words, data)
		}
	}
	if r := suite.Play(t.Context(), newStage(t), s, suite.Performance{}); r.Outcome != suite.Passed {
		t.Errorf("it does not pass when it was updated: %s", r.Text())
	}
}

// TestInvariants fails a script that breaks what it asked to be watched.
func TestInvariants(t *testing.T) {
	const account = `-- account.xml --
<CreateStorageServiceInput xmlns="http://schemas.microsoft.com/windowsazure">
  <ServiceName>files</ServiceName><Label>ZmlsZXM=</Label><Location>West Europe</Location>
</CreateStorageServiceInput>
`
	const text = "# an account is asked for while it is watched\ninvariants\nrequest 202 POST services/storageservices account.xml\n"
	r := suite.Play(t.Context(), newStage(t), write(t, text+account), suite.Performance{})
	if want := "nothing-left: Create Storage Account of files is still in progress"; r.Outcome != suite.Failed || r.Reason != want {
		t.Errorf("it %s: %s, want %s", r.Outcome, r.Reason, want)
	}
	waits := text + "eventually operations 'Create Storage Account=Succeeded'\n" + account
	if r = suite.Play(t.Context(), newStage(t), write(t, waits), suite.Performance{}); r.Outcome != suite.Passed {
		t.Error(r.Text())
	}
}

// TestLimit ends a script that hangs.
func TestLimit(t *testing.T) {
	s := write(t, "[!exec:sleep] skip 'skipped, because there is no sleep'\n# it hangs\nexec sleep 60\n")
	r := suite.Play(t.Context(), newStage(t), s, suite.Performance{Limit: 300 * time.Millisecond})
	if r.Outcome == suite.Skipped {
		t.Skip(r.Reason)
	}
	if !r.TimedOut || r.Outcome != suite.Failed || r.Phase != "it hangs" {
		t.Errorf("it %s, timed out %v, in phase %q", r.Outcome, r.TimedOut, r.Phase)
	}
}

// TestReports reads the reports as others would.
func TestReports(t *testing.T) {
	report := suite.Run(t.Context(), newStage(t), find(t, "testdata"), suite.Options{}, nil)
	var b bytes.Buffer
	if err := suite.WriteJUnit(&b, report); err != nil {
		t.Fatal(err)
	}
	checkJUnit(t, b.Bytes())
	var doc struct {
		Passed, Failed, Skipped int
		Results                 []struct{ Name, Outcome, Reason string }
	}
	b.Reset()
	if err := suite.WriteJSON(&b, report); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Passed != 2 || doc.Failed != 4 || doc.Skipped != 1 || len(doc.Results) != 7 || doc.Results[0].Name != "testdata/bad/fails" || doc.Results[0].Reason == "" {
		t.Errorf("the report is %+v", doc)
	}
}

// junitAttributes are the attributes that the schema of JUnit reports asks for.
var junitAttributes = map[string][]string{
	"testsuites": nil,
	"testsuite":  {"name", "tests", "failures", "errors", "skipped", "time"},
	"testcase":   {"name", "classname", "time"},
	"failure":    {"message", "type"},
	"skipped":    nil,
}

// junitParents are the elements that each may be in.
var junitParents = map[string]string{"testsuite": "testsuites", "testcase": "testsuite", "failure": "testcase", "skipped": "testcase"}

func checkJUnit(t *testing.T, document []byte) {
	t.Helper()
	count := map[string]int{}
	var open []string
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			count[name]++
			wanted, known := junitAttributes[name]
			if !known || len(open) > 0 && open[len(open)-1] != junitParents[name] {
				t.Errorf("there is %s in %v", name, open)
			}
			have := map[string]bool{}
			for _, a := range e.Attr {
				have[a.Name.Local] = true
			}
			for _, a := range wanted {
				if !have[a] {
					t.Errorf("%s has no %s", name, a)
				}
			}
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	if diff := cmp.Diff(map[string]int{"testsuites": 1, "testsuite": 2, "testcase": 7, "failure": 4, "skipped": 1}, count); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

package cli

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/universe"
)

// read makes a value of what a command printed.
func read[T any](t *testing.T, o outcome) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(o.stdout), &v); err != nil {
		t.Fatalf("%v in %s", err, o.stdout)
	}
	return v
}

// contains fails the test unless the text has all parts.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

func TestUniverseCommands(t *testing.T) {
	u, e := withEmulator(t)
	made := read[universe.Info](t, u.must(t, exitDone, "universe", "create", "--output", "json", "--name", "mine", "--seed", "7", "--clock", "manual",
		"--strict", "--auth", "token", "--bearer-token", "t", "--quota-cores", "4", "--throttle", "100", "--publish-settings", u.path("mine.publishsettings")))
	if made.Name != "mine" || made.Seed != 7 || made.Clock.Mode != cloud.ManualTime || !made.Strict || made.Authentication != cloud.TokenAccess {
		t.Errorf("made %+v", made)
	}
	settings, err := os.ReadFile(u.path("mine.publishsettings"))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(settings), made.ID, e.ManagementURL())
	contains(t, u.must(t, exitDone, "universe", "list").stdout, made.ID, "mine", e.Subscription())
	contains(t, u.must(t, exitDone, "universe", "show", "--universe", made.ID).stdout, "mine", "manual, 2015-07-01 00:00:00")
	contains(t, u.must(t, exitDone, "universe", "reset", "--universe", made.ID).stdout, "mine")
	contains(t, u.must(t, exitDone, "universe", "delete", made.ID).stdout, "deleted")
	contains(t, u.must(t, exitUsage, "universe", "show", "--universe", made.ID).stderr, "there is no universe "+made.ID)
	contains(t, u.must(t, exitUsage, "universe", "create", "--id", "shop").stderr, "no subscription id", "hint: ")
	contains(t, u.must(t, exitUsage, "universe", "delete", e.Subscription()).stderr, "hint: reset it")
}

func TestTimeCommands(t *testing.T) {
	u, _ := withEmulator(t)
	contains(t, u.must(t, exitDone, "time", "show").stdout, "2015-07-01 00:00:00 (auto), nothing is pending")
	contains(t, u.must(t, exitDone, "time", "freeze").stdout, "(manual)")
	u.must(t, exitDone, "service", "create", "shop")
	u.must(t, exitDone, "progression", "set", "*", "--pace", "after", "--after", "1m30s")
	contains(t, u.must(t, exitDone, "progression", "show").stdout, "after 1m30s")
	contains(t, u.must(t, exitUsage, "progression", "set", "Swap", "--pace", "polls").stderr, "polls")
	contains(t, u.must(t, exitDone, "progression", "clear").stdout, "usual time")
	contains(t, u.must(t, exitDone, "time", "advance", "10m").stdout, "2015-07-01 00:10:00")
	contains(t, u.must(t, exitRefused, "time", "next").stderr, "nothing is pending")
	contains(t, u.must(t, exitUsage, "time", "advance", "soon").stderr, "no duration")
	contains(t, u.must(t, exitUsage, "time", "advance", "--", "-1s").stderr, "hint: it moves forward")
	clock := read[universe.Clock](t, u.must(t, exitDone, "time", "set", "real", "--speed", "60", "--output", "json"))
	if clock.Mode != cloud.RealTime || clock.Speed != 60 || clock.Now.Before(cloud.Epoch) || clock.Now.Year() != 2015 {
		t.Errorf("the clock is %+v", clock)
	}
	contains(t, u.must(t, exitUsage, "time", "set", "sundial").stderr, "real, auto or manual")
}

func TestFaultsCommands(t *testing.T) {
	u, _ := withEmulator(t)
	good, bad := u.path("good.yaml"), u.path("bad.yaml")
	for file, plan := range map[string]string{
		good: "rules:\n  - name: busy at first\n    kind: refuse\n    code: ServerBusy\n    count: 1\n",
		bad:  "rules:\n  - kind: dealy\n",
	} {
		if err := os.WriteFile(file, []byte(plan), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	contains(t, u.must(t, exitDone, "faults", "show").stdout, "no faults")
	contains(t, u.must(t, exitDone, "faults", "set", good).stdout, "busy at first", "refuse")
	u.run(t.Context(), "service", "list")
	told := read[control.Faults](t, u.must(t, exitDone, "faults", "show", "--output", "json"))
	if told.Strikes != 1 {
		t.Errorf("after a request %+v", told)
	}
	contains(t, u.must(t, exitDone, "journal", "--fault", "*").stdout, "503 ServerBusy", "[fault refuse]")
	contains(t, u.must(t, exitDone, "faults", "set", "hostile").stdout, "KIND")
	contains(t, u.must(t, exitDone, "faults", "clear").stdout, "no faults")
	contains(t, u.must(t, exitUsage, "faults", "set", "gentle").stderr, "neither a file nor a preset", "hint: ")
	contains(t, u.must(t, exitUsage, "faults", "set", bad).stderr, "bad.yaml:2:")
	contains(t, u.must(t, exitDone, "faults", "validate", good).stdout, "fine, 1 rule")
	contains(t, u.must(t, exitFailed, "faults", "validate", good, bad).stdout, "bad.yaml:2:", "hint:")
	contains(t, u.must(t, exitDone, "faults", "presets").stdout, "none", "flaky", "hostile")
}

func TestJournalCommand(t *testing.T) {
	u, e := withEmulator(t)
	u.must(t, exitDone, "service", "create", "shop")
	u.must(t, exitUsage, "journal", "--follow", "--output", "har")
	u.must(t, exitUsage, "journal", "--reproducible")
	contains(t, u.must(t, exitDone, "journal", "--changes").stdout, "Create Cloud Service: 201", "done at once")
	contains(t, u.must(t, exitDone, "journal", "--verbose", "--last", "1", "--operation", "Create*").stdout, "> <")
	contains(t, u.must(t, exitDone, "journal", "--output", "json").stdout, `"operation": "Create Cloud Service"`)
	contains(t, u.must(t, exitDone, "journal", "--output", "har").stdout, `"version": "1.2"`, e.ManagementURL())
	line := u.must(t, exitDone, "journal", "--output", "jsonl", "--reproducible", "--changes").stdout
	contains(t, line, `"operation":"Create Cloud Service"`)
	if strings.Contains(line, `"wall"`) {
		t.Errorf("a time on the wall is in %s", line)
	}
	ctx, cancel := context.WithCancel(t.Context())
	u.stdout = writerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	got := u.run(ctx, "journal", "--follow", "--last", "1", "--output", "jsonl")
	if got.code != exitDone || strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("following: %+v", got)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestStateCommand(t *testing.T) {
	u, e := withEmulator(t)
	u.must(t, exitDone, "service", "create", "shop")
	contains(t, u.must(t, exitDone, "state").stdout, "shop", "production", "(empty)")
	state := read[universe.State](t, u.must(t, exitDone, "state", "--output", "json"))
	want, err := e.State(e.Subscription())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestControlIsFound(t *testing.T) {
	u := newUser(t)
	contains(t, u.must(t, exitUsage, "state").stderr, "no emulator is running", "hint: ")
	contains(t, u.must(t, exitUsage, "state", "--control", "here").stderr, "no address")
	e := emulator.Start(t, emulator.WithControlToken("a token"))
	contains(t, u.must(t, exitUsage, "state", "--control", e.ControlURL()).stderr, "token", "hint: ")
	u.must(t, exitDone, "state", "--control", e.ControlURL(), "--control-token", "a token")
	u.env[envControl], u.env[envControlToken] = e.ControlURL(), "a token"
	u.must(t, exitDone, "state")
	if _, err := e.CreateUniverse(universe.Spec{}); err != nil {
		t.Fatal(err)
	}
	contains(t, u.must(t, exitUsage, "state").stderr, "the emulator has 2 universes", "hint: ")
	u.env[envSubscription] = e.Subscription()
	u.must(t, exitDone, "state")
}

func TestServeAccess(t *testing.T) {
	tests := map[string]struct {
		flags serveFlags
		want  string // part of the refusal, "" for none
	}{
		"plain":            {serveFlags{management: "127.0.0.1:1", blob: "localhost:1", accessFlags: accessFlags{auth: choice{value: authCertificate}}}, ""},
		"open":             {serveFlags{management: "127.0.0.1:1", blob: "[::1]:1", accessFlags: accessFlags{auth: choice{value: authNone}}}, ""},
		"open to all":      {serveFlags{management: "0.0.0.0:1", blob: "[::1]:1", accessFlags: accessFlags{auth: choice{value: authNone}}}, "0.0.0.0:1"},
		"open blobs":       {serveFlags{management: "127.0.0.1:1", blob: ":1", accessFlags: accessFlags{auth: choice{value: authNone}}}, ":1"},
		"open by name":     {serveFlags{management: "build.example:1", accessFlags: accessFlags{auth: choice{value: authNone}}}, "build.example"},
		"open by force":    {serveFlags{management: "0.0.0.0:1", accessFlags: accessFlags{auth: choice{value: authNone}, force: true}}, ""},
		"public":           {serveFlags{management: "0.0.0.0:1", accessFlags: accessFlags{auth: choice{value: authCertificate}}}, ""},
		"token for nobody": {serveFlags{accessFlags: accessFlags{auth: choice{value: authNone}, bearerToken: "t"}}, "--bearer-token"},
		"less than none":   {serveFlags{accessFlags: accessFlags{cores: -2}}, "--quota-cores"},
		"throttled to -1":  {serveFlags{accessFlags: accessFlags{throttle: -1}}, "--throttle"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.flags.checkAccess()
			if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || judge(err).code != exitUsage) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestServeIsSafeBeyondLoopback(t *testing.T) {
	f := serveFlags{management: "0.0.0.0:1", blob: "127.0.0.1:1", control: "127.0.0.1:1", accessFlags: accessFlags{auth: choice{value: authCertificate}}}
	f.secure()
	if !f.certificatesOnly || f.controlToken != "" {
		t.Errorf("a public API: %+v", f.accessFlags)
	}
	f = serveFlags{management: "127.0.0.1:1", blob: "127.0.0.1:1", control: ":1", accessFlags: accessFlags{auth: choice{value: authCertificate}}}
	f.secure()
	if f.certificatesOnly || len(f.controlToken) < 20 {
		t.Errorf("a public control interface: %+v", f.accessFlags)
	}
}

func TestSnapshotCommands(t *testing.T) {
	u, _ := withEmulator(t)
	u.must(t, exitDone, "service", "create", "shop")
	contains(t, u.must(t, exitDone, "snapshot", "save", "before").stdout, "before", "2015-07-01 00:00:00")
	contains(t, u.must(t, exitDone, "snapshot", "diff", "before").stdout, "no differences")
	u.must(t, exitDone, "service", "create", "bakery")
	contains(t, u.must(t, exitDone, "snapshot", "diff", "before").stdout, "+ service bakery")
	u.must(t, exitDone, "snapshot", "save", "after")
	contains(t, u.must(t, exitDone, "snapshot", "diff", "after", "before", "--output", "json").stdout, `"removed"`)
	contains(t, u.must(t, exitDone, "snapshot", "list").stdout, "before", "after")
	u.must(t, exitDone, "snapshot", "restore", "before")
	if out := u.must(t, exitDone, "state").stdout; strings.Contains(out, "bakery") || !strings.Contains(out, "shop") {
		t.Errorf("restored to %s", out)
	}
	forked := read[universe.Info](t, u.must(t, exitDone, "snapshot", "fork", "after", "--output", "json"))
	contains(t, u.must(t, exitDone, "state", "--universe", forked.ID).stdout, "bakery")
	u.must(t, exitDone, "snapshot", "fork", "--id", "4d8f8996-4ebe-4340-a097-d1b1f01e7933")
	u.must(t, exitDone, "snapshot", "export", u.path("after.vipswap"), "--snapshot", "after")
	imported := read[universe.Info](t, u.must(t, exitDone, "snapshot", "import", u.path("after.vipswap"), "--output", "json"))
	contains(t, u.must(t, exitDone, "state", "--universe", imported.ID).stdout, "bakery")
	u.must(t, exitDone, "snapshot", "import", u.path("after.vipswap"), "--into", imported.ID)
	contains(t, u.must(t, exitDone, "snapshot", "delete", "after").stdout, "deleted")
	contains(t, u.must(t, exitUsage, "snapshot", "restore", "after").stderr, "no snapshot", "hint: there is before")
	contains(t, u.must(t, exitUsage, "snapshot", "import", u.path("none")).stderr, "none")
	contains(t, u.must(t, exitUsage, "snapshot", "import", u.path("vipswap.yaml")).stderr, "import: ")
	u.must(t, exitUsage, "snapshot", "diff")
	u.must(t, exitUsage, "snapshot", "fork", "a", "b")
	if got := u.run(t.Context(), "snapshot", "export", u.path("none/a.vipswap")); got.code != exitUsage {
		t.Errorf("export into a folder that is not there: %+v", got)
	}
}

package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

// TestAttended rewrites programs and looks at what they print, and leaves the rest,
// each line where it is.
func TestAttended(t *testing.T) {
	tests := map[string][2]string{
		"a program":               {"exec vipswap swap", " attend 1 0 vipswap swap"},
		"one that fails":          {"! exec vipswap swap", " attend 1 failure vipswap swap"},
		"an exit code":            {"exits 3 vipswap swap --expect 'Shop v1'", " attend 1 3 vipswap swap --expect 'Shop v1'"},
		"under a condition":       {"[exec:pwsh] [unix] exec pwsh deploy.ps1", "[exec:pwsh] [unix] attend 1 0 pwsh deploy.ps1"},
		"in the background":       {"exec vipswap serve &", " [beside:1]  exec vipswap serve &"},
		"that has a name":         {"[unix] ! exec vipswap swap &swap&", "[unix] [beside:1] ! exec vipswap swap &swap&"},
		"waiting for it":          {"wait swap", " [awaits] wait swap"},
		"one that may fail":       {"? exec vipswap swap", "? exec vipswap swap"},
		"what was printed":        {"stdout 'done'", "[as-told] [at-once] stdout 'done'"},
		"what was not":            {"! stderr .", "[at-once] ! stderr ."},
		"compared":                {"cmp stdout golden", "[as-told] [at-once] cmp stdout golden"},
		"what it wrote":           {"grep ok audit.jsonl", "[as-told] [at-once] grep ok audit.jsonl"},
		"other files":             {"cmp plan.json golden", "cmp plan.json golden"},
		"requests":                {"journal count=1", "[as-told] [at-once] journal count=1"},
		"what the universe holds": {"slots production=1.0.0", "slots production=1.0.0"},
		"a comment":               {"# exec vipswap", "# exec vipswap"},
		"nothing":                 {"", ""},
		"a file":                  {"-- a.txt --\nexec vipswap", "-- a.txt --\nexec vipswap"},
		"the second line":         {"# story\nexec true", "# story\n attend 2 0 true"},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test[1], attended(test[0])); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
		}
	}
}

// TestReasons finds why programs are to fail.
func TestReasons(t *testing.T) {
	tests := map[string]struct {
		text string
		want map[int][]string
	}{
		"right behind":           {"exits 3 a\nstderr 'older'\nstderr 'it''s'", map[int][]string{1: {"(?m)older", "(?m)it's"}}},
		"behind other listening": {"exits 3 a\nstdout b\n! stderr 'c'\nstderr 'd$'", map[int][]string{1: {"(?m)d$"}}},
		"after something else":   {"exits 3 a\nslots production=1\nstderr 'b'", map[int][]string{}},
		"after an empty line":    {"exits 3 a\n\nstderr 'b'", map[int][]string{}},
		"a comment between":      {"exits 3 a\n# why\nstderr 'b'", map[int][]string{}},
		"of the second":          {"exec a\n[unix] ! exec b\n[unix] stderr 'c'", map[int][]string{2: {"(?m)c"}}},
		"with a variable":        {"exits 3 a\nstderr $NAME\nstderr -count=2 'b'", map[int][]string{}},
		"no pattern":             {"exits 3 a\nstderr '('", map[int][]string{}},
		"in a file":              {"exits 3 a\n-- f --\nstderr 'b'", map[int][]string{}},
	}
	for name, test := range tests {
		got := map[int][]string{}
		for line, patterns := range reasonsIn(test.text) {
			for _, p := range patterns {
				got[line] = append(got[line], p.String())
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzAttended(f *testing.F) {
	f.Add("# story\n[unix] ! exec sh -c 'exit 3'\nstdout x\n-- a --\nexec b\n")
	f.Add("exits 3 a\r\n[")
	f.Fuzz(func(t *testing.T, text string) {
		if got := attended(text); strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("%q became %q", text, got)
		}
		reasonsIn(text)
	})
}

func TestAsWanted(t *testing.T) {
	tests := []struct {
		code int
		want string
		fits bool
	}{{0, "0", true}, {1, "0", false}, {3, "3", true}, {1, "3", false}, {1, anyFailure, true}, {0, anyFailure, false}}
	for _, test := range tests {
		if got := asWanted(test.code, test.want); got != test.fits {
			t.Errorf("%d for %s: %v", test.code, test.want, got)
		}
	}
}

func TestHealthy(t *testing.T) {
	state := func(d *universe.Deployment, status cloud.OperationStatus) universe.State {
		return universe.State{
			Services:   []universe.Service{{Staging: universe.Slot{Deployment: d}}},
			Operations: []universe.Operation{{Status: status}},
		}
	}
	two := make([]universe.Instance, 2)
	tests := map[string]struct {
		state universe.State
		want  bool
	}{
		"an empty slot":       {state(nil, cloud.Succeeded), true},
		"all ready":           {state(&universe.Deployment{Ready: 2, Instances: two}, cloud.Succeeded), true},
		"one is not":          {state(&universe.Deployment{Ready: 1, Instances: two}, cloud.Succeeded), false},
		"suspended":           {state(&universe.Deployment{Status: cloud.Suspended, Instances: two}, cloud.Succeeded), true},
		"rolls out":           {state(&universe.Deployment{Ready: 2, Instances: two, Updating: true}, cloud.Succeeded), false},
		"something is begun":  {state(nil, cloud.InProgress), false},
		"something has ended": {state(nil, cloud.Failed), true},
	}
	for name, test := range tests {
		if got := healthy(test.state); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestAdvice(t *testing.T) {
	tests := map[string]string{
		`hint: the service goes on by itself; "vipswap resume" goes on from here`:                               "vipswap resume",
		`hint: "vipswap resume" finishes it, with --undo takes it back, with --abandon gives it up`:             "vipswap resume",
		`hint: the lifecycle does not try twice; "vipswap release deploy 1.1.0 --to Production" tries it again`: "vipswap release deploy 1.1.0 --to Production",
		`hint: "vipswap lock break" takes it away`:                                                              "",
		`the words "vipswap resume" goes on`:                                                                    "",
	}
	for text, want := range tests {
		got := ""
		if m := advice.FindStringSubmatch("vipswap: swap: no\n" + text + "\n"); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

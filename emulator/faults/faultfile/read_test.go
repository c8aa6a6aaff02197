package faultfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/faultfile"
)

const whole = `# everything that a rule can say
budget: {inARow: 2, total: 10}
rules:
  - name: the second swap
    match:
      operation: "*Swap*"
      service: shop
      slot: production
      client: curl/*
      nth: 2
    kind: refuse
    code: Own
    message: |
      Not now.
    status: 418
    retryAfter: 3s
    count: 4
    probability: 0.5
  - kind: instance-fails-later
    match: {role: Web, instance: Web_IN_0}
    delay: 1m30s
`

// wholePlan is what the file above says.
func wholePlan() faults.Plan {
	return faults.Plan{
		Budget: faults.Budget{InARow: 2, Total: 10},
		Rules: []faults.Rule{
			{
				Name: "the second swap", Match: faults.Match{Operation: "*Swap*", Service: "shop", Slot: "production", Client: "curl/*", Nth: 2},
				Kind: faults.Refuse, Code: "Own", Message: "Not now.\n", Status: 418, RetryAfter: faults.Duration(3 * time.Second), Count: 4, Probability: 0.5,
			},
			{Kind: faults.InstanceFailsLater, Match: faults.Match{Role: "Web", Instance: "Web_IN_0"}, Delay: faults.Duration(90 * time.Second)},
		},
	}
}

func TestRead(t *testing.T) {
	asJSON, err := json.MarshalIndent(wholePlan(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		data string
		want faults.Plan
	}{
		"YAML":              {whole, wholePlan()},
		"JSON":              {string(asJSON), wholePlan()},
		"nothing":           {"", faults.Plan{}},
		"a comment alone":   {"# later\n", faults.Plan{}},
		"no rules":          {"rules:\n", faults.Plan{}},
		"a byte order mark": {"\ufeffrules:\n  - kind: drop\n", faults.Plan{Rules: []faults.Rule{{Kind: faults.Drop}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := faultfile.Read("f.yaml", []byte(test.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// sourceLines are what an error shows of the file.
var sourceLines = regexp.MustCompile(`\n +\d* \| .*`)

func withoutSource(text string) string { return sourceLines.ReplaceAllString(text, "") }

func TestErrors(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"misspelt keys":      {"rule:\n  - kind: drop\nbudget:\n  inArow: 1\n", "f:1:1: unknown key \"rule\"\nhint: did you mean rules?\nf:4:3: unknown key \"inArow\"\nhint: did you mean inARow?"},
		"a key of nowhere":   {"rules:\n  - kind: drop\n    colour: blue\n", "f:3:5: unknown key \"colour\"\nhint: the keys are name, match, kind, code, message, status, delay, retryAfter, count, probability"},
		"in JSON":            {"{\"rules\": [\n  {\"kind\": \"dropp\"}]}", "f:2:12: \"dropp\" is not a kind of fault\nhint: did you mean drop?"},
		"twice":              {"rules:\n  - kind: drop\n    kind: drop\n", "f:3:5: mapping key \"kind\" already defined at [2:5]"},
		"what is missing":    {"rules:\n  - name: a\n    kind: refuse\n", "f:2:5: refuse needs code"},
		"a wrong value":      {"rules:\n  - kind: drop\n    match:\n      slot: test\n", "f:4:13: \"test\" is no slot\nhint: production or staging"},
		"no number":          {"rules:\n  - kind: drop\n    count: many\n    probability: often\n", "f:3:12: expected a whole number here, not \"many\"\nf:4:18: expected a number here, not \"often\""},
		"no duration":        {"rules:\n  - kind: delay\n    delay: 5\n", "f:3:12: \"5\" is not a duration such as 30s or 1m30s"},
		"never":              {"rules:\n  - kind: drop\n    probability: 0\n", "f:3:18: with the probability 0 the rule strikes nothing; leave the rule out"},
		"a star":             {"rules:\n  - kind: drop\n    match: {operation: *Deployment}\n", "f:3:24: an alias is not supported here\nhint: put a pattern that begins with * in quotes: \"*Deployment\""},
		"an anchor":          {"rules: &all\n  - kind: drop\n", "f:1:8: anchors and tags are not supported here\nhint: write the value out"},
		"no list":            {"rules:\n  kind: drop\n", "f:2:3: expected a list here"},
		"no keys":            {"- kind: drop\n", "f:1:1: expected keys with values here"},
		"keys for a text":    {"rules:\n  - kind: {a: b}\n", "f:2:12: expected text here"},
		"broken":             {"rules: [", "f:1:8: sequence end token ']' not found"},
		"two documents":      {"rules:\n---\nrules:\n", "f: the file has more than one document"},
		"binary":             {"\xff\xfe", "f: the file is not UTF-8 text"},
		"too large":          {strings.Repeat("#", 1<<20+1), "f: the file is larger than 262144 bytes"},
		"too many brackets":  {strings.Repeat("[", 3000), "f: brackets are nested too deep"},
		"too many rules":     {"rules:\n" + strings.Repeat("- kind: drop\n", 1001), "f:2:1: there are 1001 rules; at most 1000 are allowed"},
		"wrong for its kind": {"rules:\n  - kind: drop\n    delay: 3s\n", "f:3:12: means nothing to drop"},
		"a negative budget":  {"budget:\n  total: -1\n", "f:2:10: -1 is negative"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plan, err := faultfile.Read("f", []byte(test.data))
			if err == nil {
				t.Fatalf("read %+v", plan)
			}
			if diff := cmp.Diff(test.want, withoutSource(err.Error())); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults.yaml")
	if _, err := faultfile.Load(path); err == nil || !strings.HasPrefix(err.Error(), "read the plan of faults: ") {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	plan, err := faultfile.Load(path)
	if err != nil || len(plan.Rules) != 2 {
		t.Errorf("read %+v, %v", plan, err)
	}
}

// Whatever the file: no panic, and what is read is a plan that can be carried
// out and that means the same when it is written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"rules":[{"kind":"delay","delay":"1s"}],"budget":{"total":3}}`))
	f.Add([]byte("rules:\n- kind: &a drop\n  name: *a\n"))
	f.Add([]byte("? [a]\n: b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		plan, err := faultfile.Read("f", data)
		if err != nil {
			return
		}
		if problems := plan.Validate(); problems != nil {
			t.Fatalf("read a plan with problems: %v", problems)
		}
		written, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		again, err := faultfile.Read("f", written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if diff := cmp.Diff(plan, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("mismatch (-first +again):\n%s", diff)
		}
	})
}

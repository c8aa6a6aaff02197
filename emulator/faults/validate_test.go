package faults_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/faults"
)

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		plan string
		want []string
	}{
		"nothing": {`{"rules":[]}`, nil},
		"all right": {`{"rules":[{"kind":"refuse","code":"ConflictError"},{"kind":"delay","delay":"30s","match":{"slot":"stag*","nth":2}},
			{"kind":"refuse","code":"Own","status":418,"retryAfter":"3s"},{"kind":"server-error","status":503},{"kind":"instance-fails-later","match":{"role":"Web"}}],"budget":{"inARow":1}}`, nil},
		"no kind":       {`{"rules":[{}]}`, []string{"rules[0].kind: a rule needs a kind (one of conflict, cut-upload, delay, drop, fail-operation, guest-os-update, instance-cycling, instance-fails-later, instance-never-ready, instance-unresponsive, lose-answer, refuse, server-error, slow, slow-blob, stuck-operation, throttle, truncate)"}},
		"misspelt kind": {`{"rules":[{"kind":"looseanswer"}]}`, []string{`rules[0].kind: "looseanswer" is not a kind of fault (did you mean lose-answer?)`}},
		"misspelt code": {`{"rules":[{"kind":"refuse","code":"Conflict"},{"kind":"refuse","code":"Whatever"}]}`, []string{
			`rules[0].code: "Conflict" is not a code of the API (did you mean ConflictError? give a status for a code that is not the API's own)`,
			`rules[1].code: "Whatever" is not a code of the API (give a status for a code that is not the API's own)`}},
		"what the kind needs": {`{"rules":[{"kind":"refuse"},{"kind":"delay"}]}`, []string{"rules[0]: refuse needs code", "rules[1]: delay needs delay"}},
		"what it has no use for": {`{"rules":[{"kind":"drop","code":"ConflictError","delay":"1s"},{"kind":"instance-cycling","match":{"operation":"x","client":"y"}},{"kind":"refuse","code":"BadRequest","match":{"role":"Web"}}]}`, []string{
			"rules[0].code: means nothing to drop", "rules[0].delay: means nothing to drop",
			"rules[1].match.operation: a fault of the kind instance-cycling cannot be matched by it", "rules[1].match.client: a fault of the kind instance-cycling cannot be matched by it",
			"rules[2].match.role: a fault of the kind refuse cannot be matched by it"}},
		"numbers": {`{"rules":[{"kind":"throttle","count":-1,"probability":1.5,"retryAfter":"-1s","match":{"nth":-2}},{"kind":"slow","delay":"-2s"}],"budget":{"inARow":-1,"total":-1}}`, []string{
			"rules[0].match.nth: -2 is negative", "rules[0].count: -1 is negative", "rules[0].probability: 1.5 is not between 0 and 1", "rules[0].retryAfter: -1s is negative",
			"rules[1].delay: -2s is negative", "budget.inARow: -1 is negative", "budget.total: -1 is negative"}},
		"statuses": {`{"rules":[{"kind":"refuse","code":"X","status":200},{"kind":"server-error","status":404}]}`, []string{
			"rules[0].status: 200 is not the status of an error; those are 400 to 599", "rules[1].status: 404 is not the status of a server's error (use refuse for others)"}},
		"places": {`{"rules":[{"kind":"drop","match":{"slot":"test"}},{"kind":"guest-os-update","match":{"operation":"Delete*"}}]}`, []string{
			`rules[0].match.slot: "test" is no slot (production or staging)`, "rules[1].match.operation: guest-os-update befalls Swap Deployment only"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var plan faults.Plan
			if err := json.Unmarshal([]byte(test.plan), &plan); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range plan.Validate() {
				got = append(got, p.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPresets(t *testing.T) {
	if diff := cmp.Diff([]string{"none", "flaky", "hostile"}, faults.Presets()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	used := map[faults.Kind]bool{}
	for _, name := range faults.Presets() {
		plan, ok := faults.Preset(name)
		if problems := plan.Validate(); !ok || problems != nil {
			t.Errorf("%s: %v", name, problems)
		}
		for _, r := range plan.Rules {
			used[r.Kind] = true
			if r.Kind == faults.StuckOperation && r.Delay == 0 {
				t.Errorf("%s: an operation is stuck for ever", name)
			}
		}
	}
	for _, kind := range faults.Kinds() {
		if !used[kind] && kind != faults.Refuse {
			t.Errorf("no preset has %s", kind)
		}
	}
	if _, ok := faults.Preset("mild"); ok {
		t.Error("there is a preset mild")
	}
}

func TestDuration(t *testing.T) {
	var d faults.Duration
	if err := json.Unmarshal([]byte(`"1m30s"`), &d); err != nil || d.String() != "1m30s" {
		t.Errorf("%s %v", d, err)
	}
	err := json.Unmarshal([]byte(`"soon"`), &d)
	if err == nil || err.Error() != `"soon" is not a duration such as 30s or 1m30s` {
		t.Errorf("error %v", err)
	}
}

package control_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
)

func TestFaults(t *testing.T) {
	w := newWorld(t, control.Config{})
	own := "/v1/universes/" + w.Subscription() + "/faults"
	var told control.Faults
	w.get("GET", own, "", &told)
	if told.Plan.Rules == nil || len(told.Plan.Rules) != 0 {
		t.Errorf("at first %+v", told)
	}
	w.get("PUT", own, "rules:\n  - kind: refuse\n    code: ServerBusy\n    count: 1\n", &told)
	if len(told.Plan.Rules) != 1 || told.Plan.Rules[0].Code != "ServerBusy" {
		t.Errorf("set %+v", told)
	}
	provoke(t, w.Emulator, w.Subscription())
	w.get("GET", own, "", &told)
	if told.Strikes != 1 || told.Rules[0].Struck != 1 {
		t.Errorf("after a request %+v", told)
	}
	var list control.Entries
	w.get("GET", "/v1/universes/"+w.Subscription()+"/journal?fault=*", "", &list)
	if len(list.Entries) != 1 || list.Entries[0].Fault != "refuse" || list.Entries[0].Code != "ServerBusy" {
		t.Errorf("the journal has %+v", list.Entries)
	}
	w.get("PUT", own+"?preset=hostile", "", &told)
	if len(told.Plan.Rules) < 5 || told.Strikes != 0 {
		t.Errorf("the preset is %+v", told)
	}
	if status, _ := w.ask("DELETE", own, ""); status != 204 {
		t.Errorf("clear: %d", status)
	}
	w.get("GET", own, "", &told)
	if len(told.Plan.Rules) != 0 {
		t.Errorf("after clearing %+v", told)
	}
	for _, bad := range []string{"rules: [{kind: dealy}]", "rules: [{knd: delay}]", "{", "rules: 7"} {
		if got := refusal(w.ask("PUT", own, bad)); got != "400 Invalid" {
			t.Errorf("%s: %q", bad, got)
		}
	}
	if got := refusal(w.ask("PUT", own+"?preset=gentle", "")); got != "400 Invalid" {
		t.Errorf("unknown preset: %q", got)
	}
}

func TestValidateFaultsAndPresets(t *testing.T) {
	w := newWorld(t, control.Config{})
	var found control.Problems
	w.get("POST", "/v1/faults/validate", "rules:\n  - kind: dealy\n", &found)
	if len(found.Problems) != 1 || found.Problems[0].Line != 2 || found.Problems[0].Hint == "" {
		t.Errorf("problems %+v", found)
	}
	w.get("POST", "/v1/faults/validate", `{"rules":[{"kind":"drop"}]}`, &found)
	if found.Problems == nil || len(found.Problems) != 0 {
		t.Errorf("problems of a good plan %+v", found)
	}
	var all control.Presets
	w.get("GET", "/v1/faults/presets", "", &all)
	if len(all.Presets) != 3 || all.Presets[0].Name != "none" {
		t.Errorf("presets %+v", all)
	}
}

func TestProgression(t *testing.T) {
	w := newWorld(t, control.Config{})
	own := "/v1/universes/" + w.Subscription() + "/progression"
	var by map[cloud.Kind]cloud.Progression
	w.get("GET", own, "", &by)
	if by == nil || len(by) != 0 {
		t.Errorf("at first %v", by)
	}
	w.get("PUT", own, `{"*":{"pace":"immediate"},"Swap Deployment":{"pace":"polls","polls":3}}`, &by)
	want := map[cloud.Kind]cloud.Progression{"*": {Pace: cloud.Immediate}, cloud.SwapDeployment: {Pace: cloud.AfterPolls, Polls: 3}}
	if diff := cmp.Diff(want, by); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	for _, bad := range []string{`{"*":{"pace":"soon"}}`, `{"Swap":{"pace":"immediate"}}`, `[]`} {
		if got := refusal(w.ask("PUT", own, bad)); got != "400 Invalid" {
			t.Errorf("%s: %q", bad, got)
		}
	}
}

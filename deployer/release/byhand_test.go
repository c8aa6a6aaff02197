package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecordSwap tells a history of swaps by hand, one after the other.
func TestRecordSwap(t *testing.T) {
	p := mustProject(t, smallProject)
	h := openHistory(t, t.TempDir())
	for number, name := range map[string]string{"1.0.0": "a1", "1.1.0": "b2", "1.2.0": "c3"} {
		createRelease(t, h, number, p)
		d, err := h.QueueDeployment(NewDeployment{Release: number, Environment: "Staging", Project: p})
		if err == nil {
			_, err = h.StartDeployment(d.ID)
		}
		if err == nil {
			err = h.SetDetails(d.ID, Details{Action: ActionDeploy, Name: name, Label: "Shop v" + number})
		}
		state := Success
		if number == "1.2.0" {
			state = Failed
		}
		if err == nil {
			_, err = h.FinishDeployment(d.ID, Ending{State: state})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	type outcome struct {
		Release string
		Mode    Mode
	}
	for _, test := range []struct {
		what        string
		name, label string
		want        outcome // none when nothing is recorded
	}{
		{"the first in production", "a1", "Shop v1.0.0", outcome{"1.0.0", ModeDeploy}},
		{"the same once more, as after a kill", "a1", "Shop v1.0.0", outcome{}},
		{"a newer one", "B2", "Shop v1.1.0", outcome{"1.1.0", ModeDeploy}},
		{"and back", "a1", "Shop v1.0.0", outcome{"1.0.0", ModeRollback}},
		{"one that failed", "c3", "Shop v1.2.0", outcome{}},
		{"another label in the same deployment", "b2", "hotfix", outcome{}},
		{"the label in another deployment", "d4", "Shop v1.1.0", outcome{}},
		{"nothing that has a name", "", "Shop v1.1.0", outcome{}},
	} {
		before, _ := h.Deployments(Filter{})
		d, recorded, err := h.RecordSwap(HandSwap{Environment: "Production", Name: test.name, Label: test.label, CreatedBy: "me"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, outcome{d.Release, d.Mode}); diff != "" || recorded != (test.want.Release != "") {
			t.Errorf("%s: recorded %v, mismatch (-want +got):\n%s", test.what, recorded, diff)
		}
		after, err := h.Deployments(Filter{})
		if err != nil || len(after)-len(before) != map[bool]int{true: 1}[recorded] {
			t.Errorf("%s: from %d deployments to %d, %v", test.what, len(before), len(after), err)
		}
		if !recorded {
			continue
		}
		kept, err := h.Deployment(d.ID)
		if diff := cmp.Diff(d, kept); diff != "" || err != nil || kept.State != Success || kept.Finished.IsZero() || kept.CreatedBy != "me" || kept.Action != ActionSwap {
			t.Errorf("%s: %v, mismatch (-want +got):\n%s", test.what, err, diff)
		}
	}
	if queued, err := h.Deployments(Filter{States: []State{Queued}}); err != nil || len(queued) > 0 {
		t.Errorf("the lifecycle begins something: %v, %v", queued, err)
	}
}

package release

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlockedReleaseStays(t *testing.T) {
	folder := t.TempDir()
	h, p := openHistory(t, folder), mustProject(t, automaticProject)
	createRelease(t, h, "1.0.0", p)
	if _, _, err := h.BlockRelease("1.0", "  loses orders "); err != nil {
		t.Fatal(err)
	}
	// It may go where it begins, and nothing follows by itself.
	_, queued := deploy(t, h, p, "1.0.0", "Staging", Success)
	if queued != nil {
		t.Errorf("a blocked release goes on to %v", queued)
	}
	_, err := h.QueueDeployment(NewDeployment{Release: "1.0.0", Environment: "Production", Project: p})
	var refused *NotAllowedError
	if !errors.As(err, &refused) || refused.Reason != "the release is blocked: loses orders" {
		t.Errorf("to the next phase: %v", err)
	}
	// The block outlives the process.
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = openHistory(t, folder)
	if facts, err := h.Facts("1.0.0"); err != nil || facts.Blocked != "loses orders" {
		t.Errorf("%+v, %v", facts, err)
	}
	r, err := h.UnblockRelease("1.0.0")
	if err != nil || r.Blocked() != "" || len(r.Blocks) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := h.QueueDeployment(NewDeployment{Release: "1.0.0", Environment: "Production", Project: p}); err != nil {
		t.Errorf("after it was unblocked: %v", err)
	}
}

func TestBlockedReleaseMayGoWhereItWas(t *testing.T) {
	h, p := openHistory(t, t.TempDir()), mustProject(t, smallProject)
	createRelease(t, h, "1.0.0", p)
	deploy(t, h, p, "1.0.0", "Staging", Success)
	deploy(t, h, p, "1.0.0", "Production", Success)
	if _, _, err := h.BlockRelease("1.0.0", "slow"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.QueueDeployment(NewDeployment{Release: "1.0.0", Environment: "Production", Project: p}); err != nil {
		t.Errorf("a phase that it has reached: %v", err)
	}
}

func TestBlockCancelsWhatTheLifecycleQueued(t *testing.T) {
	h, p := openHistory(t, t.TempDir()), mustProject(t, automaticProject)
	createRelease(t, h, "1.0.0", p)
	createRelease(t, h, "1.1.0", p)
	_, queued := deploy(t, h, p, "1.0.0", "Staging", Success)
	_, others := deploy(t, h, p, "1.1.0", "Staging", Success)
	if len(queued) != 1 || len(others) != 1 {
		t.Fatalf("queued: %v, %v", queued, others)
	}
	_, canceled, err := h.BlockRelease("1.0.0", "wrong prices")
	if err != nil || len(canceled) != 1 || canceled[0].ID != queued[0].ID || canceled[0].State != Canceled {
		t.Fatalf("canceled: %+v, %v", canceled, err)
	}
	left, err := h.Deployments(Filter{States: []State{Queued}})
	if diff := cmp.Diff(others, left); err != nil || diff != "" {
		t.Errorf("left are %v (-want +got):\n%s", err, diff)
	}
}

func TestBlockRefusals(t *testing.T) {
	h, p := openHistory(t, t.TempDir()), mustProject(t, smallProject)
	createRelease(t, h, "1.0.0", p)
	if _, err := h.UnblockRelease("1.0.0"); !errors.Is(err, ErrBlockState) {
		t.Errorf("unblock what is not blocked: %v", err)
	}
	if _, _, err := h.BlockRelease("1.0.0", " "); err == nil {
		t.Error("a block without a reason is accepted")
	}
	if _, _, err := h.BlockRelease("2.0.0", "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("block what is not there: %v", err)
	}
	if _, err := h.UnblockRelease("2.0.0"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unblock what is not there: %v", err)
	}
	if _, _, err := h.BlockRelease("1.0.0", "x"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.BlockRelease("1.0.0", "y"); !errors.Is(err, ErrBlockState) {
		t.Errorf("block twice: %v", err)
	}
}

// TestStillAllowed blocks a release while it is deployed.
func TestStillAllowed(t *testing.T) {
	for _, test := range []struct {
		name, to string
		reached  []string
		blocked  bool
		allowed  bool
	}{
		{"not blocked", "Production", []string{"Staging"}, false, true},
		{"blocked on its way", "Production", []string{"Staging"}, true, false},
		{"blocked where it has been", "Production", []string{"Staging", "Production"}, true, true},
		{"blocked in the first phase", "Staging", nil, true, true},
		{"blocked, in an environment that the lifecycle no longer has", "Elsewhere", nil, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, p := openHistory(t, t.TempDir()), mustProject(t, smallProject)
			createRelease(t, h, "1.0.0", p)
			for _, environment := range test.reached {
				deploy(t, h, p, "1.0.0", environment, Success)
			}
			if test.blocked {
				if _, _, err := h.BlockRelease("1.0.0", "slow"); err != nil {
					t.Fatal(err)
				}
			}
			err := h.StillAllowed(Deployment{Release: "1.0.0", Environment: test.to}, p.Lifecycle)
			var not *NotAllowedError
			if test.allowed != (err == nil) || err != nil && !errors.As(err, &not) {
				t.Errorf("it came to %v", err)
			}
		})
	}
}

package planfile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/planfile"
)

// observed is a service with a deployment in each slot.
func observed() deployer.Observed {
	return deployer.Observed{
		Service: "shop",
		Production: &management.Deployment{
			Name: "a1", Slot: management.Production, Label: "Shop v1.0.0", Status: management.StatusRunning, URL: "http://shop.cloudapp.net/",
			Instances: []management.Instance{{Name: "Web_IN_0", Role: "Web", Status: management.InstanceReady}},
		},
		Staging: &management.Deployment{
			Name: "b2", Slot: management.Staging, Label: "Überraschung v2", Status: management.StatusSuspended, URL: "http://x.cloudapp.net/",
			Instances: []management.Instance{{Name: "Web_IN_0", Role: "Web", Status: management.InstanceReady}, {Name: "Web_IN_1", Role: "Web", Status: "StartingRole"}},
		},
	}
}

// What a comparison comes to.
const (
	holds   = "it holds"
	moved   = "moved"
	altered = "altered"
)

func kind(err error) string {
	switch {
	case err == nil:
		return holds
	case errors.As(err, new(*planfile.MovedError)):
		return moved
	case errors.As(err, new(*planfile.AlteredError)):
		return altered
	}
	return err.Error()
}

// TestStillHolds compares what a plan's file says that the slots held with what they
// hold.
func TestStillHolds(t *testing.T) {
	staging := func(change func(*management.Deployment)) deployer.Observed {
		seen := observed()
		change(seen.Staging)
		return seen
	}
	empty := observed()
	empty.Staging = nil
	asWritten := func(*planfile.File) {}
	for name, test := range map[string]struct {
		edit func(*planfile.File)
		now  deployer.Observed
		want string
		says string
	}{
		"as it was":        {asWritten, observed(), holds, ""},
		"another address":  {func(f *planfile.File) { f.Plan.Seen.Staging.URL = "http://other/" }, observed(), holds, ""},
		"a passing status": {func(f *planfile.File) { f.Plan.Seen.Production.Status = management.StatusRunningTransitioning }, observed(), holds, ""},
		"another name":     {asWritten, staging(func(d *management.Deployment) { d.Name = "c3" }), moved, "and holds \"Überraschung v2\" (deployment c3, Suspended, 2 instances)"},
		"another label":    {asWritten, staging(func(d *management.Deployment) { d.Label = "v3" }), moved, `since the plan was made at 1970-01-01T00:00:00Z: staging held "Überraschung v2"`},
		"started":          {asWritten, staging(func(d *management.Deployment) { d.Status = management.StatusRunning }), moved, "and holds \"Überraschung v2\" (deployment b2, Running, 2 instances)"},
		"emptied":          {asWritten, empty, moved, "and holds nothing"},
		"configuration":    {asWritten, staging(func(d *management.Deployment) { d.Configuration = []byte("<other/>") }), moved, "a configuration, the endpoints or what upgraded a deployment is another"},
		"told empty":       {func(f *planfile.File) { f.Plan.Seen.Staging = nil }, observed(), altered, `it says that staging held nothing, and its digest is that of "Überraschung v2"`},
		"told label":       {func(f *planfile.File) { f.Plan.Seen.Staging.Label = "v1" }, observed(), altered, `staging held "v1" (deployment b2, suspended, instances map[Web:2])`},
		"told name":        {func(f *planfile.File) { f.Plan.Seen.Production.Name = "a2" }, observed(), altered, "production held"},
		"told suspended":   {func(f *planfile.File) { f.Plan.Seen.Production.Status = management.StatusSuspended }, observed(), altered, "suspended"},
		"told instances":   {func(f *planfile.File) { f.Plan.Seen.Staging.Instances = f.Plan.Seen.Staging.Instances[:1] }, observed(), altered, "instances map[Web:1]"},
	} {
		t.Run(name, func(t *testing.T) {
			then := observed()
			file := planfile.File{Made: time.Unix(0, 0).UTC(), Digest: then.Digest(), Plan: deployer.Plan{Seen: then.Slots()}}
			test.edit(&file)
			err := file.StillHolds(test.now)
			if got := kind(err); got != test.want || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v (%s), want %s and %q", err, got, test.want, test.says)
			}
		})
	}
}

package release

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOverview(t *testing.T) {
	p := mustProject(t, smallProject)
	deployments := []Deployment{
		{ID: "1", Release: "1.0.0", Environment: "Staging", State: Success},
		{ID: "2", Release: "1.0.0", Environment: "Production", State: Success},
		{ID: "3", Release: "1.1.0", Environment: "staging", State: Failed},
		{ID: "4", Release: "1.1.0", Environment: "Staging", State: Success},
		{ID: "5", Release: "1.1.0", Environment: "Staging", State: Failed},
		{ID: "6", Release: "1.2.0", Environment: "Elsewhere", State: Success},
	}
	want := []Cell{
		{Environment: "Staging", Latest: &deployments[4], Previous: &deployments[0]},
		{Environment: "Production", Latest: &deployments[1]},
	}
	if diff := cmp.Diff(want, Overview(p, deployments)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	empty := []Cell{{Environment: "Staging"}, {Environment: "Production"}}
	if diff := cmp.Diff(empty, Overview(p, nil)); diff != "" {
		t.Errorf("with nothing: mismatch (-want +got):\n%s", diff)
	}
}

func TestUndeployed(t *testing.T) {
	releases := releasesOf("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
	tests := []struct {
		deployed string
		want     []Release
	}{
		{"1.4.0", releasesOf("1.5")},
		{"1.5", nil},
		{"1.0", releasesOf("1.5", "1.4", "1.3")},
		{"none", releasesOf("1.5", "1.4", "1.3")},
	}
	for _, test := range tests {
		got := Undeployed(releases, []Deployment{{Release: test.deployed}}, 3)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s deployed: mismatch (-want +got):\n%s", test.deployed, diff)
		}
	}
}

func TestHasHistory(t *testing.T) {
	folder := t.TempDir()
	if HasHistory(folder) {
		t.Error("an empty folder has a history")
	}
	openHistory(t, folder)
	if !HasHistory(folder) {
		t.Error("a folder with a history has none")
	}
}

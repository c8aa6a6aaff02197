package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/release"
)

// TestDashboardCells names every state that a cell can be in.
func TestDashboardCells(t *testing.T) {
	at := time.Date(2026, 3, 5, 14, 7, 0, 0, time.Local)
	of := func(state release.State, mode release.Mode, blocked bool) *dashboardItem {
		return &dashboardItem{Release: "1.0.0", State: state, Mode: mode, Blocked: blocked, At: at}
	}
	v := dashboardView{Environments: []string{"A", "B", "C", "D", "E", "F"}, Projects: []dashboardProject{{
		Name: "Shop", Undeployed: []string{"1.1.0"},
		Environments: []dashboardEnvironment{
			{Name: "A", Latest: of(release.Success, release.ModeDeploy, false), Previous: of(release.Success, "", false)},
			{Name: "B", Latest: of(release.Failed, release.ModeRollback, false)},
			{Name: "C", Latest: of(release.Executing, "", true)},
			{Name: "D", Latest: of(release.Success, release.ModeRedeployment, false)},
			{Name: "E"},
		},
	}}}
	var b strings.Builder
	writeDashboard(&b, style{}, v)
	const stamp = " 2026-03-05 14:07"
	want := [][]string{
		{"PROJECT", "A", "B", "C", "D", "E", "F"},
		{"Shop", "latest", "1.0.0" + stamp, "1.0.0 Failed (Rollback)" + stamp, "1.0.0 Executing blocked" + stamp, "1.0.0 (Redeployment)" + stamp, "-"},
		{"before", "1.0.0" + stamp, "-", "-", "-", "-"},
		{"Shop: release 1.1.0 was not deployed yet"},
	}
	var got [][]string
	for line := range strings.Lines(b.String()) {
		var cells []string
		for part := range strings.SplitSeq(strings.TrimSpace(line), "  ") {
			if part = strings.TrimSpace(part); part != "" {
				cells = append(cells, part)
			}
		}
		got = append(got, cells)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// TestDashboardColours paints what failed differently from what is well.
func TestDashboardColours(t *testing.T) {
	s := style{colour: true}
	paint := func(state release.State) string {
		c := itemCell(s, &dashboardItem{Release: "1", State: state})
		return c.paint("x")
	}
	if paint(release.Failed) == paint(release.Success) || paint(release.Executing) == paint(release.Success) {
		t.Error("a failure looks like a success")
	}
}

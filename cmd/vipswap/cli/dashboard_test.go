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
	narrow := dashboardView{Environments: []string{"A", "B", "C"}, Projects: []dashboardProject{{
		Name: "Shop", Undeployed: []string{"1.1.0"},
		Environments: []dashboardEnvironment{
			{Name: "A", Latest: of(release.Success, release.ModeDeploy, false), Previous: of(release.Success, "", false)},
			{Name: "B"},
		},
	}}}
	wide := dashboardView{Environments: []string{"A", "B", "C", "D"}, Projects: []dashboardProject{{
		Name: "Shop",
		Environments: []dashboardEnvironment{
			{Name: "A", Latest: of(release.Failed, release.ModeRollback, false), Previous: of(release.Success, "", false)},
			{Name: "B", Latest: of(release.Executing, "", true)},
			{Name: "C", Latest: of(release.Success, release.ModeRedeployment, false)},
			{Name: "D"},
		},
	}}}
	for _, test := range []struct {
		board dashboardView
		want  string
	}{
		{narrow, `
PROJECT          A                       B  C
Shop     latest  1.0.0 2026-03-05 14:07  -
         before  1.0.0 2026-03-05 14:07  -
Shop: release 1.1.0 was not deployed yet
`},
		{wide, `
PROJECT          A                        B                        C                     D
Shop     latest  1.0.0 Failed (Rollback)  1.0.0 Executing blocked  1.0.0 (Redeployment)  -
                 2026-03-05 14:07         2026-03-05 14:07         2026-03-05 14:07
         before  1.0.0                    -                        -                     -
                 2026-03-05 14:07
`},
	} {
		var b strings.Builder
		writeDashboard(&b, style{}, test.board)
		if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), b.String()); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
}

// TestDashboardColours paints what failed differently from what is well.
func TestDashboardColours(t *testing.T) {
	s := style{colour: true}
	paint := func(state release.State) string {
		c := itemCell(s, &dashboardItem{Release: "1", State: state}, true)
		return c.paint("x")
	}
	if paint(release.Failed) == paint(release.Success) || paint(release.Executing) == paint(release.Success) {
		t.Error("a failure looks like a success")
	}
}

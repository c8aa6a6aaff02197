package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/storage"
)

// TestLockOf finds in the history how a deployment locks its service.
func TestLockOf(t *testing.T) {
	const plan = `{"id":"d1","action":"swap","service":"shop","slot":"Production"}`
	lock := release.Entry{Step: lockEntry, State: release.Done, Detail: `{"service":"shop","id":"x"}`}
	step := release.Entry{Step: stepPrefix + "before/0/Migrate", State: release.Intent}
	for _, test := range []struct {
		name    string
		journal []release.Entry
		want    releaseLock
		known   bool
		nothing bool // the deployment has done nothing
	}{
		{name: "queued", nothing: true},
		{name: "locked", journal: []release.Entry{lock}, want: releaseLock{"shop", "x"}, known: true, nothing: true},
		{name: "in the steps before", journal: []release.Entry{lock, step}, want: releaseLock{"shop", "x"}, known: true},
		{name: "in the plan", journal: []release.Entry{lock, {Step: planEntry, State: release.Intent, Detail: plan}}, want: releaseLock{"shop", "x"}, known: true},
		{name: "of an older version, in the steps before", journal: []release.Entry{step}, nothing: false},
		{name: "of an older version", journal: []release.Entry{{Step: planEntry, State: release.Intent, Detail: plan}}, want: releaseLock{"shop", storage.LockID("d1")}, known: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := release.Deployment{Journal: test.journal}
			got, known := lockOf(d)
			if diff := cmp.Diff(test.want, got); diff != "" || known != test.known {
				t.Errorf("known is %v, want %v; mismatch (-want +got):\n%s", known, test.known, diff)
			}
			if nothing := begunNothing(d); nothing != test.nothing {
				t.Errorf("it has done nothing: %v, want %v", nothing, test.nothing)
			}
		})
	}
}

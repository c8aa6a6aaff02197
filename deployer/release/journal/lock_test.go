package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
	"github.com/vipswap/vipswap/deployer/storage"
)

// TestLockOf finds in the history how a deployment locks its service.
func TestLockOf(t *testing.T) {
	const plan = `{"id":"d1","action":"swap","service":"shop","slot":"Production"}`
	lock := release.Entry{Step: "lock", State: release.Done, Detail: `{"service":"shop","id":"x"}`}
	step := release.Entry{Step: "process/before/0/Migrate", State: release.Intent}
	for _, test := range []struct {
		name    string
		journal []release.Entry
		want    journal.Lock
		known   bool
		nothing bool // the deployment has done nothing
	}{
		{name: "queued", nothing: true},
		{name: "locked", journal: []release.Entry{lock}, want: journal.Lock{Service: "shop", ID: "x"}, known: true, nothing: true},
		{name: "in the steps before", journal: []release.Entry{lock, step}, want: journal.Lock{Service: "shop", ID: "x"}, known: true},
		{name: "in the plan", journal: []release.Entry{lock, {Step: "plan", State: release.Intent, Detail: plan}}, want: journal.Lock{Service: "shop", ID: "x"}, known: true},
		{name: "garbled", journal: []release.Entry{{Step: "lock", State: release.Done, Detail: "x"}, {Step: "plan", State: release.Intent, Detail: "x"}}},
		{name: "of an older version, in the steps before", journal: []release.Entry{step}, nothing: false},
		{name: "of an older version", journal: []release.Entry{{Step: "plan", State: release.Intent, Detail: plan}}, want: journal.Lock{Service: "shop", ID: storage.LockID("d1")}, known: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := release.Deployment{Journal: test.journal}
			got, known := journal.LockOf(d)
			if diff := cmp.Diff(test.want, got); diff != "" || known != test.known {
				t.Errorf("known is %v, want %v; mismatch (-want +got):\n%s", known, test.known, diff)
			}
			if nothing := journal.BegunNothing(d); nothing != test.nothing {
				t.Errorf("it has done nothing: %v, want %v", nothing, test.nothing)
			}
		})
	}
}

func TestRecordLock(t *testing.T) {
	h := &history{}
	want := journal.Lock{Service: "shop", ID: "x"}
	if err := journal.RecordLock(h, "d1", want); err != nil {
		t.Fatal(err)
	}
	if got, known := journal.LockOf(h.deployment()); !known || got != want {
		t.Errorf("it is %+v (known: %v), want %+v", got, known, want)
	}
}

package store

import (
	"fmt"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/internal/database"
)

// A Report says what is in a file of universes, and what is wrong with it.
type Report struct {
	Subscriptions []string
	Snapshots     int
	Records       int
	Findings      []string // what is wrong; none when all is well

	// Saved are the universes and snapshots that can be read.
	Saved []Saved
}

// Saved is a universe, or a snapshot of one, with what tells which.
type Saved struct {
	cloud.Saved
	What string // for findings: subscription ..., snapshot "..." of ...
}

// Check reads the whole file in a data folder: its structure, and every record
// as a universe would. It changes nothing. The error says why the file cannot be
// opened at all; it wraps ErrInUse, ErrDamaged or fs.ErrNotExist.
func Check(dir string) (Report, error) {
	db, err := database.OpenToRead(File(dir))
	if err != nil {
		return Report{}, nameHolder(err, dir)
	}
	defer db.Close()
	s := &Store{db: db, path: File(dir)}
	r := Report{Findings: db.Check()}
	if _, err := s.format(); err != nil {
		r.find("%v", err)
	} else if len(r.Findings) == 0 {
		s.check(&r)
	}
	return r, nil
}

func (r *Report) find(format string, args ...any) {
	r.Findings = append(r.Findings, fmt.Sprintf(format, args...))
}

// check reads all universes and snapshots.
func (s *Store) check(r *Report) {
	all, broken, err := s.load()
	if err != nil {
		r.find("%v", err)
	}
	for _, err := range broken {
		r.find("%v", err)
	}
	for _, saved := range all {
		r.Subscriptions = append(r.Subscriptions, saved.Universe.Subscription)
		r.add(saved, "subscription "+saved.Universe.Subscription)
	}
	owners, err := s.snapshotOwners()
	if err != nil {
		r.find("%v", err)
	}
	for _, owner := range owners {
		s.checkSnapshots(r, owner)
	}
}

func (s *Store) checkSnapshots(r *Report, subscription string) {
	names, err := s.SnapshotNames(subscription)
	if err != nil {
		r.find("snapshots of %s: %v", subscription, err)
	}
	for _, name := range names {
		r.Snapshots++
		saved, _, err := s.Snapshot(subscription, name)
		if err != nil {
			r.find("snapshot %q of %s: %v", name, subscription, err)
			continue
		}
		r.add(saved, fmt.Sprintf("snapshot %q of %s", name, subscription))
	}
}

// add counts the records of a universe, and makes one of them to see whether
// they can all be read and fit together.
func (r *Report) add(saved cloud.Saved, what string) {
	for _, records := range saved.Records {
		r.Records += len(records)
	}
	r.Saved = append(r.Saved, Saved{saved, what})
	u, err := cloud.Restore(saved, cloud.NewClock(cloud.ManualTime, 1, saved.Universe.Now, func() time.Time { return cloud.Epoch }))
	if err != nil {
		r.find("%s: %v", what, err)
		return
	}
	for _, finding := range u.Check() {
		r.find("%s: %s", what, finding)
	}
}

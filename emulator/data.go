package emulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/blob"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/store"
)

// A Durability says when what was answered is on disk.
type Durability string

// The choices.
const (
	// SyncDurability has every change on disk before it is answered. It is the
	// default.
	SyncDurability Durability = "sync"
	// RelaxedDurability leaves changes to the operating system and has them on
	// disk about a second later. An emulator that is killed loses nothing by that;
	// a machine that loses power may lose the last changes, or damage the files.
	RelaxedDurability Durability = "relaxed"
)

// WithDurability sets when changes are on disk; it matters with WithData alone.
func WithDurability(d Durability) Option { return func(c *config) { c.durability = d } }

// blobFolder is where the blobs are, in a data folder.
const blobFolder = "blobs"

// openState opens the data folder, if there is one, and the blobs.
func (e *Emulator) openState() error {
	dir := e.config.dataDir
	if dir == "" {
		var err error
		e.blobs, err = blob.OpenStore("")
		e.shelf = newMemoryShelf()
		return err
	}
	var stateOptions []store.Option
	var blobOptions []blob.StoreOption
	if e.config.durability == RelaxedDurability {
		stateOptions, blobOptions = append(stateOptions, store.Relaxed()), append(blobOptions, blob.WithRelaxedDurability())
	}
	var err error
	if e.store, err = store.Open(dir, stateOptions...); err != nil {
		return err
	}
	e.shelf = e.store
	if err := e.restore(); err != nil {
		return err
	}
	if e.blobs, err = blob.OpenStore(filepath.Join(dir, blobFolder), blobOptions...); err != nil {
		return err
	}
	return e.sweepBlobs()
}

// restore brings back the universes of the data folder.
func (e *Emulator) restore() error {
	saved, err := e.store.Load()
	if err != nil {
		return err
	}
	for _, s := range saved {
		start := s.Universe.Now
		mode, speed := e.config.clockMode, e.config.speed
		if own := s.Universe.Clock; own != nil {
			mode, speed = own.Mode, own.Speed
		} else if wall := e.config.wall(); mode == cloud.RealTime && wall.After(start) {
			start = wall
		}
		u, err := cloud.Restore(s, cloud.NewClock(mode, speed, start.UTC(), e.config.wall))
		if err != nil {
			return fmt.Errorf("read %s: %w", store.File(e.config.dataDir), err)
		}
		u.GoOnSaving(e.store.Saver(u.ID()))
		e.universes.add(e.resident(u))
	}
	return nil
}

// sweepBlobs drops the blobs of accounts that are not there any more: deleting
// an account and its blobs are two steps, as is putting a universe back, and the
// process may have been killed between them.
func (e *Emulator) sweepBlobs() error {
	there := map[string]bool{}
	for _, u := range e.universes.Universes() {
		ids, err := e.keptAccounts(u)
		if err != nil {
			return err
		}
		for _, id := range ids {
			there[id] = true
		}
	}
	return e.blobs.DeleteAccount(slices.DeleteFunc(e.blobs.Accounts(""), func(id string) bool { return there[id] })...)
}

// keptAccounts returns the ids of the accounts of a universe and of its snapshots.
func (e *Emulator) keptAccounts(u *cloud.Universe) ([]string, error) {
	var ids []string
	err := u.View(func(st *cloud.State) *cloud.Error {
		ids = accountsOf(u.ID(), st)
		return nil
	})
	if err != nil {
		return nil, err
	}
	names, err := e.shelf.SnapshotNames(u.ID())
	for _, name := range names {
		saved, _, failed := e.shelf.Snapshot(u.ID(), name)
		err = errors.Join(err, failed)
		ids = append(ids, accountIDs(u.ID(), saved)...)
	}
	return ids, err
}

// accountsOf returns the ids of the accounts that a universe holds.
func accountsOf(subscription string, st *cloud.State) []string {
	var ids []string
	for a := range st.Accounts {
		ids = append(ids, accountID(subscription, a.Name, st.Contents))
	}
	return ids
}

// accountID names an account in the blob store. An account has several sets of
// contents when there are snapshots of it; contents says which.
func accountID(subscription, account string, contents uint64) string {
	id := strings.ToLower(subscription) + "/" + strings.ToLower(account)
	if contents > 0 {
		id += fmt.Sprintf("~%d", contents)
	}
	return id
}

// A DataReport says what is in a data folder, and what is wrong with it.
type DataReport struct {
	Folder        string   `json:"folder"`
	Subscriptions []string `json:"subscriptions"`
	Snapshots     int      `json:"snapshots"`
	Records       int      `json:"records"` // of universes and snapshots
	Blobs         int      `json:"blobs"`
	BlobBytes     int64    `json:"blobBytes"`
	Findings      []string `json:"findings"` // what is wrong; empty when all is well
}

// CheckData reads a whole data folder of which no emulator is running: both
// databases, every record, the contents of every blob. It changes nothing. The
// error says why the folder cannot be looked into at all: it is none, or another
// process is using it. What is damaged is a finding.
func CheckData(dir string) (DataReport, error) {
	r := DataReport{Folder: dir, Subscriptions: []string{}, Findings: []string{}}
	state, err := store.Check(dir)
	switch {
	case errors.Is(err, store.ErrDamaged):
		r.Findings = append(r.Findings, err.Error())
	case err != nil:
		return r, fmt.Errorf("check data: %w", err)
	}
	r.Subscriptions = append(r.Subscriptions, state.Subscriptions...)
	r.Snapshots, r.Records = state.Snapshots, state.Records
	r.Findings = append(r.Findings, state.Findings...)
	return r, r.checkBlobs(filepath.Join(dir, blobFolder), state)
}

func (r *DataReport) checkBlobs(dir string, state store.Report) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		r.checkCopies(state, nil)
		return nil // killed before it made the folder
	}
	blobs, err := blob.Check(dir)
	switch {
	case errors.Is(err, store.ErrInUse):
		return fmt.Errorf("check data: %w", err)
	case err != nil:
		r.Findings = append(r.Findings, err.Error())
	}
	r.Blobs, r.BlobBytes = blobs.Blobs, blobs.Bytes
	r.Findings = append(r.Findings, blobs.Findings...)
	if len(blobs.Findings) == 0 && err == nil {
		r.checkCopies(state, blobs.Accounts)
	}
	return nil
}

// checkCopies looks whether the copies of accounts that snapshots name are among
// the accounts that are kept.
func (r *DataReport) checkCopies(state store.Report, kept []string) {
	for _, s := range state.Saved {
		for _, name := range s.Universe.Copied {
			if id := accountID(s.Universe.Subscription, name, s.Universe.Contents); !slices.Contains(kept, id) {
				r.Findings = append(r.Findings, fmt.Sprintf("%s: the blobs of storage account %s are missing", s.What, name))
			}
		}
	}
}

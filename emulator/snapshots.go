package emulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/emulator/blob"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/snapshot"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/internal/lazyregexp"
)

var snapshotName = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9._ -]{0,99}$`)

// A SnapshotInfo tells of a snapshot.
type SnapshotInfo = universe.Snapshot

func infoOf(name string, saved cloud.Saved) SnapshotInfo {
	return SnapshotInfo{
		Name: name, Time: saved.Universe.Now.UTC(), Services: len(saved.Records["services"]), StorageAccounts: len(saved.Records["accounts"]),
		Operations: len(saved.Records["operations"]), Pending: len(saved.Records["pending"]),
	}
}

// Snapshot keeps a universe as it is now under a name, in the place of any
// snapshot of that name: its state with all that is in progress, and its blobs.
// Who may manage it and its journal are no part of that. With a data folder
// snapshots are there again after a restart. A name that is none is a
// *universe.Error.
func (e *Emulator) Snapshot(id, name string) (SnapshotInfo, error) {
	if !snapshotName().MatchString(name) {
		return SnapshotInfo{}, universe.Errorf(universe.Invalid, "%q is no name for a snapshot", name).
			WithHint("a name has up to 100 letters, digits, dots, dashes, underscores and spaces, and begins with a letter, digit or underscore")
	}
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	u, err := e.find(id)
	if err != nil {
		return SnapshotInfo{}, err
	}
	saved, err := e.copyOf(u.Universe)
	if err != nil {
		return SnapshotInfo{}, fmt.Errorf("take snapshot %q: %w", name, err)
	}
	replaced, _, err := e.shelf.Snapshot(u.ID(), name)
	if err == nil {
		err = e.shelf.PutSnapshot(u.ID(), name, saved)
	}
	if err == nil {
		err = e.blobs.DeleteAccount(accountIDs(u.ID(), replaced)...)
	}
	return infoOf(name, saved), err
}

// copyOf saves a universe and copies its blobs, at one moment.
func (e *Emulator) copyOf(u *cloud.Universe) (cloud.Saved, error) {
	contents := e.freshContents(u.ID())
	saved, err := u.Save(func(saved cloud.Saved) error {
		return e.blobs.Copy(copies(u.ID(), u.ID(), saved, contents)...)
	})
	saved.Universe.Contents = contents
	saved.Universe.Copied = e.copied(u.ID(), saved)
	return saved, err
}

// copied returns the accounts of a saved universe for which blobs, or containers for
// them, are kept.
func (e *Emulator) copied(subscription string, saved cloud.Saved) []string {
	kept := e.blobs.Accounts(accountID(subscription, "", 0))
	var names []string
	for _, name := range slices.Sorted(maps.Keys(saved.Records["accounts"])) {
		if slices.Contains(kept, accountID(subscription, name, saved.Universe.Contents)) {
			names = append(names, name)
		}
	}
	return names
}

// freshContents returns a number that no contents of a subscription have, in the
// universe, its snapshots or what is left of either.
func (e *Emulator) freshContents(subscription string) uint64 {
	highest := e.contents
	for _, id := range e.blobs.Accounts(accountID(subscription, "", 0)) {
		if _, number, ok := strings.Cut(id, "~"); ok {
			n, _ := strconv.ParseUint(number, 10, 64) // as accountID wrote it
			highest = max(highest, n)
		}
	}
	e.contents = highest + 1
	return e.contents
}

// accountIDs returns under which ids the blobs of a saved universe are.
func accountIDs(subscription string, saved cloud.Saved) []string {
	return savedAs(subscription, saved, saved.Universe.Contents)
}

// savedAs returns under which ids the blobs are when they become contents of
// another number, or of another universe.
func savedAs(subscription string, saved cloud.Saved, contents uint64) []string {
	var ids []string
	for name := range saved.Records["accounts"] {
		ids = append(ids, accountID(subscription, name, contents))
	}
	return ids
}

// copies says which accounts become which, for the blobs of a saved universe to
// become contents of another.
func copies(from, to string, saved cloud.Saved, contents uint64) []blob.Copy {
	var all []blob.Copy
	for _, name := range slices.Sorted(maps.Keys(saved.Records["accounts"])) {
		all = append(all, blob.Copy{From: accountID(from, name, saved.Universe.Contents), To: accountID(to, name, contents)})
	}
	return all
}

// Snapshots lists the snapshots of a universe, in order of name.
func (e *Emulator) Snapshots(id string) ([]SnapshotInfo, error) {
	u, err := e.find(id)
	if err != nil {
		return nil, err
	}
	names, err := e.shelf.SnapshotNames(u.ID())
	if err != nil {
		return nil, err
	}
	all := []SnapshotInfo{}
	for _, name := range names {
		saved, there, err := e.shelf.Snapshot(u.ID(), name)
		if err != nil {
			return nil, err
		}
		if there {
			all = append(all, infoOf(name, saved))
		}
	}
	return all, nil
}

// kept returns a universe and a snapshot of it.
func (e *Emulator) kept(id, name string) (*cloud.Universe, cloud.Saved, error) {
	u, err := e.find(id)
	if err != nil {
		return nil, cloud.Saved{}, err
	}
	saved, ok, err := e.shelf.Snapshot(u.ID(), name)
	if err == nil && !ok {
		return nil, saved, e.noSnapshot(u.ID(), name)
	}
	return u.Universe, saved, err
}

// noSnapshot is the refusal that says that there is no such snapshot, and which
// ones there are.
func (e *Emulator) noSnapshot(subscription, name string) error {
	refused := universe.Errorf(universe.NotFound, "universe %s has no snapshot %q", subscription, name)
	if names, err := e.shelf.SnapshotNames(subscription); err == nil && len(names) > 0 && len(names) <= 10 {
		refused = refused.WithHint("there is %s", strings.Join(names, ", "))
	}
	return refused
}

// DeleteSnapshot drops a snapshot. One that is not there is a *universe.Error.
func (e *Emulator) DeleteSnapshot(id, name string) error {
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	u, saved, err := e.kept(id, name)
	if err != nil {
		return err
	}
	if err := e.shelf.DeleteSnapshot(u.ID(), name); err != nil {
		return err
	}
	return e.blobs.DeleteAccount(accountIDs(u.ID(), saved)...)
}

// Restore puts a universe back to a snapshot of it, at once: state, blobs, time.
// Time goes on from when the snapshot was taken. Requests that are being answered
// meanwhile belong to before; its snapshots, its journal and who may manage it stay
// as they are. A snapshot that is not there is a *universe.Error.
func (e *Emulator) Restore(id, name string) error {
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	u, saved, err := e.kept(id, name)
	if err != nil {
		return err
	}
	contents := e.freshContents(u.ID())
	if err := e.blobs.Copy(copies(u.ID(), u.ID(), saved, contents)...); err != nil {
		return fmt.Errorf("restore snapshot %q: %w", name, err)
	}
	if err := e.replace(u, saved, contents); err != nil {
		return fmt.Errorf("restore snapshot %q: %w", name, err)
	}
	return nil
}

// replace puts what was saved in the place of a universe, whose blobs are those
// of a number then, and drops the blobs of before.
func (e *Emulator) replace(u *cloud.Universe, saved cloud.Saved, contents uint64) error {
	var old []string
	err := u.View(func(st *cloud.State) *cloud.Error {
		old = accountsOf(u.ID(), st)
		return nil
	})
	if err == nil {
		err = u.Replace(saved, func(st *cloud.State) { st.Contents = contents })
	}
	if err != nil {
		old = savedAs(u.ID(), saved, contents)
	}
	e.packages.Forget()
	return errors.Join(err, e.blobs.DeleteAccount(old...))
}

// Fork makes a new universe of a snapshot of another one, or of the other as it
// is now when name is "". It is a subscription of its own, with access keys of
// its own, and goes on by itself. Its id is newID, or one that is made when that
// is "". A snapshot that is not there, or an id that is taken, is a
// *universe.Error.
func (e *Emulator) Fork(id, name, newID string) (universe.Info, error) {
	newID, err := e.freeID(newID)
	if err != nil {
		return universe.Info{}, err
	}
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	from, saved, drop, err := e.state(id, name)
	if err != nil {
		return universe.Info{}, err
	}
	defer drop()
	contents := e.freshContents(newID)
	if err := e.blobs.Copy(copies(from, newID, saved, contents)...); err != nil {
		return universe.Info{}, fmt.Errorf("fork universe %s: %w", from, err)
	}
	return e.found(newID, saved, contents)
}

// freeID checks the id that a new universe is to have; "" has one made.
func (e *Emulator) freeID(id string) (string, error) {
	if id == "" {
		return e.newID(), nil
	}
	spec := universe.Spec{ID: id}
	if err := spec.Check(); err != nil {
		return "", err
	}
	if e.universes.Universe(id) != nil {
		return "", errTaken(id)
	}
	return id, nil
}

func errTaken(id string) error {
	return universe.Errorf(universe.Exists, "there is a universe %s already", strings.ToLower(id)).WithHint("leave out the id to have one made")
}

// state returns a universe as a snapshot has it, or as it is now when name is "".
// Its blobs stay until drop is called.
func (e *Emulator) state(id, name string) (subscription string, saved cloud.Saved, drop func(), err error) {
	if name != "" {
		u, saved, err := e.kept(id, name)
		if err != nil {
			return "", saved, nil, err
		}
		return u.ID(), saved, func() {}, nil
	}
	u, err := e.find(id)
	if err != nil {
		return "", saved, nil, err
	}
	saved, err = e.copyOf(u.Universe)
	// What is not dropped now is dropped at the next start.
	return u.ID(), saved, func() { _ = e.blobs.DeleteAccount(accountIDs(u.ID(), saved)...) }, err
}

// found makes a new universe of what was saved of another: also its name, its
// clock and its way to let people in.
func (e *Emulator) found(id string, saved cloud.Saved, contents uint64) (universe.Info, error) {
	u := cloud.NewUniverse(id, saved.Universe.Source.Seed, e.clock(saved.Universe.Now))
	var err error
	if own := saved.Universe.Clock; own != nil {
		err = u.SetClock(*own)
	}
	if err == nil {
		err = e.replace(u, saved, contents)
	}
	if err == nil {
		err = e.settle(u, func(st *cloud.State) {
			st.Name, st.Access = saved.Universe.Name, saved.Universe.Access
			st.Authorize(e.manager)
		})
	}
	if errors.Is(err, errKnownSubscription) {
		err = errTaken(id)
	}
	if err != nil {
		return universe.Info{}, errors.Join(err, e.blobs.DeleteAccount(savedAs(id, saved, contents)...))
	}
	return e.Universe(id)
}

// Diff tells what differs between two snapshots of a universe; "" stands for the
// universe as it is now. A snapshot that is not there is a *universe.Error.
func (e *Emulator) Diff(id, a, b string) (snapshot.Diff, error) {
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	d := snapshot.Diff{From: a, To: b}
	var outlines [2][]snapshot.Item
	for i, name := range []string{a, b} {
		subscription, saved, drop, err := e.state(id, name)
		if err != nil {
			return d, err
		}
		outlines[i], err = snapshot.Outline(saved)
		outlines[i] = append(outlines[i], e.blobItems(subscription, saved)...)
		drop()
		if err != nil {
			return d, err
		}
	}
	d.Changes = snapshot.Compare(outlines[0], outlines[1])
	return d, nil
}

// blobItems lists the blobs of a saved universe.
func (e *Emulator) blobItems(subscription string, saved cloud.Saved) []snapshot.Item {
	var items []snapshot.Item
	for _, account := range slices.Sorted(maps.Keys(saved.Records["accounts"])) {
		for _, b := range e.blobs.List(accountID(subscription, account, saved.Universe.Contents)) {
			items = append(items, snapshot.Item{
				Kind: "blob", Name: account + "/" + b.Container + "/" + b.Blob,
				Fields: []snapshot.Field{{Name: "bytes", Value: fmt.Sprint(b.Size)}, {Name: "ETag", Value: b.ETag}},
			})
		}
	}
	return items
}

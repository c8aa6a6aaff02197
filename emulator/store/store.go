package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/internal/database"
)

// format is the version of the file's layout. Older ones are read, and become
// this one; a file with a newer one is refused.
//
//	1  universes
//	2  snapshots beside them; blobs of an account may be kept under a generation
const format = 2

var (
	formatKey  = []byte("format")
	metaKey    = []byte("meta")
	rootBucket = []byte("vipswap")
	universes  = []byte("universes")
)

// A Store is an open file of universes.
type Store struct {
	db   *database.DB
	path string
	pid  pidFile
}

// Reasons why a file cannot be opened.
var (
	// ErrInUse says that another process has the file open.
	ErrInUse = database.ErrInUse
	// ErrDamaged says that the file is damaged. It is left as it is.
	ErrDamaged = database.ErrDamaged
)

// File returns the path of the file in a data folder.
func File(dir string) string { return filepath.Join(dir, "state.db") }

// An Option changes how a store works.
type Option func(*database.Durability)

// Relaxed leaves changes to the operating system: they are on disk within a
// second, and when the store is closed. The default has each on disk before it
// is answered.
func Relaxed() Option { return func(d *database.Durability) { *d = database.Relaxed } }

// Open opens the file in dir, and makes both when they are not there. The error
// names the file; it wraps ErrInUse when another process has it, and says which
// where that is known, and ErrDamaged when the file is damaged. A file that is
// damaged or of a newer format is left as it is.
func Open(dir string, options ...Option) (*Store, error) {
	durability := database.Sync
	for _, set := range options {
		set(&durability)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	if err := checkEmptied(dir); err != nil {
		return nil, err
	}
	db, err := database.Open(File(dir), durability)
	if err != nil {
		return nil, nameHolder(err, dir)
	}
	s := &Store{db: db, path: File(dir), pid: pidFile(dir)}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", s.path, err), db.Close())
	}
	s.pid.write()
	return s, nil
}

// checkEmptied refuses an empty file beside blobs: those come later.
func checkEmptied(dir string) error {
	info, err := os.Stat(File(dir))
	if err != nil || info.Size() > 0 {
		return nil // what is wrong with the file itself is found when it is opened
	}
	if _, err := os.Stat(filepath.Join(dir, "blobs", "records.db")); err != nil {
		return nil
	}
	return fmt.Errorf("open %s: %w: it is empty", File(dir), ErrDamaged)
}

// prepare checks the format of an old file and makes a new one usable. It writes
// only when there is something to change, and after all has been understood.
func (s *Store) prepare() error {
	have, err := s.format()
	if err != nil || have == format {
		return err
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		root, err := tx.CreateBucketIfNotExists(rootBucket)
		if err != nil {
			return err
		}
		for _, name := range [][]byte{universes, snapshots} {
			if _, err := root.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return root.Put(formatKey, []byte(strconv.Itoa(format)))
	})
}

// format reads the format of the file, 0 for one that has nothing in it.
func (s *Store) format() (have int, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		root := tx.Bucket(rootBucket)
		if root == nil {
			if name, _ := tx.Cursor().First(); name != nil {
				return errors.New("it is no file of the emulator")
			}
			return nil
		}
		text := string(root.Get(formatKey))
		have, err = strconv.Atoi(text)
		switch {
		case err != nil || have < 1 || root.Bucket(universes) == nil:
			return fmt.Errorf("%w: its format is %q", ErrDamaged, text)
		case have > format:
			return fmt.Errorf("its format is %d, this program knows up to %d; a newer vipswap wrote it", have, format)
		}
		return nil
	})
	return have, err
}

// Close closes the file.
func (s *Store) Close() error {
	s.pid.remove()
	return s.db.Close()
}

// Saver returns what keeps the universe of one subscription in the file.
func (s *Store) Saver(subscription string) cloud.Saver { return saver{s.db, []byte(subscription)} }

type saver struct {
	db           *database.DB
	subscription []byte
}

// Save writes what has changed, durably.
func (s saver) Save(c cloud.Changes) error {
	meta, err := json.Marshal(c.Universe)
	if err == nil {
		// In order of key, a large change takes the time that a large change
		// needs; in any other it takes the square of that.
		slices.SortFunc(c.Records, func(a, b cloud.Record) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
		})
		err = s.db.Update(func(tx *bbolt.Tx) error { return s.write(tx, meta, c.Records) })
	}
	if err != nil {
		return fmt.Errorf("save subscription %s: %w", s.subscription, err)
	}
	return nil
}

func (s saver) write(tx *bbolt.Tx, meta []byte, records []cloud.Record) error {
	u, err := tx.Bucket(rootBucket).Bucket(universes).CreateBucketIfNotExists(s.subscription)
	if err != nil {
		return err
	}
	if err := u.Put(metaKey, meta); err != nil {
		return err
	}
	for _, r := range records {
		if err := put(u, r); err != nil {
			return err
		}
	}
	return nil
}

// put writes one record to the bucket of its kind, or removes it.
func put(u *bbolt.Bucket, r cloud.Record) error {
	b, err := u.CreateBucketIfNotExists([]byte(r.Kind))
	if err != nil {
		return err
	}
	if r.Value == nil {
		return b.Delete([]byte(r.Key))
	}
	data, err := json.Marshal(r.Value)
	if err != nil {
		return err
	}
	return b.Put([]byte(r.Key), data)
}

// Load reads all universes of the file. The error names the file, and what of it
// cannot be read.
func (s *Store) Load() ([]cloud.Saved, error) {
	all, broken, err := s.load()
	if err == nil {
		err = errors.Join(broken...)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.path, err)
	}
	return all, nil
}

// load reads the universes that can be read, and says what is wrong with the others.
func (s *Store) load() (all []cloud.Saved, broken []error, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		root := tx.Bucket(rootBucket).Bucket(universes)
		return root.ForEachBucket(func(subscription []byte) error {
			saved, err := load(root.Bucket(subscription))
			if err == nil && !strings.EqualFold(saved.Universe.Subscription, string(subscription)) {
				err = fmt.Errorf("%w: it says that it is %q", ErrDamaged, saved.Universe.Subscription)
			}
			if err != nil {
				broken = append(broken, fmt.Errorf("subscription %s: %w", subscription, err))
				return nil
			}
			all = append(all, saved)
			return nil
		})
	})
	return all, broken, err
}

func load(u *bbolt.Bucket) (cloud.Saved, error) {
	saved := cloud.Saved{Records: map[string]map[string]json.RawMessage{}}
	if err := json.Unmarshal(u.Get(metaKey), &saved.Universe); err != nil {
		return saved, fmt.Errorf("%w: its head: %w", ErrDamaged, err)
	}
	err := u.ForEachBucket(func(kind []byte) error {
		records := map[string]json.RawMessage{}
		saved.Records[string(kind)] = records
		return u.Bucket(kind).ForEach(func(k, data []byte) error {
			records[string(k)] = bytes.Clone(data)
			return nil
		})
	})
	return saved, err
}

// Delete removes a subscription with its snapshots. One that is not there is no
// error.
func (s *Store) Delete(subscription string) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		for _, bucket := range [][]byte{universes, snapshots} {
			b := tx.Bucket(rootBucket).Bucket(bucket)
			if b.Bucket([]byte(subscription)) == nil {
				continue
			}
			if err := b.DeleteBucket([]byte(subscription)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete subscription %s: %w", subscription, err)
	}
	return nil
}

// SnapshotNames lists the names of a subscription's snapshots, in order.
func (s *Store) SnapshotNames(subscription string) ([]string, error) {
	var names []string
	err := s.eachSnapshot(subscription, func(name string, _ []byte) error {
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

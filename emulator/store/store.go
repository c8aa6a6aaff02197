package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// format is the version of the file's layout. A file with a newer one is refused.
const format = 1

var (
	formatKey  = []byte("format")
	metaKey    = []byte("meta")
	rootBucket = []byte("vipswap")
	universes  = []byte("universes")
)

// A Store is an open file of universes.
type Store struct{ db *bbolt.DB }

// ErrInUse says that another process has the file open.
var ErrInUse = errors.New("another process is using it")

// ErrDamaged says that the file is no database of universes, or no whole one.
var ErrDamaged = errors.New("the file is damaged")

// Open opens the file in dir, and makes both when they are not there. It wraps
// ErrInUse when another process has it and ErrDamaged when it cannot be read. A
// file that is damaged or of a newer format is left as it is.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	s, path := &Store{}, filepath.Join(dir, "state.db")
	if err := guarded(func() error { return s.open(path) }); err != nil {
		if s.db != nil {
			s.db.Close()
		}
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

func (s *Store) open(path string) error {
	var err error
	s.db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 200 * time.Millisecond})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return ErrInUse
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return err
	}
	return s.prepare()
}

// guarded calls f, which reads the database. The library panics over pages that
// make no sense, and reading past the end of a file that was cut is a fault: both
// become ErrDamaged.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return f()
}

// prepare makes a new file usable and checks the format of an old one.
func (s *Store) prepare() error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		root, err := tx.CreateBucketIfNotExists(rootBucket)
		if err != nil {
			return err
		}
		if have := root.Get(formatKey); have != nil && string(have) != strconv.Itoa(format) {
			return fmt.Errorf("its format is %s, this program knows %d", have, format)
		}
		if _, err := root.CreateBucketIfNotExists(universes); err != nil {
			return err
		}
		return root.Put(formatKey, []byte(strconv.Itoa(format)))
	})
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Saver returns what keeps the universe of one subscription in the file.
func (s *Store) Saver(subscription string) cloud.Saver { return saver{s.db, []byte(subscription)} }

type saver struct {
	db           *bbolt.DB
	subscription []byte
}

// Save writes what has changed, durably.
func (s saver) Save(c cloud.Changes) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		u, err := tx.Bucket(rootBucket).Bucket(universes).CreateBucketIfNotExists(s.subscription)
		if err != nil {
			return err
		}
		meta, err := json.Marshal(c.Universe)
		if err != nil {
			return err
		}
		if err := u.Put(metaKey, meta); err != nil {
			return err
		}
		for _, r := range c.Records {
			if err := put(u, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save subscription %s: %w", s.subscription, err)
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

// Load reads all universes of the file. The error says which one cannot be read,
// and wraps ErrDamaged when the file itself is damaged.
func (s *Store) Load() (all []cloud.Saved, err error) {
	err = guarded(func() error {
		return s.db.View(func(tx *bbolt.Tx) (err error) {
			all, err = loadAll(tx)
			return err
		})
	})
	return all, err
}

func loadAll(tx *bbolt.Tx) (all []cloud.Saved, err error) {
	root := tx.Bucket(rootBucket).Bucket(universes)
	err = root.ForEachBucket(func(subscription []byte) error {
		saved, err := load(root.Bucket(subscription))
		if err != nil {
			return fmt.Errorf("read subscription %s: %w", subscription, err)
		}
		all = append(all, saved)
		return nil
	})
	return all, err
}

func load(u *bbolt.Bucket) (cloud.Saved, error) {
	saved := cloud.Saved{Records: map[string]map[string]json.RawMessage{}}
	if err := json.Unmarshal(u.Get(metaKey), &saved.Universe); err != nil {
		return saved, err
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

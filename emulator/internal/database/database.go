package database

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Reasons why a database cannot be used.
var (
	// ErrInUse says that another process has the file open.
	ErrInUse = errors.New("another process is using it")
	// ErrDamaged says that the file is no whole database.
	ErrDamaged = errors.New("the file is damaged")
)

// patience is how long to wait for another process to let go of the file: one
// that was killed a moment ago, say.
const patience = 200 * time.Millisecond

// syncEvery is how old a change gets, with Relaxed, before it is on disk.
const syncEvery = time.Second

// A Durability says when a change is on disk.
type Durability bool

const (
	// Sync has every change on disk before it is answered.
	Sync Durability = false
	// Relaxed leaves changes to the operating system and has them on disk a
	// second later, and when the database is closed. A killed process loses
	// nothing by that; a machine that loses power may lose the last changes, and
	// may damage the file.
	Relaxed Durability = true
)

// A DB is an open database. Several goroutines may use it at once.
type DB struct {
	bolt    *bbolt.DB
	relaxed bool
	dirty   atomic.Bool // Relaxed: there is a change that may not be on disk
	stop    chan struct{}
	syncing sync.WaitGroup
	closing sync.Once
}

// Open opens the database in a file, and makes the file when it is not there.
// The error wraps ErrInUse or ErrDamaged where that is why.
func Open(path string, d Durability) (*DB, error) {
	b, err := open(path, bbolt.Options{NoSync: bool(d)})
	if err != nil {
		return nil, err
	}
	db := &DB{bolt: b, relaxed: bool(d), stop: make(chan struct{})}
	if db.relaxed {
		db.syncing.Go(db.keepSyncing)
	}
	return db, nil
}

// OpenToRead opens a database that is there, to read only. The error wraps
// ErrInUse, ErrDamaged or fs.ErrNotExist where that is why.
func OpenToRead(path string) (*DB, error) {
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return nil, fmt.Errorf("open %s: %w: it is empty", path, ErrDamaged)
	}
	b, err := open(path, bbolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		return nil, err
	}
	return &DB{bolt: b}, nil
}

// open opens a file. What the library does with a damaged one ranges from errors
// over panics to faults, and it may have left the file open by then.
func open(path string, o bbolt.Options) (db *bbolt.DB, err error) {
	var file *os.File
	o.Timeout = patience
	o.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag, mode)
		file = f
		return f, err
	}
	err = guard(func() error {
		var err error
		if db, err = bbolt.Open(path, 0o600, &o); err != nil {
			return err
		}
		return db.View(whole)
	})
	if err != nil && db != nil {
		db.Close()
	} else if err != nil && file != nil {
		unlock(file)
		file.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, reason(err))
	}
	return db, nil
}

// whole refuses a file that is shorter than it says.
func whole(tx *bbolt.Tx) error {
	info, err := os.Stat(tx.DB().Path())
	if err == nil && info.Size() < tx.Size() {
		err = fmt.Errorf("%w: it has %d bytes of at least %d", ErrDamaged, info.Size(), tx.Size())
	}
	return err
}

// reason says why the library could not open a file. What is not of the file
// system is of the file's content.
func reason(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return ErrInUse
	case errors.Is(err, ErrDamaged):
		return err
	case errors.As(err, &path):
		return path.Err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// guard calls f, and makes an error of it when the library stumbles over a
// damaged file, or reads beyond its end.
func guard(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return f()
}

// Update makes a change, whole or not at all.
func (db *DB) Update(f func(*bbolt.Tx) error) error {
	err := db.bolt.Update(f)
	if db.relaxed && err == nil {
		db.dirty.Store(true)
	}
	return err
}

// View reads. An error that wraps ErrDamaged says that the file is damaged.
func (db *DB) View(f func(*bbolt.Tx) error) error {
	return guard(func() error { return db.bolt.View(f) })
}

// keepSyncing puts changes on disk until the database is closed.
func (db *DB) keepSyncing() {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-db.stop:
			return
		case <-tick.C:
			if db.dirty.Swap(false) && db.bolt.Sync() != nil {
				db.dirty.Store(true) // to be tried again, and by Close
			}
		}
	}
}

// Close puts on disk what is not there yet, and gives the file free. A second
// call does nothing.
func (db *DB) Close() (err error) {
	db.closing.Do(func() {
		if db.relaxed {
			close(db.stop)
			db.syncing.Wait()
			err = db.bolt.Sync()
		}
		err = errors.Join(err, db.bolt.Close())
	})
	return err
}

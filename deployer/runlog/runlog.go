package runlog

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// extension ends the names of the files; the rest is the service's name.
const extension = ".runs.db"

var runsBucket = []byte("runs")

// serviceName is what a cloud service can be called, and a file too.
var serviceName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9-]{0,62}$`)

// A Log has the runs of one service, from one folder.
type Log struct {
	db  *bbolt.DB
	now func() time.Time
}

// Options say how to open a log.
type Options struct {
	Now  func() time.Time // tells the time; required
	Wait time.Duration    // how long to wait for another process; 0 does not wait
}

// A HeldError says that another process has the log open: it carries out a run.
type HeldError struct{ Service string }

// Error says what to do.
func (e *HeldError) Error() string {
	return fmt.Sprintf("another vipswap is at work on %s from this folder\nhint: wait until it has finished, then try again", e.Service)
}

// Open opens the log of a service in the folder dir, and makes both if they are
// missing. The error is a [*HeldError] if another process has it open.
func Open(dir, service string, o Options) (*Log, error) {
	switch {
	case o.Now == nil:
		return nil, errors.New("open the log of runs: no clock is given")
	case !serviceName().MatchString(service):
		return nil, fmt.Errorf("open the log of runs: %q is no name of a cloud service", service)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("open the log of runs: %w", err)
	}
	file := filepath.Join(dir, strings.ToLower(service)+extension)
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: max(o.Wait, 1)})
	if err != nil {
		return nil, openError(file, service, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(runsBucket)
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the log of runs: %w", err), db.Close())
	}
	return &Log{db: db, now: o.Now}, nil
}

// openError puts the errors of the database into words for people.
func openError(file, service string, err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return &HeldError{Service: service}
	case errors.Is(err, bbolterrors.ErrInvalid), errors.Is(err, bbolterrors.ErrChecksum), errors.Is(err, bbolterrors.ErrVersionMismatch):
		return fmt.Errorf("open the log of runs: %s is damaged, or was not written by vipswap: %w\nhint: move it away to start with an empty one", filepath.Base(file), err)
	}
	return fmt.Errorf("open the log of runs: %w", err)
}

// Services lists the services that have a log in dir, in the order of their
// names. A folder that is missing has none.
func Services(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for logs of runs: %w", err)
	}
	var services []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), extension); ok && serviceName().MatchString(name) {
			services = append(services, name)
		}
	}
	return services, nil
}

// Close lets others open the log.
func (l *Log) Close() error { return l.db.Close() }

// Begin records a run that is about to be carried out, and returns it with its
// id. The error is an [*UnfinishedError] while an earlier one is unfinished.
func (l *Log) Begin(r Run) (Run, error) {
	err := l.db.Update(func(tx *bbolt.Tx) error {
		if earlier, err := unfinished(tx, r.Subscription); err != nil || earlier != nil {
			return errors.Join(err, asUnfinished(earlier))
		}
		r.Begun, r.State = l.now().UTC(), Running
		return l.insert(tx, &r)
	})
	return r, err
}

// Record adds a run that was journaled elsewhere and has ended.
func (l *Log) Record(r Run, e Ending) error {
	return l.db.Update(func(tx *bbolt.Tx) error {
		r.Begun = l.now().UTC()
		r.end(e, l.now())
		return l.insert(tx, &r)
	})
}

// Finish records how a run ended.
func (l *Log) Finish(id uint64, e Ending) error {
	return l.change(id, func(r *Run) { r.end(e, l.now()) })
}

// Unfinished returns the run of a subscription that was begun and not ended, or
// nil. Since this process holds the log, nobody is carrying it out.
func (l *Log) Unfinished(subscription string) (found *Run, err error) {
	err = l.db.View(func(tx *bbolt.Tx) error {
		found, err = unfinished(tx, subscription)
		return err
	})
	return found, err
}

// Runs returns the runs of a subscription, the latest first; of all when it is "".
func (l *Log) Runs(subscription string) ([]Run, error) {
	var all []Run
	err := l.db.View(func(tx *bbolt.Tx) error {
		return backwards(tx, subscription, func(r Run) bool {
			all = append(all, r)
			return true
		})
	})
	return all, err
}

// LastSwap returns the latest run that exchanged the slots, or nil.
func (l *Log) LastSwap(subscription string) (found *Run, err error) {
	err = l.db.View(func(tx *bbolt.Tx) error {
		return backwards(tx, subscription, func(r Run) bool {
			if r.Swap != nil {
				found = &r
			}
			return found == nil
		})
	})
	return found, err
}

// Swept records that what a swap left behind was dealt with.
func (l *Log) Swept(id uint64) error { return l.changeSwap(id, func(s *Swap) { s.Swept = true }) }

// Forget records that what a swap left behind is to be left alone.
func (l *Log) Forget(id uint64) error { return l.changeSwap(id, func(s *Swap) { s.Forgotten = true }) }

// changeSwap rewrites what a run's swap left behind, if it has one.
func (l *Log) changeSwap(id uint64, f func(*Swap)) error {
	return l.change(id, func(r *Run) {
		if r.Swap != nil {
			f(r.Swap)
		}
	})
}

func unfinished(tx *bbolt.Tx, subscription string) (found *Run, err error) {
	err = backwards(tx, subscription, func(r Run) bool {
		if r.State == Running {
			found = &r
		}
		return found == nil
	})
	return found, err
}

// backwards calls f with the runs of a subscription, the latest first, until it
// returns false.
func backwards(tx *bbolt.Tx, subscription string, f func(Run) bool) error {
	c := tx.Bucket(runsBucket).Cursor()
	for key, value := c.Last(); key != nil; key, value = c.Prev() {
		r, err := decode(key, value)
		if err != nil {
			return err
		}
		if (subscription == "" || strings.EqualFold(r.Subscription, subscription)) && !f(r) {
			return nil
		}
	}
	return nil
}

func (l *Log) insert(tx *bbolt.Tx, r *Run) (err error) {
	if r.ID, err = tx.Bucket(runsBucket).NextSequence(); err != nil {
		return err
	}
	return put(tx, *r)
}

func put(tx *bbolt.Tx, r Run) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.Bucket(runsBucket).Put(binary.BigEndian.AppendUint64(nil, r.ID), data)
}

// change rewrites a run.
func (l *Log) change(id uint64, f func(*Run)) error {
	return l.db.Update(func(tx *bbolt.Tx) error {
		key := binary.BigEndian.AppendUint64(nil, id)
		data := tx.Bucket(runsBucket).Get(key)
		if data == nil {
			return fmt.Errorf("the log has no run %d", id)
		}
		r, err := decode(key, data)
		if err != nil {
			return err
		}
		f(&r)
		return put(tx, r)
	})
}

// decode reads a run that is kept under a key, and refuses one that was not written
// here: what is done later relies on its steps being those of its plan.
func decode(key, value []byte) (r Run, err error) {
	if err := json.Unmarshal(value, &r); err != nil {
		return r, fmt.Errorf("read the log of runs: entry %x: %w", key, err)
	}
	if !bytes.Equal(key, binary.BigEndian.AppendUint64(nil, r.ID)) {
		return r, fmt.Errorf("read the log of runs: entry %x says that it is run %d", key, r.ID)
	}
	steps := len(r.Plan.All())
	for _, e := range r.Entries {
		if e.Step < 0 || e.Step >= steps {
			return r, fmt.Errorf("read the log of runs: run %d tells of step %d, and its plan has %d", r.ID, e.Step+1, steps)
		}
	}
	return r, nil
}

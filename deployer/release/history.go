package release

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// Where the history is, inside of a project's folder.
const (
	historyDir  = ".vipswap"
	historyFile = "history.db"
	holderFile  = "history.holder.json"
	holdLock    = "history.lock"
	createLock  = "releases.lock"
	releasesDir = "releases"
)

// historyFormat is the version of what the history file holds. Older ones
// will be converted when there are any; newer ones are refused.
const historyFormat = 1

// The buckets of the history file. In those for releases and deployments the
// keys are sequence numbers and the values JSON.
var (
	metaBucket       = []byte("meta")
	releasesBucket   = []byte("releases")
	deploymentBucket = []byte("deployments")
	formatKey        = []byte("format")
)

// A History is what has happened in a project: its releases and their
// deployments. Any number of processes can have it open: each read and each
// write opens the file for as long as it takes, and waits for others that
// long. One process at a time deploys, see [History.Hold]. Each write is on
// disk when the method returns, and a process that is killed leaves the state
// after its last finished write.
type History struct {
	dir    string // the history's folder
	now    func() time.Time
	wait   time.Duration // for who deploys
	noSync bool          // for tests that need no disk
	held   *os.File      // the lock while this process deploys
}

// Options say how to open a history.
type Options struct {
	// Now tells the time. Required.
	Now func() time.Time

	// Wait is how long [History.Hold] waits for another process that
	// deploys. 0 does not wait.
	Wait time.Duration
}

// OpenHistory opens the history in a project's folder, and makes one if there
// is none. Only its owner can read the file. The error is a *[HeldError] if a
// process has the file open all the time, as older versions did.
func OpenHistory(folder string, o Options) (*History, error) {
	if o.Now == nil {
		return nil, errors.New("open the history: no clock is given")
	}
	dir := filepath.Join(folder, historyDir)
	if err := os.MkdirAll(filepath.Join(dir, releasesDir), 0o777); err != nil {
		return nil, fmt.Errorf("open the history: %w", err)
	}
	h := &History{dir: dir, now: o.Now, wait: o.Wait}
	if err := h.prepare(); err != nil {
		return nil, fmt.Errorf("open the history: %w", err)
	}
	return h, nil
}

// busy is how long a read or a write waits for those of other processes.
const busy = 10 * time.Second

// openDB opens the file for one read or write.
func (h *History) openDB(readOnly bool) (*bbolt.DB, error) {
	db, err := bbolt.Open(filepath.Join(h.dir, historyFile), ownerOnly, &bbolt.Options{Timeout: busy, ReadOnly: readOnly, NoSync: h.noSync})
	if err != nil {
		return nil, openError(h.dir, err)
	}
	return db, nil
}

// view reads what is on record. Others can read at the same time.
func (h *History) view(f func(*bbolt.Tx) error) error {
	db, err := h.openDB(true)
	if err != nil {
		return err
	}
	return errors.Join(db.View(f), db.Close())
}

// update changes what is on record. It must not be called within a view.
func (h *History) update(f func(*bbolt.Tx) error) error {
	db, err := h.openDB(false)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(f), db.Close())
}

// openError puts the errors of the database into words for people.
func openError(dir string, err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return heldError(dir)
	case errors.Is(err, bbolterrors.ErrInvalid), errors.Is(err, bbolterrors.ErrChecksum), errors.Is(err, bbolterrors.ErrVersionMismatch):
		return fmt.Errorf("%s is damaged, or was not written by vipswap: %w\nhint: move it away to start with an empty history", filepath.Join(historyDir, historyFile), err)
	}
	return err
}

// ownerOnly are the permissions of files with what scripts have set.
const ownerOnly = 0o600

// prepare makes a new file ready and checks an old one.
func (h *History) prepare() error {
	db, err := h.openDB(false)
	if err != nil {
		return err
	}
	fresh := false
	err = db.View(func(tx *bbolt.Tx) error {
		fresh = tx.Bucket(metaBucket) == nil
		return nil
	})
	if err == nil && fresh {
		err = db.Update(makeBuckets)
	}
	if err == nil {
		err = db.View(checkFormat)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if fresh {
		err = syncDir(h.dir)
	}
	return errors.Join(err, restrict(filepath.Join(h.dir, historyFile)))
}

// restrict takes a file away from all but its owner; older versions left it to others.
func restrict(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(path, ownerOnly)
}

// makeBuckets makes a new file one of today's format.
func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range [][]byte{metaBucket, releasesBucket, deploymentBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(metaBucket).Put(formatKey, []byte(strconv.Itoa(historyFormat)))
}

// checkFormat refuses a file of a format that is not known.
func checkFormat(tx *bbolt.Tx) error {
	found, err := strconv.Atoi(string(tx.Bucket(metaBucket).Get(formatKey)))
	switch {
	case err != nil:
		return fmt.Errorf("%s has no format version", filepath.Join(historyDir, historyFile))
	case found > historyFormat:
		return fmt.Errorf("the history has format %d, this vipswap reads up to %d\nhint: use the newer vipswap that wrote it", found, historyFormat)
	}
	return nil
}

// removeUnfinished deletes what a killed process was copying.
func (h *History) removeUnfinished() error {
	leftovers, err := filepath.Glob(filepath.Join(h.dir, releasesDir, unfinishedPrefix+"*"))
	for _, path := range leftovers {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// put stores a value under a sequence number.
func put(b *bbolt.Bucket, sequence uint64, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(binary.BigEndian.AppendUint64(nil, sequence), data)
}

// all decodes each value of a bucket, in order of the sequence.
func all[T any](tx *bbolt.Tx, bucket []byte) ([]T, error) {
	var list []T
	err := tx.Bucket(bucket).ForEach(func(key, data []byte) error {
		var value T
		if err := json.Unmarshal(data, &value); err != nil {
			return fmt.Errorf("entry %x of %s in the history: %w", key, bucket, err)
		}
		list = append(list, value)
		return nil
	})
	return list, err
}

// syncDir makes names in a folder durable.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

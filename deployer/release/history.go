package release

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
// deployments. One process at a time can have it open. Each write is on disk
// when the method returns, and a process that is killed leaves the state
// after its last finished write.
type History struct {
	db  *bbolt.DB
	dir string // the history's folder
	now func() time.Time
}

// Options say how to open a history.
type Options struct {
	// Now tells the time. Required.
	Now func() time.Time

	// Command is what a second process is told that this one is doing, such
	// as "vipswap release deploy 1.0.0". It must hold no secret.
	Command string

	// Wait is how long to wait for another process to finish with the
	// history. 0 does not wait.
	Wait time.Duration
}

// OpenHistory opens the history in a project's folder, and makes one if there
// is none. The error is a *[HeldError] if another process has it open.
func OpenHistory(folder string, o Options) (*History, error) {
	if o.Now == nil {
		return nil, errors.New("open the history: no clock is given")
	}
	dir := filepath.Join(folder, historyDir)
	if err := os.MkdirAll(filepath.Join(dir, releasesDir), 0o777); err != nil {
		return nil, fmt.Errorf("open the history: %w", err)
	}
	db, err := bbolt.Open(filepath.Join(dir, historyFile), 0o666, &bbolt.Options{Timeout: max(o.Wait, 1)})
	if err != nil {
		return nil, openError(dir, err)
	}
	h := &History{db: db, dir: dir, now: o.Now}
	if err := h.prepare(o.Command); err != nil {
		return nil, errors.Join(fmt.Errorf("open the history: %w", err), db.Close())
	}
	return h, nil
}

// openError puts the errors of the database into words for people.
func openError(dir string, err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return heldError(dir)
	case errors.Is(err, bbolterrors.ErrInvalid), errors.Is(err, bbolterrors.ErrChecksum), errors.Is(err, bbolterrors.ErrVersionMismatch):
		return fmt.Errorf("open the history: %s is damaged, or was not written by vipswap: %w\nhint: move it away to start with an empty history", filepath.Join(historyDir, historyFile), err)
	}
	return fmt.Errorf("open the history: %w", err)
}

// prepare makes a new file ready, checks an old one, and notes who is there.
func (h *History) prepare(command string) error {
	if err := h.db.Update(checkFormat); err != nil {
		return err
	}
	if err := syncDir(h.dir); err != nil {
		return err
	}
	if err := writeHolder(h.dir, newHolder(command, h.now())); err != nil {
		return err
	}
	return h.removeUnfinished()
}

// checkFormat writes the format into a new file and refuses unknown ones.
func checkFormat(tx *bbolt.Tx) error {
	if meta := tx.Bucket(metaBucket); meta != nil {
		found, err := strconv.Atoi(string(meta.Get(formatKey)))
		switch {
		case err != nil:
			return fmt.Errorf("%s has no format version", filepath.Join(historyDir, historyFile))
		case found > historyFormat:
			return fmt.Errorf("the history has format %d, this vipswap reads up to %d\nhint: use the newer vipswap that wrote it", found, historyFormat)
		}
		return nil
	}
	for _, name := range [][]byte{metaBucket, releasesBucket, deploymentBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(metaBucket).Put(formatKey, []byte(strconv.Itoa(historyFormat)))
}

// removeUnfinished deletes what a killed process was copying.
func (h *History) removeUnfinished() error {
	leftovers, err := filepath.Glob(filepath.Join(h.dir, releasesDir, unfinishedPrefix+"*"))
	for _, path := range leftovers {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// Close lets other processes have the history.
func (h *History) Close() error {
	err := os.Remove(filepath.Join(h.dir, holderFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, h.db.Close())
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

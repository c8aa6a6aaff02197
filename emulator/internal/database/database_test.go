package database

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
)

// filled makes a database of some hundred records in nested buckets and returns
// its path.
func filled(t testing.TB, d Durability) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(path, d)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if err := db.Update(func(tx *bbolt.Tx) error { return fill(tx, i) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func fill(tx *bbolt.Tx, i int) error {
	root, err := tx.CreateBucketIfNotExists([]byte("root"))
	if err != nil {
		return err
	}
	b, err := root.CreateBucketIfNotExists(fmt.Appendf(nil, "bucket %d", i%5))
	for n := range 20 {
		if err == nil {
			err = b.Put(fmt.Appendf(nil, "%d/%d", i, n), bytes.Repeat([]byte{byte(n)}, 30*n))
		}
	}
	return err
}

func TestRecordsOutliveTheProcessInBothWays(t *testing.T) {
	for _, d := range []Durability{Sync, Relaxed} {
		db, err := OpenToRead(filled(t, d))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = db.View(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("root")).ForEachBucket(func(k []byte) error {
				n += tx.Bucket([]byte("root")).Bucket(k).Stats().KeyN
				return nil
			})
		})
		if err != nil || n != 400 {
			t.Errorf("relaxed %v: %d records, want 400; %v", d, n, err)
		}
		if findings := db.Check(); findings != nil {
			t.Errorf("relaxed %v: %q", d, findings)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// With Relaxed a change is on disk a little later, not only at the end.
func TestRelaxedSyncsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := Open(filepath.Join(t.TempDir(), "test.db"), Relaxed)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Update(func(tx *bbolt.Tx) error { return fill(tx, 1) }); err != nil {
			t.Fatal(err)
		}
		if !db.dirty.Load() {
			t.Error("a change was synced at once")
		}
		<-time.After(syncEvery + time.Millisecond) // of the bubble's clock
		synctest.Wait()
		if db.dirty.Load() {
			t.Error("a change is not synced after a second")
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	path := filled(t, Sync)
	db, err := Open(path, Sync)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Sync); !errors.Is(err, ErrInUse) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := OpenToRead(path); !errors.Is(err, ErrInUse) {
		t.Errorf("to read: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenToRead(path + ".none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Open(filepath.Join(path, "below"), Sync); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("below a file: %v", err)
	}
}

// Whatever happens to a file, opening and reading it ends in an error or in
// records, and leaves it as it is.
func TestDamagedFilesAreToldAndLeftAlone(t *testing.T) {
	whole, err := os.ReadFile(filled(t, Sync))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	told := 0
	for seed := range uint64(400) {
		path := filepath.Join(dir, fmt.Sprint(seed))
		data := damage(rand.New(rand.NewPCG(seed, 1)), bytes.Clone(whole))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if look(t, path) {
			told++
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(after, data) {
			t.Fatalf("seed %d: the file was changed", seed)
		}
	}
	if told < 100 {
		t.Errorf("of 400 damages %d were noticed", told)
	}
}

// look opens the file in both ways and reports whether a damage was told.
func look(t *testing.T, path string) (told bool) {
	t.Helper()
	for _, open := range []func() (*DB, error){
		func() (*DB, error) { return OpenToRead(path) },
		func() (*DB, error) { return Open(path, Sync) },
	} {
		db, err := open()
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("another error: %v", err)
			}
			told = true
			continue
		}
		told = told || db.Check() != nil
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	return told
}

// damage cuts the file, or overwrites a piece of it with zeros or noise.
func damage(r *rand.Rand, data []byte) []byte {
	at := r.IntN(len(data))
	n := min(1+r.IntN(600), len(data)-at)
	switch r.IntN(3) {
	case 0:
		return data[:1+r.IntN(len(data)-1)]
	case 1:
		clear(data[at : at+n])
	default:
		for i := range n {
			data[at+i] = byte(r.Uint32())
		}
	}
	return data
}

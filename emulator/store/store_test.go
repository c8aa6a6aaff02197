package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/store"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// record is one record to be saved.
func record(kind, key string, value any) cloud.Record {
	return cloud.Record{Kind: kind, Key: key, Value: value}
}

func save(t *testing.T, s *store.Store, subscription string, seq uint64, records ...cloud.Record) {
	t.Helper()
	err := s.Saver(subscription).Save(cloud.Changes{Universe: cloud.Meta{Subscription: subscription, Seq: seq}, Records: records})
	if err != nil {
		t.Fatal(err)
	}
}

// loaded returns what the file holds, as text: subscription, count and records.
func loaded(t *testing.T, s *store.Store) []string {
	t.Helper()
	all, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, saved := range all {
		data, err := json.Marshal(saved.Records)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, saved.Universe.Subscription+" "+string(rune('0'+saved.Universe.Seq))+" "+string(data))
	}
	return lines
}

func TestSavedComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	s := open(t, dir)
	if got := loaded(t, s); len(got) != 0 {
		t.Errorf("a new file holds %q", got)
	}
	save(t, s, "one", 1, record("services", "shop", map[string]int{"A": 1}), record("services", "store", map[string]int{"A": 2}), record("pending", "0001", "x"))
	save(t, s, "two", 2)
	save(t, s, "one", 3, record("services", "shop", nil), record("services", "store", map[string]int{"A": 4}), record("pending", "0002", "y"), record("accounts", "gone", nil))
	want := []string{`one 3 {"pending":{"0001":"x","0002":"y"},"services":{"store":{"A":4}}}`, `two 2 {}`}
	check := func(s *store.Store) {
		t.Helper()
		got := loaded(t, s)
		for i := range got {
			got[i] = strings.Replace(got[i], `"accounts":{},`, "", 1)
			got[i] = strings.Replace(got[i], "null", "{}", 1)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
	check(s)
	closed(t, s)
	s = open(t, dir)
	defer s.Close()
	check(s)
}

// TestUniverseComesBack keeps a real universe in the middle of a change.
func TestUniverseComesBack(t *testing.T) {
	dir := t.TempDir()
	clock := cloud.NewClock(cloud.ManualTime, 1, cloud.Epoch, func() time.Time { return cloud.Epoch })
	u := cloud.NewUniverse("sub", 1, clock)
	s := open(t, dir)
	if err := u.SaveTo(s.Saver("sub")); err != nil {
		t.Fatal(err)
	}
	err := u.Update(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount("00000000000000000000000000000001", cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
	})
	if err != nil {
		t.Fatal(err)
	}
	closed(t, s)

	s = open(t, dir)
	defer s.Close()
	saved, err := s.Load()
	if err != nil || len(saved) != 1 {
		t.Fatalf("got %d universes, %v", len(saved), err)
	}
	u, err = cloud.Restore(saved[0], clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	u.View(func(st *cloud.State) *cloud.Error {
		if op, err := st.Operation("00000000000000000000000000000001"); err != nil || op.Status != cloud.Succeeded {
			t.Errorf("the operation that was in progress: %+v %v", op, err)
		}
		if a, err := st.Account("files"); err != nil || a.Status != "Created" {
			t.Errorf("the account: %+v %v", a, err)
		}
		return nil
	})
}

func TestInUse(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	other, err := store.Open(dir)
	if err == nil {
		other.Close()
	}
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "state.db: another process is using it") {
		t.Errorf("got %v, want %v", err, store.ErrInUse)
	}
}

// edit changes the file in a folder as another program would.
func edit(t *testing.T, dir string, f func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(dir, "state.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	save(t, s, "one", 1)
	closed(t, s)
	edit(t, dir, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("vipswap")).Put([]byte("format"), []byte("99")) })
	before := contents(t, dir)
	_, err := store.Open(dir)
	if err == nil || !strings.Contains(err.Error(), "its format is 99, this program knows up to 2") {
		t.Errorf("got %v", err)
	}
	if !bytes.Equal(before, contents(t, dir)) {
		t.Error("the file was changed")
	}
}

// TestDamagedFile opens what is no database any more: the error names the file,
// and the file stays as it is.
func TestDamagedFile(t *testing.T) {
	good := func(t *testing.T, dir string) []byte {
		s := open(t, dir)
		save(t, s, "one", 1, record("services", "shop", "x"))
		closed(t, s)
		return contents(t, dir)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"text":               func([]byte) []byte { return []byte(strings.Repeat("no database ", 1000)) },
		"short":              func(data []byte) []byte { return data[:100] },
		"cut after the head": func(data []byte) []byte { return data[:8192] },
		"garbled pages": func(data []byte) []byte {
			for i := 8192; i < len(data); i++ {
				data[i] = byte(i * 7)
			}
			return data
		},
		"zeroed pages": func(data []byte) []byte { return slices.Concat(data[:8192], make([]byte, len(data)-8192)) },
		"zeroed head":  func(data []byte) []byte { return slices.Concat(make([]byte, 8192), data[8192:]) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			damaged := damage(slices.Clone(good(t, dir)))
			file := filepath.Join(dir, "state.db")
			if err := os.WriteFile(file, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(dir)
			if err == nil {
				s.Close()
				t.Fatal("a damaged file was opened")
			}
			if !errors.Is(err, store.ErrDamaged) || !strings.HasPrefix(err.Error(), "open "+file+": the file is damaged: ") {
				t.Errorf("got %v, want %v with the name of the file", err, store.ErrDamaged)
			}
			if !bytes.Equal(damaged, contents(t, dir)) {
				t.Error("the file was changed")
			}
		})
	}
}

// TestDamagedRecord reads a file whose records are not what they should be.
func TestDamagedRecord(t *testing.T) {
	tests := map[string]struct {
		damage func(*bbolt.Bucket) error
		want   string
	}{
		"universe":    {func(u *bbolt.Bucket) error { return u.Put([]byte("meta"), []byte("{")) }, "state.db: subscription one: the file is damaged: "},
		"no universe": {func(u *bbolt.Bucket) error { return u.Delete([]byte("meta")) }, "state.db: subscription one: the file is damaged: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			save(t, s, "one", 1, record("services", "shop", "x"))
			closed(t, s)
			edit(t, dir, func(tx *bbolt.Tx) error {
				return test.damage(tx.Bucket([]byte("vipswap")).Bucket([]byte("universes")).Bucket([]byte("one")))
			})
			s = open(t, dir)
			defer s.Close()
			if _, err := s.Load(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want ...%s...", err, test.want)
			}
		})
	}
}

func TestFolderCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(filepath.Join(file, "data")); err == nil || !strings.HasPrefix(err.Error(), "open data folder: ") {
		t.Errorf("got %v", err)
	}
}

// TestOnlyTheOwnerReads checks the file's mode: it holds access keys.
func TestOnlyTheOwnerReads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped, because files have no such mode here")
	}
	dir := t.TempDir()
	closed(t, open(t, dir))
	info, err := os.Stat(filepath.Join(dir, "state.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
}

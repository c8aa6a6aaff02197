package durability

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
)

// recorded unpacks the recorded data folder and lets an emulator make it one of
// today's format, with a snapshot.
func recorded(t *testing.T, authority *credentials.Authority) string {
	t.Helper()
	dir := t.TempDir()
	unpack(t, filepath.Join("testdata", "format-1.zip"), dir)
	e, a := running(t, dir, authority)
	blobs, err := a.storage(account)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.UploadBuffer(context.Background(), container, "new.txt", []byte("written now"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Snapshot(subscription, "kept"); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func running(t *testing.T, dir string, authority *credentials.Authority) (*emulator.Emulator, *api) {
	t.Helper()
	e, err := emulator.New(emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1), emulator.WithAuthority(authority))
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAPI(endpoint{e.ManagementURL(), e.BlobURL(), e.Subscription()}, authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.http.CloseIdleConnections)
	return e, a
}

func ephemeral(t *testing.T) *credentials.Authority {
	t.Helper()
	authority, err := credentials.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

const subscription = emulator.DefaultSubscription

// What is damaged in a data folder is found, by the check in any case and by a
// start where it matters there; no file is changed by either.
func TestDamageIsFoundAndLeftAlone(t *testing.T) {
	dir := recorded(t, ephemeral(t))
	state, records := filepath.Join(dir, "state.db"), filepath.Join(dir, "blobs", "records.db")
	content := filepath.Join(dir, "blobs", "contents", "0000000000000002")
	good := read(t, dir)
	universe := func(tx *bbolt.Tx, kind string) *bbolt.Bucket {
		return tx.Bucket([]byte("vipswap")).Bucket([]byte("universes")).Bucket([]byte(subscription)).Bucket([]byte(kind))
	}
	tests := []struct {
		name    string
		damage  func(t *testing.T) error
		finding string // part of the only finding; %s is the folder
		refusal string // part of why an emulator does not start; "" when it does
	}{
		{"other bytes in a blob", func(*testing.T) error { return os.WriteFile(content, []byte("written new"), 0o600) },
			"blob " + subscription + "/packages/releases/new.txt: blob contents 0000000000000002: not the bytes that were stored", ""},
		{"a blob cut", func(*testing.T) error { return os.Truncate(content, 3) }, "new.txt: blob contents 0000000000000002: 3 bytes, want 11", "3 bytes, want 11"},
		{"a blob gone", func(*testing.T) error { return os.Remove(content) }, "new.txt: blob contents 0000000000000002: ", "blob contents 0000000000000002"},
		{"the state cut", func(*testing.T) error { return os.Truncate(state, 20000) }, "open " + state + ": the file is damaged", "open " + state + ": the file is damaged"},
		{"the state emptied", func(*testing.T) error { return os.Truncate(state, 0) }, "open " + state + ": the file is damaged: it is empty", "open " + state + ": the file is damaged: it is empty"},
		{"text for a state", func(*testing.T) error { return os.WriteFile(state, []byte("no state"), 0o600) }, "open " + state + ": the file is damaged", "open " + state + ": the file is damaged"},
		{"the blobs' records cut", func(*testing.T) error { return os.Truncate(records, 10000) }, "open " + records + ": the file is damaged", "open " + records + ": the file is damaged"},
		{"a record that is none", func(t *testing.T) error {
			edit(t, state, func(tx *bbolt.Tx) error { return universe(tx, "services").Put([]byte("shop"), []byte("{")) })
			return nil
		}, "subscription " + subscription + ": restore " + subscription + ": record shop of services", "read " + state + ": restore " + subscription + ": record shop"},
		{"a record gone", func(t *testing.T) error {
			edit(t, state, func(tx *bbolt.Tx) error { return universe(tx, "operations").Delete([]byte(recordedSwap)) })
			return nil
		}, "subscription " + subscription + ": Production slot of shop is held by operation " + recordedSwap + ", which is not in progress", ""},
		{"a snapshot's copy of an account gone", func(t *testing.T) error {
			edit(t, records, func(tx *bbolt.Tx) error { return forget(tx, subscription+"/packages~") })
			return nil
		}, `snapshot "kept" of ` + subscription + ": the blobs of storage account packages are missing", ""},
		{"no head", func(t *testing.T) error {
			edit(t, state, func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("vipswap")).Bucket([]byte("universes")).Bucket([]byte(subscription)).Delete([]byte("meta"))
			})
			return nil
		}, "subscription " + subscription + ": the file is damaged: its head", "read " + state + ": subscription " + subscription + ": the file is damaged"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			write(t, dir, good)
			if err := test.damage(t); err != nil {
				t.Fatal(err)
			}
			damaged := read(t, dir)
			report, err := emulator.CheckData(dir)
			if err != nil || len(report.Findings) == 0 || !strings.Contains(report.Findings[0], test.finding) {
				t.Errorf("%v, findings %q, want %q", err, report.Findings, test.finding)
			}
			if diff := cmp.Diff(damaged, read(t, dir)); diff != "" {
				t.Errorf("the check changed the folder:\n%s", diff)
			}
			e, err := emulator.New(emulator.WithData(dir))
			if err == nil {
				e.Close()
			}
			if (err != nil) != (test.refusal != "") || err != nil && !strings.Contains(err.Error(), test.refusal) {
				t.Errorf("the start ends with %v, want %q", err, test.refusal)
			}
			if after := read(t, dir); test.refusal != "" && !cmp.Equal(damaged, after) {
				t.Errorf("the refused start changed the folder:\n%s", cmp.Diff(damaged, after))
			}
		})
	}
}

// forget deletes all records whose keys begin with a prefix.
func forget(tx *bbolt.Tx, prefix string) error {
	return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
		c := b.Cursor()
		for k, _ := c.Seek([]byte(prefix)); k != nil && strings.HasPrefix(string(k), prefix); k, _ = c.Seek([]byte(prefix)) {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
}

// read reads all files of a folder, but for the one that says who has it.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "pid" {
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for path, data := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A second process on the same folder is told which one has it.
func TestSecondProcessIsRefused(t *testing.T) {
	k := killing{dir: t.TempDir(), authority: ephemeral(t)}
	s, _ := k.start(t, emulator.SyncDurability)
	defer s.kill()
	dir := dataDir(k.dir)
	want := fmt.Sprintf("open %s: another process is using it (pid %d)", filepath.Join(dir, "state.db"), s.cmd.Process.Pid)
	if _, err := emulator.New(emulator.WithData(dir)); err == nil || err.Error() != want {
		t.Errorf("a second emulator: %v, want %s", err, want)
	}
	if _, err := emulator.CheckData(dir); err == nil || err.Error() != "check data: "+want {
		t.Errorf("a check: %v, want %s", err, want)
	}
	s.kill()
	// The next one takes the folder over, although nobody took the name away.
	e, err := emulator.New(emulator.WithData(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "pid")); !os.IsNotExist(err) {
		t.Errorf("the file pid is still there: %v", err)
	}
}

// An emulator that was killed between deleting an account and its blobs does not
// give the blobs to the next account of that name.
func TestBlobsGoWithTheirAccount(t *testing.T) {
	authority := ephemeral(t)
	dir := recorded(t, authority)
	edit(t, filepath.Join(dir, "state.db"), func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("vipswap")).Bucket([]byte("universes")).Bucket([]byte(subscription)).Bucket([]byte("accounts")).Delete([]byte(account))
	})
	e, a := running(t, dir, authority)
	defer e.Close()
	a.must(t, "POST", accountsPath, createAccountBody(account))
	blobs, err := a.storage(account)
	if err != nil {
		t.Fatal(err)
	}
	page, err := blobs.NewListContainersPager(nil).NextPage(context.Background())
	if err != nil || len(page.ContainerItems) != 0 {
		t.Errorf("the new account has %d containers, %v", len(page.ContainerItems), err)
	}
}

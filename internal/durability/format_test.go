package durability

import (
	"archive/zip"
	"io"
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

// The operation that was in progress when format-1.zip was recorded: the emulator
// was stopped between accepting a swap of v2 into production and carrying it out.
const recordedSwap = "405dddf351208962e40d47860cb49260"

// A data folder that an older version wrote opens, is told to be whole, and goes
// on in the middle of a swap.
func TestOldDataFoldersStayReadable(t *testing.T) {
	dir := t.TempDir()
	unpack(t, filepath.Join("testdata", "format-1.zip"), dataDir(dir))
	report, err := emulator.CheckData(dataDir(dir))
	want := emulator.DataReport{
		Folder: dataDir(dir), Subscriptions: []string{emulator.DefaultSubscription}, Records: 15, Blobs: 2, BlobBytes: 6762, Findings: []string{},
	}
	if diff := cmp.Diff(want, report); diff != "" || err != nil {
		t.Errorf("the folder as it was recorded: %v, mismatch (-want +got):\n%s", err, diff)
	}
	authority, err := credentials.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"recorded", "of today's format"} {
		e, err := emulator.New(emulator.WithData(dataDir(dir)), emulator.WithClock(cloud.AutoTime, 1), emulator.WithAuthority(authority))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(when, func(t *testing.T) { lookAtRecorded(t, e, authority) })
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	if report, err = emulator.CheckData(dataDir(dir)); err != nil || len(report.Findings) > 0 {
		t.Errorf("afterwards: %v %q", err, report.Findings)
	}
}

func lookAtRecorded(t *testing.T, e *emulator.Emulator, authority *credentials.Authority) {
	a, err := newAPI(endpoint{e.ManagementURL(), e.BlobURL(), e.Subscription()}, authority)
	if err != nil {
		t.Fatal(err)
	}
	defer a.http.CloseIdleConnections()
	if status, err := a.await(recordedSwap); status != "Succeeded" || err != nil {
		t.Errorf("the swap goes on to %q, %v", status, err)
	}
	deployments, err := a.deployments("shop")
	if err != nil || len(deployments) != 2 || deployments[0].Name != "v2" || deployments[0].Slot != "Production" {
		t.Errorf("the slots hold %+v, %v", deployments, err)
	}
	services, err := a.services()
	if diff := cmp.Diff([]string{"bakery", "shop"}, services); diff != "" || err != nil {
		t.Errorf("%v, services mismatch (-want +got):\n%s", err, diff)
	}
	c := newClient("recorded", 1)
	if c.blobs, err = a.storage(account); err != nil {
		t.Fatal(err)
	}
	blobs, err := c.download()
	if err != nil || blobs["notes.txt"] != "kept since format 1\n" || len(blobs[packageName]) != 6742 {
		t.Errorf("blobs %q, %v", blobs, err)
	}
}

// A folder of a newer version is refused, with a word of why, and stays as it is.
func TestNewerDataFoldersAreRefused(t *testing.T) {
	for _, file := range []struct{ path, bucket string }{{"state.db", "vipswap"}, {filepath.Join("blobs", "records.db"), "about"}} {
		t.Run(file.path, func(t *testing.T) {
			dir := t.TempDir()
			e, err := emulator.New(emulator.WithData(dir))
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, file.path)
			edit(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte(file.bucket)).Put([]byte("format"), []byte("3")) })
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = emulator.New(emulator.WithData(dir))
			if err == nil || !strings.Contains(err.Error(), path+": its format is 3, this program knows up to 2; a newer vipswap wrote it") {
				t.Errorf("the error is %v", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || string(after) != string(before) {
				t.Errorf("the file was changed, %v", err)
			}
		})
	}
}

// edit changes a database as another program would.
func edit(t *testing.T, path string, f func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(f); err != nil {
		t.Fatal(err)
	}
}

// unpack writes the files of an archive into a folder.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

package release

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSecrets keeps secrets over an interruption, out of everybody's sight, and
// forgets them when the deployment has ended.
func TestSecrets(t *testing.T) {
	folder := t.TempDir()
	h := openHistory(t, folder)
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0.0", p)
	d, err := h.QueueDeployment(NewDeployment{Release: "1.0.0", Environment: "Staging", Project: p})
	if err == nil {
		d, err = h.StartDeployment(d.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"Key": "correct horse", "Token": "battery staple"}
	if err := h.RecordSecrets(d.ID, "a", "{}", secrets); err != nil {
		t.Fatal(err)
	}
	if err := h.RecordSecrets(d.ID, "b", "{}", nil); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	history, err := os.ReadFile(filepath.Join(folder, historyDir, historyFile))
	if err != nil || bytes.Contains(history, []byte("horse")) {
		t.Errorf("a secret can be read in the history (%v)", err)
	}
	key := filepath.Join(folder, historyDir, keyFile)
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key has mode %v, %v", info.Mode(), err)
	}

	h = openHistory(t, folder)
	if d, err = h.Deployment(d.ID); err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]string{secrets, nil} {
		got, err := h.Secrets(d.ID, d.Journal[i])
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, mismatch (-want +got):\n%s", err, diff)
		}
	}
	lost := func(what, id string, e Entry) {
		var sealed *SealedError
		if _, err := h.Secrets(id, e); !errors.As(err, &sealed) || cmp.Diff([]string{"Key", "Token"}, sealed.Names) != "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	lost("another deployment's", "Deployments-9", d.Journal[0])
	other := d.Journal[0]
	other.Step = "b"
	lost("another step's", d.ID, other)
	good, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	for what, data := range map[string][]byte{"a wrong key": bytes.Repeat([]byte("x"), keySize), "a short key": good[:7]} {
		if err := os.WriteFile(key, data, 0o600); err != nil {
			t.Fatal(err)
		}
		lost(what, d.ID, d.Journal[0])
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	lost("no key", d.ID, d.Journal[0])

	if _, err := h.FinishDeployment(d.ID, Ending{State: Failed}); err != nil {
		t.Fatal(err)
	}
	if d, err = h.Deployment(d.ID); err != nil || d.Journal[0].Sealed != nil || d.Journal[0].Secrets != nil || d.Journal[0].Step != "a" {
		t.Errorf("after its end the deployment has %+v, %v", d.Journal, err)
	}
}

// TestUpcoming tells the ID of the next deployment.
func TestUpcoming(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0.0", p)
	for range 2 {
		next, err := h.Upcoming("1.0.0", "Staging")
		if err != nil {
			t.Fatal(err)
		}
		queued, err := h.QueueDeployment(NewDeployment{Release: "1.0.0", Environment: "Staging", Project: p, Created: next.Created})
		if err != nil || queued.ID != next.ID || !queued.Created.Equal(next.Created) {
			t.Errorf("%s created %s was to come, %s created %s came: %v", next.ID, next.Created, queued.ID, queued.Created, err)
		}
	}
}

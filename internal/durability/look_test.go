package durability

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/store"
)

// look opens the data folder of a killed emulator without one, and compares it
// with what the clients know: every operation that was acknowledged is there and
// stands where it can stand, and of the others there is at most the one that a
// client had sent. What was done of that, the client learns here.
func (k *killing) look(t *testing.T) {
	t.Helper()
	report, err := emulator.CheckData(dataDir(k.dir))
	if err != nil || len(report.Findings) > 0 {
		t.Fatalf("the data folder: %v %q", err, report.Findings)
	}
	k.open(t, func(st *cloud.State) { k.compare(t, st) })
}

// open calls f with the state that a killed emulator has left.
func (k *killing) open(t *testing.T, f func(*cloud.State)) {
	t.Helper()
	s, err := store.Open(dataDir(k.dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Load()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d universes, %v", len(all), err)
	}
	u, err := cloud.Restore(all[0], cloud.NewClock(cloud.ManualTime, 1, all[0].Universe.Now, func() time.Time { return cloud.Epoch }))
	if err == nil {
		err = u.View(func(st *cloud.State) *cloud.Error { f(st); return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (k *killing) compare(t *testing.T, st *cloud.State) {
	t.Helper()
	ends := map[string]time.Time{}
	for _, d := range st.Pending() {
		if d.Kind == cloud.FinishOperation {
			ends[d.Operation] = d.At
		}
	}
	known := map[string]bool{}
	for _, c := range k.clients {
		for id, acknowledged := range c.operations {
			known[id] = true
			k.compareOperation(t, st, c, id, acknowledged, ends)
		}
	}
	for op := range st.Operations {
		if !known[op.ID] && !k.furnished[op.ID] {
			k.adopt(t, op)
		}
	}
	for _, c := range k.clients {
		c.doing = nil // what was done of it, adopt has found
	}
}

// compareOperation looks at one operation that was acknowledged. One in progress
// ends when it was to end before, however often the emulator was killed since.
func (k *killing) compareOperation(t *testing.T, st *cloud.State, c *client, id string, acknowledged *operation, ends map[string]time.Time) {
	t.Helper()
	op, err := st.Operation(id)
	switch {
	case err != nil:
		t.Errorf("lost: operation %s of %s (%s %s)", id, c.name, acknowledged.change.method, acknowledged.change.path)
		return
	case acknowledged.ended && op.Status != cloud.Succeeded:
		t.Errorf("operation %s of %s had succeeded, and is %s", id, c.name, op.Status)
	case op.Status == cloud.Failed:
		t.Errorf("operation %s of %s: %v", id, c.name, op.Err)
	}
	at, pending := ends[id]
	if (op.Status == cloud.InProgress) != pending {
		t.Errorf("operation %s of %s is %s, and its end pending: %v", id, c.name, op.Status, pending)
	}
	if op.Status == cloud.Succeeded {
		at = op.Completed
	}
	if planned, ok := k.ends[id]; ok && !planned.Equal(at) {
		t.Errorf("operation %s of %s ends at %v, before the kill it was %v", id, c.name, at, planned)
	}
	k.ends[id] = at
}

// adopt finds the client that had sent an operation when the emulator was killed.
func (k *killing) adopt(t *testing.T, op *cloud.Operation) {
	t.Helper()
	for _, c := range k.clients {
		if c.doing == nil || op.Service != c.name || op.Status == cloud.Failed {
			continue
		}
		c.accept(op.ID, *c.doing)
		c.doing = nil
		k.adopted++
		if op.Status == cloud.Succeeded {
			c.end()
		}
		return
	}
	t.Errorf("invented: operation %s (%s of %s, %s)", op.ID, op.Kind, op.Service, op.Status)
}

// verify asks the emulator itself, after its restart and before the clients go
// on, for all that they know.
func (k *killing) verify(t *testing.T, a *api) {
	t.Helper()
	var want []string
	for _, c := range k.clients {
		k.verifyClient(t, c)
		if c.model.exists {
			want = append(want, c.name)
		}
	}
	services, err := a.services()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, services); diff != "" {
		t.Errorf("hosted services mismatch (-want +got):\n%s", diff)
	}
	k.verifyBlobs(t)
}

func (k *killing) verifyClient(t *testing.T, c *client) {
	t.Helper()
	if c.running != "" {
		k.resumed++
		status, err := c.api.await(c.running)
		if err != nil || status != "Succeeded" {
			t.Errorf("operation %s of %s goes on to %q, %v", c.running, c.name, status, err)
		}
		c.end()
	}
	if !c.model.exists {
		return
	}
	deployments, err := c.api.deployments(c.name)
	if err != nil {
		t.Error(err)
	}
	var slots [2]string
	for _, d := range deployments {
		slot := staging
		if strings.EqualFold(d.Slot, slotNames[production]) {
			slot = production
		}
		slots[slot] = d.Name
		if d.Status != "Running" || len(d.Instances) != 2 {
			t.Errorf("deployment %s of %s is %s and has %d instances", d.Name, c.name, d.Status, len(d.Instances))
		}
	}
	if slots != c.model.slots {
		t.Errorf("the slots of %s hold %q, want %q", c.name, slots, c.model.slots)
	}
}

// verifyBlobs compares all blobs with their contents.
func (k *killing) verifyBlobs(t *testing.T) {
	t.Helper()
	want := map[string]string{packageName: string(k.pkg)}
	got, err := k.clients[0].download()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range k.clients {
		if u := c.uploading; u != nil { // the emulator has it or not
			done := c.model.clone()
			done.put(*u)
			if got[u.name] == done.blobs[u.name] {
				c.model = done
			}
			c.uploading = nil
		}
		for name, content := range c.model.blobs {
			want[name] = content
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("blobs mismatch (-want +got):\n%s", diff)
	}
}

// download reads all blobs of the container.
func (c *client) download() (map[string]string, error) {
	all := map[string]string{}
	for pager := c.blobs.NewListBlobsFlatPager(container, nil); pager.More(); {
		page, err := pager.NextPage(context.Background())
		if err != nil {
			return nil, err
		}
		for _, item := range page.Segment.BlobItems {
			if all[*item.Name], err = c.read(*item.Name); err != nil {
				return nil, fmt.Errorf("read %s: %w", *item.Name, err)
			}
		}
	}
	return all, nil
}

func (c *client) read(name string) (string, error) {
	got, err := c.blobs.DownloadStream(context.Background(), container, name, nil)
	if err != nil {
		return "", err
	}
	defer got.Body.Close()
	data, err := io.ReadAll(got.Body)
	return string(data), err
}

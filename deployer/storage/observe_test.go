package storage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/calls"
	"github.com/vipswap/vipswap/deployer/storage"
)

// heard keeps the calls that it is told of.
type heard []calls.Call

// Called keeps the call.
func (h *heard) Called(c calls.Call) { *h = append(*h, c) }

// lines shows what a test looks at.
func (h heard) lines() (lines []string) {
	for _, c := range h {
		lines = append(lines, fmt.Sprintf("%s %s %d x%d %s", c.Service, c.Operation, c.Status, c.Tries, c.Error))
	}
	return lines
}

// TestObserver hears of each request of an upload once, with its last answer and how
// often it was sent, and of no key.
func TestObserver(t *testing.T) {
	f := newFake(t)
	struck := false
	f.before = func(request string) fault {
		if request != "PUT block" || struck {
			return fault{}
		}
		struck = true
		return fault{status: 503, code: "ServerBusy"}
	}
	var got heard
	r := request(start(t, f))
	u := uploader(t, func(c *storage.Config) { c.Observer = &got })
	if _, _, err := u.Upload(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"blob Get Blob Properties 404 x1 ContainerNotFound", "blob Create Container 201 x1 ",
		"blob Put Block 201 x2 ", "blob Put Block 201 x1 ", "blob Put Block 201 x1 ", "blob Put Block List 201 x1 ",
	}
	if diff := cmp.Diff(want, got.lines()); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
	for _, c := range got {
		if c.Took <= 0 || !strings.HasPrefix(c.Path, "/"+account+"/"+storage.DefaultContainer) || strings.ContainsAny(c.Path, "?&") {
			t.Errorf("a call without its time or path, or with a query: %+v", c)
		}
	}
}

// TestObserverOfLostAnswers hears why no answer came.
func TestObserverOfLostAnswers(t *testing.T) {
	f := newFake(t)
	f.before = func(string) fault { return fault{cut: true} }
	var got heard
	u := uploader(t, func(c *storage.Config) { c.Observer, c.Retries = &got, 2 })
	if _, _, err := u.Upload(t.Context(), request(start(t, f))); err == nil {
		t.Fatal("an upload without answers succeeded")
	}
	if diff := cmp.Diff([]string{"blob Get Blob Properties 0 x3 EOF"}, got.lines()); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
}

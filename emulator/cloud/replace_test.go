package cloud_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// saved returns what a universe saves, and that as text.
func (w *world) saved() (cloud.Saved, string) {
	w.Helper()
	s, err := w.Save(nil)
	if err != nil {
		w.Fatal(err)
	}
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		w.Fatal(err)
	}
	return s, string(text)
}

// A universe that is put back to the middle of a swap goes on from there as it
// did the first time, and what is kept of it follows.
func TestReplaceGoesBack(t *testing.T) {
	w, k := newWorld(t), &keep{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}}
	if err := w.SaveTo(k); err != nil {
		t.Fatal(err)
	}
	w.swapping()
	middle, text := w.saved()
	requests := w.requests
	goOn := func() string {
		w.requests = requests
		w.advance(time.Hour)
		w.must(func(st *cloud.State) *cloud.Error {
			return st.CreateService(w.next(), cloud.ServiceSpec{Name: "later", Label: "l", Location: "West US"})
		})
		_, text := w.saved()
		return text
	}
	first := goOn()
	for range 2 {
		if err := w.Replace(middle, func(*cloud.State) {}); err != nil {
			t.Fatal(err)
		}
		if _, again := w.saved(); again != text {
			t.Errorf("put back mismatch (-want +got):\n%s", cmp.Diff(text, again))
		}
		if got := w.slot(cloud.Production); got.Name != "v1" || !got.Locked {
			t.Errorf("production holds %+v", got)
		}
		if again := goOn(); again != first {
			t.Errorf("gone on mismatch (-want +got):\n%s", cmp.Diff(first, again))
		}
		if got, err := json.MarshalIndent(withoutEmpty(k.Saved), "", " "); err != nil || string(got) != first {
			t.Errorf("%v, kept mismatch (-want +got):\n%s", err, cmp.Diff(first, string(got)))
		}
	}
}

// withoutEmpty leaves out kinds of which nothing is kept any more.
func withoutEmpty(s cloud.Saved) cloud.Saved {
	for kind, records := range s.Records {
		if len(records) == 0 {
			delete(s.Records, kind)
		}
	}
	return s
}

// Documents are remembered by the revision of a deployment and by the era of an
// operation: neither comes a second time.
func TestReplaceNeverRepeatsRevisions(t *testing.T) {
	w := newWorld(t)
	w.swapping()
	middle, _ := w.saved()
	seen := map[string]bool{}
	for range 3 {
		w.View(func(st *cloud.State) *cloud.Error {
			_, _, d, _ := st.Deployment("shop", cloud.Selector{Slot: cloud.Production})
			for _, mark := range []string{fmt.Sprint("revision ", d.Revision()), fmt.Sprint("era ", st.Era())} {
				if seen[mark] {
					t.Errorf("%s came again", mark)
				}
				seen[mark] = true
			}
			return nil
		})
		if err := w.Replace(middle, func(*cloud.State) {}); err != nil {
			t.Fatal(err)
		}
	}
}

// What was saved of one subscription becomes another's: with its own id in it
// and access keys of its own, and otherwise the same.
func TestReplaceMovesToAnotherSubscription(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		by := &cloud.Request{Object: "/00000000-0000-0000-0000-000000000001/services/storageservices/files"}
		return st.Asked(by, func(st *cloud.State) *cloud.Error {
			return st.CreateAccount(w.next(), cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
		})
	})
	w.swapping()
	middle, text := w.saved()
	const other = "00000000-0000-0000-0000-0000000000ff"
	fork := &world{TB: t, Universe: cloud.NewUniverse(other, 99, cloud.NewClock(cloud.ManualTime, 1, cloud.Epoch, func() time.Time { return cloud.Epoch }))}
	if err := fork.Replace(middle, func(*cloud.State) {}); err != nil {
		t.Fatal(err)
	}
	forked, got := fork.saved()
	var a, b cloud.StorageAccount
	if err := errors.Join(json.Unmarshal(middle.Records["accounts"]["files"], &a), json.Unmarshal(forked.Records["accounts"]["files"], &b)); err != nil {
		t.Fatal(err)
	}
	if a.Keys == b.Keys || a.Generations != b.Generations {
		t.Errorf("keys %v of %v become %v of %v", a.Keys, a.Generations, b.Keys, b.Generations)
	}
	want := strings.NewReplacer("00000000-0000-0000-0000-000000000001", other, a.Keys[0], b.Keys[0], a.Keys[1], b.Keys[1]).Replace(text)
	if got != want {
		t.Errorf("mismatch (-want +got):\n%s", cmp.Diff(want, got))
	}
	if fork.ID() != other {
		t.Errorf("the universe is %s", fork.ID())
	}
}

// refusing is a saver that fails.
type refusing struct{}

func (refusing) Save(cloud.Changes) error { return errors.New("the disk is full") }

// A replacement that cannot be read or saved changes nothing.
func TestReplaceIsWholeOrNothing(t *testing.T) {
	w := newWorld(t)
	empty, _ := w.saved()
	w.swapping()
	_, before := w.saved()
	broken := cloud.Saved{Universe: empty.Universe, Records: map[string]map[string]json.RawMessage{"services": {"shop": json.RawMessage("{")}}}
	if err := w.Replace(broken, func(*cloud.State) {}); err == nil || !strings.Contains(err.Error(), "record shop of services") {
		t.Errorf("a broken record: %v", err)
	}
	if _, after := w.saved(); after != before {
		t.Errorf("a broken record changed (-want +got):\n%s", cmp.Diff(before, after))
	}
	w.GoOnSaving(refusing{})
	if err := w.Replace(empty, func(*cloud.State) {}); err == nil || err.Error() != "the disk is full" {
		t.Errorf("a full disk: %v", err)
	}
	w.GoOnSaving(&keep{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}})
	if _, after := w.saved(); after != before {
		t.Errorf("a full disk changed (-want +got):\n%s", cmp.Diff(before, after))
	}
}

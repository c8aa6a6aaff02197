package snapshot

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// A file has what was written, once, and says it the same way again.
func TestWriteAndOpen(t *testing.T) {
	u := Universe{
		State: cloud.Saved{
			Universe: cloud.Meta{Subscription: "s", Now: time.Date(2015, 7, 1, 0, 0, 0, 0, time.UTC)},
			Records:  map[string]map[string]json.RawMessage{"services": {"shop": json.RawMessage(`{"Label":"\u003ca \\u003c b \u0026 c\u003e \" \\"}`)}},
		},
		Accounts: map[string]json.RawMessage{"files": json.RawMessage(`null`)},
	}
	content := func(sum, data string) Content {
		return Content{sum, int64(len(data)), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }}
	}
	var file, again bytes.Buffer
	for _, to := range []struct {
		*bytes.Buffer
		contents []Content
	}{
		{&file, []Content{content("bb", "two"), content("aa", "one"), content("bb", "two")}},
		{&again, []Content{content("aa", "one"), content("bb", "two")}},
	} {
		if err := Write(to, u, to.contents); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("the same universe gives two files")
	}
	if !bytes.Contains(file.Bytes(), []byte(`"Label": "<a \\u003c b & c> \" \\"`)) {
		t.Errorf("people cannot read\n%s", file.String())
	}
	f, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]string
	for _, v := range []struct {
		data json.RawMessage
		into *map[string]string
	}{{u.State.Records["services"]["shop"], &want}, {f.State.Records["services"]["shop"], &got}} {
		if err := json.Unmarshal(v.data, v.into); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record mismatch (-want +got):\n%s", diff)
	}
	if f.State.Universe.Subscription != "s" || !f.State.Universe.Now.Equal(u.State.Universe.Now) {
		t.Errorf("the universe is %+v", f.State.Universe)
	}
	r, err := f.Content("bb")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if data, err := io.ReadAll(r); err != nil || string(data) != "two" {
		t.Errorf("contents %q, %v", data, err)
	}
	if _, err := f.Content("cc"); !errors.Is(err, ErrFormat) {
		t.Errorf("contents that are not there: %v", err)
	}
}

// What cannot be read, or is not as long as it says, makes no file.
func TestWriteFails(t *testing.T) {
	bad := errors.New("bad disk")
	for want, c := range map[string]Content{
		"bad disk":                       {"aa", 1, func() (io.ReadCloser, error) { return nil, bad }},
		"contents aa: 3 bytes, want 100": {"aa", 100, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("one")), nil }},
	} {
		if err := Write(io.Discard, Universe{}, []Content{c}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// FuzzOpen opens what anybody may have written: a zip archive with a document, and
// anything at all.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"format":1,"universe":{"Subscription":"s"},"records":{"services":{"shop":{"Name":"shop"}}},"accounts":{"files":null}}`), true)
	f.Add([]byte(`{"format":1,"records":{"operations":{"a":{"ID":"a","Order":{"Version":{"Model":{}}}}},"pending":{"1":{"Seq":1,"Kind":"finish-operation","Operation":"a"}}}}`), true)
	f.Add([]byte(`{"format":1,"universe":{"Seq":9},"records":{"services":{"shop":{"Name":"shop","Slots":[{"Deployment":{"Name":"v1","PrivateID":"p","Model":{"Package":{}},"Moving":1,"Instances":[{"ID":1,"Role":"Web","Sequence":"boot","Token":3}]}}]}},"pending":{"1":{"Seq":3,"Kind":"next-stage","Service":"shop","Deployment":"p","Instance":1,"Token":3}}}}`), true)
	f.Add([]byte("PK\x05\x06"), false)
	f.Fuzz(func(t *testing.T, data []byte, archive bool) {
		if archive {
			data = archived(t, data)
		}
		file, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("another error: %v", err)
			}
			return
		}
		if err := Validate(file.State); err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("another error: %v", err)
			}
			return
		}
		items, err := Outline(file.State)
		if err != nil || len(Compare(items, items)) != 0 {
			t.Errorf("a universe differs from itself: %v", err)
		}
	})
}

func archived(t *testing.T, document []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(documentName)
	if err == nil {
		_, err = w.Write(document)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

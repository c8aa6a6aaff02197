package blob

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// furnish stores a whole blob, one of blocks, and a block that waits, in the
// account sub/acct.
func (f *fixture) furnish() {
	f.Helper()
	f.container("c00")
	f.blob("c00/whole", "whole", "x-ms-meta-release: 1.0")
	f.blob("c00/again", "whole")
	f.stage("c00/blocks", 0, "one ")
	f.stage("c00/blocks", 1, "two ")
	f.commitBlocks("c00/blocks", 1, 0, 1)
	f.stage("c00/blocks", 2, "three")
}

// looked is what a client can see of the account sub/acct.
func (f *fixture) looked() []string {
	f.Helper()
	return f.all([]call{
		{method: "GET", path: "/acct/c00?restype=container"},
		{method: "GET", path: "/acct/more?restype=container"},
		{method: "GET", path: "/acct/c00/whole"},
		{method: "GET", path: "/acct/c00/again"},
		{method: "GET", path: "/acct/c00/blocks"},
		{method: "GET", path: "/acct/c00/blocks?comp=blocklist&blocklisttype=all"},
	})
}

// A copy keeps what was copied while the account goes on, outlives a restart, and
// comes back.
func TestCopy(t *testing.T) {
	for _, kept := range []bool{false, true} {
		dir := ""
		if kept {
			dir = t.TempDir()
		}
		s := openStore(t, dir)
		f := newFixtureWith(t, s, nil)
		f.furnish()
		before := f.looked()
		if err := s.Copy(Copy{"sub/acct", "sub/acct~1"}, Copy{"sub/none", "sub/none~1"}); err != nil {
			t.Fatal(err)
		}
		f.blob("c00/whole", "other")
		f.commitBlocks("c00/blocks", 2)
		f.want("202", call{method: "DELETE", path: "/acct/c00/again"})
		f.container("more")
		if diff := cmp.Diff(before, f.looked()); diff == "" {
			t.Error("the account does not go on")
		}
		if err := s.DeleteAccount("sub/acct"); err != nil {
			t.Fatal(err)
		}
		if kept {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if r, err := Check(dir); err != nil || len(r.Findings) > 0 || r.Blobs != 3 {
				t.Errorf("check: %+v, %v", r, err)
			}
			s = openStore(t, dir)
			f = newFixtureWith(t, s, nil)
		}
		if diff := cmp.Diff([]string{"sub/acct~1"}, s.Accounts("")); diff != "" {
			t.Errorf("accounts mismatch (-want +got):\n%s", diff)
		}
		if err := s.Copy(Copy{"sub/acct~1", "sub/acct"}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, f.looked()); diff != "" {
			t.Errorf("kept %v: back mismatch (-want +got):\n%s", kept, diff)
		}
		if err := s.DeleteAccount("sub/acct", "sub/acct~1"); err != nil {
			t.Fatal(err)
		}
		if kept && len(files(t, dir)) != 0 {
			t.Errorf("contents that nobody needs are left: %q", files(t, dir))
		}
	}
}

// archived takes an account out of a store.
func archived(t testing.TB, s *Store, id string) (json.RawMessage, map[string]string) {
	t.Helper()
	contents := map[string]string{}
	records, err := s.Archive(id, func(sum string, size int64, open func() (io.ReadCloser, error)) error {
		r, err := open()
		if err != nil {
			return err
		}
		defer r.Close()
		data, err := io.ReadAll(r)
		if int64(len(data)) != size {
			t.Errorf("%s has %d bytes, not %d", sum, len(data), size)
		}
		contents[sum] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, contents
}

var errNoContent = errors.New("no such content")

func opener(contents map[string]string) func(string) (io.ReadCloser, error) {
	return func(sum string) (io.ReadCloser, error) {
		data, ok := contents[sum]
		if !ok {
			return nil, errNoContent
		}
		return io.NopCloser(strings.NewReader(data)), nil
	}
}

// An account that was archived is the same in another store, and archived again
// it is the same bytes.
func TestArchive(t *testing.T) {
	f := newFixture(t)
	f.furnish()
	before := f.looked()
	records, contents := archived(t, f.store, "sub/acct")
	if len(contents) != 4 {
		t.Errorf("%d contents, want 4: %q", len(contents), contents)
	}
	dir := t.TempDir()
	s := openStore(t, dir)
	g := newFixtureWith(t, s, nil)
	g.container("old")
	for range 2 {
		if err := s.Unarchive("sub/acct", records, opener(contents)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, g.looked()); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
	if n := len(files(t, dir)); n != 4 {
		t.Errorf("%d files with contents, want 4", n)
	}
	again, _ := archived(t, s, "sub/acct")
	if !bytes.Equal(records, again) {
		t.Errorf("archived again mismatch (-want +got):\n%s", cmp.Diff(string(records), string(again)))
	}
	if none, _ := archived(t, s, "sub/none"); string(none) != "null" {
		t.Errorf("an account of which nothing is kept: %s", none)
	}
	if err := s.Unarchive("sub/acct", json.RawMessage("null"), opener(nil)); err != nil || len(s.Accounts("")) != 0 {
		t.Errorf("nothing leaves %q, %v", s.Accounts(""), err)
	}
}

func TestUnarchiveRefuses(t *testing.T) {
	f := newFixture(t)
	f.furnish()
	records, _ := archived(t, f.store, "sub/acct")
	const one = `{"Account":{},"Containers":{"c":{"Container":{},"Blobs":{"b":{"Size":5,"Parts":[{"Size":5,"File":"x"}]}}}}}`
	for name, test := range map[string]struct {
		records  string
		contents map[string]string
		want     string
	}{
		"text":                {"records", nil, "read records of account a: invalid character"},
		"no account":          {`{}`, nil, "there is no account"},
		"no container":        {`{"Account":{},"Containers":{"c":null}}`, nil, `container "c"`},
		"a name with a zero":  {`{"Account":{},"Containers":{"c\u0000d":{"Container":{}}}}`, nil, `container "c\x00d"`},
		"a blob without name": {strings.Replace(one, `"b"`, `""`, 1), nil, `container c: blob ""`},
		"no blob":             {`{"Account":{},"Containers":{"c":{"Container":{},"Blobs":{"b":null}}}}`, nil, `blob "b"`},
		"another size":        {strings.Replace(one, `"Size":5`, `"Size":6`, 1), nil, "blob b: its parts have 5 bytes, not 6"},
		"a negative size":     {strings.ReplaceAll(one, `"Size":5`, `"Size":-5`), nil, "a block of -5 bytes"},
		"another block":       {`{"Account":{},"Containers":{"c":{"Container":{},"Waiting":{"b":{"1":{"ID":"2"}}}}}}`, nil, `block "1" of blob "b"`},
		"no contents":         {string(records), nil, errNoContent.Error()},
		"other contents":      {one, map[string]string{"x": "12345"}, "x has other bytes than its name says"},
		"longer contents":     {one, map[string]string{"x": "123456789"}, "x has other bytes than its name says"},
	} {
		s := openStore(t, "")
		g := newFixtureWith(t, s, nil)
		g.furnish()
		if err := s.Unarchive("a", json.RawMessage(test.records), opener(test.contents)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
		if diff := cmp.Diff([]string{"sub/acct"}, s.Accounts("")); diff != "" {
			t.Errorf("%s changed the accounts:\n%s", name, diff)
		}
		if got := s.contents.Used(); got != int64(len("whole")*2+len("one ")+len("two ")+len("three")) {
			t.Errorf("%s leaves %d bytes of contents", name, got)
		}
	}
}

// FuzzUnarchive feeds records that anybody may have written.
func FuzzUnarchive(f *testing.F) {
	f.Add([]byte(`{"Account":{"LastTag":1},"Containers":{"c":{"Container":{"ETag":"0x1"},"Blobs":{"b":{"Size":5,"Parts":[{"Size":5,"File":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}]}},"Waiting":{"b":{"MQ==":{"ID":"MQ==","Size":5,"File":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}}}}}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, records []byte) {
		s, err := OpenStore("")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		err = s.Unarchive("a", records, func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("hello")), nil })
		if err != nil {
			if len(s.Accounts("")) != 0 {
				t.Error("an error left an account")
			}
			return
		}
		again, contents := archived(t, s, "a")
		if err := s.Unarchive("b", again, opener(contents)); err != nil {
			t.Errorf("what was archived cannot be read: %v", err)
		}
	})
}

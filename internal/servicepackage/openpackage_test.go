package servicepackage

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPackageCheckFamily(t *testing.T) {
	p := &Package{Definition: mustDefinition(t, def(`<WebRole name="W"/>`)), SupportedOSFamilies: map[string][]string{"W": {"3", "4"}}}
	c := mustConfiguration(t, `<ServiceConfiguration serviceName="Shop" osFamily="5" xmlns="`+configurationSpace+`"><Role name="W"><Instances count="1"/></Role></ServiceConfiguration>`)
	want := []string{"The OS family '5' is not supported by role 'W'. The service package supports 3, 4."}
	if diff := cmp.Diff(want, messages(p.Check(c))); diff != "" {
		t.Errorf("problems mismatch (-want +got):\n%s", diff)
	}
}

func TestPackageOpen(t *testing.T) {
	p, err := openBytesOf(packShop(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"approot/run.cmd", `\approot\RUN.cmd`} {
		r, err := p.Open("Shop.Worker", name)
		if err != nil {
			t.Errorf("Open %s: %v", name, err)
			continue
		}
		r.Close()
	}
	if _, err := p.Open("Shop.Worker", "approot/Web.config"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error = %v, want one that wraps fs.ErrNotExist", err)
	}
	var wait sync.WaitGroup // run with -race: reading is safe from several goroutines
	for range 4 {
		wait.Go(func() { listing(t, p) })
	}
	wait.Wait()
}

func TestOpenPackageKinds(t *testing.T) {
	shop := packShop(t)
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, ErrNotPackage},
		{"text", []byte("hello"), ErrNotPackage},
		{"zip of something", zipOf(t, []entry{{name: "a.txt", data: "x"}}), ErrNotPackage},
		{"half", shop[:len(shop)/2], ErrNotPackage},
		{"without its end", shop[:len(shop)-10], ErrNotPackage},
	}
	for _, tt := range tests {
		if _, err := openBytesOf(tt.data); !errors.Is(err, tt.want) {
			t.Errorf("%s: error = %v, want one that wraps %v", tt.name, err, tt.want)
		}
	}
	if _, err := OpenPackage(bytes.NewReader(nil), MaxPackageSize+1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want one that wraps ErrTooLarge", err)
	}
	for cut := range 50 { // the middle is gone, the directory is there
		at := len(shop) * cut / 60
		data := append(append([]byte{}, shop[:at]...), shop[at+7:]...)
		if _, err := openBytesOf(data); err == nil {
			t.Errorf("with seven bytes missing at %d the package opens", at)
		}
	}
}

func TestZipBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", maxSpooled+1)
	claim := func(size uint32) []byte { // an entry that claims another unpacked size than it has
		data := zipOf(t, []entry{{name: "a", data: "x"}})
		at := bytes.LastIndex(data, []byte("PK\x01\x02"))
		binary.LittleEndian.PutUint32(data[at+24:], size)
		return data
	}
	bomb := newOlder()
	bomb.innerMethod = zip.Deflate
	bomb.role.entries = []entry{{name: "approot/zeros", data: zeros}}
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"claimed size", claim(0xfffffffe), "unpacked it has more than 2048 MB"},
		{"relationships", zipOf(t, []entry{{name: "_rels/.rels", data: zeros, method: zip.Deflate}}), `part "_rels/.rels" has more than 4194304 bytes`},
		{"compressed inner package", bomb.build(t), "it is compressed; store packages over 16 MB"},
	}
	for _, tt := range tests {
		_, err := openBytesOf(tt.data)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want %q", tt.name, err, tt.want)
		}
	}
}

// The budget of entries is shared by a package and the packages inside it.
func TestTooManyEntries(t *testing.T) {
	data := newOlder().build(t)
	a, err := openArchive(bytes.NewReader(data), int64(len(data)), "", &budget{entries: 7, unpacked: maxUnpacked})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.inner(a.find("SD.csdx"), &budget{entries: 3, unpacked: maxUnpacked}); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "more than 100000 entries") {
		t.Errorf("error = %v, want one that wraps ErrTooLarge", err)
	}
	if _, err := openArchive(bytes.NewReader(data), int64(len(data)), "", &budget{entries: 6, unpacked: maxUnpacked}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want one that wraps ErrTooLarge", err)
	}
}

func TestEndlessDirectory(t *testing.T) {
	var entries []entry
	for i := range 1000 {
		entries = append(entries, entry{name: fmt.Sprintf("%030000d", i)})
	}
	data := zipOf(t, entries) // a directory of 30 MB for a thousand entries
	if _, err := openBytesOf(data); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "its directory has more than 24 MB") {
		t.Errorf("error = %v", err)
	}
}

// A part that unpacks to more than its entry says is not read further.
func TestUnderstatedSize(t *testing.T) {
	good := packShop(t)
	name := localPart(t, good, "<configuration/>")
	data := rezip(t, good, func(e []entry) []entry { return e })
	at := bytes.LastIndex(data, []byte(name)) - 46
	binary.LittleEndian.PutUint32(data[at+24:], 3)
	if _, err := openBytesOf(data); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("error = %v, want one that names %s", err, name)
	}
}

func TestPackageErrorIsShort(t *testing.T) {
	e := &PackageError{}
	for i := range 12 {
		e.Parts = append(e.Parts, PartProblem{fmt.Sprint(i), "bad"})
	}
	got := e.Error()
	if !strings.HasPrefix(got, `the service package is damaged: part "0": bad; part "1": bad`) || !strings.HasSuffix(got, `part "9": bad; and 2 more`) {
		t.Errorf("error = %q", got)
	}
}

// Names of roles become folders where packages are unpacked.
func TestOpenRefusesRoleNames(t *testing.T) {
	o := newOlder()
	o.definition.entries[0].data = def(`<WorkerRole name=".."/>`)
	o.encrypt, o.outer.keytype = true, "2"
	if _, err := openBytesOf(o.build(t)); err == nil || !strings.Contains(err.Error(), `the role name ".." is not valid: it has only dots`) {
		t.Errorf("error = %v", err)
	}
}

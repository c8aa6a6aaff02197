package provision_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/deployer/wait"
)

// accountOf is the account packages of a cloud; said gets what it says.
func accountOf(c *cloud, said *[]string) *provision.Account {
	return &provision.Account{
		Provider: provision.Provider{Cloud: c}, AccountName: "packages",
		Say: func(words string, args ...any) { *said = append(*said, fmt.Sprintf(words, args...)) },
	}
}

func TestEnsure(t *testing.T) {
	const creating = "Creating"
	made := []string{"create account packages (packages) in East US"}
	for _, test := range []struct {
		name    string
		sent    []error
		looks   []string
		fails   map[string]error
		changes []string
		err     string
	}{
		{name: "there", looks: []string{created}},
		{name: "there, whatever its state", looks: []string{"Resting"}},
		{name: "not known", looks: []string{broken}, err: "no route to host"},
		{name: "somebody else is making it", looks: []string{creating, creating, created}},
		{name: "somebody else made it, and deletes it", looks: []string{creating, deleting}, err: "storage account packages is Deleting"},
		{name: "somebody else made it what nobody knows", looks: []string{creating, "Resting"}, err: "storage account packages is Resting"},
		{name: "made", sent: []error{nil}, looks: []string{absent, "ResolvingDns", created}, changes: made},
		{name: "made, and gone again", sent: []error{nil}, looks: []string{absent, absent}, changes: made, err: "there is none"},
		{name: "no place to make it in", looks: []string{absent}, fails: map[string]error{"Locations": errBroken}, err: "no route to host"},
		{name: "refused", sent: []error{errRefused}, looks: []string{absent, absent}, changes: made, err: "the name is taken"},
		{name: "refused, since somebody else was faster", sent: []error{errRefused}, looks: []string{absent, creating, created}, changes: made},
		{name: "it failed, and is there", sent: []error{nil}, looks: []string{absent, created, created}, fails: map[string]error{"WaitOperation": errBroken}, changes: made},
		{name: "the answer was lost, and it was made", sent: []error{errLost}, looks: []string{absent, creating, creating, created}, changes: made},
		{name: "the request was lost", sent: []error{errLost, nil}, looks: []string{absent, absent, created}, changes: append(made, made...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{sent: test.sent, looks: test.looks, fails: test.fails, locations: []management.Location{{Name: "East US"}}}
				var said []string
				got, err := accountOf(c, &said).Ensure(t.Context())
				if test.err == "" && (err != nil || got.Name != "packages") || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
					t.Errorf("it ended with %+v, %v, want %q", got, err, test.err)
				}
				if diff := cmp.Diff(test.changes, c.changes); diff != "" || len(c.sent)+len(c.looks) > 0 {
					t.Errorf("%d tries and %d looks are left; changes mismatch (-want +got):\n%s", len(c.sent), len(c.looks), diff)
				}
				var want []string
				if len(test.changes) > 0 {
					want = []string{"there is no storage account packages: it is created in East US"}
				}
				if diff := cmp.Diff(want, said); diff != "" {
					t.Errorf("words mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestEnsureNever tells an account that can no longer be used from other failures.
func TestEnsureNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{looks: []string{"Creating", deleting}}
		var never *wait.NeverError
		if _, err := accountOf(c, new([]string)).Ensure(t.Context()); !errors.As(err, &never) {
			t.Errorf("it ended with %v", err)
		}
	})
}

// uploads remembers what was sent.
type uploads struct{ got storage.UploadRequest }

func (u *uploads) Upload(_ context.Context, r storage.UploadRequest) (string, bool, error) {
	r.Progress(r.Size, r.Size)
	r.Progress = nil
	u.got = r
	return r.Endpoint + r.Container + "/" + r.Blob, true, nil
}

func TestUpload(t *testing.T) {
	sent := &uploads{}
	c := &cloud{looks: []string{created}}
	a := accountOf(c, new([]string))
	a.Uploads = sent
	f := deployer.PackageFile{Name: "shop.cspkg", Version: "1.0.0", Size: 3, SHA256: strings.Repeat("ab", 32), Content: strings.NewReader("abc")}
	var heard int64
	address, reused, err := a.Upload(t.Context(), f, func(done, _ int64) { heard = done })
	if err != nil || !reused || heard != 3 || !strings.HasPrefix(address, "https://packages.blob.example/") {
		t.Errorf("it is at %s (reused: %v), %d bytes were told, %v", address, reused, heard, err)
	}
	want := storage.UploadRequest{
		Endpoint: "https://packages.blob.example/", Account: "packages", Key: "key of packages", Container: storage.DefaultContainer,
		Blob: storage.BlobName(f.Name, f.Version, f.SHA256), Source: f.Content, Size: f.Size, SHA256: f.SHA256,
	}
	if !reflect.DeepEqual(sent.got, want) {
		t.Errorf("it sent %+v, want %+v", sent.got, want)
	}
}

// TestUploadRefusals sends nothing to an account that cannot be had.
func TestUploadRefusals(t *testing.T) {
	for name, c := range map[string]*cloud{
		"no account": {looks: []string{broken}},
		"no keys":    {looks: []string{created}, fails: map[string]error{"StorageKeys": errBroken}},
	} {
		if _, _, err := accountOf(c, new([]string)).Upload(t.Context(), deployer.PackageFile{}, nil); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnnounce(t *testing.T) {
	for _, test := range []struct {
		name  string
		cloud cloud
		want  string
		err   error
	}{
		{name: "there", cloud: cloud{accounts: []management.StorageAccount{{Name: "Packages"}}}},
		{name: "missing", cloud: cloud{accounts: []management.StorageAccount{{Name: "others"}}}, want: "there is no storage account packages: it is created for the package"},
		{name: "the first one", want: "there is no storage account packages: it is created for the package, before anything else: the lock is kept in it"},
		{name: "not known", cloud: cloud{accounts: nil, fails: map[string]error{"StorageAccounts": errBroken}}, err: errBroken},
	} {
		t.Run(test.name, func(t *testing.T) {
			var plan deployer.Plan
			if err := accountOf(&test.cloud, new([]string)).Announce(t.Context(), &plan); !errors.Is(err, test.err) {
				t.Errorf("it ended with %v", err)
			}
			var want []deployer.Decision
			if test.want != "" {
				want = []deployer.Decision{{Code: provision.AccountMissing, Text: test.want}}
			}
			if diff := cmp.Diff(want, plan.Decisions); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

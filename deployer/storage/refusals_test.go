package storage_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/storage"
)

// TestUploadErrors: what a person reads, without the key.
func TestUploadErrors(t *testing.T) {
	at := func(what string, bad fault) func(string) fault {
		return func(request string) fault {
			if request == what {
				return bad
			}
			return fault{}
		}
	}
	tests := map[string]struct {
		before func(string) fault
		change func(*storage.UploadRequest)
		want   string
		status int
	}{
		"wrong key":        {nil, func(r *storage.UploadRequest) { r.Key = "d3Jvbmcga2V5" }, "look for ENDPOINT" + path + ": AuthenticationFailed (status 403)\nhint: the key is not this account's", 403},
		"being deleted":    {at("PUT container", fault{status: 409, code: "ContainerBeingDeleted"}), nil, "create container ENDPOINT" + storage.DefaultContainer + ": ContainerBeingDeleted (status 409)\nhint: the container was deleted", 409},
		"block refused":    {at("PUT block", fault{status: 413, code: "RequestBodyTooLarge"}), nil, "upload bytes 0 to 1000 of ENDPOINT" + path + ": RequestBodyTooLarge (status 413)", 413},
		"commit refused":   {at("PUT blocklist", fault{status: 400, code: "InvalidBlockList"}), nil, "commit the blocks of ENDPOINT" + path + ": InvalidBlockList (status 400)", 400},
		"commit forbidden": {at("PUT blocklist", fault{status: 403, code: "AccountIsDisabled"}), nil, "commit the blocks of ENDPOINT" + path + ": AccountIsDisabled (status 403)\nhint: the storage account is disabled", 403},
		"cut for good":     {at("HEAD", fault{cut: true}), nil, "look for ENDPOINT" + path + ": EOF", 0},
		"without a code":   {at("HEAD", fault{status: 418}), nil, "status 418 I'm a teapot", 418},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			if tt.before != nil {
				f.before = tt.before
			}
			r := request(start(t, f))
			if tt.change != nil {
				tt.change(&r)
			}
			_, _, err := uploader(t, func(c *storage.Config) { c.Retries = -1 }).Upload(t.Context(), r)
			var refusal *storage.Error
			if !errors.As(err, &refusal) || refusal.Status != tt.status {
				t.Fatalf("error is %#v, want one with status %d", err, tt.status)
			}
			if want := strings.ReplaceAll(tt.want, "ENDPOINT", r.Endpoint); !strings.Contains(err.Error(), want) {
				t.Errorf("error is %q, want %q in it", err, want)
			}
			if strings.Contains(err.Error(), r.Key) || strings.Contains(fmt.Sprintf("%+v", refusal.Err), r.Key) {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}

func TestUploadRefuses(t *testing.T) {
	tests := map[string]struct {
		change func(*storage.UploadRequest)
		want   string
	}{
		"account":         {func(r *storage.UploadRequest) { r.Account = "A/b" }, "storage account name"},
		"container":       {func(r *storage.UploadRequest) { r.Container = "a--b" }, "container name"},
		"short container": {func(r *storage.UploadRequest) { r.Container = "ab" }, "container name"},
		"long container":  {func(r *storage.UploadRequest) { r.Container = strings.Repeat("a", 64) }, "container name"},
		"blob":            {func(r *storage.UploadRequest) { r.Blob = "" }, "blob name"},
		"nothing":         {func(r *storage.UploadRequest) { r.Size = 0 }, "nothing to upload"},
		"no source":       {func(r *storage.UploadRequest) { r.Source = nil }, "nothing to upload"},
		"key":             {func(r *storage.UploadRequest) { r.Key = "not!base64" }, "the key of storage account packages is not base64"},
		"no key":          {func(r *storage.UploadRequest) { r.Key = "" }, "is not base64"},
		"hash":            {func(r *storage.UploadRequest) { r.SHA256 = "abc" }, "64 hex digits"},
		"scheme":          {func(r *storage.UploadRequest) { r.Endpoint = "ftp://x/" }, "not an http or https address"},
		"no host":         {func(r *storage.UploadRequest) { r.Endpoint = "https:///x" }, "not an http or https address"},
		"signed endpoint": {func(r *storage.UploadRequest) { r.Endpoint = "https://x/?sig=y" }, "more than a host and a path"},
		"too large":       {func(r *storage.UploadRequest) { r.Size = 50_000_001 }, "too many for one blob"},
		"source fails":    {func(r *storage.UploadRequest) { r.SHA256, r.Source = "", failing{} }, "read the package: disk on fire"},
	}
	for name, tt := range tests {
		r := request("http://127.0.0.1:1/" + account)
		tt.change(&r)
		_, _, err := uploader(t).Upload(t.Context(), r)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q in it", name, err, tt.want)
		} else if strings.Contains(err.Error(), "not!base64") {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errors.New("disk on fire") }

func TestBlobName(t *testing.T) {
	sum := hash(content)
	tests := []struct{ file, version, want string }{
		{"Shop.cspkg", "1.1.0", "Shop.1.1.0_" + sum + ".cspkg"},
		{"/home/me/build/Shop.CSPKG", "1.1.0-rc.1", "Shop.1.1.0-rc.1_" + sum + ".cspkg"},
		{`C:\build\Shop.cspkg`, "", "Shop_" + sum + ".cspkg"},
		{"Shop.Web.zip", "1.0+build 7", "Shop.Web.zip.1.0-build-7_" + sum + ".cspkg"},
		{"größe & co.cspkg", "1", "gr--e---co.1_" + sum + ".cspkg"},
		{"", "", "package_" + sum + ".cspkg"},
		{"../..", "..", "package.package_" + sum + ".cspkg"},
		{strings.Repeat("a", 5000), "1", strings.Repeat("a", 200) + ".1_" + sum + ".cspkg"},
	}
	var want, got []string
	for _, tt := range tests {
		want = append(want, tt.want)
		got = append(got, storage.BlobName(tt.file, tt.version, strings.ToUpper(sum)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if slices.ContainsFunc(got, func(name string) bool { return url.PathEscape(name) != name }) {
		t.Errorf("a name needs escaping: %q", got)
	}
}

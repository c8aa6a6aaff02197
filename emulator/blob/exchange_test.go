package blob

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The observer sees every request once, with its answer.
func TestObserver(t *testing.T) {
	var seen []string
	f := newFixture(t, WithObserver(func(x Exchange) {
		seen = append(seen, fmt.Sprintf("%s %q %s/%s/%s %d %q %d %v", x.Operation, x.Account, x.Name, x.Container, x.Blob, x.Status, x.Code, x.Length, x.CloudBegan.IsZero()))
	}))
	for _, c := range []call{
		{method: "PUT", path: "/acct/box?restype=container"},
		{method: "PUT", path: "/acct/box/a", body: "twelve bytes", header: []string{"x-ms-blob-type: BlockBlob"}},
		{method: "GET", path: "/acct/box/a"},
		{method: "HEAD", path: "/acct/box/b"},
		{method: "GET", path: "/acct/box/a", key: []byte{}},
	} {
		f.do(c)
	}
	want := []string{
		`Create Container "sub/acct" acct/box/ 201 "" 0 false`,
		`Put Blob "sub/acct" acct/box/a 201 "" 0 false`,
		`Get Blob "sub/acct" acct/box/a 200 "" 12 false`,
		`Get Blob Properties "sub/acct" acct/box/b 404 "BlobNotFound" 0 false`,
		`Get Blob "" acct/box/a 404 "ResourceNotFound" 223 true`,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

package blob

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLocate(t *testing.T) {
	const local = "127.0.0.1:10000"
	tests := []struct {
		host, path string
		container  bool // restype=container
		want       location
		refused    code
	}{
		{host: local, path: "/acct", want: location{account: "acct"}},
		{host: local, path: "/acct/", want: location{account: "acct"}},
		{host: local, path: "/acct/c00", container: true, want: location{account: "acct", container: "c00"}},
		{host: local, path: "/acct/c00/", want: location{account: "acct", container: "c00"}},
		{host: local, path: "/acct/c00/b", want: location{account: "acct", container: "c00", blob: "b"}},
		{host: local, path: "/acct/b", want: location{account: "acct", container: "$root", blob: "b"}},
		{host: local, path: "/acct/$root/b", want: location{account: "acct", container: "$root", blob: "b"}},
		{host: local, path: "/acct/%24root", container: true, want: location{account: "acct", container: "$root"}},
		{host: local, path: "/acct/c00/a%20b%2Fmy.cspkg", want: location{account: "acct", container: "c00", blob: "a b/my.cspkg"}},
		{host: local, path: "/acct/c00/a%20b/t.txt", want: location{account: "acct", container: "c00", blob: "a b/t.txt"}},
		{host: local, path: "/acct/c00/%252F", want: location{account: "acct", container: "c00", blob: "%2F"}},
		{host: local, path: "/acct/c00/a/../b//c", want: location{account: "acct", container: "c00", blob: "a/../b//c"}},
		{host: local, path: "/acct/c00//b", want: location{account: "acct", container: "c00", blob: "/b"}},
		{host: "acct.blob.localhost:10000", path: "/", want: location{account: "acct", hostStyle: true}},
		{host: "acct.blob.localhost", path: "/c00/b/d", want: location{account: "acct", container: "c00", blob: "b/d", hostStyle: true}},
		{host: "ACCT.Blob.Core.Windows.Net", path: "/c00", container: true, want: location{account: "acct", container: "c00", hostStyle: true}},
		{host: "acct.blob.core.windows.net", path: "/b", want: location{account: "acct", container: "$root", blob: "b", hostStyle: true}},
		{host: "blob.localhost", path: "/acct/c00/b", want: location{account: "acct", container: "c00", blob: "b"}},
		{host: local, path: "/", refused: invalidURI},
		{host: local, path: "//c00/b", refused: invalidURI},
		{host: local, path: "/acct//b", refused: invalidURI},
		{host: local, path: "/acct/c00/%zz", refused: invalidURI},
		{host: local, path: "/acct/c00/a%00b", refused: invalidURI},
		{host: local, path: "/acct/c00/%ff", refused: invalidURI},
		{host: local, path: "/acct/c0/b", refused: outOfRangeInput},
		{host: local, path: "/acct/" + strings.Repeat("c", 64) + "/b", refused: outOfRangeInput},
		{host: local, path: "/acct/c00/" + strings.Repeat("%C3%BC", 1025), refused: outOfRangeInput},
		{host: local, path: "/acct/C00/b", refused: invalidResourceName},
		{host: local, path: "/acct/-c0/b", refused: invalidResourceName},
		{host: local, path: "/acct/c0-/b", refused: invalidResourceName},
		{host: local, path: "/acct/c--0/b", refused: invalidResourceName},
		{host: local, path: "/acct/c_0/b", refused: invalidResourceName},
	}
	for _, tt := range tests {
		got, err := locate(tt.host, tt.path, tt.container)
		var refused *refusal
		if errors.As(err, &refused) {
			if refused.code != tt.refused {
				t.Errorf("%s %s: refused with %s, want %q", tt.host, tt.path, refused.code, tt.refused)
			}
			continue
		}
		if tt.refused != "" {
			t.Errorf("%s %s: not refused, want %s", tt.host, tt.path, tt.refused)
		}
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(location{})); diff != "" {
			t.Errorf("%s %s mismatch (-want +got):\n%s", tt.host, tt.path, diff)
		}
	}
}

func FuzzLocate(f *testing.F) {
	f.Add("127.0.0.1:10000", "/acct/c00/a%20b%2Fc", false)
	f.Add("acct.blob.core.windows.net", "/c00", true)
	f.Add("[::1]:80", "//", false)
	f.Fuzz(func(t *testing.T, host, path string, container bool) {
		l, err := locate(host, path, container)
		if err != nil {
			return
		}
		if l.account == "" || l.container == "" && l.blob != "" {
			t.Errorf("locate(%q, %q) = %+v: a blob without a container, or no account", host, path, l)
		}
		if l.container != "" && !specialContainers[l.container] && !validContainer(l.container) {
			t.Errorf("locate(%q, %q): container %q", host, path, l.container)
		}
		if strings.ContainsRune(l.container+l.blob, 0) {
			t.Errorf("locate(%q, %q) = %+v: a zero byte, which separates names in the store", host, path, l)
		}
	})
}

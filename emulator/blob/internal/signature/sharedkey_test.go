package signature

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// header makes a header of names and values by turns.
func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestStringsToSign(t *testing.T) {
	const date = "Fri, 26 Jun 2015 23:39:12 GMT"
	tests := []struct {
		name    string
		request Request
		lite    bool
		want    []string
	}{
		{
			name: "list containers, as the documentation has it",
			request: Request{
				Method: "GET", Account: "myaccount", Version: "2015-02-21", EscapedPath: "/",
				Header: header("x-ms-date", date, "x-ms-version", "2015-02-21"),
				Query:  url.Values{"comp": {"list"}, "Include": {"snapshots", "metadata"}},
			},
			want: []string{"GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:" + date + "\nx-ms-version:2015-02-21\n/myaccount/\ncomp:list\ninclude:metadata,snapshots"},
		},
		{
			name: "every header that is signed",
			request: Request{
				Method: "PUT", Account: "a", Version: "2018-03-28", EscapedPath: "/a/c/b%20%2F", ContentLength: 11,
				Header: header("Content-Encoding", "gzip", "Content-Language", "de", "Content-MD5", "bWQ1", "Content-Type", "text/plain",
					"Date", date, "If-Modified-Since", "ims", "If-Match", "im", "If-None-Match", "inm", "If-Unmodified-Since", "ius",
					"Range", "bytes=0-1", "x-ms-range", "bytes=2-3", "User-Agent", "not signed"),
			},
			want: []string{"PUT\ngzip\nde\n11\nbWQ1\ntext/plain\n" + date + "\nims\nim\ninm\nius\nbytes=0-1\nx-ms-range:bytes=2-3\n/a/a/c/b%20%2F"},
		},
		{
			name: "x-ms-date in the place of Date, empty header signed",
			request: Request{
				Method: "PUT", Account: "a", Version: "2016-05-31", EscapedPath: "/c",
				Header: header("Date", "ignored", "x-ms-date", date, "x-ms-meta-empty", ""),
			},
			want: []string{"PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:" + date + "\nx-ms-meta-empty:\n/a/c"},
		},
		{
			name: "before 2016-05-31 an empty header is not signed",
			request: Request{
				Method: "PUT", Account: "a", Version: "2015-12-11", EscapedPath: "/c", Header: header("x-ms-meta-empty", ""),
			},
			want: []string{"PUT\n\n\n\n\n\n\n\n\n\n\n\n/a/c"},
		},
		{
			name:    "before 2015-02-21 a length of zero is signed",
			request: Request{Method: "PUT", Account: "a", Version: "2014-02-14", EscapedPath: "/c", Header: header()},
			want:    []string{"PUT\n\n\n0\n\n\n\n\n\n\n\n\n/a/c", "PUT\n\n\n\n\n\n\n\n\n\n\n\n/a/c"},
		},
		{
			name: "folded and repeated headers",
			request: Request{
				Method: "PUT", Account: "a", Version: "2018-03-28", EscapedPath: "",
				Header: header("x-ms-meta-m", " one\r\n two ", "x-ms-meta-n", "1", "x-ms-meta-n", "2"),
			},
			want: []string{"PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-meta-m:one two\nx-ms-meta-n:1,2\n/a/"},
		},
		{
			name: "two orders of headers",
			request: Request{
				Method: "PUT", Account: "a", Version: "2018-03-28", EscapedPath: "/c",
				Header: header("x-ms-meta-a0", "1", "x-ms-meta-a_", "2"),
			},
			want: []string{
				"PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-meta-a0:1\nx-ms-meta-a_:2\n/a/c",
				"PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-meta-a_:2\nx-ms-meta-a0:1\n/a/c",
			},
		},
		{
			name: "lite",
			lite: true,
			request: Request{
				Method: "PUT", Account: "a", Version: "2018-03-28", EscapedPath: "/a/c", ContentLength: 7,
				Header: header("Content-MD5", "bWQ1", "Content-Type", "text/plain", "Date", date, "x-ms-meta-m", "v"),
				Query:  url.Values{"restype": {"container"}, "comp": {"acl"}},
			},
			want: []string{"PUT\nbWQ1\ntext/plain\n" + date + "\nx-ms-meta-m:v\n/a/a/c?comp=acl"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.request.StringsToSign(tt.lite)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompareByWeight(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"x-ms-date", "x-ms-version", -1},
		{"x-ms-b-a", "x-ms-ba", 1}, // only a hyphen apart: the one without is first
		{"x-ms-a-z", "x-ms-ab", 1}, // otherwise it does not count
		{"x-ms-a_z", "x-ms-a0z", -1},
		{"x-ms-a", "x-ms-a", 0},
	}
	for _, tt := range tests {
		if got := compareByWeight(tt.a, tt.b); got != tt.want {
			t.Errorf("compareByWeight(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := compareByWeight(tt.b, tt.a); got != -tt.want {
			t.Errorf("compareByWeight(%q, %q) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
	}
}

func TestSign(t *testing.T) {
	// Test case 2 of RFC 4231.
	const want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if got := hex.EncodeToString(Sign([]byte("Jefe"), "what do ya want for nothing?")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseAuthorization(t *testing.T) {
	tests := []struct {
		header string
		want   Authorization
		fails  bool
	}{
		{header: "SharedKey acct:AQI=", want: Authorization{Account: "acct", Signature: []byte{1, 2}}},
		{header: "sharedkeylite acct:AQI=", want: Authorization{Lite: true, Account: "acct", Signature: []byte{1, 2}}},
		{header: "", fails: true},
		{header: "SharedKey", fails: true},
		{header: "SharedKey acct", fails: true},
		{header: "SharedKey :AQI=", fails: true},
		{header: "SharedKey acct:", fails: true},
		{header: "SharedKey acct:!", fails: true},
		{header: "Bearer acct:AQI=", fails: true},
	}
	for _, tt := range tests {
		got, err := ParseAuthorization(tt.header)
		if (err != nil) != tt.fails {
			t.Errorf("%q: error %v, want one: %v", tt.header, err, tt.fails)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q mismatch (-want +got):\n%s", tt.header, diff)
		}
	}
}

func FuzzParseAuthorization(f *testing.F) {
	f.Add("SharedKey acct:AQI=")
	f.Add("SharedKeyLite a:b:c")
	f.Fuzz(func(t *testing.T, header string) {
		a, err := ParseAuthorization(header)
		if err == nil && (a.Account == "" || len(a.Signature) == 0) {
			t.Errorf("%q: accepted without account or signature", header)
		}
	})
}

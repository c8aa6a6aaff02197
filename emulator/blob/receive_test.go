package blob

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the answer to a block or a blob says of its hashes depends on the version
// and on what the client sent.
func TestHashesOfWhatWasSent(t *testing.T) {
	const md5, crc = "XUFAKrxLKna5cZ2REBfFkg==", "V0JSBnCFdzM="
	tests := []struct {
		what    string
		version string
		sent    []string
		want    [2]string // MD5 and CRC-64 of the answer
	}{
		{"?comp=block&blockid=MDAx", "2015-02-21", nil, [2]string{md5, ""}},
		{"?comp=block&blockid=MDAx", "2018-11-09", []string{"Content-MD5: " + md5}, [2]string{md5, ""}},
		{"?comp=block&blockid=MDAx", "2019-02-02", nil, [2]string{"", crc}},
		{"?comp=block&blockid=MDAx", "2021-12-02", []string{"Content-MD5: " + md5}, [2]string{md5, ""}},
		{"?comp=block&blockid=MDAx", "2021-12-02", []string{"x-ms-content-crc64: " + crc}, [2]string{"", crc}},
		{"?comp=block&blockid=MDAx", "2021-12-02", []string{"x-ms-content-crc64: " + crc, "Content-MD5: " + md5}, [2]string{md5, crc}},
		{"", "2015-02-21", nil, [2]string{md5, ""}},
		{"", "2021-12-02", nil, [2]string{md5, ""}}, // which the blob keeps
		{"", "2021-12-02", []string{"x-ms-content-crc64: " + crc}, [2]string{md5, crc}},
	}
	f := newFixture(t)
	f.container("c00")
	for _, test := range tests {
		t.Run(fmt.Sprint(test.what, test.version, test.sent), func(t *testing.T) {
			header := append([]string{"x-ms-blob-type: BlockBlob", "x-ms-version: " + test.version}, test.sent...)
			a := f.want("201", call{method: "PUT", path: "/acct/c00/b" + test.what, body: "hello", header: header})
			got := [2]string{a.header.Get("Content-MD5"), a.header.Get("x-ms-content-crc64")}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

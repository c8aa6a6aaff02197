package blob

import (
	"net/http"
	"testing"
)

// FuzzWantedSpan reads ranges: what is served lies within the blob.
func FuzzWantedSpan(f *testing.F) {
	for _, text := range []string{"", "bytes=0-", "bytes=0-0", "bytes=5-4", "bytes=-5", "bytes=1-2,4-5", "bytes=9223372036854775807-", "bytes=0-18446744073709551615", "bytes= 1-2", "octets=0-1"} {
		f.Add(text, "", int64(10))
		f.Add("", text, int64(1))
	}
	f.Fuzz(func(t *testing.T, own, usual string, size int64) {
		if size < 0 {
			t.Skip("skipped, because no blob is smaller than nothing")
		}
		q := &request{Request: &http.Request{Header: http.Header{"X-Ms-Range": {own}, "Range": {usual}}}}
		wanted, all, err := q.wantedSpan(size)
		switch {
		case err != nil:
		case all && wanted != span{0, size}:
			t.Errorf("all of %d bytes is %+v", size, wanted)
		case !all && (wanted.first < 0 || wanted.length < 1 || wanted.last() >= size):
			t.Errorf("%q and %q want %+v of %d bytes", own, usual, wanted, size)
		}
	})
}

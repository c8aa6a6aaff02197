package journal

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// recorded is a journal with an entry of each endpoint, of a run that used these
// ports, ids and times on the wall.
func recorded(port, id string, wall time.Time) *Journal {
	j := New(0, 0)
	j.Append(Entry{
		Time: time.Date(2015, 7, 1, 0, 0, 10, 0, time.UTC), Endpoint: Management, Method: "POST", URL: "/sub/services/hostedservices/shop",
		Operation: "Swap Deployment", Service: "shop", Version: "2014-10-01", RequestID: "0123", Client: "curl/8", Status: 409, Code: "ConflictError",
		Message: "it is busy", Fault: "conflict", Rule: "first", Decision: "refused; nothing was changed", NearMiss: []string{"staging holds b"},
		Request: Message{http.Header{"X-Ms-Client-Request-Id": {id}, "X-Ms-Version": {"2014-10-01"}, "Content-Type": {"application/xml"}}, "<Swap/>", 7},
		Answer:  Message{http.Header{"Content-Type": {"application/xml"}}, "<Url>http://127.0.0.1:" + port + "/files/</Url>", 40},
		Wall:    wall, Took: time.Duration(len(id)) * time.Millisecond,
	})
	j.Append(Entry{
		Endpoint: Blob, Method: "PUT", URL: "/files/c/b?se=" + wall.Format(time.RFC3339) + "&sig=x", Operation: "Put Blob", RequestID: id, Status: 201,
		Request: Message{http.Header{"X-Ms-Date": {wall.String()}, "Authorization": {"SharedKey files:" + id}}, "", 1000},
		Answer:  Message{http.Header{"Date": {wall.String()}, "X-Ms-Request-Id": {id}}, "", 0}, Wall: wall,
	})
	return j
}

func TestReproducible(t *testing.T) {
	write := func(j *Journal) string {
		var b bytes.Buffer
		if err := WriteJSONLines(&b, Reproducible(j.Entries(Filter{}))); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	one, other := write(recorded("1234", "a", now)), write(recorded("40321", "bcd", now.Add(time.Hour)))
	if diff := cmp.Diff(one, other); diff != "" {
		t.Errorf("two runs mismatch (-one +other):\n%s", diff)
	}
	if entries := recorded("1", "a", now).Entries(Filter{}); entries[0].Wall != now || entries[1].Answer.Header.Get("X-Ms-Request-Id") != "a" {
		t.Error("what comes straight from the journal has lost something")
	}
}

// The archive has all that HAR 1.2 asks for.
func TestHARGolden(t *testing.T) {
	var b bytes.Buffer
	j := recorded("1234", "a", time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC))
	if err := WriteHAR(&b, j.Entries(Filter{}), map[Endpoint]string{Management: "https://m", Blob: "http://b"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "journal.har")
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestJSONLines(t *testing.T) {
	var b bytes.Buffer
	entries := recorded("1", "a", time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)).Entries(Filter{})
	if err := WriteJSONLines(&b, entries); err != nil {
		t.Fatal(err)
	}
	var back []Entry
	for _, line := range bytes.Split(bytes.TrimSpace(b.Bytes()), []byte("\n")) {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		back = append(back, e)
	}
	if diff := cmp.Diff(entries, back); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestString(t *testing.T) {
	entries := recorded("1", "a", time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)).Entries(Filter{})
	const want = "1 2015-07-01 00:00:10 management Swap Deployment shop: 409 ConflictError: it is busy [fault conflict]"
	if diff := cmp.Diff(want, entries[0].String()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

package journal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func numbers(entries []Entry) []uint64 {
	var all []uint64
	for _, e := range entries {
		all = append(all, e.Seq)
	}
	return all
}

func TestJournalForgetsTheOldest(t *testing.T) {
	tests := map[string]struct {
		entries, bytes int
		body           int
		want           []uint64
	}{
		"few":              {10, 1 << 20, 0, []uint64{1, 2, 3, 4, 5, 6}},
		"too many":         {4, 1 << 20, 0, []uint64{3, 4, 5, 6}},
		"too large":        {10, 5000, 1000, []uint64{4, 5, 6}},
		"one is too large": {10, 10, 1000, []uint64{6}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			j := New(test.entries, test.bytes)
			for range 6 {
				j.Append(Entry{Request: Message{Body: strings.Repeat("a", test.body)}})
			}
			if diff := cmp.Diff(test.want, numbers(j.Entries(Filter{}))); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if j.Last() != 6 {
				t.Errorf("the last is %d, want 6", j.Last())
			}
		})
	}
}

// What is forgotten gives its memory back, however long the journal is written.
func TestJournalStaysSmall(t *testing.T) {
	j := New(100, 1<<30)
	for range 10_000 {
		j.Append(Entry{})
	}
	if room := len(j.ring); room != 100 {
		t.Errorf("the journal has room for %d entries, want 100", room)
	}
	if got := numbers(j.Entries(Filter{Last: 1})); got[0] != 10_000 {
		t.Errorf("the last is %v", got)
	}
}

// Whatever is appended, what is remembered is the newest that fits, and no more.
func TestJournalRemembersTheNewest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		most, bytes := 1+random.IntN(40), 1+random.IntN(20_000)
		j := New(most, bytes)
		var sizes []int
		for range random.IntN(200) {
			e := Entry{URL: strings.Repeat("u", random.IntN(2000))}
			j.Append(e)
			sizes = append(sizes, e.Bytes())
			first, sum := len(sizes), 0
			for first > 0 && len(sizes)-first < most && (sum+sizes[first-1] <= bytes || first == len(sizes)) {
				first--
				sum += sizes[first]
			}
			got := numbers(j.Entries(Filter{}))
			if len(got) != len(sizes)-first || got[0] != uint64(first+1) || got[len(got)-1] != uint64(len(sizes)) {
				t.Fatalf("of at most %d entries and %d bytes it has %v, want those after %d of sizes %v", most, bytes, got, first, sizes)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	j := New(0, 0)
	for _, e := range []Entry{
		{Method: "GET", Operation: "Get Deployment", Service: "shop", Slot: "staging", Status: 200, Endpoint: Management},
		{Method: "POST", Operation: "Swap Deployment", Service: "Shop", Status: 409, Code: "ConflictError", Endpoint: Management, Client: "curl/8.0"},
		{Method: "PUT", Operation: "Put Blob", Status: 201, Endpoint: Blob, Fault: "delay"},
		{Method: "POST", Operation: "Swap Deployment", Service: "other", Status: 0, Fault: "drop", Endpoint: Management},
	} {
		j.Append(e)
	}
	tests := map[string]struct {
		filter Filter
		want   []uint64
	}{
		"all":            {Filter{}, []uint64{1, 2, 3, 4}},
		"operation":      {Filter{Operation: "swap deployment"}, []uint64{2, 4}},
		"pattern":        {Filter{Operation: "*deployment"}, []uint64{1, 2, 4}},
		"service":        {Filter{Service: "SHOP"}, []uint64{1, 2}},
		"slot":           {Filter{Slot: "staging"}, []uint64{1}},
		"endpoint":       {Filter{Endpoint: "blob"}, []uint64{3}},
		"method":         {Filter{Method: "post"}, []uint64{2, 4}},
		"code":           {Filter{Code: "ConflictError"}, []uint64{2}},
		"client/version": {Filter{Client: "curl/*"}, []uint64{2}},
		"any fault":      {Filter{Fault: "*"}, []uint64{3, 4}},
		"no pattern":     {Filter{Operation: "["}, nil},
		"refused":        {Filter{Refused: true}, []uint64{2, 4}},
		"changes":        {Filter{Changes: true}, []uint64{2, 3, 4}},
		"after":          {Filter{After: 2}, []uint64{3, 4}},
		"after the end":  {Filter{After: 9}, nil},
		"last":           {Filter{Last: 3, Method: "POST"}, []uint64{2, 4}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, numbers(j.Entries(test.filter))); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBrief leaves out what is long, and masks the rest.
func TestBrief(t *testing.T) {
	j := New(0, 0)
	message := Message{Header: http.Header{"X": {"y"}}, Body: "<a/>", Size: 4}
	j.Append(Entry{Method: "GET", URL: "/x?sig=secret", Request: message, Answer: message})
	want := []Entry{{Seq: 1, Method: "GET", URL: "/x?sig=" + Masked, Request: Message{Size: 4}, Answer: Message{Size: 4}}}
	if diff := cmp.Diff(want, j.Entries(Filter{Brief: true})); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if got := j.Entries(Filter{})[0].Request.Body; got != message.Body {
		t.Errorf("the body is %q afterwards", got)
	}
}

func TestFollow(t *testing.T) {
	j := New(0, 0)
	j.Append(Entry{Operation: "a"})
	j.Append(Entry{Operation: "b"})
	var seen []string
	for e := range j.Follow(t.Context(), Filter{Last: 1}) {
		seen = append(seen, fmt.Sprint(e.Seq, e.Operation))
		switch e.Operation {
		case "b":
			j.Append(Entry{Operation: "c"})
			j.Append(Entry{Operation: "d"})
		case "d":
			j.Close()
		}
	}
	if want := "[2b 3c 4d]"; fmt.Sprint(seen) != want {
		t.Errorf("followed %v, want %s", seen, want)
	}
}

func TestFollowEndsWithItsContext(t *testing.T) {
	j := New(0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	entries := j.Subscribe(ctx)
	j.Append(Entry{Operation: "a"})
	if e := <-entries; e.Operation != "a" {
		t.Errorf("got %v", e)
	}
	cancel()
	if e, more := <-entries; more {
		t.Errorf("got %v after the end", e)
	}
}

// A cleared journal counts anew, and whoever follows it sees what comes then.
func TestClear(t *testing.T) {
	j := New(0, 0)
	j.Append(Entry{Operation: "a"})
	j.Append(Entry{Operation: "b"})
	var seen []string
	for e := range j.Follow(t.Context(), Filter{}) {
		seen = append(seen, fmt.Sprint(e.Seq, e.Operation))
		switch e.Operation {
		case "b":
			j.Clear()
			j.Append(Entry{Operation: "c"})
		case "c":
			j.Close()
		}
	}
	if want := "[1a 2b 1c]"; fmt.Sprint(seen) != want {
		t.Errorf("followed %v, want %s", seen, want)
	}
}

func TestMessageBodies(t *testing.T) {
	xml := http.Header{"Content-Type": {"application/xml"}}
	tests := map[string]struct {
		header http.Header
		body   string
		want   int // bytes that are remembered
	}{
		"document":            {xml, "<a/>", 4},
		"without a type":      {nil, "\ufeff<a/>", 7},
		"package":             {http.Header{"Content-Type": {"application/octet-stream"}}, "PK\x03\x04", 0},
		"larger than MaxBody": {xml, strings.Repeat("a", MaxBody+1), MaxBody},
		"none":                {nil, "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := NewMessage(test.header, []byte(test.body), int64(len(test.body)))
			if len(m.Body) != test.want || m.Size != int64(len(test.body)) {
				t.Errorf("remembered %d bytes of %d, want %d", len(m.Body), m.Size, test.want)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	j := New(0, 0)
	e := &Entry{Operation: "Get Deployment", Answer: Message{Body: strings.Repeat("a", 3000)}}
	for b.Loop() {
		j.Append(e)
	}
}

package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Entries is the answer to a look at the journal.
type Entries struct {
	Entries []journal.Entry `json:"entries"`
}

// filterOf reads which entries a request asks for.
func filterOf(r *http.Request) (journal.Filter, error) {
	query := r.URL.Query()
	f := journal.Filter{
		Endpoint: query.Get("endpoint"), Operation: query.Get("operation"), Service: query.Get("service"), Slot: query.Get("slot"),
		Method: query.Get("method"), Code: query.Get("code"), Client: query.Get("client"), Fault: query.Get("fault"),
	}
	var err error
	if f.Refused, err = flag(r, "refused"); err != nil {
		return f, err
	}
	if f.Changes, err = flag(r, "changes"); err != nil {
		return f, err
	}
	if f.After, err = number(r, "after"); err != nil {
		return f, err
	}
	last, err := number(r, "last")
	f.Last = int(last)
	return f, err
}

// A form is a way to write entries.
type form struct {
	contentType string
	write       func(b *bytes.Buffer, entries []journal.Entry, bases map[journal.Endpoint]string) error
}

var forms = map[string]form{
	"": {"application/json", func(b *bytes.Buffer, entries []journal.Entry, _ map[journal.Endpoint]string) error {
		return json.NewEncoder(b).Encode(Entries{entries})
	}},
	"jsonl": {"application/jsonl", func(b *bytes.Buffer, entries []journal.Entry, _ map[journal.Endpoint]string) error {
		return journal.WriteJSONLines(b, entries)
	}},
	"har": {"application/json", func(b *bytes.Buffer, entries []journal.Entry, bases map[journal.Endpoint]string) error {
		return journal.WriteHAR(b, entries, bases)
	}},
}

func (s *server) readJournal(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get("format")
	if name == "json" {
		name = ""
	}
	write, known := forms[name]
	if !known {
		return universe.Errorf(universe.Invalid, "%q is no format", name).WithHint("it is json, jsonl or har")
	}
	filter, err := filterOf(r)
	if err != nil {
		return err
	}
	same, err := flag(r, "reproducible")
	if err != nil {
		return err
	}
	info, err := s.emulator.Universe(r.PathValue("id"))
	if err != nil {
		return err
	}
	j, err := s.emulator.Journal(info.ID)
	if err != nil {
		return err
	}
	entries, bases := j.Entries(filter), map[journal.Endpoint]string{journal.Management: info.ManagementURL, journal.Blob: info.BlobURL}
	if same {
		entries, bases = journal.Reproducible(entries), map[journal.Endpoint]string{journal.Management: "https://127.0.0.1", journal.Blob: "http://127.0.0.1"}
	}
	var b bytes.Buffer
	if err := write.write(&b, entries, bases); err != nil {
		return err
	}
	w.Header().Set("Content-Type", write.contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(b.Bytes())
	return nil
}

// followJournal sends entries as they come, as server-sent events. A client that
// comes again with Last-Event-ID goes on where it was; otherwise it begins with
// what comes from now on, or after the number that it names. Source of the format:
// the HTML standard, "Server-sent events".
func (s *server) followJournal(w http.ResponseWriter, r *http.Request) error {
	filter, err := filterOf(r)
	if err != nil {
		return err
	}
	j, err := s.emulator.Journal(r.PathValue("id"))
	if err != nil {
		return err
	}
	if seen, err := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 63); err == nil {
		filter.After = seen
	} else if !r.URL.Query().Has("after") && !r.URL.Query().Has("last") {
		filter.After = j.Last()
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.done, cancel)()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	flusher := http.NewResponseController(w)
	if err := flusher.Flush(); err != nil {
		return err
	}
	for e := range j.Follow(ctx, filter) {
		data, err := json.Marshal(e)
		if err != nil {
			return nil // the answer has begun: all that is left is to end it
		}
		if _, err := fmt.Fprintf(w, "id: %d\nevent: entry\ndata: %s\n\n", e.Seq, data); err != nil || flusher.Flush() != nil {
			return nil
		}
	}
	return nil
}

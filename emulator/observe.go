package emulator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/blob"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/management"
	"github.com/vipswap/vipswap/emulator/metrics"
	"github.com/vipswap/vipswap/emulator/nearmiss"
)

// counters are what the emulator counts.
type counters struct {
	requests *metrics.Counter // by endpoint, operation and status
	struck   *metrics.Counter // by kind
}

func newCounters() counters {
	return counters{
		requests: metrics.NewCounter("vipswap_requests_total", "Requests by endpoint, operation and status code of the answer.", "endpoint", "operation", "code"),
		struck:   metrics.NewCounter("vipswap_faults_struck_total", "Faults that struck, by kind.", "kind"),
	}
}

func (c counters) count(e *journal.Entry, struck []faults.Strike) {
	c.requests.Inc(string(e.Endpoint), cmp.Or(e.Operation, "unknown"), strconv.Itoa(e.Status))
	for _, s := range struck {
		c.struck.Inc(string(s.Kind))
	}
}

// WriteMetrics writes counters and gauges in the text format of Prometheus.
func (e *Emulator) WriteMetrics(w io.Writer) error {
	running, entries := 0, uint64(0)
	all := e.universes.Universes()
	for _, u := range all {
		err := u.View(func(st *cloud.State) *cloud.Error {
			running += st.InProgress()
			return nil
		})
		if err != nil {
			return err
		}
		if r := e.universes.resident(u.ID()); r != nil {
			entries += r.journal.Last()
		}
	}
	return errors.Join(
		metrics.WriteGauge(w, "vipswap_build_info", "The program's version.", 1, "version", e.config.version),
		metrics.WriteGauge(w, "vipswap_universes", "Universes (subscriptions) that are served.", float64(len(all))),
		metrics.WriteGauge(w, "vipswap_operations_in_progress", "Operations in progress in all universes.", float64(running)),
		metrics.WriteGauge(w, "vipswap_journal_entries", "Requests that the journals of the universes were told of.", float64(entries)),
		e.metrics.requests.Write(w),
		e.metrics.struck.Write(w),
	)
}

// observeManagement journals a request to the management endpoint. It is called
// before the answer is sent, so that who has an answer finds it in the journal.
func (e *Emulator) observeManagement(x management.Exchange) {
	entry := journal.Entry{
		Time: x.CloudEnded, Endpoint: journal.Management, Method: x.Request.Method, URL: x.Request.RequestURI, Operation: x.Operation,
		Service: x.Vars["service"], Slot: strings.ToLower(x.Vars["slot"]), Deployment: x.Vars["deployment"],
		Version: x.Version, RequestID: x.RequestID, Client: x.Request.UserAgent(), Status: x.Status,
		Wall: x.Began, Took: x.Ended.Sub(x.Began),
	}
	if entry.Operation == "unknown" {
		entry.Operation = ""
	}
	if x.Error != nil {
		entry.Code, entry.Message = string(x.Error.Code), x.Error.Message
	}
	entry.Fault, entry.Rule = struckBy(x.Struck)
	e.metrics.count(&entry, x.Struck)
	if x.Universe == nil {
		return
	}
	r := e.universes.resident(x.Universe.ID())
	if r == nil || r.Universe != x.Universe {
		return // deleted while it was asked
	}
	entry.NearMiss, entry.Decision = nearmiss.For(x), decision(x)
	entry.Request = message(x.Request.Header, x.Body, x.Request.ContentLength)
	entry.Answer = message(x.Header, x.Answer, int64(len(x.Answer)))
	r.journal.Append(entry)
}

// message copies the body. The header it keeps: net/http makes one for each
// request and each answer and does not use it again, and copying both takes
// longer than all else of remembering a poll.
func message(h http.Header, body []byte, size int64) journal.Message {
	return journal.NewMessage(h, body, size)
}

// struckBy names the kinds of faults that befell a request, and their rules.
func struckBy(struck []faults.Strike) (kinds, rules string) {
	for i, s := range struck {
		if i > 0 {
			kinds, rules = kinds+"+", rules+"+"
		}
		kinds, rules = kinds+string(s.Kind), rules+s.Rule
	}
	return kinds, rules
}

// decision tells what the platform made of a request that could change something.
func decision(x management.Exchange) string {
	switch {
	case x.Request.Method == http.MethodGet:
		return ""
	case x.Error != nil:
		return "refused; nothing was changed"
	}
	words := "done at once"
	// What cannot be looked at is told all the same.
	_ = x.Universe.View(func(st *cloud.State) *cloud.Error {
		if op, err := st.Operation(x.RequestID); err == nil && op.Status == cloud.InProgress {
			words = began(st, op)
		}
		return nil
	})
	return words
}

func began(st *cloud.State, op *cloud.Operation) string {
	if at, ok := st.EndOf(op.ID); ok {
		return fmt.Sprintf("began %s, which ends at %s", op.Kind, at.UTC().Format(time.DateTime))
	}
	return fmt.Sprintf("began %s, which nothing ends", op.Kind)
}

// observeBlob journals a request to the blob endpoint, in the universe whose
// account it was for; a request that no key opened, in all that have an account of
// that name.
func (e *Emulator) observeBlob(x blob.Exchange) {
	entry := journal.Entry{
		Endpoint: journal.Blob, Method: x.Request.Method, URL: x.Request.RequestURI, Operation: x.Operation, Version: x.Version,
		RequestID: x.RequestID, Client: x.Client, Status: x.Status, Code: x.Code, Message: x.Message,
		Wall: x.Began, Took: x.Ended.Sub(x.Began),
	}
	entry.Fault, entry.Rule = struckBy(x.Struck)
	e.metrics.count(&entry, x.Struck)
	for _, r := range e.owners(x) {
		entry.Time = r.Now()
		entry.NearMiss = blobClues(x)
		entry.Request = message(x.Request.Header, nil, x.Request.ContentLength)
		entry.Answer = message(x.Header, bytes.TrimPrefix(x.Answer, []byte("\ufeff")), x.Length)
		r.journal.Append(entry)
	}
}

// owners returns the universes that a request to the blob endpoint concerns.
func (e *Emulator) owners(x blob.Exchange) []*resident {
	if subscription, _, ok := strings.Cut(x.Account, "/"); ok {
		if r := e.universes.resident(subscription); r != nil {
			return []*resident{r}
		}
		return nil
	}
	var found []*resident
	for _, u := range e.universes.Universes() {
		if x.Name != "" && u.HasAccount(x.Name) {
			if r := e.universes.resident(u.ID()); r != nil {
				found = append(found, r)
			}
		}
	}
	return found
}

// blobClues says of a refused request to the blob endpoint what would have been
// accepted.
func blobClues(x blob.Exchange) []string {
	switch {
	case x.Code == "":
		return nil
	case x.Account == "":
		return []string{"no key of account " + x.Name + " opens the request: neither the signature of a shared key nor one of shared access fits"}
	case x.Code == "ContainerNotFound":
		return []string{"Create Container (PUT ?restype=container) makes container " + x.Container}
	}
	return nil
}

package emulator

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/emulator/blob"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/management"
	"github.com/vipswap/vipswap/emulator/metrics"
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

func (c counters) count(at journal.Endpoint, operation string, status int, struck []faults.Strike) {
	c.requests.Inc(string(at), cmp.Or(operation, management.UnknownOperation), digits(status))
	for _, s := range struck {
		c.struck.Inc(string(s.Kind))
	}
}

// digits writes a status, for most answers without making a string.
func digits(status int) string {
	if status == http.StatusOK {
		return "200"
	}
	return strconv.Itoa(status)
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
func (e *Emulator) observeManagement(x *management.Exchange) {
	e.metrics.count(journal.Management, known(x.Operation), x.Status, x.Struck)
	if x.Universe == nil {
		return
	}
	if r := e.universes.resident(x.Universe.ID()); r != nil && r.Universe == x.Universe { // else it was deleted while it was asked
		r.journal.Append(remember(x))
	}
}

// known returns the name of an operation, "" for one that is none.
func known(operation string) string {
	if operation == management.UnknownOperation {
		return ""
	}
	return operation
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
	e.metrics.count(entry.Endpoint, entry.Operation, entry.Status, x.Struck)
	for _, r := range e.owners(x) {
		entry.Time = r.Now()
		entry.NearMiss = blobClues(x)
		entry.Request = journal.NewMessage(x.Request.Header, nil, x.Request.ContentLength)
		entry.Answer = journal.NewMessage(x.Header, bytes.TrimPrefix(x.Answer, []byte("\ufeff")), x.Length)
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

package emulator

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/management"
	"github.com/vipswap/vipswap/emulator/nearmiss"
)

// remembered is a request to the management endpoint as a journal keeps it: as it
// was, and whatever can wait is left to who reads it. It is a journal.Source.
type remembered struct {
	operation, service, slot, deployment, version, id string

	method, url string
	asked, told message
	status      int
	refused     *cloud.Error
	struck      []faults.Strike

	decision string
	nearMiss []string

	at    time.Time // by the universe's clock
	began time.Time // by the clock on the wall
	took  time.Duration
}

// message is what was sent one way; neither header nor body changes any more.
type message struct {
	header http.Header
	body   []byte // as much of it as is remembered
	size   int64
}

// remember notes what the journal will be asked for. Decision and near misses are
// worked out at once, for they depend on what the universe is now; polls have
// neither.
func remember(x *management.Exchange) *remembered {
	return &remembered{
		operation: known(x.Operation), service: x.Vars["service"], slot: x.Vars["slot"], deployment: x.Vars["deployment"],
		version: x.Version, id: x.RequestID,
		method: x.Request.Method, url: x.Request.RequestURI,
		asked:  message{x.Request.Header, excerpt(x.Request.Header, x.Body, true), x.Request.ContentLength},
		told:   message{x.Header, excerpt(x.Header, x.Answer, x.Lasting), int64(len(x.Answer))},
		status: x.Status, refused: x.Error, struck: x.Struck,
		decision: decision(x), nearMiss: nearmiss.For(x),
		at: x.CloudEnded, began: x.Began, took: x.Ended.Sub(x.Began),
	}
}

// excerpt returns what the journal keeps of a body: a lasting one that is kept
// whole is shared, of any other it is a copy.
func excerpt(h http.Header, body []byte, lasting bool) []byte {
	kept := journal.Excerpt(h, body)
	if lasting && len(kept) == len(body) {
		return kept
	}
	return bytes.Clone(kept)
}

// Entry tells of the request.
func (r *remembered) Entry() journal.Entry {
	e := journal.Entry{
		Time: r.at, Endpoint: journal.Management, Method: r.method, URL: r.url, Operation: r.operation,
		Service: r.service, Slot: strings.ToLower(r.slot), Deployment: r.deployment,
		Version: r.version, RequestID: r.id, Client: r.asked.header.Get("User-Agent"), Status: r.status,
		Decision: r.decision, NearMiss: r.nearMiss, Request: r.asked.entry(), Answer: r.told.entry(),
		Wall: r.began, Took: r.took,
	}
	if r.refused != nil {
		e.Code, e.Message = string(r.refused.Code), r.refused.Message
	}
	e.Fault, e.Rule = struckBy(r.struck)
	return e
}

func (m message) entry() journal.Message {
	return journal.Message{Header: m.header, Body: string(m.body), Size: m.size}
}

// Bytes counts a shared body for each request that shares it, with the room that
// it leaves unused.
func (r *remembered) Bytes() int {
	return journal.BytesOf(r.asked.header, r.told.header) + len(r.url) + cap(r.asked.body) + cap(r.told.body)
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
func decision(x *management.Exchange) string {
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

package journal

import (
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// volatile are headers whose values differ between two runs of the same
// requests: clocks on the wall, random ids, connections.
var volatile = []string{
	"Date", "X-Ms-Date", "X-Ms-Client-Request-Id", "Authorization", "Traceparent", "Tracestate", "Request-Id", "Connection",
	"X-Ms-Lease-Id", "X-Ms-Proposed-Lease-Id", "If-Modified-Since", "If-Unmodified-Since", "Accept-Encoding", "Content-Md5", "X-Ms-Content-Crc64",
}

// varying are pieces of text that differ between two runs, and what stands for
// them: ports of this machine, times and signatures of shared access, thumbprints
// of management certificates, times on the wall in refusals of the blob endpoint.
var varying = []struct {
	find func() *regexp.Regexp
	with string
}{
	{lazyregexp.New(`\b((?:[a-z0-9-]+\.)*localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+`), "${1}"},
	{lazyregexp.New(`([?&;](?:se|st|ske|skt)=)[^&\s"'<>;]+`), "${1}" + Masked},
	{lazyregexp.New(`(<SubscriptionCertificateThumbprint>)[^<]+`), "${1}" + Masked},
	{lazyregexp.New(`(\nRequestId:)[^\n<]+(\nTime:)[^\n<]+`), "${1}" + Masked + "${2}" + Masked},
}

// Reproducible returns the entries without what differs between two runs of the
// same requests: times on the wall, ports, random ids, the bodies that depend on
// them. Two universes with the same seed that are asked the same have the same
// entries then, byte for byte.
func Reproducible(entries []Entry) []Entry {
	same := make([]Entry, len(entries))
	for i, e := range entries {
		e.Wall, e.Took = time.Time{}, 0
		if e.Endpoint == Blob {
			e.RequestID = ""
		}
		e.URL, e.Message = steady(e.URL), steady(e.Message)
		e.Request, e.Answer = e.Request.steady(), e.Answer.steady()
		if e.Endpoint == Blob {
			e.Answer.Header.Del("X-Ms-Request-Id")
		}
		same[i] = e
	}
	return same
}

func (m Message) steady() Message {
	m.Body = steady(m.Body)
	h := make(http.Header, len(m.Header))
	for name, values := range m.Header {
		if slices.Contains(volatile, name) {
			continue
		}
		for _, value := range values {
			h[name] = append(h[name], steady(value))
		}
	}
	m.Header = h
	return m
}

func steady(text string) string {
	for _, v := range varying {
		text = v.find().ReplaceAllString(text, v.with)
	}
	return text
}

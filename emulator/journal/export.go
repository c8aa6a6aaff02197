package journal

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WriteJSONLines writes each entry as one line of JSON.
func WriteJSONLines(w io.Writer, entries []Entry) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for i := range entries {
		if err := encoder.Encode(&entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// The documents of HAR 1.2, an archive of requests that browsers and many tools
// open. Source: the specification "HTTP Archive 1.2".
type (
	har struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"` // milliseconds
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		QueryString []harPair `json:"queryString"`
		PostData    *harPost  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int64     `json:"bodySize"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int64      `json:"bodySize"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harPost struct {
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
	}
	harContent struct {
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// WriteHAR writes the entries as an HTTP archive (HAR 1.2). Times are cloud times.
// bases are the addresses of the endpoints, without a slash at the end. Operation,
// decision, fault and near misses are in the comments.
func WriteHAR(w io.Writer, entries []Entry, bases map[Endpoint]string) error {
	archive := har{harLog{Version: "1.2", Creator: harCreator{"vipswap", "1"}, Entries: make([]harEntry, 0, len(entries))}}
	for i := range entries {
		archive.Log.Entries = append(archive.Log.Entries, archived(&entries[i], bases[entries[i].Endpoint]))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(archive)
}

const httpVersion = "HTTP/1.1"

func archived(e *Entry, base string) harEntry {
	took := float64(e.Took) / float64(time.Millisecond)
	entry := harEntry{
		Started: e.Time.UTC().Format(time.RFC3339Nano), Time: took, Timings: harTimings{Wait: took}, Comment: e.comment(),
		Request: harRequest{
			Method: e.Method, URL: base + e.URL, HTTPVersion: httpVersion, Cookies: []harPair{}, Headers: pairs(e.Request.Header),
			QueryString: queryPairs(e.URL), HeadersSize: -1, BodySize: e.Request.Size,
		},
		Response: harResponse{
			Status: e.Status, StatusText: http.StatusText(e.Status), HTTPVersion: httpVersion, Cookies: []harPair{}, Headers: pairs(e.Answer.Header),
			Content:     harContent{e.Answer.Size, e.Answer.Header.Get("Content-Type"), e.Answer.Body},
			RedirectURL: "", HeadersSize: -1, BodySize: e.Answer.Size,
		},
	}
	if e.Request.Body != "" {
		entry.Request.PostData = &harPost{e.Request.Header.Get("Content-Type"), e.Request.Body}
	}
	return entry
}

// comment tells what HAR has no place for.
func (e *Entry) comment() string {
	parts := []string{"#" + strconv.FormatUint(e.Seq, 10) + " " + e.Operation}
	if e.Decision != "" {
		parts = append(parts, e.Decision)
	}
	if e.Fault != "" {
		parts = append(parts, "fault: "+e.Fault)
	}
	return strings.Join(append(parts, e.NearMiss...), "; ")
}

// pairs lists headers by name.
func pairs(h map[string][]string) []harPair {
	all := []harPair{}
	for name, values := range h {
		for _, value := range values {
			all = append(all, harPair{name, value})
		}
	}
	slices.SortFunc(all, byName)
	return all
}

func byName(a, b harPair) int {
	return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value)
}

func queryPairs(target string) []harPair {
	_, query, _ := strings.Cut(target, "?")
	// What cannot be read of a query is left out.
	values, _ := url.ParseQuery(query)
	return pairs(values)
}

package blob

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// defaultContentType is that of blobs for which the client gives none.
const defaultContentType = "application/octet-stream"

// propertyHeader joins a header of a blob with its place in the properties.
type propertyHeader struct {
	name  string // as it is served
	set   string // as it is set
	value func(*properties) *string
}

// propertyHeaders is the table of the headers that are kept as they come.
func propertyHeaders() []propertyHeader {
	return []propertyHeader{
		{"Content-Type", "x-ms-blob-content-type", func(p *properties) *string { return &p.ContentType }},
		{"Content-Encoding", "x-ms-blob-content-encoding", func(p *properties) *string { return &p.ContentEncoding }},
		{"Content-Language", "x-ms-blob-content-language", func(p *properties) *string { return &p.ContentLanguage }},
		{"Cache-Control", "x-ms-blob-cache-control", func(p *properties) *string { return &p.CacheControl }},
		{"Content-Disposition", "x-ms-blob-content-disposition", func(p *properties) *string { return &p.ContentDisposition }},
	}
}

// properties reads the x-ms-blob- headers. Where one is missing, the header
// itself counts if plain says so, as it does for Put Blob.
func (q *request) properties(plain bool) (properties, error) {
	var p properties
	for _, h := range propertyHeaders() {
		value := q.Header.Get(h.set)
		if value == "" && plain {
			value = q.Header.Get(h.name)
		}
		*h.value(&p) = value
	}
	p.ContentType = orDefault(p.ContentType, defaultContentType)
	var err error
	p.ContentMD5, err = q.md5Header("x-ms-blob-content-md5")
	return p, err
}

// md5Header reads a header with an MD5, nil when it is missing.
func (q *request) md5Header(name string) ([]byte, error) {
	value := q.Header.Get(name)
	if value == "" {
		return nil, nil
	}
	sum, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(sum) != md5.Size {
		return nil, refuseHeader(invalidMD5, name, value, "an MD5 is 16 bytes in base64")
	}
	return sum, nil
}

// writeTo sets the headers that a blob is served with, other than its MD5.
// Overrides, from a SAS, win.
func (p properties) writeTo(h http.Header, overrides map[string]string) {
	for _, property := range propertyHeaders() {
		setNonEmpty(h, property.name, *property.value(&p))
	}
	for name, value := range overrides {
		h.Set(name, value)
	}
}

// metadataPrefix starts the names of headers with metadata.
const metadataPrefix = "x-ms-meta-"

// mostMetadata is the size of all names and values together. Source:
// Microsoft's page "Setting and retrieving properties and metadata".
const mostMetadata = 8 << 10

// metadata reads the x-ms-meta- headers, names in lower case.
func (q *request) metadata() (map[string]string, error) {
	metadata := map[string]string{}
	size := 0
	for header, values := range q.Header {
		name, ok := strings.CutPrefix(strings.ToLower(header), metadataPrefix)
		if !ok {
			continue
		}
		if err := checkMetadataName(name); err != nil {
			return nil, err
		}
		metadata[name] = strings.Join(values, ",")
		size += len(name) + len(metadata[name])
	}
	if size > mostMetadata {
		return nil, refuse(metadataTooLarge)
	}
	return metadata, nil
}

// checkMetadataName refuses a name that is no identifier of C#, as the real
// service does.
func checkMetadataName(name string) error {
	if name == "" {
		return refuse(emptyMetadataKey)
	}
	for i, c := range name {
		letter := 'a' <= c && c <= 'z' || c == '_' || c > 127
		if !letter && (i == 0 || c < '0' || c > '9') {
			return refuse(invalidMetadata, "Reason", "the name of metadata consists of letters, digits and underscores and starts with no digit")
		}
	}
	return nil
}

// writeMetadata sets the x-ms-meta- headers, with names in lower case.
func writeMetadata(h http.Header, metadata map[string]string) {
	for name, value := range metadata {
		h[metadataPrefix+name] = []string{value}
	}
}

// writeTo sets the headers that tell about a lease.
func (l lease) writeTo(h http.Header, now time.Time) {
	h.Set("x-ms-lease-state", string(l.state(now)))
	h.Set("x-ms-lease-status", l.status(now))
	setNonEmpty(h, "x-ms-lease-duration", l.kind(now))
}

// status is "locked" while the lease keeps others from writing.
func (l lease) status(now time.Time) string {
	if l.active(now) {
		return "locked"
	}
	return "unlocked"
}

// kind is "infinite" or "fixed" while the lease is held, else "".
func (l lease) kind(now time.Time) string {
	switch {
	case l.state(now) != leaseLeased:
		return ""
	case l.Duration == infinite:
		return "infinite"
	}
	return "fixed"
}

// A span is a part of a blob: length bytes from first.
type span struct{ first, length int64 }

// last is the offset of the last byte.
func (s span) last() int64 { return s.first + s.length - 1 }

// wantedSpan reads the range that a request asks for: x-ms-range wins over
// Range. All tells that there is none. Ranges are clamped to the size of the
// blob. The service knows the forms bytes=a-b and bytes=a-; an x-ms-range of
// another form is refused, a Range is ignored as HTTP wants it.
func (q *request) wantedSpan(size int64) (wanted span, all bool, err error) {
	own := q.Header.Get("x-ms-range")
	text := orDefault(own, q.Header.Get("Range"))
	first, last, ok := parseRange(text)
	switch {
	case text == "" || !ok && own == "":
		return span{0, size}, true, nil
	case !ok:
		return span{}, false, refuseHeader(invalidHeaderValue, "x-ms-range", own, "a range has the form bytes=a-b or bytes=a-")
	case first >= size:
		refused := refuse(invalidRange)
		refused.header = http.Header{"Content-Range": {"bytes */" + strconv.FormatInt(size, 10)}}
		return span{}, false, refused
	}
	if last < 0 || last >= size {
		last = size - 1
	}
	return span{first, last - first + 1}, false, nil
}

// parseRange reads bytes=a-b or bytes=a-, for which last is -1.
func parseRange(text string) (first, last int64, ok bool) {
	numbers, ok := strings.CutPrefix(text, "bytes=")
	from, to, dash := strings.Cut(numbers, "-")
	if !ok || !dash {
		return 0, 0, false
	}
	start, err := strconv.ParseUint(from, 10, 63)
	if err != nil {
		return 0, 0, false
	}
	if to == "" {
		return int64(start), -1, true
	}
	end, err := strconv.ParseUint(to, 10, 63)
	return int64(start), int64(end), err == nil && end >= start
}

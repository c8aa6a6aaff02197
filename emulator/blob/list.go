package blob

import (
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A page is what a list request asks for.
type page struct {
	prefix, delimiter string
	marker            string // as the client gave it
	from              string // the first name, decoded from the marker
	size              int    // entries at most
	given             string // maxresults as the client gave it
	include           map[string]bool
}

// includes are the things that a list may be asked to tell as well. Of most of
// them there are none here, so that leaving them out tells the truth.
var includes = []string{
	"metadata", "uncommittedblobs", "snapshots", "copy", "deleted", "tags", "versions",
	"deletedwithversions", "immutabilitypolicy", "legalhold", "permissions", "system",
}

// page reads the parameters of a list.
func (q *request) page(most int) (page, error) {
	p := page{
		prefix: q.query.Get("prefix"), delimiter: q.query.Get("delimiter"), marker: q.query.Get("marker"),
		size: most, given: q.query.Get("maxresults"), include: map[string]bool{},
	}
	if p.given != "" {
		n, err := strconv.Atoi(p.given)
		if err != nil {
			return p, refuseParameter(invalidQueryParameterValue, "maxresults", p.given, "it is not a number")
		}
		if n < 1 {
			return p, refuse(outOfRangeQueryParameter, "QueryParameterName", "maxresults", "QueryParameterValue", p.given, "MinimumAllowed", "1")
		}
		p.size = min(n, most)
	}
	from, err := base64.URLEncoding.DecodeString(p.marker)
	if err != nil {
		return p, refuseParameter(invalidQueryParameterValue, "marker", p.marker, "it is not a NextMarker of an earlier answer")
	}
	p.from = string(from)
	for name := range strings.SplitSeq(q.query.Get("include"), ",") {
		if name != "" && !slices.Contains(includes, name) {
			return p, refuseParameter(invalidQueryParameterValue, "include", name, "it is one of "+strings.Join(includes, ", "))
		}
		p.include[name] = true
	}
	return p, nil
}

// An entry of a list is a name, or what several names have in common up to a
// delimiter.
type entry struct {
	name   string
	common bool
}

// entries picks from sorted names those of the page, and the marker of the next
// page, "" after the last.
func (p page) entries(sorted []string) (entries []entry, next string) {
	first := sort.SearchStrings(sorted, max(p.from, p.prefix))
	for i := first; i < len(sorted) && strings.HasPrefix(sorted[i], p.prefix); {
		e := entry{name: sorted[i]}
		rest := sorted[i][len(p.prefix):]
		if j := strings.Index(rest, p.delimiter); p.delimiter != "" && j >= 0 {
			e = entry{sorted[i][:len(p.prefix)+j+len(p.delimiter)], true}
		}
		if len(entries) == p.size {
			return entries, base64.URLEncoding.EncodeToString([]byte(e.name))
		}
		entries = append(entries, e)
		for i++; e.common && i < len(sorted) && strings.HasPrefix(sorted[i], e.name); i++ {
		}
	}
	return entries, ""
}

// The answer to List Containers and List Blobs.
type (
	listXML struct {
		XMLName       xml.Name `xml:"EnumerationResults"`
		Endpoint      string   `xml:"ServiceEndpoint,attr"`
		ContainerName string   `xml:",attr,omitempty"`
		Prefix        string   `xml:",omitempty"`
		Marker        string   `xml:",omitempty"`
		MaxResults    string   `xml:",omitempty"`
		Delimiter     string   `xml:",omitempty"`
		Containers    *containersXML
		Blobs         *blobsXML
		NextMarker    string
	}
	containersXML struct {
		Container []containerXML
	}
	containerXML struct {
		Name       string
		Properties containerPropertiesXML
		Metadata   metadataXML `xml:",omitempty"`
	}
	containerPropertiesXML struct {
		LastModified  string `xml:"Last-Modified"`
		Etag          string
		LeaseStatus   string
		LeaseState    string
		LeaseDuration string `xml:",omitempty"`
		PublicAccess  string `xml:",omitempty"`
	}
	blobsXML struct {
		Blob       []blobXML
		BlobPrefix []prefixXML
	}
	prefixXML struct{ Name nameXML }
	blobXML   struct {
		Name       nameXML
		Properties blobPropertiesXML
		Metadata   metadataXML `xml:",omitempty"`
	}
	nameXML struct {
		Encoded string `xml:",attr,omitempty"`
		Text    string `xml:",chardata"`
	}
	blobPropertiesXML struct {
		CreationTime       string `xml:"Creation-Time,omitempty"`
		LastModified       string `xml:"Last-Modified,omitempty"`
		Etag               string `xml:",omitempty"`
		ContentLength      int64  `xml:"Content-Length"`
		ContentType        string `xml:"Content-Type"`
		ContentEncoding    string `xml:"Content-Encoding"`
		ContentLanguage    string `xml:"Content-Language"`
		ContentMD5         string `xml:"Content-MD5,omitempty"`
		CacheControl       string `xml:"Cache-Control"`
		ContentDisposition string `xml:"Content-Disposition"`
		BlobType           string
		LeaseStatus        string `xml:",omitempty"`
		LeaseState         string `xml:",omitempty"`
		LeaseDuration      string `xml:",omitempty"`
		ServerEncrypted    bool
	}
	metadataXML map[string]string
)

// MarshalXML writes an element for each name, in order.
func (m metadataXML) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if err := e.EncodeElement(m[name], xml.StartElement{Name: xml.Name{Local: name}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

// xmlName is the name of a blob in a document: percent-encoded, and marked so,
// where XML cannot have one of its characters.
func xmlName(name string) nameXML {
	unspeakable := func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF || r == utf8.RuneError
	}
	if strings.ContainsFunc(name, unspeakable) {
		return nameXML{"true", url.PathEscape(name)}
	}
	return nameXML{Text: name}
}

// list starts an answer.
func (q *request) list(p page) listXML {
	return listXML{
		Endpoint: q.endpoint(), ContainerName: q.location.container,
		Prefix: p.prefix, Marker: p.marker, MaxResults: p.given, Delimiter: p.delimiter,
	}
}

// listContainers answers with the containers of the account.
func (s *Server) listContainers(q *request) (*response, error) {
	p, err := q.page(s.limits.Page)
	if err != nil {
		return nil, err
	}
	p.delimiter = "" // containers have none
	records := s.store.containersOf(q.account.ID)
	list := q.list(p)
	list.Containers = &containersXML{}
	entries, next := p.entries(slices.Sorted(maps.Keys(records)))
	for _, e := range entries {
		list.Containers.Container = append(list.Containers.Container, q.containerXML(e.name, records[e.name], p))
	}
	list.NextMarker = next
	return document(http.StatusOK, list)
}

// containerXML is the entry of a container.
func (q *request) containerXML(name string, r *containerRecord, p page) containerXML {
	x := containerXML{Name: name, Properties: containerPropertiesXML{
		LastModified:  r.Modified.Format(http.TimeFormat),
		Etag:          r.ETag,
		LeaseStatus:   r.Lease.status(q.now),
		LeaseState:    string(r.Lease.state(q.now)),
		LeaseDuration: r.Lease.kind(q.now),
		PublicAccess:  string(r.Access),
	}}
	if p.include["metadata"] {
		x.Metadata = r.Metadata
	}
	return x
}

// listBlobs answers with the blobs of a container.
func (s *Server) listBlobs(q *request) (*response, error) {
	p, err := q.page(s.limits.Page)
	if err != nil {
		return nil, err
	}
	records, err := s.blobsOf(q, p.include["uncommittedblobs"])
	if err != nil {
		return nil, err
	}
	list := q.list(p)
	list.Blobs = &blobsXML{}
	entries, next := p.entries(slices.Sorted(maps.Keys(records)))
	for _, e := range entries {
		if e.common {
			list.Blobs.BlobPrefix = append(list.Blobs.BlobPrefix, prefixXML{xmlName(e.name)})
			continue
		}
		list.Blobs.Blob = append(list.Blobs.Blob, q.blobXML(e.name, records[e.name], p))
	}
	list.NextMarker = next
	return document(http.StatusOK, list)
}

// blobsOf returns the records of the blobs in the request's container by name.
// A blob of which there are only uncommitted blocks has a nil record.
func (s *Server) blobsOf(q *request, uncommitted bool) (map[string]*blobRecord, error) {
	records := map[string]*blobRecord{}
	err := s.store.view(func(st state) error {
		c, err := st.container(q.account.ID, q.location.container, q.now)
		if err != nil {
			return err
		}
		for name := range c.waiting {
			if uncommitted && c.blocks(name, q.now) != nil {
				records[name] = nil
			}
		}
		maps.Copy(records, c.blobs)
		return c.record.Lease.checkRead(q.leaseID(), containerLease, q.now)
	})
	return records, err
}

// blobXML is the entry of a blob. One that is not committed has hardly any
// properties.
func (q *request) blobXML(name string, b *blobRecord, p page) blobXML {
	if b == nil {
		return blobXML{Name: xmlName(name), Properties: blobPropertiesXML{BlobType: "BlockBlob"}}
	}
	x := blobXML{Name: xmlName(name), Properties: blobPropertiesXML{
		CreationTime:       b.Created.Format(http.TimeFormat),
		LastModified:       b.Modified.Format(http.TimeFormat),
		Etag:               b.ETag,
		ContentLength:      b.Size,
		ContentType:        b.Properties.ContentType,
		ContentEncoding:    b.Properties.ContentEncoding,
		ContentLanguage:    b.Properties.ContentLanguage,
		ContentMD5:         base64.StdEncoding.EncodeToString(b.Properties.ContentMD5),
		CacheControl:       b.Properties.CacheControl,
		ContentDisposition: b.Properties.ContentDisposition,
		BlobType:           "BlockBlob",
		LeaseStatus:        b.Lease.status(q.now),
		LeaseState:         string(b.Lease.state(q.now)),
		LeaseDuration:      b.Lease.kind(q.now),
		ServerEncrypted:    true,
	}}
	if p.include["metadata"] {
		x.Metadata = b.Metadata
	}
	return x
}

package management

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Every document of the service, in both directions, is in the name space
// http://schemas.microsoft.com/windowsazure. Some renderings of Microsoft's pages
// print it with https; recorded traffic has http only.

const maxDepth = 64 // of elements in a document; the deepest real one has 9

// decode reads a document strictly: well-formed XML, no document type, nothing
// after the root, the root that into asks for.
func decode(data []byte, into any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("it is empty")
	}
	tokens := &tokenGuard{raw: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, byteOrderMark)))}
	d := xml.NewTokenDecoder(tokens)
	if err := d.Decode(into); err != nil {
		return tokens.firstError(err)
	}
	return tokens.firstError(expectEnd(d))
}

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

// expectEnd returns an error unless only white space and comments are left.
func expectEnd(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.Comment, xml.ProcInst:
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return errors.New("there is text after the document")
			}
		default:
			return errors.New("there is more than one document")
		}
	}
}

// A tokenGuard hands on the tokens of a document that keeps within limits.
type tokenGuard struct {
	raw   *xml.Decoder
	depth int
	err   error // of the guard, which encoding/xml may have wrapped or lost
}

// Token implements xml.TokenReader. It checks before the decoder builds anything.
func (g *tokenGuard) Token() (xml.Token, error) {
	token, err := g.raw.RawToken()
	if err != nil {
		return nil, err
	}
	switch token.(type) {
	case xml.Directive:
		return nil, g.fail("it has a document type declaration")
	case xml.StartElement:
		if g.depth++; g.depth > maxDepth {
			return nil, g.fail(fmt.Sprintf("its elements are nested more than %d deep", maxDepth))
		}
	case xml.EndElement:
		g.depth--
	}
	return token, nil
}

func (g *tokenGuard) fail(text string) error {
	g.err = errors.New(text)
	return g.err
}

func (g *tokenGuard) firstError(err error) error {
	if g.err != nil {
		return g.err
	}
	return err
}

// errorDocument is the body of every refusal. Microsoft's sample shows it without
// a namespace, recorded traffic with one, so either is read.
type errorDocument struct {
	XMLName xml.Name `xml:"Error"`
	Code    string   `xml:"Code"`
	Message string   `xml:"Message"`
}

// refusal returns the *Error that the answer stands for, or nil if it is a
// success.
func (a *answer) refusal(action string) error {
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	e := &Error{HTTPStatus: a.status, RequestID: a.requestID(), Action: action}
	var doc errorDocument
	if err := decode(a.body, &doc); err == nil && doc.Code != "" {
		e.Code, e.Message = strings.TrimSpace(doc.Code), strings.TrimSpace(doc.Message)
		return e
	}
	e.Code, e.Message = codeFromStatus(a.status), a.describe()
	return e
}

// codes are the codes that Microsoft's page on status and error codes has for a
// status. 404 is not among them on purpose: ResourceNotFound says that a slot is
// empty, and only the service's own document may say that.
var codes = map[int]string{
	http.StatusTemporaryRedirect:   "TemporaryRedirect",
	http.StatusBadRequest:          "BadRequest",
	http.StatusUnauthorized:        CodeAuthentication,
	http.StatusForbidden:           CodeForbidden,
	http.StatusConflict:            CodeConflict,
	http.StatusTooManyRequests:     CodeTooMany,
	http.StatusInternalServerError: "InternalError",
	http.StatusServiceUnavailable:  "ServerBusy",
}

// codeFromStatus returns the code for an answer that does not carry one: the
// service's where the status has just one, else HTTP's words run together.
func codeFromStatus(status int) string {
	if code := codes[status]; code != "" {
		return code
	}
	if text := http.StatusText(status); text != "" {
		return strings.ReplaceAll(text, " ", "")
	}
	return fmt.Sprintf("Status%d", status)
}

// describe says what came instead of an Error document.
func (a *answer) describe() string {
	text := fmt.Sprintf("the answer has status %d and ", a.status)
	switch to := a.header.Get("Location"); {
	case a.status >= 300 && a.status < 400 && to != "":
		return text + "leads to another place, where this client does not follow"
	case len(bytes.TrimSpace(a.body)) == 0:
		return text + "no readable body"
	}
	return fmt.Sprintf("%sno Error document (%d bytes of %q); is it the management service that answers there?",
		text, len(a.body), a.header.Get("Content-Type"))
}

// encoded is text that travels in base64, such as a label or a configuration.
type encoded []byte

// UnmarshalText decodes base64, which may be folded into lines.
func (e *encoded) UnmarshalText(text []byte) error {
	folded := bytes.Join(bytes.Fields(text), nil)
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(folded)))
	n, err := base64.StdEncoding.Decode(decoded, folded)
	if err != nil {
		return fmt.Errorf("a label or configuration is not base64: %w", err)
	}
	*e = decoded[:n]
	return nil
}

// MarshalText encodes in base64, on one line.
func (e encoded) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, e), nil
}

// timestamp is a time of the service, such as 2015-07-02T02:02:28Z. An empty one
// is the zero time.
type timestamp struct{ time.Time }

// UnmarshalText reads RFC 3339, with or without a fraction of a second.
func (t *timestamp) UnmarshalText(text []byte) error {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil
	}
	parsed, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a time", text)
	}
	t.Time = parsed.UTC()
	return nil
}

// propertyDocument is one extended property.
type propertyDocument struct {
	Name  string `xml:"Name"`
	Value string `xml:"Value"`
}

// propertyList is the element around extended properties; nil leaves it out.
type propertyList struct {
	Properties []propertyDocument `xml:"ExtendedProperty"`
}

func newPropertyList(from []Property) *propertyList {
	if len(from) == 0 {
		return nil
	}
	list := &propertyList{}
	for _, p := range from {
		list.Properties = append(list.Properties, propertyDocument(p))
	}
	return list
}

func properties(from []propertyDocument) []Property {
	return convert(from, func(p propertyDocument) Property { return Property(p) })
}

// convert maps a list; an empty one becomes nil.
func convert[From, To any](from []From, f func(From) To) []To {
	if len(from) == 0 {
		return nil
	}
	to := make([]To, 0, len(from))
	for _, v := range from {
		to = append(to, f(v))
	}
	return to
}

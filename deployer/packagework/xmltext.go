package packagework

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// An xmlNode is an element and where it stands in its text.
type xmlNode struct {
	name     string // without prefix
	attrs    []xml.Attr
	parent   *xmlNode // nil for the root
	children []*xmlNode

	start, open int // the start tag: its first byte, and the one behind it
	end         int // where the end tag begins; open for an empty element
}

// attr returns the value of an attribute by its name without prefix, in any case.
func (n *xmlNode) attr(name string) (string, bool) {
	for _, a := range n.attrs {
		if strings.EqualFold(a.Name.Local, name) && a.Name.Space != "xmlns" {
			return a.Value, true
		}
	}
	return "", false
}

// An xmlText is a parsed text whose pieces can be replaced.
type xmlText struct {
	text    string
	nodes   []*xmlNode // in the order of the text
	splices []splice
}

// parseXML reads a text. Entities of a document type are unknown, so a text that
// uses some is an error.
func parseXML(text string) (*xmlText, error) {
	x := &xmlText{text: text}
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is decoded already
	var at *xmlNode
	for depth := 0; ; {
		before := int(d.InputOffset())
		token, err := d.Token()
		if errors.Is(err, io.EOF) && at == nil {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("it is not XML: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return nil, errDepth
			}
			n := &xmlNode{name: t.Name.Local, attrs: t.Attr, parent: at, start: before, open: int(d.InputOffset())}
			if at != nil {
				at.children = append(at.children, n)
			}
			x.nodes, at = append(x.nodes, n), n
		case xml.EndElement:
			depth--
			at.end, at = before, at.parent
		}
	}
	return x, nil
}

var errCharacters = errors.New("the value has characters that XML cannot hold")

// escape writes a value for an attribute or a text.
func escape(value string) (string, error) {
	for _, r := range value {
		if r == utf8.RuneError || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return "", errCharacters
		}
	}
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(value))
	return b.String(), err
}

// setAttr replaces the value of an attribute that the element has.
func (x *xmlText) setAttr(n *xmlNode, name, value string) error {
	escaped, err := escape(value)
	if err != nil {
		return err
	}
	if start, end, ok := findAttr(x.text[n.start:n.open], name); ok {
		x.replace(n.start+start, n.start+end, escaped)
	}
	return nil
}

// setText replaces what is between the tags of an element without children.
func (x *xmlText) setText(n *xmlNode, value string) error {
	escaped, err := escape(value)
	if err != nil {
		return err
	}
	tag := x.text[n.start:n.open]
	if !strings.HasSuffix(tag, "/>") {
		x.replace(n.open, n.end, escaped)
		return nil
	}
	name := strings.TrimPrefix(tag, "<")
	name = name[:strings.IndexAny(name, " \t\r\n/>")]
	x.replace(n.open-2, n.open, ">"+escaped+"</"+name+">")
	return nil
}

// replace notes a splice, unless something there is replaced already.
func (x *xmlText) replace(start, end int, text string) {
	for i, s := range x.splices {
		if start < s.end && s.start < end || start == s.start {
			return
		}
		if end <= s.start {
			x.splices = append(x.splices[:i], append([]splice{{start, end, text}}, x.splices[i:]...)...)
			return
		}
	}
	x.splices = append(x.splices, splice{start, end, text})
}

func (x *xmlText) String() string { return applySplices(x.text, x.splices) }

// findAttr returns where the value of an attribute stands in a start tag.
func findAttr(tag, name string) (start, end int, ok bool) {
	const space = " \t\r\n"
	i := strings.IndexAny(tag, space)
	for i >= 0 && i < len(tag) {
		i += len(tag[i:]) - len(strings.TrimLeft(tag[i:], space))
		equals := strings.IndexByte(tag[i:], '=')
		if equals < 0 {
			return 0, 0, false
		}
		found := strings.TrimRight(tag[i:i+equals], space)
		i += equals + 1
		i += len(tag[i:]) - len(strings.TrimLeft(tag[i:], space))
		if i >= len(tag) {
			return 0, 0, false
		}
		length := strings.IndexByte(tag[i+1:], tag[i])
		if length < 0 {
			return 0, 0, false
		}
		start, end = i+1, i+1+length
		if local := found[strings.LastIndexByte(found, ':')+1:]; strings.EqualFold(local, name) && !strings.HasPrefix(found, "xmlns:") {
			return start, end, true
		}
		i = end + 1
	}
	return 0, 0, false
}

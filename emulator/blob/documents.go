package blob

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/blob/internal/signature"
)

// scan reads an XML document and calls leaf with the path and the text of each
// element that has no other inside, in order. It refuses what is not well
// formed, has a document type, or has an element that is not among the paths;
// that bounds the depth, too. An empty document is refused like a broken one.
func scan(data []byte, paths []string, leaf func(path, text string) error) error {
	decoder := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte(byteOrderMark))))
	sc := scanner{paths: paths, leaf: leaf}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && sc.roots == 1 {
			return nil
		}
		if err != nil {
			return refuse(invalidXMLDocument)
		}
		if err := sc.take(token); err != nil {
			return err
		}
	}
}

// A scanner is where a scan has come to.
type scanner struct {
	paths []string
	leaf  func(path, text string) error
	path  []string
	text  strings.Builder
	inner bool // the last element that began has ended
	roots int
}

// take goes on by one token.
func (s *scanner) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return refuse(invalidXMLDocument, "Reason", "a document type is not allowed")
	case xml.StartElement:
		return s.start(t.Name.Local)
	case xml.CharData:
		if len(s.path) == 0 && len(bytes.TrimSpace(t)) > 0 {
			return refuse(invalidXMLDocument)
		}
		s.text.Write(t)
	case xml.EndElement:
		return s.end()
	}
	return nil
}

func (s *scanner) start(name string) error {
	if len(s.path) == 0 {
		s.roots++
	}
	s.path = append(s.path, name)
	if s.roots > 1 || !slices.Contains(s.paths, strings.Join(s.path, "/")) {
		return refuse(invalidXMLDocument, "Reason", "there is no element "+name+" in this place")
	}
	s.text.Reset()
	s.inner = false
	return nil
}

func (s *scanner) end() error {
	path := strings.Join(s.path, "/")
	s.path = s.path[:len(s.path)-1]
	isLeaf := !s.inner
	s.inner = true
	if !isLeaf {
		return nil
	}
	return s.leaf(path, strings.TrimSpace(s.text.String()))
}

// ignore is for documents whose texts are read in another way.
func ignore(string, string) error { return nil }

// A lists tells in which of the two lists a block is looked for.
type lists int

// The ways to name a block in a block list.
const (
	latest lists = iota // the uncommitted one first, then the committed one
	onlyCommitted
	onlyUncommitted
)

// A blockReference is an entry of a block list.
type blockReference struct {
	id    string
	where lists
}

// decodeBlockList reads the body of a Put Block List of at most so many blocks.
func decodeBlockList(data []byte, most int) ([]blockReference, error) {
	where := map[string]lists{
		"BlockList/Latest":      latest,
		"BlockList/Committed":   onlyCommitted,
		"BlockList/Uncommitted": onlyUncommitted,
	}
	paths := []string{"BlockList", "BlockList/Latest", "BlockList/Committed", "BlockList/Uncommitted"}
	var list []blockReference
	err := scan(data, paths, func(path, text string) error {
		if path == "BlockList" {
			return nil // an empty list makes an empty blob
		}
		if len(list) == most {
			return refuse(blockListTooLong)
		}
		list = append(list, blockReference{text, where[path]})
		return nil
	})
	return list, err
}

// The answer to Get Block List.
type (
	blockListDocument struct {
		XMLName     xml.Name        `xml:"BlockList"`
		Committed   *blockDocuments `xml:"CommittedBlocks"`
		Uncommitted *blockDocuments `xml:"UncommittedBlocks"`
	}
	blockDocuments struct {
		Block []blockDocument
	}
	blockDocument struct {
		Name string
		Size int64
	}
)

// listCommitted shows the blocks of a blob, nil for none, in their order. The
// contents of a Put Blob are no block.
func listCommitted(b *blobRecord) *blockDocuments {
	list := &blockDocuments{}
	if b == nil {
		return list
	}
	for _, part := range b.Parts {
		if part.ID != "" {
			list.Block = append(list.Block, blockDocument{part.ID, part.Size})
		}
	}
	return list
}

// listWaiting shows uncommitted blocks in the order of their IDs.
func listWaiting(waiting map[string]*block) *blockDocuments {
	list := &blockDocuments{}
	for id, b := range waiting {
		list.Block = append(list.Block, blockDocument{id, b.Size})
	}
	slices.SortFunc(list.Block, func(a, b blockDocument) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// The body of Set Container ACL, and of the answer to Get Container ACL.
type (
	policiesXML struct {
		XMLName    xml.Name        `xml:"SignedIdentifiers"`
		Identifier []identifierXML `xml:"SignedIdentifier"`
	}
	identifierXML struct {
		ID           string `xml:"Id"`
		AccessPolicy *accessPolicyXML
	}
	accessPolicyXML struct {
		Start      string `xml:",omitempty"`
		Expiry     string `xml:",omitempty"`
		Permission string `xml:",omitempty"`
	}
)

// Limits of stored access policies. Source: Microsoft's page "Set Container ACL".
const (
	mostPolicies    = 5
	longestPolicyID = 64
)

// decodePolicies reads the body of a Set Container ACL. No body is no policies.
func decodePolicies(data []byte) ([]policy, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	const one = "SignedIdentifiers/SignedIdentifier"
	paths := []string{
		"SignedIdentifiers", one, one + "/Id", one + "/AccessPolicy",
		one + "/AccessPolicy/Start", one + "/AccessPolicy/Expiry", one + "/AccessPolicy/Permission",
	}
	if err := scan(data, paths, ignore); err != nil {
		return nil, err
	}
	var body policiesXML
	if err := xml.Unmarshal(bytes.TrimPrefix(data, []byte(byteOrderMark)), &body); err != nil {
		return nil, refuse(invalidXMLDocument)
	}
	if len(body.Identifier) > mostPolicies {
		return nil, refuse(invalidXMLDocument, "Reason", "a container has at most 5 stored access policies")
	}
	var policies []policy
	for _, i := range body.Identifier {
		p, err := i.policy()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(policies, func(other policy) bool { return other.ID == p.ID }) {
			return nil, refuse(invalidXMLDocument, "Reason", "two stored access policies have the same Id")
		}
		policies = append(policies, p)
	}
	return policies, nil
}

// policy checks one stored policy.
func (i identifierXML) policy() (policy, error) {
	p := policy{ID: i.ID}
	if i.ID == "" || len(i.ID) > longestPolicyID {
		return p, refuse(invalidXMLNodeValue, "XmlNodeName", "Id", "Reason", "an Id has 1 to 64 characters")
	}
	if i.AccessPolicy == nil {
		return p, nil
	}
	p.Permission = strings.TrimSpace(i.AccessPolicy.Permission)
	for _, field := range []struct {
		name, text string
		value      *time.Time
	}{
		{"Start", i.AccessPolicy.Start, &p.Start},
		{"Expiry", i.AccessPolicy.Expiry, &p.Expiry},
	} {
		var err error
		if *field.value, err = signature.ParseTime(strings.TrimSpace(field.text)); err != nil {
			return p, refuse(invalidXMLNodeValue, "XmlNodeName", field.name, "Reason", err.Error())
		}
	}
	return p, nil
}

// policiesDocument is the answer to Get Container ACL.
func policiesDocument(policies []policy) policiesXML {
	var d policiesXML
	for _, p := range policies {
		d.Identifier = append(d.Identifier, identifierXML{p.ID, &accessPolicyXML{
			Start: formatTime(p.Start), Expiry: formatTime(p.Expiry), Permission: p.Permission,
		}})
	}
	return d
}

// formatTime writes a time as the real service does, "" for the zero time.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.0000000Z")
}

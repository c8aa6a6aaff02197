package servicepackage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// RoleEdit is what to change in the configuration of one role.
type RoleEdit struct {
	Role         string
	Instances    int               // new count; 0 leaves it
	Settings     map[string]string // name to new value; only settings that are there
	Certificates map[string]string // name to new thumbprint; only certificates that are there
}

// EditConfiguration returns the configuration in data with the edits made.
// Only the attribute values that change are replaced: byte order mark, line
// ends, comments, order, white space and the kind of quotes stay as they are,
// and a value that is already the wanted one keeps its spelling. Without a
// change the result equals data.
//
// It returns a *SyntaxError when data is no configuration, and a plain error
// when an edit names a role, setting or certificate that is not there, has a
// count below zero or beyond 32 bits, or a value that no XML document can hold. Errors do not quote
// values.
func EditConfiguration(data []byte, edits []RoleEdit) ([]byte, error) {
	cfg, err := ParseConfiguration(data)
	if err != nil {
		return nil, err
	}
	for _, edit := range edits {
		if err := edit.check(cfg); err != nil {
			return nil, err
		}
	}
	out := data
	for _, edit := range edits {
		if out, err = edit.apply(out); err != nil {
			return nil, err
		}
	}
	if len(out) > maxDocumentBytes {
		return nil, fmt.Errorf("edit configuration: the result is larger than %d bytes", maxDocumentBytes)
	}
	return out, nil
}

// check says whether the edit can be made in cfg.
func (edit *RoleEdit) check(cfg *Configuration) error {
	role := cfg.Role(edit.Role)
	if role == nil {
		return fmt.Errorf("edit configuration: there is no role %q%s", edit.Role, known("roles", roleNames(cfg)))
	}
	if edit.Instances < 0 || edit.Instances > math.MaxInt32 {
		return fmt.Errorf("edit configuration: role %q cannot have %d instances", edit.Role, edit.Instances)
	}
	settings := map[string]bool{}
	for _, s := range role.Settings {
		settings[s.Name] = true
	}
	certificates := map[string]bool{}
	for _, c := range role.Certificates {
		certificates[c.Name] = true
	}
	return errors.Join(edit.checkValues("setting", edit.Settings, settings),
		edit.checkValues("certificate", edit.Certificates, certificates))
}

// checkValues says whether every name is there and every value can be written.
func (edit *RoleEdit) checkValues(what string, values map[string]string, there map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !there[name] {
			return fmt.Errorf("edit configuration: role %q has no %s %q; only what is in the file can be changed", edit.Role, what, name)
		}
		if !isXMLText(values[name]) {
			return fmt.Errorf("edit configuration: the new value of %s %q of role %q has characters that XML cannot hold", what, name, edit.Role)
		}
	}
	return nil
}

func roleNames(cfg *Configuration) []string {
	var names []string
	for _, r := range cfg.Roles {
		names = append(names, r.Name)
	}
	return names
}

// known is the end of an error that lists what there is.
func known(what string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", what, strings.Join(names, ", "))
}

// isXMLText reports whether XML 1.0 can hold s.
func isXMLText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
	})
}

// apply makes one edit, which check has allowed.
func (edit *RoleEdit) apply(data []byte) ([]byte, error) {
	var out bytes.Buffer
	done := 0
	err := eachTag(data, func(path []string, role string, tag xml.StartElement, start, end int) {
		attr, value, wanted := edit.target(path, role, tag)
		if !wanted || attributeOf(tag, attr) == value {
			return
		}
		raw, found := findRawAttribute(data[start:end], attr)
		if !found {
			return
		}
		out.Write(data[done : start+raw.start])
		out.WriteString(escapeAttribute(value, raw.quote))
		done = start + raw.end
	})
	if err != nil {
		return nil, err
	}
	out.Write(data[done:])
	return out.Bytes(), nil
}

// Where in a configuration the values stand that an edit can change.
var (
	instancesPath   = []string{"ServiceConfiguration", "Role", "Instances"}
	settingPath     = []string{"ServiceConfiguration", "Role", "ConfigurationSettings", "Setting"}
	certificatePath = []string{"ServiceConfiguration", "Role", "Certificates", "Certificate"}
)

// target says which attribute of a tag the edit changes, and to what.
func (edit *RoleEdit) target(path []string, role string, tag xml.StartElement) (attr, value string, wanted bool) {
	if role != edit.Role {
		return "", "", false
	}
	name := attributeOf(tag, "name")
	switch {
	case slices.Equal(path, instancesPath):
		// A count that is only spelt differently, such as " 2 ", stays.
		n, _ := strconv.Atoi(strings.TrimSpace(attributeOf(tag, "count")))
		return "count", strconv.Itoa(edit.Instances), edit.Instances > 0 && n != edit.Instances
	case slices.Equal(path, settingPath):
		value, wanted = edit.Settings[name]
		return "value", value, wanted
	case slices.Equal(path, certificatePath):
		value, wanted = edit.Certificates[name]
		return "thumbprint", value, wanted
	}
	return "", "", false
}

// eachTag calls f for every start tag of the configuration's namespace with
// the names of the elements down to it, the role it belongs to, and its place
// in data.
func eachTag(data []byte, f func(path []string, role string, tag xml.StartElement, start, end int)) error {
	mark := len(data) - len(bytes.TrimPrefix(data, utf8BOM))
	s := newScanner(configurationFile, bytes.NewReader(data[mark:]))
	var path []string
	var role string
	for {
		start := mark + int(s.dec.InputOffset())
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, localIn(t.Name))
			if len(path) == 2 {
				role = ""
				if path[1] == "Role" {
					role = attributeOf(t, "name")
				}
			}
			end := mark + int(s.dec.InputOffset())
			f(path, role, t, start+bytes.LastIndexByte(data[start:end], '<'), end)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// localIn returns the local name of an element of the configuration's
// namespace, and nothing for another's.
func localIn(name xml.Name) string {
	if name.Space != configurationSpace {
		return ""
	}
	return name.Local
}

func attributeOf(tag xml.StartElement, name string) string {
	for _, a := range tag.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// rawAttribute is where the value of an attribute stands within its tag.
type rawAttribute struct {
	start, end int // of the value, without the quotes
	quote      byte
}

// findRawAttribute finds an attribute in the bytes of a well-formed start tag.
func findRawAttribute(tag []byte, name string) (rawAttribute, bool) {
	pos := 1 + bytes.IndexAny(tag[1:], " \t\r\n/>")
	for {
		equals := bytes.IndexByte(tag[pos:], '=')
		if equals < 0 {
			return rawAttribute{}, false
		}
		equals += pos
		open := equals + 1 + bytes.IndexAny(tag[equals+1:], `"'`)
		quote := tag[open]
		end := open + 1 + bytes.IndexByte(tag[open+1:], quote)
		if end <= open {
			return rawAttribute{}, false
		}
		if string(bytes.TrimSpace(tag[pos:equals])) == name {
			return rawAttribute{start: open + 1, end: end, quote: quote}, true
		}
		pos = end + 1
	}
}

package variables

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var escapeFilters = []filter{
	{name: "ToBase64", max: 1, apply: toBase64},
	{name: "FromBase64", max: 1, apply: fromBase64},
	{name: "HtmlEscape", apply: plain(strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "/", "&#x2F;").Replace)},
	{name: "XmlEscape", apply: plain(strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace)},
	{name: "JsonEscape", apply: plain(strings.NewReplacer(
		`"`, `\"`, `\`, `\\`, "\r", `\r`, "\n", `\n`, "\t", `\t`).Replace)},
	{name: "YamlSingleQuoteEscape", apply: plain(escapeYAMLSingle)},
	{name: "YamlDoubleQuoteEscape", apply: plain(escapeYAMLDouble)},
	{name: "PropertiesKeyEscape", apply: plain(func(s string) string { return escapeProperties(s, true) })},
	{name: "PropertiesValueEscape", apply: plain(func(s string) string { return escapeProperties(s, false) })},
	{name: "UriEscape", apply: plain(func(s string) string { return escapeURI(s, uriReserved) })},
	{name: "UriDataEscape", apply: plain(func(s string) string { return escapeURI(s, "") })},
}

// encodings turn text into bytes and back, by the option that names them.
var encodings = map[string]struct {
	encode func(string) []byte
	decode func([]byte) (string, bool)
}{
	"":        {encodeUTF8, decodeUTF8},
	"utf8":    {encodeUTF8, decodeUTF8},
	"utf-8":   {encodeUTF8, decodeUTF8},
	"unicode": {encodeUTF16, decodeUTF16},
}

func encodeUTF8(s string) []byte { return []byte(s) }

func decodeUTF8(b []byte) (string, bool) { return string(b), utf8.Valid(b) }

// encodeUTF16 writes little-endian UTF-16, which .NET calls Unicode.
func encodeUTF16(s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}

func decodeUTF16(b []byte) (string, bool) {
	if len(b)%2 != 0 {
		return "", false
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return string(utf16.Decode(units)), true
}

func toBase64(in input) (string, bool) {
	encoding, known := encodings[strings.ToLower(in.option(0, ""))]
	if !known {
		return "", false
	}
	return base64.StdEncoding.EncodeToString(encoding.encode(in.value)), true
}

func fromBase64(in input) (string, bool) {
	encoding, known := encodings[strings.ToLower(in.option(0, ""))]
	b, err := base64.StdEncoding.DecodeString(in.value)
	if !known || err != nil {
		return "", false
	}
	return encoding.decode(b)
}

// escapeJSON escapes text for JSON, control characters included.
func escapeJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var lineBreaks = regexp.MustCompile(`\r?\n`)

// escapeYAMLSingle doubles quotes, and line breaks, of which YAML folds one.
func escapeYAMLSingle(s string) string {
	s = strings.ReplaceAll(s, "'", "''")
	return lineBreaks.ReplaceAllString(s, "$0$0")
}

// yamlEscapes are the short escapes of YAML text in double quotes.
var yamlEscapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, 0: `\0`, '\a': `\a`, '\b': `\b`, '\v': `\v`, '\f': `\f`, 0x1b: `\e`,
}

func escapeYAMLDouble(s string) string {
	return escapeRunes(s, yamlEscapes)
}

// escapeRunes uses short escapes where there are some, and \uXXXX for control
// characters and everything outside ASCII.
func escapeRunes(s string, short map[rune]string) string {
	var b strings.Builder
	for _, r := range s {
		if escape, ok := short[r]; ok {
			b.WriteString(escape)
			continue
		}
		if r >= ' ' && r < 0x7f {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

var (
	propertiesValueEscapes = map[rune]string{'\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\f': `\f`}
	propertiesKeyEscapes   = map[rune]string{
		'\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\f': `\f`,
		' ': `\ `, ':': `\:`, '=': `\=`, '#': `\#`, '!': `\!`,
	}
)

// escapeProperties follows the rules of Java's properties files: a key hides
// all blanks, separators and comment signs, a value only its leading blanks.
func escapeProperties(s string, key bool) string {
	if key {
		return escapeRunes(s, propertiesKeyEscapes)
	}
	body := strings.TrimLeft(s, " ")
	return strings.Repeat(`\ `, len(s)-len(body)) + escapeRunes(body, propertiesValueEscapes)
}

// uriReserved are the characters with a meaning in a URI.
const uriReserved = ":/?#[]@!$&'()*+,;="

// escapeURI escapes what is neither unreserved (RFC 3986) nor in keep.
func escapeURI(s, keep string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(keep, r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.ReplaceAll(url.QueryEscape(string(r)), "+", "%20"))
	}
	return b.String()
}

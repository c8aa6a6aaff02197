package packagework

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errNoText = errors.New("it is not text in UTF-8, windows-1252, or UTF-16 with a byte order mark")

// An encoder writes text as the file has it.
type encoder func(text string) ([]byte, error)

// marks are the byte order marks.
var marks = []struct {
	bytes []byte
	order binary.AppendByteOrder // nil is UTF-8
	read  binary.ByteOrder
}{
	{[]byte("\xef\xbb\xbf"), nil, nil},
	{[]byte("\xff\xfe"), binary.LittleEndian, binary.LittleEndian},
	{[]byte("\xfe\xff"), binary.BigEndian, binary.BigEndian},
}

// decode returns a file's text without its byte order mark, and what writes text in
// the same encoding.
//
// A file that is not UTF-8 is taken for windows-1252, in which every byte means
// something: what is not replaced comes out as it went in, whatever it was.
func decode(data []byte) (text string, encode encoder, err error) {
	for _, m := range marks {
		rest, marked := bytes.CutPrefix(data, m.bytes)
		switch {
		case !marked:
			continue
		case m.order == nil:
			text, err = plain(rest)
			return text, func(s string) ([]byte, error) { return append(bytes.Clone(m.bytes), s...), nil }, err
		case len(rest)%2 != 0:
			return "", nil, errNoText
		}
		units := make([]uint16, len(rest)/2)
		for i := range units {
			units[i] = m.read.Uint16(rest[2*i:])
		}
		encode = func(s string) ([]byte, error) {
			out := bytes.Clone(m.bytes)
			for _, unit := range utf16.Encode([]rune(s)) {
				out = m.order.AppendUint16(out, unit)
			}
			return out, nil
		}
		text = string(utf16.Decode(units))
		if again, _ := encode(text); !bytes.Equal(again, data) {
			return "", nil, errNoText
		}
		return text, encode, nil
	}
	if !utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return fromWindows1252(data), toWindows1252, nil
	}
	text, err = plain(data)
	return text, func(s string) ([]byte, error) { return []byte(s), nil }, err
}

func plain(data []byte) (string, error) {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", errNoText
	}
	return string(data), nil
}

// A splice replaces a piece of a text.
type splice struct {
	start, end int // in bytes
	text       string
}

// applySplices makes splices that are in order and do not overlap.
func applySplices(text string, splices []splice) string {
	var b strings.Builder
	at := 0
	for _, s := range splices {
		b.WriteString(text[at:s.start])
		b.WriteString(s.text)
		at = s.end
	}
	b.WriteString(text[at:])
	return b.String()
}

package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Base64 is binary content that an element holds in base64, such as a label or a
// configuration. The Go value is the decoded content: nil when the element is
// absent, and empty but not nil when the element is.
type Base64 []byte

// timeFormat is how answers write times: UTC, to the second (recorded traffic).
const timeFormat = "2006-01-02T15:04:05Z"

// A scalar is how one kind of Go value becomes text and text becomes the value.
type scalar struct {
	append func(dst []byte, v reflect.Value) []byte
	parse  func(text string, v reflect.Value) error
	empty  func(v reflect.Value) bool
}

// errBase64 says that text is not base64.
var errBase64 = errors.New("does not hold base64")

var (
	stringScalar = scalar{
		append: func(dst []byte, v reflect.Value) []byte { return appendText(dst, v.String(), &textEscapes) },
		parse:  func(text string, v reflect.Value) error { v.SetString(text); return nil },
		empty:  reflect.Value.IsZero,
	}
	boolScalar = scalar{
		append: func(dst []byte, v reflect.Value) []byte { return strconv.AppendBool(dst, v.Bool()) },
		parse:  parseBool,
		empty:  reflect.Value.IsZero,
	}
	intScalar = scalar{
		append: func(dst []byte, v reflect.Value) []byte { return strconv.AppendInt(dst, v.Int(), 10) },
		parse:  parseInt,
		empty:  reflect.Value.IsZero,
	}
	timeScalar = scalar{
		append: func(dst []byte, v reflect.Value) []byte { return timeOf(v).AppendFormat(dst, timeFormat) },
		parse:  parseTime,
		empty:  func(v reflect.Value) bool { return timeOf(v).IsZero() },
	}
	bytesScalar = scalar{
		append: func(dst []byte, v reflect.Value) []byte { return base64.StdEncoding.AppendEncode(dst, v.Bytes()) },
		parse:  parseBase64,
		empty:  func(v reflect.Value) bool { return v.Len() == 0 },
	}
)

// scalars gives the scalar of each kind of Go type that is one.
var scalars = map[reflect.Kind]*scalar{
	reflect.String: &stringScalar,
	reflect.Bool:   &boolScalar,
	reflect.Int:    &intScalar,
	reflect.Int8:   &intScalar,
	reflect.Int16:  &intScalar,
	reflect.Int32:  &intScalar,
	reflect.Int64:  &intScalar,
}

// scalarOf returns how values of a type become text, or nil when they do not.
func scalarOf(t reflect.Type) *scalar {
	switch t {
	case reflect.TypeFor[time.Time]():
		return &timeScalar
	case reflect.TypeFor[Base64]():
		return &bytesScalar
	}
	return scalars[t.Kind()]
}

func timeOf(v reflect.Value) time.Time { return v.Interface().(time.Time).UTC() }

// booleans are the spellings of XML Schema; clients were seen to vary the case.
var booleans = map[string]bool{"true": true, "1": true, "false": false, "0": false}

func parseBool(text string, v reflect.Value) error {
	value, ok := booleans[strings.ToLower(trim(text))]
	if !ok {
		return errors.New("is neither true nor false")
	}
	v.SetBool(value)
	return nil
}

func parseInt(text string, v reflect.Value) error {
	value, err := strconv.ParseInt(trim(text), 10, v.Type().Bits())
	if err != nil {
		return errors.New("is not a whole number, or out of range")
	}
	v.SetInt(value)
	return nil
}

// timeLayouts are the forms of XML Schema's dateTime. Fractions of a second are
// accepted after the seconds.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly}

func parseTime(text string, v reflect.Value) error {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, trim(text)); err == nil {
			v.Set(reflect.ValueOf(t.UTC()))
			return nil
		}
	}
	return fmt.Errorf("is not a time such as %s", timeFormat)
}

// parseBase64 reads base64 that may be folded into lines, as some clients send it.
func parseBase64(text string, v reflect.Value) error {
	content, err := base64.StdEncoding.DecodeString(strings.Map(dropSpace, text))
	if err != nil {
		return errBase64
	}
	v.SetBytes(content)
	return nil
}

// xmlSpace is what XML counts as white space.
const xmlSpace = " \t\r\n"

func trim(text string) string { return strings.Trim(text, xmlSpace) }

func dropSpace(r rune) rune {
	if strings.ContainsRune(xmlSpace, r) {
		return -1
	}
	return r
}

// Enum returns the one of values that text spells, whatever its case: clients send
// Auto and auto, pfx and Pfx. The error lists the values.
func Enum[T ~string](text string, values ...T) (T, error) {
	for _, value := range values {
		if strings.EqualFold(trim(text), string(value)) {
			return value, nil
		}
	}
	return "", fmt.Errorf("want one of %q", values)
}

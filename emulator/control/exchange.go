package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/emulator/universe"
)

// maxBody bounds the bodies of requests, in bytes.
const maxBody = 1 << 20

// failure is the body of every answer from 400 up.
type failure struct {
	Error *universe.Error `json:"error"`
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":{"code":"Internal","message":"the answer cannot be written as JSON"}}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

// fail writes an error. What is no *universe.Error is trouble of our own.
func fail(w http.ResponseWriter, err error) {
	var refused *universe.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &refused):
	case errors.As(err, &tooLarge):
		refused = universe.Errorf(universe.TooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	default:
		refused = universe.Errorf(universe.Internal, "%v", err)
	}
	answer(w, refused.Status(), failure{refused})
}

// decode reads the body, one JSON document, into v. No body at all leaves v as it
// is.
func decode(r *http.Request, v any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil && decoder.Decode(&struct{}{}) != io.EOF {
		return universe.Errorf(universe.Invalid, "there is more than one JSON document in the body")
	}
	return malformed(err)
}

// malformed says in plain words what is wrong with a body.
func malformed(err error) error {
	var tooLarge *http.MaxBytesError
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil || errors.As(err, &tooLarge):
		return err
	case errors.As(err, &syntax):
		return universe.Errorf(universe.Invalid, "the body is no JSON document: %v (byte %d)", syntax, syntax.Offset)
	case errors.As(err, &kind):
		return universe.Errorf(universe.Invalid, "%s is a %s in the body, and has to be a %s", kind.Field, kind.Value, kind.Type)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return universe.Errorf(universe.Invalid, "there is no field %s", name).WithHint("docs/control-api.md shows an example of the body")
	}
	return universe.Errorf(universe.Invalid, "the body is no JSON document: %v", err)
}

// flag reads a boolean parameter of the query; absent is false, no value is true.
func flag(r *http.Request, name string) (bool, error) {
	query := r.URL.Query()
	value := query.Get(name)
	if value == "" {
		return query.Has(name), nil
	}
	b, err := strconv.ParseBool(value)
	if err != nil {
		return false, universe.Errorf(universe.Invalid, "%s=%q is neither true nor false", name, value)
	}
	return b, nil
}

// number reads a parameter of the query that counts something; absent is 0.
func number(r *http.Request, name string) (uint64, error) {
	value := r.URL.Query().Get(name)
	if value == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return 0, universe.Errorf(universe.Invalid, "%s=%q is no number", name, value)
	}
	return n, nil
}

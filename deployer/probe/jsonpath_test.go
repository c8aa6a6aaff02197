package probe_test

import (
	"encoding/json"
	"testing"

	"github.com/vipswap/vipswap/deployer/probe"
)

func TestLookup(t *testing.T) {
	const body = `{"a": {"b c": [1, {"d": null}, "x", true]}, "n": 1.50, "e.f": "dot", "s": "<&>"}`
	tests := []struct{ path, want, err string }{
		{"$.n", "1.50", ""},
		{"$.a['b c'][0]", "1", ""},
		{`$.a["b c"][-2]`, "x", ""},
		{"$.a['b c'][1].d", "null", ""},
		{"$.a['b c'][3]", "true", ""},
		{"$['e.f']", "dot", ""},
		{"$.a['b c'][1]", `{"d":null}`, ""},
		{"$.a['b c'][9]", "", "the body's JSON has no $.a['b c'][9]: $.a.b c is an array with 4 elements"},
		{"$.a['b c'][-9]", "", "the body's JSON has no $.a['b c'][-9]: $.a.b c is an array with 4 elements"},
		{"$.n.m", "", "the body's JSON has no $.n.m: $.n is a number or truth value"},
		{"$.s[0]", "", "the body's JSON has no $.s[0]: $.s is text"},
		{"$.z", "", "the body's JSON has no $.z: $ is an object with 4 members"},
		{"$..n", "", `"$..n" is no path to a value in JSON: "..n" is neither .name nor [0]`},
		{"$n", "", `"$n" is no path to a value in JSON: "n" is neither .name nor [0]`},
		{"$.a[", "", `"$.a[" is no path to a value in JSON: "[" is neither .name nor [0]`},
		{"", "", `"" is no path to a value in JSON: it begins with $`},
	}
	for _, tt := range tests {
		got, err := probe.Lookup([]byte(body), tt.path)
		words := ""
		if err != nil {
			words = err.Error()
		}
		if got != tt.want || words != tt.err {
			t.Errorf("%s: got %q, error %q; want %q, error %q", tt.path, got, words, tt.want, tt.err)
		}
	}
	for _, body := range []string{"", "{", "{} {}", `{"a":1} x`} {
		if _, err := probe.Lookup([]byte(body), "$"); err == nil || err.Error() != "the body is no JSON" {
			t.Errorf("%q: got %v", body, err)
		}
	}
}

// FuzzLookup finds panics, and values that are no longer those of the text.
func FuzzLookup(f *testing.F) {
	for _, seed := range []struct{ body, path string }{
		{`{"a":[1,"x",{"b":null}]}`, "$.a[1]"}, {`[[1]]`, "$[-1][0]"}, {`{"e.f":1}`, "$['e.f']"}, {`1`, "$"}, {`{}`, "$.a["}, {`{}`, "$[99999999999999999999]"},
	} {
		f.Add([]byte(seed.body), seed.path)
	}
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		value, err := probe.Lookup(body, path)
		if err != nil {
			return
		}
		if !json.Valid(body) || path == "" || path[0] != '$' {
			t.Errorf("%q of %q is %q", path, body, value)
		}
	})
}

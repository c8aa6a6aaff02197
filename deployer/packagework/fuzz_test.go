package packagework

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// always has a value for every name that has an a in it.
func always(name string) (string, bool, error) {
	return "new \"<&>\n", strings.Contains(name, "a"), nil
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":[1,"x\"",null,true]},"c":-1.5e3}`, `[]`, `"a"`, `{"a":"\\"}`, `{"":{"a":{}}}`, "{ // a \" b\r\n\"a//\": [1, /* , */ 2,/**/],\n}", `{"a":1,,}`, `[,]`, `{"a":"/*`, `/* {}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, set, err := setJSON(text, nil, always)
		if err != nil {
			return
		}
		if !json.Valid([]byte(plainJSON(out))) {
			t.Fatalf("%q became %q, which is not JSON", text, out)
		}
		if len(set) == 0 && out != text {
			t.Fatalf("%q became %q though nothing was set", text, out)
		}
		again, _, err := setJSON(out, nil, always)
		if err != nil || again != out {
			t.Fatalf("%q is not stable: %q, %v", out, again, err)
		}
	})
}

func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"a: 1\nb:\n  - a: 'x'\n", "{a: \"x\", b: [a]}", "a: |\n  x\n", "? a\n: b\n", "a: &x y\nb: *x\n", "a:\n", "- a: b # c\n",
		"a: |2-\n    x\n   y\nb: >\n  z\n\n# c\n", "a: !!str |\r\n  x\r\n", "a: b\n  c\n\n  d\n", "{a: , ab: 1}", "- a:\n-\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "[")+strings.Count(text, "{") > 100 {
			return
		}
		out, set, err := setYAML(text, nil, always)
		if err == nil && len(set) == 0 && out != text {
			t.Fatalf("%q became %q though nothing was set", text, out)
		}
		if err != nil || len(set) == 0 {
			return
		}
		if again, _, err := setYAML(out, nil, always); err != nil || again != out {
			t.Fatalf("%q is not stable: %q, %v", out, again, err)
		}
	})
}

// FuzzEncoding writes what it has read, byte by byte.
func FuzzEncoding(f *testing.F) {
	for _, seed := range []string{"a", "caf\xe9 \x80\x81", "\xef\xbb\xbfé", "\xff\xfea\x00", "a\x00", "\xff\xfe\x00\xd8"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, encode, err := decode(data)
		if err != nil {
			return
		}
		if out, err := encode(text); err != nil || !bytes.Equal(out, data) {
			t.Fatalf("%q became %q, %v", data, out, err)
		}
	})
}

func FuzzXML(f *testing.F) {
	for _, seed := range []string{`<a b='c'>x</a>`, `<a/>`, `<x:a xmlns:x="y" x:b = "c"><b>t<!-- c --></b></x:a>`, `<a><![CDATA[x]]></a>`, `<appSettings><add key="a" value="1"/></appSettings>`, `<applicationSettings><s><setting name="a"><value/></setting></s></applicationSettings>`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, set := range []func(string) (string, []string, error){
			func(s string) (string, []string, error) { return setXML(s, []string{"//a", "//a/@b", "/a"}, always) },
			func(s string) (string, []string, error) { return setConfiguration(s, always) },
		} {
			out, _, err := set(text)
			if err != nil {
				continue
			}
			if _, err := parseXML(out); err != nil {
				t.Fatalf("%q became %q: %v", text, out, err)
			}
			if again, _, err := set(out); err != nil || again != out {
				t.Fatalf("%q is not stable: %q, %v", out, again, err)
			}
		}
	})
}

func FuzzXPath(f *testing.F) {
	for _, seed := range []string{"/a/b/@c", "//a[@b='c']", "/a[1]/*", "a", "/", "//", "/a/text()", "/x:a[@y:b=\"c\"]/@z:d"} {
		f.Add(seed)
	}
	x, err := parseXML(`<a b="c"><b c="1"/><b/><c><a/></c></a>`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		path, ok := parseXPath(name)
		if ok && len(path.steps) < 8 {
			path.find(x.nodes)
		}
	})
}

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"a.txt", "a.txt", true}, {"a.txt", "b/a.txt", false}, {"**/a.txt", "a.txt", true}, {"**/a.txt", "b/c/A.TXT", true},
		{"**", "a/b", true}, {"*", "a/b", false}, {"a/**/d", "a/d", true}, {"a/**/d", "a/b/c/d", true}, {"a/**/d", "a/b/c", false},
		{`\a\*.cs??`, "a/x.cspk", true}, {"./a", "a", true}, {"/a", "a", true}, {"[", "[", false}, {"", "a", false},
		{"**/**/**/**/**/**/**/**/x", "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/y", false},
	}
	for _, test := range tests {
		if got := match(test.pattern, test.name); got != test.want {
			t.Errorf("match(%q, %q) is %v", test.pattern, test.name, got)
		}
	}
	if CheckPattern("a[") == nil || CheckPattern(`a\*`) != nil {
		t.Error("CheckPattern does not tell good from bad")
	}
}

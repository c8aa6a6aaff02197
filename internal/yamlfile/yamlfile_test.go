package yamlfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/internal/yamlfile"
)

func TestParse(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"mapping":           {"a: 1\nb: 2\n", ""},
		"byte order mark":   {"\ufeffa: 1\n", ""},
		"JSON":              {`{"a": [1, 2]}`, ""},
		"nothing":           {"", ""},
		"comment":           {"# later\n", ""},
		"many flat lists":   {"a:\n" + strings.Repeat("- [1]\n", 1500), ""},
		"too large":         {strings.Repeat("#", yamlfile.MaxSize+1), "f: the file is larger than 262144 bytes"},
		"no text":           {"\xff\xfe", "f: the file is not UTF-8 text"},
		"too deep":          {strings.Repeat("[", 1001), "f: brackets are nested too deep"},
		"too many dashes":   {strings.Repeat("- ", 101) + "a", "f: a line begins with too many dashes"},
		"question marks":    {"a:\n" + strings.Repeat(" ?", 101) + " a", "f: a line begins with too many dashes"},
		"a line of dashes":  {"# x\na: |\n  " + strings.Repeat("-", 300) + "\n", ""},
		"several documents": {"a: 1\n---\nb: 2\n", "f: the file has more than one document"},
		"open bracket":      {"a: [", "f:1:4: sequence end token ']' not found\n    1 | a: [\n      |    ^"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := yamlfile.NewReport("f", []byte(test.data))
			body := r.Parse()
			if err := r.Err(); (test.want != "" || err != nil) && (err == nil || err.Error() != test.want) {
				t.Errorf("got the error %v, want %q", err, test.want)
			}
			if body != nil && r.Failed() {
				t.Errorf("got both a document and an error")
			}
		})
	}
}

const file = "a: 1\nlist:\n\t- x\n  - secret\n"

func TestReport(t *testing.T) {
	r := yamlfile.NewReport("f", []byte(file))
	if r.Failed() || r.Err() != nil {
		t.Fatal("a fresh report has errors")
	}
	r.Note("list", yamlfile.Position{Line: 2, Column: 1})
	r.Note("list[0]", yamlfile.Position{Line: 3, Column: 4})
	r.Note("list[1]", yamlfile.Position{Line: 4, Column: 5})
	r.Hide("list[1]")
	r.Path("list[1].name", "wrong", "hide it")
	r.Path("list[0]", "worse", "")
	r.Path("list[7]", "missing", "")
	r.Path("nowhere", "lost", "")
	want := "f: lost\n" +
		"f:2:1: missing\n    2 | list:\n      | ^\n" +
		"f:3:4: worse\n    3 | \t- x\n      | \t  ^\n" +
		"f:4:5: wrong\nhint: hide it"
	err := r.Err()
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
	var one *yamlfile.Error
	if !errors.As(err, &one) || one.Message != "lost" {
		t.Errorf("the first error is %v", one)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.yaml")
	if err := os.WriteFile(path, make([]byte, 2*yamlfile.MaxSize), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := yamlfile.Load(path)
	if err != nil || len(data) != yamlfile.MaxSize+1 {
		t.Errorf("read %d bytes, %v", len(data), err)
	}
	if _, err := yamlfile.Load(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{file, "a: [1, {b: c}]", "- *x\n- &x y", "? a\n: b", "a: |\n  b\n", "{\"a\": \"\\u00e4\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := yamlfile.NewReport("f", data)
		body := r.Parse()
		if body != nil {
			r.At(yamlfile.PositionOf(body), "here", "")
		}
		if err := r.Err(); err != nil && !strings.HasPrefix(err.Error(), "f") {
			t.Errorf("the error does not name the file: %v", err)
		}
	})
}

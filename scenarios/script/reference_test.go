package script

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite generated documents")

// TestGeneratedDocuments keeps the page on scripts and the package comment like the
// table of commands.
func TestGeneratedDocuments(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	const end = "//\n// # Conditions\n"
	const begin = "// The commands are in one table. The following is generated from it.\n"
	head, rest, found := strings.Cut(string(doc), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("doc.go has no place for the commands")
	}
	generated := map[string]string{
		"doc.go": head + begin + comment() + end + tail,
		filepath.Join("..", "..", "docs", "scenarios.md"): Reference(),
	}
	for file, want := range generated {
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s: mismatch (-want +got); \"make update\" writes it:\n%s", file, diff)
		}
	}
}

// TestCommandsAreDescribed finds commands that the reference says too little of.
func TestCommandsAreDescribed(t *testing.T) {
	for _, c := range commands() {
		if c.text == "" || !strings.HasSuffix(c.text, ".") || c.run == nil || len(c.example) == 0 {
			t.Errorf("%s: a text of sentences, an example and what to do are needed", c.name)
		}
		for _, example := range c.example {
			if word, _, _ := strings.Cut(strings.TrimPrefix(example, "! "), " "); word != c.name {
				t.Errorf("%s: the example is one of %s", c.name, word)
			}
			if strings.HasPrefix(example, "! ") && !c.negatable {
				t.Errorf("%s: the example cannot be turned around", c.name)
			}
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFuzzTests(t *testing.T) {
	const file = "func FuzzRead(f *testing.F) {\n}\n\n// func FuzzNot(f *testing.F)\nfunc Fuzzy(t *testing.T) {}\nfunc FuzzWrite(fuzz *testing.F) {\n"
	if diff := cmp.Diff([]string{"FuzzRead", "FuzzWrite"}, fuzzTests([]byte(file))); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// TestFindsAll finds every fuzz test of the module that a look at all files finds.
func TestFindsAll(t *testing.T) {
	root := filepath.Join("..", "..")
	want := 0
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		want += strings.Count("\n"+string(data), "\nfunc Fuzz")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sources, err := list(t.Context(), []string{"github.com/vipswap/vipswap/..."})
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for _, s := range sources {
		got += len(s.names)
	}
	if got != want || got < 40 {
		t.Errorf("found %d fuzz tests, want %d", got, want)
	}
}

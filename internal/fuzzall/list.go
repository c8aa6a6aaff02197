package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// source is a package with fuzz tests.
type source struct {
	path, dir string
	names     []string
}

// fields is what go list prints of a package: path, folder, test files.
const fields = "{{.ImportPath}}\t{{.Dir}}{{range .TestGoFiles}}\t{{.}}{{end}}{{range .XTestGoFiles}}\t{{.}}{{end}}"

// list finds the packages that have fuzz tests, in their order.
func list(ctx context.Context, patterns []string) ([]source, error) {
	out, err := exec.CommandContext(ctx, "go", append([]string{"list", "-f", fields}, patterns...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var all []source
	for line := range strings.Lines(string(out)) {
		words := strings.Split(strings.TrimSpace(line), "\t")
		s := source{path: words[0], dir: words[1]}
		for _, file := range words[2:] {
			data, err := os.ReadFile(filepath.Join(s.dir, file))
			if err != nil {
				return nil, err
			}
			s.names = append(s.names, fuzzTests(data)...)
		}
		if len(s.names) > 0 {
			all = append(all, s)
		}
	}
	return all, nil
}

var fuzzTest = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(\w+ \*testing\.F\)`)

// fuzzTests returns the names of the fuzz tests in a file.
func fuzzTests(file []byte) []string {
	var names []string
	for _, m := range fuzzTest.FindAllSubmatch(file, -1) {
		names = append(names, string(m[1]))
	}
	return names
}

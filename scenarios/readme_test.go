package scenarios

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReadmeTranscript keeps the README's transcript and the script that checks it
// together: the script runs every command that is shown, in the same order.
func TestReadmeTranscript(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "```console\n")
	if !found {
		t.Fatal("README.md has no transcript (```console)")
	}
	block, _, _ = strings.Cut(block, "```")
	shown := commandsIn(block, "$ vipswap ")
	if len(shown) == 0 {
		t.Fatal("the transcript of README.md shows no commands")
	}
	script, err := os.ReadFile(filepath.Join("bluegreen", "readme.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	checked := commandsIn(string(script), "exec vipswap ", "exits 3 vipswap ")
	rest := checked
	for _, command := range shown {
		at := slices.Index(rest, command)
		if at < 0 {
			t.Fatalf("readme.txtar does not run %q at this place; it runs:\n%s", command, strings.Join(checked, "\n"))
		}
		rest = rest[at+1:]
	}
}

// commandsIn returns the program's arguments in lines that begin with one of the
// prefixes.
func commandsIn(text string, prefixes ...string) []string {
	var commands []string
	for line := range strings.SplitSeq(text, "\n") {
		for _, prefix := range prefixes {
			if strings.HasPrefix(line, prefix) {
				commands = append(commands, line[strings.Index(line, "vipswap "):])
			}
		}
	}
	return commands
}

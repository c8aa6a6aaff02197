package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadmeTranscript keeps the README's transcript and the script that checks it
// together: the same commands, in the same order.
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
	shown := commandsIn(block, "$ vipswap release ", "$ vipswap slots")
	if len(shown) == 0 {
		t.Skip("skipped, because the transcript of README.md shows no commands yet")
	}
	script, err := os.ReadFile(filepath.Join("bluegreen", "readme.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	checked := commandsIn(string(script), "exec vipswap ", "exits 3 vipswap ")
	if diff := cmp.Diff(checked, shown); diff != "" {
		t.Errorf("the README shows other commands than readme.txtar runs: mismatch (-checked +shown):\n%s", diff)
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

package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/scenarios/suite"
)

// TestPage plays the scripts that docs/test-your-deploy-script.md shows, with the
// deploy script that it speaks of.
func TestPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "test-your-deploy-script.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := plainBlocks(string(page))
	if len(shown) != 4 {
		t.Fatalf("the page shows %d scripts, want the swap and three questions", len(shown))
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("examples")); err != nil {
		t.Fatal(err)
	}
	filled, _, _ := strings.Cut(shown[0], "\n\n")
	st := newStage(t)
	for i, want := range []suite.Outcome{suite.Passed, suite.Passed, suite.Passed, suite.Failed} {
		text := shown[i]
		if i > 0 {
			text = filled + "\n\n" + text
		}
		text = "[!exec:curl] skip 'skipped, because there is no curl'\n" + text
		file := filepath.Join(dir, "tests", "shown"+string(rune('0'+i))+".txtar")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := suite.Play(t.Context(), st, suite.Script{Name: filepath.Base(file), File: file}, suite.Performance{})
		if r.Outcome == suite.Skipped {
			t.Skip(r.Reason)
		}
		if r.Outcome != want {
			t.Errorf("block %d of the page: %s, want %s\n%s", i+1, r.Outcome, want, r.Text())
		}
	}
}

// plainBlocks returns the fenced blocks of a page that name no language.
func plainBlocks(page string) []string {
	var blocks []string
	var block *strings.Builder // the open one that counts
	open := false
	for line := range strings.Lines(page) {
		switch fence := strings.HasPrefix(line, "```"); {
		case fence && open:
			if block != nil {
				blocks = append(blocks, block.String())
			}
			open, block = false, nil
		case fence:
			open = true
			if strings.TrimSpace(line) == "```" {
				block = &strings.Builder{}
			}
		case block != nil:
			block.WriteString(line)
		}
	}
	return blocks
}

package release

import (
	"strings"
	"testing"
)

// TestDigest changes with what a deployment depends on, and with nothing else.
func TestDigest(t *testing.T) {
	h := openHistory(t, t.TempDir())
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0.0", p)
	createRelease(t, h, "1.1.0", p)
	seen := map[string]string{}
	digest := func(what string, p *Project, changed bool) {
		t.Helper()
		r, err := h.Release("1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Digest(r, "Staging", p)
		if err != nil {
			t.Fatal(err)
		}
		if earlier, known := seen[got]; known == changed {
			t.Errorf("%s: changed is %v, want %v (as in: %s)", what, !known, changed, earlier)
		}
		seen[got] = what
	}
	digest("at first", p, true)
	digest("again", p, false)
	digest("comment in the project", mustProject(t, smallProject+"# comment\n"), false)
	digest("another lifecycle", mustProject(t, automaticProject), true)
	deploy(t, h, p, "1.1.0", "Staging", Success)
	digest("another release was deployed there", p, true)
	deploy(t, h, p, "1.1.0", "Production", Success)
	digest("another release was deployed elsewhere", p, false)
	if _, _, err := h.BlockRelease("1.0.0", strings.Repeat("x", 3)); err != nil {
		t.Fatal(err)
	}
	digest("it was blocked", p, true)
}

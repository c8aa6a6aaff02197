package variables

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// An expressionCase is one line of testdata/expressions.txt.
type expressionCase struct {
	line       int
	section    string
	vars       []Variable
	template   string
	result     string
	null       bool
	unresolved []string
	err        string
}

var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\e`, "", `\"`, `\"`)

func readExpressions(t testing.TB) []expressionCase {
	t.Helper()
	file, err := os.Open("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var cases []expressionCase
	var section string
	var vars []Variable
	scanner := bufio.NewScanner(file)
	for number := 1; scanner.Scan(); number++ {
		line := scanner.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "//"):
		case strings.HasPrefix(line, "== "):
			section, vars = line[3:], nil
		case strings.HasPrefix(line, "let "):
			name, value, hasValue := strings.Cut(line[4:], " = ")
			vars = append(vars[:len(vars):len(vars)], Variable{Name: name, Value: unescape.Replace(value), Null: !hasValue})
		default:
			c, ok := readExpression(line)
			if !ok {
				t.Fatalf("line %d makes no sense: %s", number, line)
			}
			c.line, c.section, c.vars = number, section, vars
			cases = append(cases, c)
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

func readExpression(line string) (expressionCase, bool) {
	if template, message, ok := strings.Cut(line, " =! "); ok {
		return expressionCase{template: unescape.Replace(template), err: message}, true
	}
	template, result, ok := strings.Cut(line, " => ")
	c := expressionCase{template: unescape.Replace(template)}
	result, tokens, hasTokens := strings.Cut(result, " !!")
	c.result = unescape.Replace(result)
	if c.null = c.result == "(null)"; c.null {
		c.result = ""
	}
	switch {
	case hasTokens && tokens == "":
		c.unresolved = []string{c.result}
	case hasTokens:
		c.unresolved = strings.Split(strings.TrimPrefix(unescape.Replace(tokens), " "), " ;; ")
	}
	return c, ok
}

func TestExpressions(t *testing.T) {
	cases := readExpressions(t)
	if len(cases) < 200 {
		t.Errorf("the table has %d cases, want 200 at least", len(cases))
	}
	clock := func() time.Time {
		return time.Date(2026, 3, 5, 14, 7, 9, 12345600, time.FixedZone("", 3600))
	}
	for _, c := range cases {
		d := NewDictionary(c.vars...).WithClock(clock)
		got, err := d.Evaluate(c.template)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("line %d (%s): %s\n gives %q and error %v, want an error that says %q", c.line, c.section, c.template, got.Text, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("line %d (%s): %s: %v", c.line, c.section, c.template, err)
			continue
		}
		want := Result{Text: c.result, Null: c.null, Unresolved: c.unresolved}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Result{}, "Malformed")); diff != "" {
			t.Errorf("line %d (%s): %s: mismatch (-want +got):\n%s", c.line, c.section, c.template, diff)
		}
	}
}

// TestEchoIsStable: what an unresolved expression leaves behind is in normal
// form, so that evaluating it again changes nothing.
func TestEchoIsStable(t *testing.T) {
	for _, c := range readExpressions(t) {
		if c.err != "" {
			continue
		}
		nodes, err := parse("#{if x}"+c.template+"#{/if}", false)
		if err != nil {
			t.Fatal(err)
		}
		var once, twice strings.Builder
		sourceOf(nodes, &once)
		nodes, err = parse(once.String(), false)
		if strings.Contains(strings.ToLower(c.template), "calc ") {
			continue // the word calc is left out, as in the original
		}
		if err != nil {
			t.Errorf("line %d: %s becomes %s, which does not parse: %v", c.line, c.template, once.String(), err)
			continue
		}
		sourceOf(nodes, &twice)
		if once.String() != twice.String() {
			t.Errorf("line %d: %s becomes %s, then %s", c.line, c.template, once.String(), twice.String())
		}
	}
}

package variables

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

func TestSyntaxErrorSaysWhere(t *testing.T) {
	const template = "first line\nsecond é #{if X}\n  #{Name ! secret}#{/if}"
	result, err := NewDictionary().Evaluate(template)
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("error %v is no SyntaxError", err)
	}
	want := SyntaxError{Line: 3, Column: 10, Message: "} is expected"}
	if diff := cmp.Diff(want, *syntax); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if result.Text != template {
		t.Errorf("the text changed to %q", result.Text)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error quotes the text: %v", err)
	}
	if err := Check(template); err == nil {
		t.Error("Check finds nothing wrong")
	}
}

func TestRecursionErrorNamesTheChain(t *testing.T) {
	d := NewDictionary(
		Variable{Name: "Start", Value: "#{Foo}"},
		Variable{Name: "Foo", Value: "#{fox}"},
		Variable{Name: "Fox", Value: "#{if FOO}x#{/if}"},
	)
	_, err := d.Evaluate("#{Start}")
	var recursion *RecursionError
	if !errors.As(err, &recursion) {
		t.Fatalf("error %v is no RecursionError", err)
	}
	if diff := cmp.Diff([]string{"Foo", "Fox", "Foo"}, recursion.Chain); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestLenient(t *testing.T) {
	d := NewDictionary(Variable{Name: "A", Value: "1"})
	tests := []struct{ template, want string }{
		{"#{A} #{bad! #{A}", "1 #{bad! 1"},
		{"#{if A}x #{A}", "#{if A}x 1"},
		{"a #{", "a #{"},
		{"#{A}#{}#{A}", "1#{}1"},
		{"#{if A}#{!}#{/if}", "#{!}"},
		{"##{A} #{#{A}}", "#{A} #{1}"},
		{strings.Repeat("#{if A}", 70) + "#{A}", strings.Repeat("#{if A}", 70) + "1"},
	}
	for _, test := range tests {
		got, err := d.EvaluateLenient(test.template)
		if got.Text != test.want || err != nil {
			t.Errorf("%.90q gives %.900q, %v, want %q", test.template, got.Text, err, test.want)
		}
	}
}

// TestLenientIsNotExponential would not end if a failed block was tried again
// on every level.
func TestLenientIsNotExponential(t *testing.T) {
	template := strings.Repeat("#{if A}#{each a in A}#{a[#{b \\\" ", 1_000)
	if _, err := NewDictionary().EvaluateLenient(template); err != nil {
		t.Error(err)
	}
}

func TestMalformedValuesAreReported(t *testing.T) {
	d := NewDictionary(Variable{Name: "Broken", Value: "#{x"}, Variable{Name: "Fine", Value: "<#{broken}>"})
	got, err := d.Evaluate("#{Fine}#{Fine}")
	want := Result{Text: "<#{x><#{x>", Malformed: []string{"Broken"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, mismatch (-want +got):\n%s", err, diff)
	}
}

func TestNestingIsLimited(t *testing.T) {
	templates := []string{
		strings.Repeat("#{if A}", 1000) + strings.Repeat("#{/if}", 1000),
		"#{calc " + strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000) + "}",
		"#{" + strings.Repeat("A[#{", 1000) + "B" + strings.Repeat("}]", 1000) + "}",
	}
	for _, template := range templates {
		if _, err := NewDictionary().Evaluate(template); err == nil || !strings.Contains(err.Error(), "nested more than 64 deep") {
			t.Errorf("%.20s...: error %v", template, err)
		}
	}
}

// TestLimits evaluates values that grow without end in few characters.
func TestLimits(t *testing.T) {
	vars := []Variable{{Name: "L", Value: strings.Repeat("x,", 1000)}, {Name: "V0", Value: "0123456789"},
		{Name: "Stars", Value: strings.Repeat("*a ", 2_000)}, {Name: "Some", Value: strings.Repeat("*a ", 200)}}
	for i := range 40 {
		vars = append(vars, Variable{Name: fmt.Sprintf("V%d", i+1), Value: fmt.Sprintf("#{V%d}#{V%d}", i, i)})
		vars = append(vars, Variable{Name: fmt.Sprintf("E%d", i+1), Value: fmt.Sprintf("#{if E%d}#{/if}#{if E%d}#{/if}", i, i)})
	}
	d := NewDictionary(vars...).WithLimits(Limits{Output: 1 << 20, Steps: 50_000})
	templates := []string{
		"#{V40}",
		"#{E40}",
		strings.Repeat("#{each a in L}", 10) + "." + strings.Repeat("#{/each}", 10),
		"#{V10" + strings.Repeat(" | Replace \"\" \"0123456789\"", 10) + "}",
		"#{V10" + strings.Repeat(" | ToBase64", 50) + "}",
		"#{Stars | Markdown}",
		"#{each a in L}#{Some | MarkdownToHtml}#{/each}",
	}
	for _, template := range templates {
		result, err := d.Evaluate(template)
		if !errors.Is(err, ErrLimit) {
			t.Errorf("%.30s: error %v, want one for a limit", template, err)
		}
		if result.Text != template {
			t.Errorf("%.30s: the text changed to %d bytes", template, len(result.Text))
		}
	}
}

// TestSearchesEnd evaluates searches that would take years, or all memory.
func TestSearchesEnd(t *testing.T) {
	d := NewDictionary(Variable{Name: "A", Value: strings.Repeat("a", 5000)}, Variable{Name: "Large", Value: strings.Repeat("a", maxSearched+1)},
		Variable{Name: "P", Value: "(" + strings.Repeat("a", maxPattern) + ")"}).WithLimits(Limits{Output: 1 << 20, Searching: 200 * time.Millisecond})
	for _, test := range []struct{ template, want string }{
		{`#{A | Match "^(a+)+b$"}`, "it takes too long"},
		{`#{A | Replace "(a|a)*b" x}`, "it takes too long"},
		{`#{A | Replace "(?=(a+)+b)" x}`, "it takes too long"},
		{`#{A | Replace "a" "` + strings.Repeat("$_", 1000) + `"}`, "over 1048576 bytes"},
		{`#{A | Replace "a" "` + strings.Repeat("$`$'", 1000) + `"}`, "over 1048576 bytes"},
		{`#{Large | Match "a"}`, "over 1048576 bytes"},
	} {
		if _, err := d.Evaluate(test.template); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40s: error %v, want a limit: %s", test.template, err, test.want)
		}
	}
	got, err := d.Evaluate("#{A | Match #{P}}")
	if err != nil || len(got.Unresolved) != 1 {
		t.Errorf("a long pattern: %v, %v", got, err)
	}
}

func TestWithoutClock(t *testing.T) {
	got, err := NewDictionary().Evaluate("#{ | NowDate}")
	want := Result{Text: "#{ | NowDate}", Unresolved: []string{"#{ | NowDate}"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, mismatch (-want +got):\n%s", err, diff)
	}
}

func TestFiltersAreListed(t *testing.T) {
	names := Filters()
	if len(names) != len(filters) || names[0] != "AddDays" {
		t.Errorf("%d filters are listed, %d known, first %s", len(names), len(filters), names[0])
	}
}

func TestEscape(t *testing.T) {
	d := NewDictionary(Variable{Name: "A", Value: "1"})
	for _, s := range []string{"", "plain #", "#{A}", "##{A}", "###{A}x#{", "a#{if A}#{/if}##", "#{A}#####{A}", "####{A}", "##{", "####{##{", "##", "x##{y}#"} {
		if got, err := d.Evaluate(Escape(s)); got.Text != s || err != nil {
			t.Errorf("%q is escaped as %q, which gives %q, %v", s, Escape(s), got.Text, err)
		}
	}
}

func FuzzEvaluate(f *testing.F) {
	for _, c := range readExpressions(f) {
		var values []string
		for _, v := range c.vars {
			values = append(values, v.Value)
		}
		f.Add(c.template, strings.Join(values, "\n"))
	}
	clock := func() time.Time { return time.Unix(0, 0) }
	f.Fuzz(func(t *testing.T, template, values string) {
		vars := []Variable{{Name: "List[a].X", Value: "1"}, {Name: "List[b].X", Value: "2"}}
		for i, v := range strings.SplitN(values, "\n", 8) {
			vars = append(vars, Variable{Name: string(rune('A' + i)), Value: v})
		}
		d := NewDictionary(vars...).WithClock(clock).WithLimits(Limits{Output: 1 << 16, Steps: 10_000, Searching: 100 * time.Millisecond})
		strict, strictErr := d.Evaluate(template)
		lenient, lenientErr := d.EvaluateLenient(template)
		if len(strict.Text) > 1<<16+len(template) {
			t.Errorf("%d bytes were written", len(strict.Text))
		}
		var syntax *SyntaxError
		if errors.As(lenientErr, &syntax) {
			t.Errorf("a lenient evaluation fails: %v", lenientErr)
		}
		escaped, err := d.WithLimits(Limits{}).Evaluate(Escape(template))
		if escaped.Text != template || err != nil {
			t.Errorf("%q is escaped as %q, which gives %q, %v", template, Escape(template), escaped.Text, err)
		}
		if strictErr == nil && lenientErr == nil && strict.Text != lenient.Text {
			t.Errorf("%q gives %q, leniently %q", template, strict.Text, lenient.Text)
		}
	})
}

// BenchmarkEvaluate is how many expressions one core evaluates in a second.
func BenchmarkEvaluate(b *testing.B) {
	d := NewDictionary(
		Variable{Name: "Octopus.Environment.Name", Value: "Production"},
		Variable{Name: "Host", Value: "#{Octopus.Environment.Name | ToLower}.example.com"},
		Variable{Name: "Server[a].Url", Value: "http://#{Host}"},
		Variable{Name: "J", Value: `{"a":{"b":[1,2,3]}}`},
	)
	for _, test := range []struct{ name, template string }{
		{"name", "#{Octopus.Environment.Name}"},
		{"nested", "#{Server[a].Url}/path"},
		{"condition", `#{if Octopus.Environment.Name == "Production"}#{Host}#{else}localhost#{/if}`},
		{"json", "#{J.a.b[1]}"},
		{"loop", "#{each s in Server}#{s}=#{s.Url};#{/each}"},
	} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := d.Evaluate(test.template); err != nil {
					b.Fatal(err)
				}
			}
			ratio.Single(b, float64(b.N)/b.Elapsed().Seconds(), "expressions/s", ratio.AtLeast(10_000))
		})
	}
}

// FuzzSearch looks for expressions of .NET that make the engine panic or hang, and for
// replacements that outgrow the limit.
func FuzzSearch(f *testing.F) {
	for _, c := range readExpressions(f) {
		f.Add(c.template, "[$1${n}$&$`$'$_$+$$]", c.result)
	}
	for _, pattern := range []string{`(?<n>a)(?<-n>b)`, `(?(a)b|c)`, `\p{Lu}\P{IsGreek}[a-z-[aeiou]]`, `(?i:x)(?#y)$`, `(a+)+$`, `\G\b.\B\z\Z`, `\x41\u0041\cA\k<n>`} {
		f.Add(pattern, "$1", "aaaaab")
	}
	f.Fuzz(func(t *testing.T, pattern, replacement, value string) {
		const limit = 1 << 16
		if len(value) > limit {
			return
		}
		in := input{value: value, options: []string{pattern, replacement}, limit: limit, searching: 100 * time.Millisecond}
		text, ok, err := replace(in)
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Errorf("replace: %v", err)
		}
		if len(text) > limit+2*len(value)+len(replacement)+utf8.UTFMax*len(value) {
			t.Errorf("%d bytes come out", len(text))
		}
		in.options = in.options[:1]
		found, matched, err := match(in)
		if err == nil && matched != (compiles(pattern)) || ok && found == "false" && text != value {
			t.Errorf("match gives %q, %t, %v; replace gives %q, %t", found, matched, err, text, ok)
		}
	})
}

func compiles(pattern string) bool { return checkPattern([]string{pattern}) == "" }

package markdown

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHTML(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "\n"},
		{" \n ", "\n"},
		{"_yeah!_", "<p><em>yeah!</em></p>\n\n"},
		{"  a  \nb\n\n---\n", "<p>a<br />\nb</p>\n<hr />\n\n"},
		{"# T\n- a\n- [ ] b", "<h1>T</h1>\n<ul>\n<li>a</li>\n<li>[ ] b</li>\n</ul>\n\n"},

		// links
		{"http://octopus.com", `<p><a href="http://octopus.com">http://octopus.com</a></p>` + "\n\n"},
		{"[Some link](http://octopus.com)", `<p><a href="http://octopus.com">Some link</a></p>` + "\n\n"},
		{"see www.x.com, ftp://y.com", `<p>see <a href="http://www.x.com">www.x.com</a>, <a href="ftp://y.com">ftp://y.com</a></p>` + "\n\n"},
		{"ann@example.com", "<p>ann@example.com</p>\n\n"},
		{"<ann@example.com>", `<p><a href="mailto:ann@example.com">ann@example.com</a></p>` + "\n\n"},
		{"![i](u)", `<p><img src="u" alt="i" /></p>` + "\n\n"},

		// tables
		{"|Header1|Header2|\n|-|-|\n|Cell1|Cell2|", "<table>\n<thead>\n<tr>\n<th>Header1</th>\n<th>Header2</th>\n</tr>\n</thead>\n" +
			"<tbody>\n<tr>\n<td>Cell1</td>\n<td>Cell2</td>\n</tr>\n</tbody>\n</table>\n\n"},
		{"a|b\n:-|-:", "<table>\n<thead>\n<tr>\n<th style=\"text-align:left\">a</th>\n<th style=\"text-align:right\">b</th>\n</tr>\n</thead>\n</table>\n\n"},

		// emphasis beyond CommonMark
		{"H~2~O ~~no~~ 2^nd^ ++new++ ==key==", "<p>H<sub>2</sub>O <del>no</del> 2<sup>nd</sup> <ins>new</ins> <mark>key</mark></p>\n\n"},
		{"**~~a~~** ~~**b**~~", "<p><strong><del>a</del></strong> <del><strong>b</strong></del></p>\n\n"},
		{"~a~~ ^^b^^ +c+ =d= ~~~e", "<p>~a~~ ^^b^^ +c+ =d= ~~~e</p>\n\n"},
		{"~ a ~ 1 + 2 == 3", "<p>~ a ~ 1 + 2 == 3</p>\n\n"},
		{"~~a ==b~~ c==", "<p><del>a ==b</del> c==</p>\n\n"},
		{`\~a~ ` + "`~b~`", "<p>~a~ <code>~b~</code></p>\n\n"},

		// raw HTML stays, everything else is escaped
		{"<b>x</b> & 1 < 2", "<p><b>x</b> &amp; 1 &lt; 2</p>\n\n"},
		{"<div>\n*x*\n</div>", "<div>\n*x*\n</div>\n"},
	}
	for _, test := range tests {
		got, ok := HTML(test.text)
		if diff := cmp.Diff(test.want, got); diff != "" || !ok {
			t.Errorf("%q: accepted %v, mismatch (-want +got):\n%s", test.text, ok, diff)
		}
	}
}

func TestTextThatIsTooMuch(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"long", strings.Repeat("a", maxText), true},
		{"too long", strings.Repeat("a", maxText+1), false},
		{"deep", strings.Repeat(">", maxDepth) + "a", true},
		{"too deep", strings.Repeat("> ", maxDepth+1) + "a", false},
		{"too deep further down", "a\n\n" + strings.Repeat("* ", maxDepth+1), false},
		{"many quotes in lines of their own", strings.Repeat("> a\n", maxDepth+1), true},
	}
	for _, test := range tests {
		if got, ok := HTML(test.text); ok != test.want || (got != "") != test.want {
			t.Errorf("%s: accepted %v, %d bytes, want %v", test.name, ok, len(got), test.want)
		}
	}
}

func TestSteps(t *testing.T) {
	tests := []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"text", strings.Repeat("word ", 64), 5},
		{"marks of one paragraph", strings.Repeat("*a\n", 640), 30 + 6400},
		{"marks of ten paragraphs", strings.Repeat(strings.Repeat("*a ", 64)+"\n\n", 10), 30 + 10*64},
		{"brackets, which look back, too", strings.Repeat("[](", 64), 3 + 256},
		{"short rows under a long head", strings.Repeat("|", 1000) + "\n" + strings.Repeat("x\n", 999), 46 + 1_000_000},
	}
	for _, test := range tests {
		if got := Steps(test.text); got != test.want {
			t.Errorf("%s: %d steps, want %d", test.name, got, test.want)
		}
	}
}

// FuzzHTML looks for text that makes the parser panic, or its HTML outgrow what the
// steps foretell.
func FuzzHTML(f *testing.F) {
	for _, text := range []string{
		"", "# a\n\n- b\n  1. *c*", "|a|b|\n|:-|-:|\n|~~c~~|`d`|", "www.x.com <https://y> [z](w \"v\")\n\n[u]: t",
		"> ```go\n> x\n> ```", "<div>\n\n**a** ==b== ^c^ ++d++ ~e~", "&amp; &#0; \x00 \xff \\~", "a\n===\n***\n![i](j)",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		steps := Steps(text)
		if steps > 50_000 {
			return
		}
		html, ok := HTML(text)
		if !ok && !tooDeep(text) {
			t.Fatalf("%q is refused", text)
		}
		if limit := 100*len(text) + 100*steps + 1; len(html) > limit {
			t.Fatalf("%q grows to %d bytes, over %d", text, len(html), limit)
		}
	})
}

package octopus

import (
	"bytes"
	"fmt"
	"strings"
)

// indentation of one level, as Octopus writes it.
const indentation = "    "

// writeBody writes a file: attributes, then blocks, with an empty line before
// each block but the first.
func writeBody(b body) []byte {
	var out bytes.Buffer
	b.write(&out, "")
	return out.Bytes()
}

func (b body) write(out *bytes.Buffer, indent string) {
	for _, a := range b.attributes {
		a.write(out, indent)
	}
	for i, inner := range b.blocks {
		if i > 0 || len(b.attributes) > 0 {
			out.WriteByte('\n')
		}
		inner.write(out, indent)
	}
}

func (b block) write(out *bytes.Buffer, indent string) {
	out.WriteString(indent + b.name)
	for _, l := range b.labels {
		out.WriteString(" " + quoteText(l))
	}
	if len(b.attributes) == 0 && len(b.blocks) == 0 {
		out.WriteString(" {}\n")
		return
	}
	out.WriteString(" {\n")
	b.body.write(out, indent+indentation)
	out.WriteString(indent + "}\n")
}

func (a attribute) write(out *bytes.Buffer, indent string) {
	fmt.Fprintf(out, "%s%s = ", indent, a.name)
	v := a.value
	switch {
	case v.isList:
		var quoted []string
		for _, text := range v.list {
			quoted = append(quoted, quoteText(text))
		}
		fmt.Fprintf(out, "[%s]\n", strings.Join(quoted, ", "))
	case v.dictionary != nil:
		out.WriteString("{\n")
		for _, inner := range v.dictionary {
			inner.write(out, indent+indentation)
		}
		out.WriteString(indent + "}\n")
	case v.isText:
		out.WriteString(literal(v.text, indent+indentation) + "\n")
	default:
		out.WriteString(v.text + "\n")
	}
}

// literal writes text in quotes, or over several lines as a heredoc. A
// heredoc cannot hold a line that ends it, a carriage return, or text that
// begins with blanks on every line; such text is quoted.
func literal(text, indent string) string {
	const tag = "EOT"
	lines := strings.Split(text, "\n")
	fits, flush := len(lines) > 1 && !strings.Contains(text, "\r"), false
	for _, l := range lines {
		fits = fits && strings.TrimSpace(l) != tag && (l == "" || strings.TrimSpace(l) != "")
		flush = flush || l != "" && l[0] != ' ' && l[0] != '\t'
	}
	if !fits || !flush {
		return quoteText(text)
	}
	var b strings.Builder
	b.WriteString("<<-" + tag + "\n")
	for _, l := range lines {
		if l != "" {
			l = indent + l
		}
		b.WriteString(l + "\n")
	}
	return b.String() + indent + tag
}

var escapes = strings.NewReplacer(`\`, `\\`, "\r", `\r`, "\n", `\n`, "\t", `\t`, `"`, `\"`)

func quoteText(text string) string { return `"` + escapes.Replace(text) + `"` }

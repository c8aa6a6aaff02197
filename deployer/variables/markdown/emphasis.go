package markdown

import (
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// tags are the elements of the emphasis that Markdig's EmphasisExtras know, by
// the delimiter on each side.
var tags = map[string]string{
	"~": "sub", "~~": "del", "^": "sup", "++": "ins", "==": "mark",
}

// extraEmphasis teaches goldmark the emphasis of the table.
type extraEmphasis struct{}

// Extend implements goldmark.Extender.
func (extraEmphasis) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(delimiters{}, 500)))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(emphasisWriter{}, 500)))
}

// delimiters finds what may open or close an emphasis, and makes its node of a pair.
type delimiters struct{ tag string }

func (delimiters) Trigger() []byte { return []byte("~^+=") }

// Parse takes a run of characters that the table knows for a delimiter.
func (delimiters) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	run := 1
	for run < len(line) && line[run] == line[0] {
		run++
	}
	tag, known := tags[string(line[:run])]
	if !known || before == rune(line[0]) {
		return nil
	}
	node := parser.ScanDelimiter(line, before, 1, delimiters{tag})
	if node == nil {
		return nil
	}
	node.Segment = segment.WithStop(segment.Start + node.OriginalLength)
	block.Advance(node.OriginalLength)
	pc.PushDelimiter(node)
	return node
}

// IsDelimiter implements parser.DelimiterProcessor.
func (delimiters) IsDelimiter(b byte) bool { return b == '~' || b == '^' || b == '+' || b == '=' }

// CanOpenCloser reports whether both are the same delimiter.
func (delimiters) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Processor == closer.Processor
}

// OnMatch makes the node of a pair.
func (d delimiters) OnMatch(int) ast.Node { return &emphasis{tag: d.tag} }

var emphasisKind = ast.NewNodeKind("ExtraEmphasis")

// emphasis is a part of a line in an element of the table.
type emphasis struct {
	ast.BaseInline
	tag string
}

func (*emphasis) Kind() ast.NodeKind { return emphasisKind }

func (e *emphasis) Dump(source []byte, level int) { ast.DumpHelper(e, source, level, nil, nil) }

// emphasisWriter writes the elements.
type emphasisWriter struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (emphasisWriter) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(emphasisKind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		slash := "/"
		if entering {
			slash = ""
		}
		_, err := w.WriteString("<" + slash + n.(*emphasis).tag + ">")
		return ast.WalkContinue, err
	})
}

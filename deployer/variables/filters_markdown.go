package variables

import "github.com/vipswap/vipswap/deployer/variables/markdown"

var markdownFilters = []filter{
	{name: "Markdown", apply: toHTML, steps: markdown.Steps},
	{name: "MarkdownToHtml", apply: toHTML, steps: markdown.Steps},
}

func toHTML(in input) (string, bool) { return markdown.HTML(in.value) }

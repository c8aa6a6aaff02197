// Package markdown turns Markdown into HTML for the filters Markdown and
// MarkdownToHtml of the variable language:
//
//	html, ok := markdown.HTML("see **https://example.com**")
//
// The dialect is that of Octopus, whose filter uses the library Markdig:
// CommonMark with raw HTML kept, pipe tables, addresses that become links by
// themselves, and five more kinds of emphasis. The work is done by goldmark;
// what this package adds is that emphasis, and a bound on hostile text.
package markdown

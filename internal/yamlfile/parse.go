package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Limits of what is read. The parser recurses into brackets and takes long over
// very many of them.
const (
	MaxSize     = 256 << 10 // of a file, in bytes
	maxBrackets = 1000      // that are open at once
	maxDashes   = 100       // and question marks at the beginning of a line: each opens a list or map in the one before
)

// Load reads a file, but no more than one byte above [MaxSize], so that
// [Report.Parse] finds out. Errors are those of the file system.
func Load(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxSize+1))
}

// CheckDepth refuses YAML that nests deeper than the library bears: its time and
// memory grow with the square of the depth, up to all that there is.
func CheckDepth(data []byte) error {
	switch {
	case deepBrackets(data):
		return errors.New("brackets are nested too deep")
	case manyDashes(data):
		return errors.New("a line begins with too many dashes")
	}
	return nil
}

// Parse returns the only document of the file; nil for one that holds nothing, and
// for one that cannot be read, which it reports.
func (r *Report) Parse() ast.Node {
	switch {
	case len(r.data) > MaxSize:
		r.At(Position{}, fmt.Sprintf("the file is larger than %d bytes", MaxSize), "")
		return nil
	case !utf8.Valid(r.data):
		r.At(Position{}, "the file is not UTF-8 text", "")
		return nil
	}
	if err := CheckDepth(r.data); err != nil {
		r.At(Position{}, err.Error(), "")
		return nil
	}
	body, err := parse(r.data)
	if err != nil {
		r.Syntax(err)
		return nil
	}
	return body
}

// Syntax reports an error of the YAML library.
func (r *Report) Syntax(err error) {
	var located yaml.Error
	if errors.As(err, &located) {
		r.At(positionOf(located.GetToken()), located.GetMessage(), "")
		return
	}
	r.At(Position{}, err.Error(), "")
}

// parse returns the only document of a file. A panic in the library, on nonsense
// that it did not expect, is an error.
func parse(data []byte) (body ast.Node, err error) {
	defer func() {
		if recover() != nil {
			body, err = nil, errors.New("this is not YAML")
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, err
	}
	for _, document := range file.Docs {
		if document.Body == nil || document.Body.Type() == ast.CommentType || document.Body.Type() == ast.NullType {
			continue
		}
		if body != nil {
			return nil, errors.New("the file has more than one document")
		}
		body = document.Body
	}
	return body, nil
}

// deepBrackets reports whether brackets open so often without closing that
// parsing them would take too much memory.
func deepBrackets(data []byte) bool {
	open := bytes.Count(data, []byte("[")) + bytes.Count(data, []byte("{"))
	if open <= maxBrackets {
		return false
	}
	depth := 0
	for _, c := range data {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		}
		if depth > maxBrackets {
			return true
		}
	}
	return false
}

// manyDashes reports whether a line opens more lists and maps in each other than
// anybody writes.
func manyDashes(data []byte) bool {
	for line := range bytes.Lines(data) {
		n := 0
		for rest := bytes.TrimLeft(line, " \t"); opensBlock(rest); rest = bytes.TrimLeft(rest[1:], " \t") {
			n++
		}
		if n > maxDashes {
			return true
		}
	}
	return false
}

// opensBlock reports whether text begins with a dash or a question mark that stands
// by itself.
func opensBlock(text []byte) bool {
	return len(text) > 1 && (text[0] == '-' || text[0] == '?') && (text[1] == ' ' || text[1] == '\t')
}

package release

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Limits of a project file.
const (
	maxProjectFile = 1 << 20
	maxBrackets    = 1000
)

// The types below are the file as it is written.

type projectFile struct {
	Project        string            `yaml:"project"`
	Service        string            `yaml:"service"`
	StorageAccount string            `yaml:"storageAccount"`
	Location       string            `yaml:"location"`
	Environments   []string          `yaml:"environments"`
	Lifecycle      lifecycleFile     `yaml:"lifecycle"`
	Step           stepFile          `yaml:"step"`
	Variables      []variableFile    `yaml:"variables"`
	Before         []processStepFile `yaml:"before"`
	After          []processStepFile `yaml:"after"`
	Versioning     versioningFile    `yaml:"versioning"`
	Unresolved     string            `yaml:"unresolved"`
}

type versioningFile struct {
	Template string `yaml:"template"`
}

type lifecycleFile struct {
	Phases []phaseFile `yaml:"phases"`
}

type phaseFile struct {
	Name      string   `yaml:"name"`
	Automatic []string `yaml:"automatic"`
	Manual    []string `yaml:"manual"`
	Minimum   int      `yaml:"minimum"`
	Optional  bool     `yaml:"optional"`
}

type stepFile struct {
	Name                    string          `yaml:"name"`
	Slot                    string          `yaml:"slot"`
	Label                   string          `yaml:"label"`
	Swap                    string          `yaml:"swap"`
	SwapWhenProductionEmpty string          `yaml:"swapWhenProductionEmpty"`
	LabelMismatch           string          `yaml:"labelMismatch"`
	InstanceCount           string          `yaml:"instanceCount"`
	ConfigurationFile       string          `yaml:"configurationFile"`
	UpgradeMode             string          `yaml:"upgradeMode"`
	WaitReady               *bool           `yaml:"waitReady"`
	ReadyTimeout            string          `yaml:"readyTimeout"`
	OperationTimeout        string          `yaml:"operationTimeout"`
	Package                 packageFile     `yaml:"package"`
	Instances               []instancesFile `yaml:"instances"`
}

type variableFile struct {
	Name         string   `yaml:"name"`
	Value        *string  `yaml:"value"`
	FromEnv      string   `yaml:"fromEnv"`
	FromFile     string   `yaml:"fromFile"`
	Sensitive    *bool    `yaml:"sensitive"`
	Environments []string `yaml:"environments"`
	Steps        []string `yaml:"steps"`
}

// LoadProject reads a project from its file, or from the file [FileName] in
// a folder. Errors are those of the file system and [FileErrors].
func LoadProject(path string) (*Project, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, FileName)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the project: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxProjectFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the project: %w", err)
	}
	return ParseProject(path, data)
}

// ParseProject reads a project from the content of its file. The name is only
// for error messages. The error, if any, is a [FileErrors] with everything
// that is wrong: what is no YAML, unknown keys, missing or unsuitable values,
// a variable that refers to itself, and an environment whose slot is neither
// Staging nor Production.
func ParseProject(name string, data []byte) (*Project, error) {
	r := &reader{name: name, lines: strings.Split(string(data), "\n"), places: make(map[string]position), secretLines: make(map[int]bool)}
	file, ok := r.read(data)
	if ok && len(r.errors) == 0 {
		p := r.project(file)
		p.source = slices.Clone(data)
		if len(r.errors) == 0 {
			return p, nil
		}
	}
	for _, e := range r.errors {
		if r.secretLines[e.Line] {
			e.Source = ""
		}
	}
	slices.SortStableFunc(r.errors, func(a, b *FileError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return nil, r.errors
}

// A reader turns a file into a project and collects what is wrong with it.
type reader struct {
	name   string
	lines  []string
	places map[string]position
	errors FileErrors

	secretLines map[int]bool // lines that no error may show
}

func (r *reader) read(data []byte) (file projectFile, ok bool) {
	switch {
	case len(data) > maxProjectFile:
		r.reportAt(position{}, fmt.Sprintf("the file is larger than %d bytes", maxProjectFile), "")
		return file, false
	case !utf8.Valid(data):
		r.reportAt(position{}, "the file is not UTF-8 text", "")
		return file, false
	case deepBrackets(data):
		r.reportAt(position{}, "brackets are nested too deep", "")
		return file, false
	}
	body, err := parseYAML(data)
	if err != nil {
		r.reportYAML(err)
		return file, false
	}
	if body == nil {
		r.reportAt(position{}, "the file is empty", `"vipswap init" writes one to start from`)
		return file, false
	}
	o := &outline{report: r.reportAt, places: r.places}
	o.visit(body, reflect.TypeFor[projectFile](), "", 0)
	if len(r.errors) > 0 {
		return file, false
	}
	if err := yaml.NodeToValue(body, &file); err != nil {
		r.reportYAML(err)
	}
	return file, true
}

// parseYAML returns the only document of a file, or nil for an empty file. A
// panic in the library, on nonsense that it did not expect, is an error.
func parseYAML(data []byte) (body ast.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
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

func (r *reader) reportYAML(err error) {
	var located yaml.Error
	if errors.As(err, &located) {
		r.reportAt(placeOfToken(located.GetToken()), located.GetMessage(), "")
		return
	}
	r.reportAt(position{}, err.Error(), "")
}

// report adds an error about the value at path, or about the nearest thing
// around it that is there, or else about the whole file.
func (r *reader) report(path, message, hint string) {
	for path != "" {
		if at, found := r.places[path]; found {
			r.reportAt(at, message, hint)
			return
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	r.reportAt(position{}, message, hint)
}

func (r *reader) reportAt(at position, message, hint string) {
	e := &FileError{File: r.name, Line: at.line, Column: at.column, Message: message, Hint: hint}
	if 0 < at.line && at.line <= len(r.lines) {
		e.Source = strings.TrimRight(r.lines[at.line-1], "\r")
	}
	r.errors = append(r.errors, e)
}

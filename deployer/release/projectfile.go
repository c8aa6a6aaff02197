package release

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"github.com/vipswap/vipswap/internal/yamlfile"
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
	Gates                   *gatesFile      `yaml:"gates"`
	Roles                   []string        `yaml:"roles"`
}

type variableFile struct {
	Name         string   `yaml:"name"`
	Value        *string  `yaml:"value"`
	FromEnv      string   `yaml:"fromEnv"`
	FromFile     string   `yaml:"fromFile"`
	Sensitive    *bool    `yaml:"sensitive"`
	Environments []string `yaml:"environments"`
	Steps        []string `yaml:"steps"`
	Roles        []string `yaml:"roles"`
}

// FileErrors are all things that are wrong in vipswap.yaml, in the order of the
// file, each with its place.
type FileErrors = yamlfile.Errors

// LoadProject reads a project from its file, or from the file [FileName] in
// a folder. Errors are those of the file system and [FileErrors].
func LoadProject(path string) (*Project, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, FileName)
	}
	data, err := yamlfile.Load(path)
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
	r := &reader{yamlfile.NewReport(name, data)}
	var p *Project
	if file := r.read(); !r.Failed() {
		p = r.project(file)
		p.source = slices.Clone(data)
		r.lostExpressions(string(data))
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// A reader turns a file into a project and collects what is wrong with it.
type reader struct{ *yamlfile.Report }

// read fills the fields of the file, when all of it has the right form.
func (r *reader) read() (file projectFile) {
	body := r.Parse()
	switch {
	case r.Failed():
		return file
	case body == nil:
		r.At(yamlfile.Position{}, "the file is empty", `"vipswap init" writes one to start from`)
		return file
	}
	o := &outline{r.Report}
	o.visit(body, reflect.TypeFor[projectFile](), "", 0)
	if r.Failed() {
		return file
	}
	if err := yaml.NodeToValue(body, &file); err != nil {
		r.Syntax(err)
	}
	return file
}

// lostExpressions finds text that YAML takes for a comment although an expression
// was meant: in "echo #{Name}" without quotes all from the hash on is lost.
func (r *reader) lostExpressions(text string) {
	for _, t := range lexer.Tokenize(text) {
		if t.Type == token.CommentType && strings.HasPrefix(t.Value, "{") {
			r.At(yamlfile.Position{Line: t.Position.Line, Column: t.Position.Column},
				"a blank before #{ begins a comment in YAML, so that the text ends here", "put the text in quotes, or below a |")
		}
	}
}

// report adds an error about the value at a path.
func (r *reader) report(path, message, hint string) { r.Path(path, message, hint) }

package packagework

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/variables"
)

// Work says what to change in which files.
type Work struct {
	Substitute             []string // patterns of the files whose #{...} are evaluated
	ConfigurationVariables bool     // set appSettings, connectionStrings and applicationSettings of every *.config
	Structured             []string // patterns of the JSON, YAML and XML files whose values are set
	FailUnresolved         bool     // an expression that cannot be resolved is an error, not a warning
}

// None reports whether there is nothing to do.
func (w Work) None() bool {
	return len(w.Substitute) == 0 && !w.ConfigurationVariables && len(w.Structured) == 0
}

// A Report tells what a Work came to. It has no values, only names.
type Report struct {
	Changes  []string // a line for each file that was changed
	Warnings []string
}

// maxFile bounds a file that is changed, in bytes.
const maxFile = 16 << 20

// Apply changes the files below root, with the variables of d. Substitution goes
// first, then configuration variables, then structured variables.
//
// Errors name the file: one that is too large, that is no text, that cannot be read
// as what its name says, or, with FailUnresolved, that has expressions without a
// value. A pattern that no file matches is a warning.
func (w Work) Apply(root *os.Root, d *variables.Dictionary) (Report, error) {
	a := &applying{work: w, root: root, dictionary: d}
	if w.None() {
		return a.report, nil
	}
	if err := a.list(); err != nil {
		return a.report, err
	}
	for _, phase := range []func() error{a.substitute, a.configurations, a.structured} {
		if err := phase(); err != nil {
			return a.report, err
		}
	}
	return a.report, nil
}

// applying is one application of a Work.
type applying struct {
	work       Work
	root       *os.Root
	dictionary *variables.Dictionary
	files      []string // all below root, sorted
	report     Report
}

func (a *applying) list() error {
	return fs.WalkDir(a.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			a.files = append(a.files, name)
		}
		return err
	})
}

func (a *applying) change(format string, args ...any) {
	a.report.Changes = append(a.report.Changes, fmt.Sprintf(format, args...))
}

func (a *applying) warn(format string, args ...any) {
	a.report.Warnings = append(a.report.Warnings, fmt.Sprintf(format, args...))
}

// matching lists the files that a pattern means, and warns when there are none.
func (a *applying) matching(patterns []string) []string {
	found := map[string]bool{}
	for _, pattern := range patterns {
		any := false
		for _, name := range a.files {
			if match(pattern, name) {
				found[name], any = true, true
			}
		}
		if !any {
			a.warn("no file of the package matches %s", pattern)
		}
	}
	var names []string
	for _, name := range a.files {
		if found[name] {
			names = append(names, name)
		}
	}
	return names
}

// edit reads a file, lets f change its text, and writes it when it changed.
func (a *applying) edit(name string, f func(text string) (string, error)) error {
	data, err := a.read(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	text, encode, err := decode(data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	changed, err := f(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if changed == text {
		return nil
	}
	out, err := encode(changed)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(out) > maxFile {
		return fmt.Errorf("%s: with the values of its variables it is larger than %d MiB", name, maxFile>>20)
	}
	return a.root.WriteFile(name, out, 0o600)
}

func (a *applying) read(name string) ([]byte, error) {
	f, err := a.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is larger than %d MiB", maxFile>>20)
	}
	return data, err
}

// substitute evaluates the expressions in files.
func (a *applying) substitute() error {
	for _, name := range a.matching(a.work.Substitute) {
		err := a.edit(name, func(text string) (string, error) {
			result, err := a.dictionary.EvaluateLenient(text)
			if err != nil {
				return "", err
			}
			if err := a.unresolved(name, result.Unresolved); err != nil {
				return "", err
			}
			if result.Text != text {
				a.change("%s: variables are substituted", name)
			}
			return result.Text, nil
		})
		if err != nil {
			return fmt.Errorf("substitute variables in %w", err)
		}
	}
	return nil
}

// unresolved warns of expressions without value, or fails.
func (a *applying) unresolved(name string, expressions []string) error {
	if len(expressions) == 0 {
		return nil
	}
	if a.work.FailUnresolved {
		return fmt.Errorf("%s cannot be resolved", strings.Join(expressions, ", "))
	}
	for _, expression := range expressions {
		a.warn("%s: %s", name, variables.Unresolved(expression))
	}
	return nil
}

// value returns the evaluated value of a variable.
func (a *applying) value(file, name string) (string, bool, error) {
	raw, presence := a.dictionary.Raw(name)
	if presence != variables.Present {
		return "", presence == variables.Null, nil
	}
	result, err := a.dictionary.Evaluate(raw)
	if err != nil {
		return "", false, fmt.Errorf("variable %s: %w", name, err)
	}
	return result.Text, true, a.unresolved(file, result.Unresolved)
}

// configurations sets the values of every *.config that is no transform.
func (a *applying) configurations() error {
	if !a.work.ConfigurationVariables {
		return nil
	}
	for _, name := range a.files {
		if !strings.EqualFold(path.Ext(name), ".config") {
			continue
		}
		err := a.edit(name, func(text string) (string, error) {
			if isTransform(text) {
				a.warn("%s is a configuration transform (XDT); transforms are not applied: write the values as variables instead", name)
				return text, nil
			}
			out, set, err := setConfiguration(text, func(key string) (string, bool, error) { return a.value(name, key) })
			a.setIn(name, set)
			return out, err
		})
		if err != nil {
			return fmt.Errorf("configuration variables in %w", err)
		}
	}
	return nil
}

// setIn notes what was set in a file.
func (a *applying) setIn(name string, set []string) {
	if len(set) > 0 {
		slices.Sort(set)
		a.change("%s: %s set", name, strings.Join(slices.Compact(set), ", "))
	}
}

// formats are the readers of structured files by extension.
var formats = map[string]func(text string, names []string, value lookup) (string, []string, error){
	".json": setJSON, ".yaml": setYAML, ".yml": setYAML, ".xml": setXML, ".config": setXML,
}

// A lookup returns the value of a variable, and whether there is one.
type lookup func(name string) (value string, defined bool, err error)

var errFormat = errors.New("its extension is none of .json, .yaml, .yml, .xml and .config, so it is not known how to read it")

// structured sets single values of structured files.
func (a *applying) structured() error {
	names := a.dictionary.Names()
	for _, name := range a.matching(a.work.Structured) {
		set := formats[strings.ToLower(path.Ext(name))]
		if set == nil {
			return fmt.Errorf("structured variables in %s: %w", name, errFormat)
		}
		err := a.edit(name, func(text string) (string, error) {
			out, changed, err := set(text, names, func(key string) (string, bool, error) { return a.value(name, key) })
			a.setIn(name, changed)
			if err == nil && len(changed) == 0 {
				a.warn("%s: no variable names a value in it", name)
			}
			return out, err
		})
		if err != nil {
			return fmt.Errorf("structured variables in %w", err)
		}
	}
	return nil
}

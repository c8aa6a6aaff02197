package process

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/vipswap/vipswap/deployer/variables"
)

// Scripts run scripts.
type Scripts interface {
	// Run runs a script and calls line for each line of its output, one at a time.
	// The error is an *[ExitError] when the script ended with another code than 0.
	Run(ctx context.Context, run ScriptRun, line func(text string)) error
}

// A ScriptRun is one run of a script.
type ScriptRun struct {
	Shell string // sh, pwsh or python
	Dir   string // to run in
	Body  string // the script, or
	File  string // its path
	// Variables are for the script, by name; secrets are among them.
	Variables map[string]string
}

// An ExitError says that a script failed.
type ExitError struct {
	Code   int    // -1 after a signal
	Signal string // what the system says of that, such as "signal: killed"; else ""
}

// Error gives the exit code, or the signal.
func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "the script was ended by a " + e.Signal
	}
	return fmt.Sprintf("the script ended with exit code %d", e.Code)
}

// shells are the shells by the extensions of their files.
var shells = map[string]string{".sh": "sh", ".py": "python", ".ps1": "pwsh"}

// Shells lists the shells that scripts can be written for.
func Shells() []string { return []string{"sh", "pwsh", "python"} }

// ShellOf returns the shell of a file, and whether there is one for its extension.
func ShellOf(file string) (string, bool) {
	shell, ok := shells[strings.ToLower(filepath.Ext(file))]
	return shell, ok
}

// preference is the order in which scripts of one name are chosen (Octopus' public
// executor): what is at home on the system goes first.
func preference() []string {
	if runtime.GOOS == "windows" {
		return []string{".ps1", ".py", ".sh"}
	}
	return []string{".sh", ".py", ".ps1"}
}

// FindPackaged returns which of the names in a package's root is its script for a
// stage, such as PreDeploy: compared without regard to case, one of several by what
// is at home on this system. It returns "" when there is none. The error names a
// script in a language that cannot be run here.
func FindPackaged(names []string, stage string) (string, error) {
	foreign := ""
	for _, extension := range preference() {
		for _, name := range names {
			if strings.EqualFold(name, stage+extension) {
				return name, nil
			}
		}
	}
	for _, name := range names {
		if strings.EqualFold(name, stage+".csx") || strings.EqualFold(name, stage+".fsx") {
			foreign = name
		}
	}
	if foreign != "" {
		return "", fmt.Errorf("the packaged script %s cannot be run: scripts are run in sh, Python and PowerShell", foreign)
	}
	return "", nil
}

// Exec runs one script with the variables of a dictionary. It shows its output
// masked, and returns the variables that the script has set.
func Exec(ctx context.Context, scripts Scripts, run ScriptRun, d *variables.Dictionary, show func(string)) ([]Variable, error) {
	var set []Variable
	var problems []error
	run.Variables = Evaluated(d)
	err := scripts.Run(ctx, run, func(text string) {
		shown, err := hear(text, func(v Variable) { set = append(set, v) })
		if err != nil {
			problems = append(problems, err)
		}
		if shown != "" {
			show(hide(d.Mask(shown), set))
		}
	})
	return set, errors.Join(append(problems, err)...)
}

// hide masks the secrets that a script has set so far.
func hide(text string, set []Variable) string {
	var secrets []string
	for _, v := range set {
		if v.Sensitive {
			secrets = append(secrets, v.Value)
		}
	}
	return variables.NewSecrets(secrets...).Hide(text)
}

// Evaluated returns all variables that have a value, secrets among them.
func Evaluated(d *variables.Dictionary) map[string]string {
	values := map[string]string{}
	for _, name := range d.Names() {
		if value, ok, err := d.Get(name); ok && err == nil {
			values[name] = value
		}
	}
	return values
}

// script runs a script step.
func (e *execution) script(ctx context.Context, s Script) error {
	run := ScriptRun{Shell: s.Shell, Dir: e.runner.Dir}
	if s.File != "" {
		run.File = s.File
		if !filepath.IsAbs(run.File) {
			run.File = filepath.Join(e.runner.Dir, run.File)
		}
	} else {
		result, err := e.dictionary.EvaluateLenient(s.Body) // shells have #{ of their own
		if err != nil {
			return err
		}
		run.Body = result.Text
	}
	if run.Shell == "" {
		run.Shell, _ = ShellOf(s.File)
	}
	if run.Shell == "" {
		run.Shell = "sh"
	}
	set, err := Exec(ctx, e.runner.Scripts, run, e.dictionary, e.runner.Reporter.StepLine)
	for _, v := range set {
		e.output(v.Name, v.Value, v.Sensitive)
	}
	return err
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/variables"
)

// project returns the project whose file is in the working folder or above, and
// its folder; nil when there is none.
func (p *program) project() (*release.Project, string, error) {
	file, err := p.projectFile()
	if err != nil || file == "" {
		return nil, "", err
	}
	return loadProject(file)
}

// projectFile finds the file of the project, "" when there is none.
func (p *program) projectFile() (string, error) {
	dir, err := p.WorkDir()
	if err != nil {
		return "", err
	}
	for {
		file := filepath.Join(dir, release.FileName)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", nil
		}
		dir = above
	}
}

// projectFolder returns the folder of the project around, "" when there is none. The
// project's file is not read: it may be broken.
func (p *program) projectFolder() (string, error) {
	file, err := p.projectFile()
	if file == "" {
		return "", err
	}
	return filepath.Dir(file), err
}

// spareProject warns, once, when the file of the project around cannot be read. It is for
// commands that need no project, since all that they are about is named or on record: what
// is wrong with the file must not keep anybody from swapping back.
func (p *program) spareProject() {
	if p.spared {
		return
	}
	p.spared = true
	if _, _, err := p.project(); err != nil {
		p.warning(fmt.Sprintf("%s cannot be read: %s; it is not needed for this", release.FileName, firstLine(err)))
	}
}

// firstLine is what an error about a file says without the lines of the file.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func loadProject(file string) (*release.Project, string, error) {
	project, err := release.LoadProject(file)
	if err != nil {
		return nil, "", usage("", "%w", err)
	}
	return project, filepath.Dir(file), nil
}

// requireProject is project where there must be one.
func (p *program) requireProject() (*release.Project, string, error) {
	project, dir, err := p.project()
	if err == nil && project == nil {
		err = usage(`"vipswap init" writes one`, "there is no %s in this folder or above", release.FileName)
	}
	return project, dir, err
}

// sources are where values come from that a project in dir only names.
func (p *program) sources(dir string) release.Sources {
	return release.Sources{
		LookupEnv: p.LookupEnv,
		ReadFile: func(path string) ([]byte, error) {
			if !filepath.IsAbs(path) {
				path = filepath.Join(dir, path)
			}
			return os.ReadFile(path)
		},
	}
}

// A place is where things go unless flags say otherwise.
type place struct {
	service  string
	account  string // storage account for packages; "" is the subscription's only one
	location string // for what has to be made; "" takes one
}

// place returns the cloud service named, else what the project around says for a
// slot.
func (p *program) place(named string, slot management.Slot) (place, error) {
	at, err := p.findPlace(named, slot)
	if err != nil {
		return place{}, err
	}
	if err := release.CheckService(at.service); err != nil {
		return place{}, usage("", "%w", err)
	}
	return at, nil
}

func (p *program) findPlace(named string, slot management.Slot) (place, error) {
	if named != "" {
		p.spareProject()
		return place{service: named}, nil
	}
	project, dir, err := p.project()
	if err != nil {
		return place{}, usage("--service NAME goes on without the project", "%w", err)
	}
	if project == nil {
		return place{}, usage("--service NAME names one; in the folder of a project it is the project's", "no cloud service is named")
	}
	return projectPlace(project, slot, p.sources(dir))
}

// projectPlace evaluates a project for the first environment that is bound to the
// slot.
func projectPlace(project *release.Project, slot management.Slot, sources release.Sources) (place, error) {
	environment := project.Environments[0]
	for _, e := range project.Environments {
		if bound, ok := project.Slot(e); ok && bound == slot {
			environment = e
			break
		}
	}
	dictionary, err := project.Dictionary(release.Run{Environment: environment, Now: time.Now()}, sources)
	if err != nil {
		return place{}, usage("", "%w", err)
	}
	var found place
	for template, to := range map[string]*string{project.Service: &found.service, project.StorageAccount: &found.account, project.Location: &found.location} {
		result, err := dictionary.Evaluate(template)
		if err != nil || len(result.Unresolved) > 0 {
			return place{}, usage("--service NAME names a cloud service", "the project's %q cannot be evaluated outside of a release", template)
		}
		*to = result.Text
	}
	return found, nil
}

// A lookup gives the variables of a run to the deployer. It keeps the first error
// of an evaluation, and what could not be resolved.
type lookup struct {
	dictionary *variables.Dictionary
	err        error
	unresolved []string
}

// Lookup returns the evaluated value of a variable.
func (l *lookup) Lookup(name string) (deployer.Value, bool) {
	raw, presence := l.dictionary.Raw(name)
	if presence != variables.Present {
		return deployer.Value{}, presence == variables.Null
	}
	result, err := l.dictionary.Evaluate(raw)
	if err != nil {
		l.err = errors.Join(l.err, fmt.Errorf("variable %s: %w", name, err))
	}
	for _, expression := range result.Unresolved {
		l.unresolved = append(l.unresolved, fmt.Sprintf("variable %s: %s", name, variables.Unresolved(expression)))
	}
	value := deployer.Value{Text: result.Text}
	if !l.sensitive(name) {
		value.Shown = l.dictionary.Mask(result.Shown())
	}
	return value, true
}

// sensitive reports whether the value that holds is a secret.
func (l *lookup) sensitive(name string) bool {
	for _, c := range l.dictionary.Explain(name) {
		if c.Wins {
			return c.Sensitive
		}
	}
	return false
}

const initLong = `Init writes a vipswap.yaml with a comment for every setting: the set-up of the
VIP-swap guide, with environments Staging and Production and a lifecycle of two
phases. Change the names in it, then create a release.`

func (p *program) initCommand() *cobra.Command {
	var plan bool
	c := &cobra.Command{
		Use:     "init",
		Short:   "Write a commented project file (vipswap.yaml)",
		Long:    initLong,
		Example: "  vipswap init\n  vipswap release create 1.0.0 --package shop.cspkg --config shop.cscfg",
		Args:    takes(),
		RunE:    p.action(func(ctx context.Context, _ []string) error { return p.init(ctx, plan) }),
	}
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	return c
}

func (p *program) init(ctx context.Context, planOnly bool) error {
	dir, err := p.WorkDir()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, release.FileName)
	if _, err := os.Lstat(file); err == nil {
		return refused("move it away to begin anew", "init: there is a %s already", release.FileName)
	}
	if err := p.doTasks(ctx, planOnly, []task{{
		What: "write " + release.FileName, Why: "this folder has no project",
		do: func(context.Context) error {
			return replaceFile(file, func(w io.Writer) error { _, err := w.Write(release.Template()); return err })
		},
	}}); err != nil || planOnly {
		return err
	}
	result := struct {
		File string `json:"file"`
	}{release.FileName}
	return p.show(result, func(w io.Writer) {
		fmt.Fprintf(w, "Set the service's name in it, then: vipswap release create 1.0.0 --package APP.cspkg --config X.cscfg\n")
	})
}

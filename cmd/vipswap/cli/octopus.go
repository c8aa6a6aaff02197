package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/octopus"
	"github.com/vipswap/vipswap/deployer/release"
)

// importCommand and exportCommand group what is read and written.
func (p *program) importCommand() *cobra.Command {
	return p.group(&cobra.Command{
		Use:     "import",
		Short:   "Make a project of another tool's files",
		Long:    "Import reads the files of another tool and writes a vipswap.yaml.",
		Example: "  vipswap import octopus ../shop",
	}, p.importOctopusCommand())
}

func (p *program) exportCommand() *cobra.Command {
	return p.group(&cobra.Command{
		Use:     "export",
		Short:   "Write a project as another tool's files",
		Long:    "Export writes the project in this folder as files for another tool.",
		Example: "  vipswap export octopus ../shop",
	}, p.exportOctopusCommand())
}

const importOctopusLong = `Octopus reads the files that Octopus keeps beside a project's code ("configuration
as code"), in DIR or in its folder .octopus: deployment_process.ocl, variables.ocl,
deployment_settings.ocl and schema_version.ocl. It writes a vipswap.yaml, into the
working folder, for the step that deploys a cloud service, with what it changes in
the package and with the scripts and manual interventions before and after it.

Whatever has no counterpart is listed with its file and line: nothing is left out in
silence. Octopus keeps environments and their order, lifecycles, channels, tenants,
feeds, accounts and secrets elsewhere; look at what is listed as assumed.`

func (p *program) importOctopusCommand() *cobra.Command {
	var o octopus.Options
	var plan, strict bool
	c := &cobra.Command{
		Use:   "octopus DIR",
		Short: "Make a vipswap.yaml of a project's files in Octopus",
		Long:  importOctopusLong,
		Example: `  vipswap import octopus ../shop --name Shop
  vipswap import octopus ../shop --environment Staging --environment Production --plan
  vipswap import octopus ../shop --strict --output json`,
		Args: takes("the folder"),
		RunE: p.action(func(ctx context.Context, args []string) error {
			return p.importOctopus(ctx, args[0], o, plan, strict)
		}),
	}
	c.Flags().StringVar(&o.Name, "name", "", "the project's `NAME`; default: the folder's")
	c.Flags().StringVar(&o.Service, "service", "", "the cloud service's `NAME`, where the step does not name it")
	c.Flags().StringVar(&o.StorageAccount, "account", "", "the storage account's `NAME`, where the step does not name it")
	c.Flags().StringArrayVar(&o.Environments, "environment", nil, "an environment's `NAME`, in the order of a release; may be repeated; default: those that the files mention")
	c.Flags().StringVar(&o.Step, "step", "", "the `NAME` of the step, where several deploy a cloud service")
	c.Flags().BoolVar(&strict, "strict", false, "write nothing when something would be left out")
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	return c
}

// exchangeView is what an import or export came to, as JSON.
type exchangeView struct {
	Files   []string       `json:"files"`
	Written bool           `json:"written"`
	Notes   []octopus.Note `json:"notes"`
}

func (p *program) importOctopus(ctx context.Context, from string, o octopus.Options, plan, strict bool) error {
	dir, err := p.WorkDir()
	if err != nil {
		return err
	}
	from, err = p.folder(dir, from, "name the one that has .octopus in it, as in the project's repository")
	if err != nil {
		return err
	}
	if o.Name == "" {
		o.Name = projectNameOf(from)
	}
	target := filepath.Join(dir, release.FileName)
	if _, err := os.Lstat(target); err == nil {
		return refused("move it away first", "import octopus: there is a %s already", release.FileName)
	}
	result, err := octopus.Import(os.DirFS(from), o)
	p.sayNotes(result.Notes)
	if err != nil {
		return usage(importHint(err), "import octopus: %w", err)
	}
	if n := count(result.Notes, octopus.LeftOut); strict && n > 0 {
		return refused("without --strict the rest is imported", "import octopus: nothing is written, because %s would be left out", counted(n, "thing"))
	}
	write := func(context.Context) error {
		return replaceFile(target, func(w io.Writer) error { _, err := w.Write(result.Project); return err })
	}
	tasks := []task{{What: "write " + release.FileName, Why: fmt.Sprintf("the project of %s, with %s", filepath.Base(from), countNotes(result.Notes)), do: write}}
	return p.exchange(ctx, plan, tasks, exchangeView{Files: []string{release.FileName}, Notes: result.Notes})
}

// importHints name the flag that gives what the files of Octopus do not, by the value
// that is wrong in the project that would come out.
var importHints = map[string]string{
	"step.slot": "--environment NAME, once for each in the order of a release, says which environments the project is to have",
	"service":   "--service NAME names the cloud service",
}

func importHint(err error) string {
	var wrong release.FileErrors
	if errors.As(err, &wrong) {
		for _, e := range wrong {
			if hint := importHints[e.Path]; hint != "" {
				return hint
			}
		}
	}
	return ""
}

// projectNameOf returns the name of a folder, or of the one around Octopus' own.
func projectNameOf(folder string) string {
	if filepath.Base(folder) == ".octopus" {
		folder = filepath.Dir(folder)
	}
	return filepath.Base(folder)
}

// folder returns the absolute path of a folder that must be there; the hint is for
// when it is not.
func (p *program) folder(workDir, path, hint string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(workDir, path)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", usage(hint, "there is no folder %s", path)
	}
	if err != nil {
		return "", usage("", "%w", err)
	}
	if !info.IsDir() {
		return "", usage("name the folder that it is in", "%s is no folder", path)
	}
	return filepath.Clean(path), nil
}

// exchange writes files, or says what would be written.
func (p *program) exchange(ctx context.Context, plan bool, tasks []task, v exchangeView) error {
	if v.Written = !plan; v.Notes == nil {
		v.Notes = []octopus.Note{}
	}
	if !plan || p.output != formatJSON {
		if err := p.doTasks(ctx, plan, tasks); err != nil {
			return err
		}
	}
	if p.output == formatJSON {
		return writeJSON(p.Stdout, v)
	}
	return nil
}

// sayNotes lists what was not taken over as it was. In JSON they come at the end.
func (p *program) sayNotes(list []octopus.Note) {
	if p.output == formatJSON {
		return
	}
	s := p.style(p.Stdout)
	paints := map[octopus.Kind]func(string) string{octopus.LeftOut: s.warn, octopus.Changed: s.mark, octopus.Assumed: s.dim}
	for _, n := range list {
		place := n.File
		if n.Line > 0 {
			place = fmt.Sprintf("%s:%d", n.File, n.Line)
		}
		fmt.Fprintf(p.Stdout, "%s: %s %s: %s\n", place, paints[n.Kind](string(n.Kind)+":"), n.What, n.Why)
	}
}

func count(list []octopus.Note, kind octopus.Kind) int {
	n := 0
	for _, note := range list {
		if note.Kind == kind {
			n++
		}
	}
	return n
}

func countNotes(list []octopus.Note) string {
	return fmt.Sprintf("%s left out, %d changed and %d assumed",
		counted(count(list, octopus.LeftOut), "thing"), count(list, octopus.Changed), count(list, octopus.Assumed))
}

const exportOctopusLong = `Octopus writes the project in this folder as the files that Octopus keeps beside a
project's code: the step that deploys the cloud service, the scripts and manual
interventions around it, the variables without secrets, and the template of release
numbers, in DIR/.octopus. What Octopus keeps in its database, or does not know, is
listed.`

func (p *program) exportOctopusCommand() *cobra.Command {
	var plan, overwrite bool
	c := &cobra.Command{
		Use:     "octopus DIR",
		Short:   "Write the project as files for Octopus",
		Long:    exportOctopusLong,
		Example: "  vipswap export octopus ../shop\n  vipswap export octopus ../shop --overwrite --plan",
		Args:    takes("the folder"),
		RunE: p.action(func(ctx context.Context, args []string) error {
			return p.exportOctopus(ctx, args[0], plan, overwrite)
		}),
	}
	c.Flags().BoolVar(&overwrite, "overwrite", false, "replace files that are there")
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	return c
}

func (p *program) exportOctopus(ctx context.Context, to string, plan, overwrite bool) error {
	project, _, err := p.requireProject()
	if err != nil {
		return err
	}
	dir, err := p.WorkDir()
	if err != nil {
		return err
	}
	if to, err = p.folder(dir, to, "make it first: it is the one that .octopus is put into, as the project's repository"); err != nil {
		return err
	}
	to = filepath.Join(to, ".octopus")
	files, list := octopus.Export(project)
	names := slices.Sorted(maps.Keys(files))
	tasks := []task{{What: "make the folder .octopus, unless it is there", Why: "Octopus looks for its files in it", do: func(context.Context) error { return os.MkdirAll(to, 0o777) }}}
	for _, name := range names {
		path := filepath.Join(to, name)
		if _, err := os.Lstat(path); err == nil && !overwrite {
			return refused("--overwrite replaces it", "export octopus: there is a %s already", filepath.Join(".octopus", name))
		}
		tasks = append(tasks, task{What: "write " + name, Why: "it holds a part of the project", do: func(context.Context) error {
			return replaceFile(path, func(w io.Writer) error { _, err := w.Write(files[name]); return err })
		}})
	}
	p.sayNotes(list)
	return p.exchange(ctx, plan, tasks, exchangeView{Files: names, Notes: list})
}

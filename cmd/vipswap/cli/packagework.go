package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/internal/servicepackage"
	"github.com/vipswap/vipswap/internal/tempfolder"
)

// isOuter reports whether a file is an outer package, which may have scripts.
func isOuter(file string) bool {
	ext := strings.ToLower(filepath.Ext(file))
	return ext == ".zip" || ext == ".nupkg"
}

// worksOn reports whether a release's package is worked on before it is deployed.
func worksOn(project *release.Project, r release.Release) bool {
	return !project.Step.Package.None() || isOuter(r.Package.Name) && !project.Step.NoScripts
}

// A workspace is a private folder with a release's files, where they are changed.
type workspace struct {
	*session
	around  *around
	input   *deployer.Input
	dir     string
	own     *tempfolder.Folder // has dir; nil when the input's has
	root    *os.Root
	names   []string // of the files in an outer package's root
	config  string   // the configuration, below dir
	changed bool     // a script ran, or a file was changed
	packed  *os.File // the new package, nil when there is none
}

// Close removes what the workspace has made.
func (w *workspace) Close() error {
	var errs []error
	if w.packed != nil {
		errs = append(errs, w.packed.Close())
	}
	if w.root != nil {
		errs = append(errs, w.root.Close())
	}
	if w.own != nil {
		errs = append(errs, w.own.Close())
	}
	return errors.Join(errs...)
}

// openWorkspace makes the folder. An outer package is in one already.
func (s *session) openWorkspace(a *around, in *deployer.Input) (w *workspace, err error) {
	w = &workspace{session: s, around: a, input: in, dir: in.Unpacked()}
	if w.dir == "" {
		if w.own, err = (tempfolder.Place{Now: s.Now}).Make(); err != nil {
			return nil, err
		}
		w.dir = w.own.Path()
	}
	if w.root, err = os.OpenRoot(w.dir); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if in.Unpacked() == "" || a.project.Step.NoScripts {
		return w, nil
	}
	entries, err := fs.ReadDir(w.root.FS(), ".")
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			w.names = append(w.names, e.Name())
		}
	}
	return w, nil
}

// stages are the packaged scripts in the order in which they run, and the one that
// runs when the deployment fails.
const (
	preDeploy    = "PreDeploy"
	deployStage  = "Deploy"
	postDeploy   = "PostDeploy"
	deployFailed = "DeployFailed"
)

// needed reports whether there is anything to do.
func (w *workspace) needed() bool {
	if !w.around.project.Step.Package.None() {
		return true
	}
	for _, stage := range []string{preDeploy, deployStage, postDeploy, deployFailed} {
		if name, err := process.FindPackaged(w.names, stage); name != "" || err != nil {
			return true
		}
	}
	return false
}

// work does everything in the order of the guide's step, and leaves the new package
// and configuration in ready.
func (w *workspace) work(ctx context.Context, d delivery, seen deployer.Observed, ready *prepared) (*servicepackage.Package, deployer.Configured, error) {
	original, err := servicepackage.OpenPackage(w.input.Package.Content, w.input.Package.Size)
	if err != nil {
		return nil, deployer.Configured{}, err
	}
	if err := w.unpack(original); err != nil {
		return nil, deployer.Configured{}, err
	}
	if err := w.script(ctx, preDeploy); err != nil {
		return nil, deployer.Configured{}, err
	}
	configured, err := w.configure(d, seen)
	if err != nil {
		return nil, configured, err
	}
	if err := w.features(); err != nil {
		return nil, configured, err
	}
	if err := w.script(ctx, deployStage); err != nil {
		return nil, configured, err
	}
	if configured.Data, err = w.root.ReadFile(w.config); err != nil {
		return nil, configured, err
	}
	pkg, err := w.repack(original, ready)
	return pkg, configured, err
}

// unpack lays the package out beside its configuration.
func (w *workspace) unpack(original *servicepackage.Package) error {
	name := filepath.ToSlash(w.input.ConfigurationPath)
	if _, err := w.root.Stat(name); !filepath.IsLocal(name) || err != nil {
		name = path.Base(name)
		if err := w.root.WriteFile(name, w.input.Configuration, 0o600); err != nil {
			return err
		}
	}
	w.config = name
	if original.Encrypted {
		if w.around.project.Step.Package.None() {
			return nil
		}
		return usage("leave step.package out: an encrypted package is deployed as it is", "%s is encrypted, so nothing in it can be changed", w.input.PackagePath)
	}
	return original.Unpack(w.root)
}

// configure sets what variables and slots say in the configuration.
func (w *workspace) configure(d delivery, seen deployer.Observed) (deployer.Configured, error) {
	data, err := w.root.ReadFile(w.config)
	if err != nil {
		return deployer.Configured{}, err
	}
	configured, err := deployer.Configure(data, d.configuring, seen)
	if err != nil {
		return configured, servicepackage.NameFile(err, w.config)
	}
	return configured, w.root.WriteFile(w.config, configured.Data, 0o600)
}

// features changes the files that the project names.
func (w *workspace) features() error {
	step := w.around.project.Step
	dictionary, err := w.around.runner.Dictionary("", w.around.state.Outputs)
	if err != nil {
		return err
	}
	work := step.Package
	if work.FailUnresolved, err = dictionary.Flag(failOnUnresolved, w.around.project.Unresolved == release.UnresolvedFail); err != nil {
		return err
	}
	report, err := work.Apply(w.root, dictionary)
	for _, words := range report.Warnings {
		w.warning(words)
	}
	style := w.style(w.progress())
	for _, words := range report.Changes {
		fmt.Fprintf(w.progress(), "  %s %s\n", style.mark("package"), words)
	}
	w.changed = w.changed || len(report.Changes) > 0
	if err != nil {
		return usage("", "%w", err)
	}
	return nil
}

// repack makes the package that is deployed. One in which nothing changed stays as it
// is, so that what was uploaded of it is used again.
func (w *workspace) repack(original *servicepackage.Package, ready *prepared) (*servicepackage.Package, error) {
	if !w.changed || original.Encrypted {
		return original, nil
	}
	file, err := os.CreateTemp(w.dir, ".repacked-*")
	if err != nil {
		return nil, err
	}
	w.packed = file
	if err := original.Repack(file, w.root.FS()); err != nil {
		return nil, usage("", "%s: %w", w.input.PackagePath, err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return nil, err
	}
	size, sum, err := hashOf(file)
	if err != nil {
		return nil, err
	}
	was := &ready.artifacts.Package
	fmt.Fprintf(w.progress(), "  %s %s is packed again: %s, was %s\n", w.style(w.progress()).mark("package"), was.Name, bytesOf(size), bytesOf(was.Size))
	was.Size, was.SHA256, was.Content = size, sum, file
	return servicepackage.OpenPackage(file, size)
}

// script runs a packaged script, if there is one for the stage.
func (w *workspace) script(ctx context.Context, stage string) error {
	name, err := process.FindPackaged(w.names, stage)
	if name == "" || err != nil {
		return err
	}
	out := w.progress()
	if w.around.work != workLive {
		fmt.Fprintf(out, "  the packaged script %s would run\n", name)
		return nil
	}
	style := w.style(out)
	fmt.Fprintf(out, "  %s %s (packaged script)\n", style.bold("step"), name)
	err = w.runScript(ctx, name)
	if err != nil {
		fmt.Fprintf(out, "       %s: %v\n", style.bad("failed"), err)
		return fmt.Errorf("packaged script %s: %w", name, err)
	}
	fmt.Fprintf(out, "       %s\n", style.good("done"))
	return nil
}

func (w *workspace) runScript(ctx context.Context, name string) error {
	var here process.State // what only packaged scripts know
	here.Set("Octopus.Action.Azure.PackageExtractionPath", w.dir, false)
	here.Set("OctopusAzureConfigurationFile", filepath.Join(w.dir, filepath.FromSlash(w.config)), false)
	dictionary, err := w.around.runner.Dictionary("", append(here.Outputs, w.around.state.Outputs...))
	if err != nil {
		return err
	}
	shell, _ := process.ShellOf(name)
	run := process.ScriptRun{Shell: shell, Dir: w.dir, File: filepath.Join(w.dir, name)}
	set, err := process.Exec(ctx, w.around.runner.Scripts, run, dictionary, w.around.runner.Reporter.StepLine)
	for _, v := range set {
		w.around.state.Output(w.around.project.Step.Name, v.Name, v.Value, v.Sensitive)
	}
	w.changed = true
	return err
}

// finish runs the packaged script for the end of the plan: PostDeploy, or
// DeployFailed, whose own failure does not matter. After a swap nothing runs, as in
// the guide's step.
func (w *workspace) finish(ctx context.Context, result deployer.Result, failure error) error {
	switch {
	case w == nil || result.Swapped:
		return failure
	case failure == nil:
		return w.script(ctx, postDeploy)
	}
	_ = w.script(ctx, deployFailed)
	return failure
}

// rework lets the package be worked on, where that is due, and plans with what came
// out.
func (p *program) rework(ctx context.Context, d delivery, seen deployer.Observed, ready *prepared) (*servicepackage.Package, *deployer.Configured, error) {
	if d.work == nil || !d.redo && !ready.job.plan.Has(deployer.StepUpload) {
		return nil, nil, nil
	}
	w, err := d.work(ready.input)
	if err != nil {
		return nil, nil, err
	}
	ready.workspace = w
	if !w.needed() {
		return nil, nil, nil
	}
	pkg, configured, err := w.work(ctx, d, seen, ready)
	if err != nil {
		return nil, nil, err
	}
	return pkg, &configured, nil
}

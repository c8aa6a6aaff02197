package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

const releaseCreateLong = `Create takes a package and its configurations into the project's history, under a
number, with the project, its variables and the script files of its steps as they are
now. Later changes of these files do not reach the release. Environments that the
lifecycle deploys to by itself at creation are deployed to at once.

The number may be a mask, in which i counts up and c keeps the number of the last
release: 1.2.i after 1.2.6 is 1.2.7, and 1.3.0-beta.i counts the betas of 1.3.0. Without
a number the project's template makes one ("versioning" in vipswap.yaml). When two
create a release at once, their masks make two numbers.

There is no --plan-out: plans of automatic deployments are made when the release
exists.`

func (p *program) releaseCreateCommand() *cobra.Command {
	var f runFlags
	var n release.NewRelease
	c := &cobra.Command{
		Use:   "create [VERSION]",
		Short: "Take a package into the project's history, under a number",
		Long:  releaseCreateLong,
		Example: `  vipswap release create 1.1.0 --package shop.cspkg --config ServiceConfiguration.Cloud.cscfg
  vipswap release create 1.1.0 --package shop.cspkg --config ServiceConfiguration.Staging.cscfg --config ServiceConfiguration.Production.cscfg
  vipswap release create 1.1.i --package shop.cspkg --config shop.cscfg`,
		Args: takesAtMost(1),
	}
	f.register(c.Flags(), p)
	f.ofProject()
	c.Flags().StringVar(&n.Package, "package", "", "the `FILE`: a .cspkg, or a .zip or .nupkg with one in it")
	c.Flags().StringArrayVar(&n.Configurations, "config", nil, "a service configuration, a `FILE` (.cscfg); may be repeated")
	c.Flags().StringVar(&n.Notes, "notes", "", "a `TEXT` about what is new")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		named := strings.Join(args, "")
		return p.withSession(strings.TrimSpace("vipswap release create "+named), func(s *session) error {
			if err := s.number(&n, named); err != nil {
				return err
			}
			return s.create(ctx, f, n)
		})
	})
	return c
}

// create records a release, and deploys it where the lifecycle says so.
func (s *session) create(ctx context.Context, f runFlags, n release.NewRelease) error {
	n.Project = s.project
	if err := checkRelease(n, s.dir); err != nil {
		return fmt.Errorf("create release %s: %w", n.Number, err)
	}
	for _, words := range s.project.Warnings() {
		s.warning(words)
	}
	automatic := s.project.Lifecycle.AutomaticAtCreation()
	if f.plan {
		return s.planCreate(ctx, n, automatic)
	}
	if len(automatic) > 0 {
		err := s.connectFor(f)
		if err == nil {
			err = s.hold()
		}
		if err != nil {
			return err
		}
	}
	r, queued, err := s.history.CreateRelease(n)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.progress(), "release %s: created from %s (%s)%s\n", r.Number, r.Package.Name, bytesOf(r.Package.Size), fileNames(r.Configurations))
	if err := s.deployQueued(ctx, r, queued, "the lifecycle deploys to it as soon as a release is created"); err != nil {
		return err
	}
	if s.output == formatJSON {
		return s.showRelease(r.Number)
	}
	return nil
}

// checkRelease finds what would make a release useless: files that are missing or
// cannot be read.
func checkRelease(n release.NewRelease, dir string) error {
	if n.Package == "" {
		return usage("", "--package is missing")
	}
	if len(n.Configurations) == 0 && !isOuter(n.Package) {
		return usage("a .zip or .nupkg may have it inside", "--config is missing")
	}
	if err := release.CheckNumber(n.Number); err != nil {
		return usage("", "%w", err)
	}
	if err := checkScripts(n.Project, dir); err != nil {
		return err
	}
	for _, c := range n.Configurations {
		if err := checkPair(deployer.Source{Path: n.Package, ConfigurationPath: c}); err != nil {
			return err
		}
	}
	if len(n.Configurations) > 0 {
		return nil
	}
	for _, e := range n.Project.Environments {
		choice := deployer.ConfigurationChoice{File: n.Project.Step.ConfigurationFile, Environment: e}
		if err := checkPair(deployer.Source{Path: n.Package, Choice: choice}); err != nil {
			return err
		}
	}
	return nil
}

// checkScripts refuses a project whose steps run files that are not there: a release
// takes them in.
func checkScripts(p *release.Project, dir string) error {
	for _, file := range p.ScriptFiles() {
		path := file
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if _, err := os.Stat(path); err != nil {
			return usage("a release takes in the scripts of its steps; disable the step, or write the file", "scriptFile %s: %w", file, err)
		}
	}
	return nil
}

// checkPair refuses a package and a configuration that do not belong together.
func checkPair(source deployer.Source) error {
	input, err := deployer.OpenInput(source)
	if err != nil {
		return usage("", "%w", err)
	}
	defer input.Close()
	pkg, err := servicepackage.OpenPackage(input.Package.Content, input.Package.Size)
	if err != nil {
		return usage("", "%s: %w", source.Path, err)
	}
	var problems []string
	for _, problem := range deployer.CheckConfiguration(pkg, input.Configuration) {
		problems = append(problems, problem.Text)
	}
	if len(problems) > 0 {
		return refused("", "%s does not fit the package: %s", input.ConfigurationPath, strings.Join(problems, "; "))
	}
	return nil
}

func fileNames(files []release.File) string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return " and " + strings.Join(names, ", ")
}

func (s *session) planCreate(ctx context.Context, n release.NewRelease, automatic []string) error {
	if r, err := s.history.Release(n.Number); err == nil {
		return &release.ExistsError{Number: n.Number, Existing: r.Number}
	}
	tasks := []task{{What: "create release " + n.Number, Why: "the history has no release of that number"}}
	for _, e := range automatic {
		tasks = append(tasks, task{What: "deploy it to " + e, Why: "the lifecycle deploys to it as soon as a release is created"})
	}
	return s.doTasks(ctx, true, tasks)
}

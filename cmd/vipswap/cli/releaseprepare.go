package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/preflight"
	"github.com/vipswap/vipswap/deployer/release"
)

// prepareRelease makes the plan for a release and an environment. It changes
// nothing.
func (s *session) prepareRelease(ctx context.Context, r release.Release, d release.Deployment, a *around) (*prepared, error) {
	del, vars, err := s.delivery(r, d, a)
	if err != nil {
		return nil, err
	}
	seen, missing, err := s.observeProject(ctx, del)
	if err != nil {
		return nil, err
	}
	ready, err := s.prepare(ctx, s.conn, del, seen)
	if err != nil {
		return nil, err
	}
	if missing {
		ready.creates = del.location
		if err := preflight.CheckName(ctx, s.conn, &ready.job.plan); err != nil {
			return nil, errors.Join(err, ready.Close())
		}
	}
	if vars.err != nil {
		return nil, errors.Join(usage("", "%w", vars.err), ready.Close())
	}
	if a.work == workNone {
		return ready, nil // what is not resolved yet may be later
	}
	if err := s.refuseUnresolved(r, vars); err != nil {
		return nil, errors.Join(err, ready.Close())
	}
	for _, words := range vars.unresolved {
		s.warning(words)
	}
	return ready, nil
}

// delivery evaluates a release's own project for an environment.
func (s *session) delivery(r release.Release, d release.Deployment, a *around) (delivery, *lookup, error) {
	project := a.project
	dictionary, err := a.runner.Dictionary("", a.state.Outputs)
	if err != nil {
		return delivery{}, nil, usage("", "%w", err)
	}
	target, err := project.Target(dictionary)
	if err != nil {
		return delivery{}, nil, usage(strangerHint(project, r, d), "%w", err)
	}
	source, err := s.source(r, target, d.Environment)
	if err != nil {
		return delivery{}, nil, err
	}
	vars := &lookup{dictionary: dictionary}
	del := delivery{
		service: target.Service, slot: target.Slot, label: target.Label, name: s.named, version: r.Number, source: source,
		configuring: deployer.Configuring{Slot: target.Slot, Counts: deployer.CountSource(project.Step.InstanceCount), Variables: vars, Instances: target.Instances},
		options:     s.options(project.Step), account: s.account, location: target.Location, gates: s.gatesOf(project.Step),
	}
	if a.works && a.work != workNone {
		del.redo = a.redo
		del.work = func(in *deployer.Input) (*workspace, error) { return s.openWorkspace(a, in) }
	}
	if del.account == "" {
		del.account = target.StorageAccount
	}
	return del, vars, nil
}

// strangerHint is for a release that is older than the environment it is to go to.
func strangerHint(project *release.Project, r release.Release, d release.Deployment) string {
	if _, known := project.Environment(d.Environment); known {
		return ""
	}
	return fmt.Sprintf("release %s has the project as it was when the release was created, without the environment %s: create a new release", r.Number, d.Environment)
}

// source says where the files of a release are. A release with one configuration
// uses that one everywhere.
func (s *session) source(r release.Release, t release.Target, environment string) (deployer.Source, error) {
	files, err := s.history.Files(r)
	if err != nil {
		return deployer.Source{}, err
	}
	source := deployer.Source{Path: files.Package, Choice: deployer.ConfigurationChoice{File: t.ConfigurationFile, Environment: environment}}
	if len(files.Configurations) == 1 {
		source.ConfigurationPath = files.Configurations[0]
	}
	return source, nil
}

// options are the step's settings, as the deployer has them.
func (s *session) options(step release.Step) deployer.Options {
	waits := deployer.Waits{NoReady: s.waits.NoReady || !step.WaitReady, Timeout: step.OperationTimeout + step.ReadyTimeout}
	if s.override {
		waits.Timeout = s.waits.Timeout
	}
	return deployer.Options{
		SwapIfPossible:          step.Swap == release.SwapIfPossible,
		SwapIntoEmptyProduction: step.SwapWhenProductionEmpty == release.EmptySwap,
		OnLabelMismatch:         deployer.Mismatch(step.LabelMismatch),
		UpgradeMode:             upgradeModes[string(step.UpgradeMode)],
		ForceUpgrade:            true,
		Waits:                   waits,
	}
}

// observeProject reads the slots of the project's service. It may be missing when
// the project says where to make it: a deployment makes it.
func (s *session) observeProject(ctx context.Context, d delivery) (seen deployer.Observed, missing bool, err error) {
	_, err = s.conn.Service(ctx, d.service)
	if err == nil || !management.IsNotFound(err) || d.location == "" {
		seen, err = observe(ctx, s.conn, d.service)
		return seen, false, err
	}
	return deployer.Observed{Service: d.service}, true, nil
}

package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/preflight"
	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// A delivery says what to deploy where: what the deploy command and the release
// deploy command have in common.
type delivery struct {
	service     string
	slot        management.Slot
	label       string
	name        string // of the deployment in the cloud; "" is a fresh one
	version     string // of the release, "" without one
	source      deployer.Source
	configuring deployer.Configuring
	options     deployer.Options
	gates       deployer.Gates
	account     string // for the package; "" is the subscription's only one
	location    string // for an account that has to be made

	// work opens the folder where the package is worked on before it is deployed;
	// nil leaves it as it is. redo works on it even when nothing seems to be uploaded.
	work func(*deployer.Input) (*workspace, error)
	redo bool
}

// A prepared delivery is a job whose package is open until it is closed.
type prepared struct {
	job
	input   *deployer.Input
	changes []deployer.Change

	workspace *workspace // where the package was worked on; nil when it was not
	creates   string     // where the service, which is missing, will be made; "" when it is there
}

// Close closes the package.
func (p *prepared) Close() error {
	var err error
	if p.workspace != nil {
		err = p.workspace.Close()
		p.workspace = nil
	}
	return errors.Join(err, p.input.Close())
}

// prepare chooses and configures the files, and makes the plan. It changes nothing.
func (p *program) prepare(ctx context.Context, conn *connection, d delivery, seen deployer.Observed) (*prepared, error) {
	input, err := deployer.OpenInput(d.source)
	if err != nil {
		return nil, usage("", "%w", err)
	}
	ready := &prepared{input: input}
	if err := p.plan(ctx, conn, d, seen, ready); err != nil {
		return nil, errors.Join(err, ready.Close())
	}
	return ready, nil
}

func (p *program) plan(ctx context.Context, conn *connection, d delivery, seen deployer.Observed, ready *prepared) error {
	pkg, err := servicepackage.OpenPackage(ready.input.Package.Content, ready.input.Package.Size)
	if err != nil {
		return usage("", "%s: %w", ready.input.PackagePath, err)
	}
	configured, err := deployer.Configure(ready.input.Configuration, d.configuring, seen)
	if err != nil {
		return usage("", "%w", servicepackage.NameFile(err, ready.input.ConfigurationPath))
	}
	name := d.name
	if name == "" {
		if name, err = deployer.NewName(p.random(conn)); err != nil {
			return err
		}
	}
	ready.artifacts.Package = ready.input.Package
	ready.artifacts.Package.Version = d.version
	if err := ready.makePlan(p.care, d, seen, pkg, configured, name); err != nil {
		return err
	}
	reworked, reconfigured, err := p.rework(ctx, d, seen, ready)
	if err != nil {
		return err
	}
	if reworked != nil {
		pkg, configured = reworked, *reconfigured
		if err := ready.makePlan(p.care, d, seen, pkg, configured, name); err != nil {
			return err
		}
	}
	return p.completePlan(ctx, conn, d, pkg, configured, ready)
}

// makePlan makes the plan for the package in ready and a configuration.
func (p *prepared) makePlan(care careFlags, d delivery, seen deployer.Observed, pkg *servicepackage.Package, configured deployer.Configured, name string) (err error) {
	p.changes, p.artifacts.Configuration = configured.Changes, configured.Data
	p.job.plan, err = deployer.MakePlan(deployer.Deploy{
		Service: d.service, Slot: d.slot, Label: d.label, Name: name,
		Package: p.artifacts.Package, Configuration: configured.Data,
		Endpoints: deployer.DefinitionEndpoints(pkg.Definition), Options: d.options,
	}, seen)
	if err != nil {
		return usage("", "%w", err)
	}
	p.seen = seen
	nameFlags(p.job.plan.Refusals)
	if p.job.plan, err = p.job.plan.Refusing(care.codes()...).With(d.gates, seen); err != nil {
		return usage("", "%w", err)
	}
	return nil
}

// completePlan adds to a plan what concerns the files, where they matter: a swap
// needs neither package nor configuration.
func (p *program) completePlan(ctx context.Context, conn *connection, d delivery, pkg *servicepackage.Package, configured deployer.Configured, ready *prepared) error {
	plan := &ready.job.plan
	if !plan.Has(deployer.StepUpload) {
		ready.changes = nil
		return nil
	}
	plan.Decisions = append(append(plan.Decisions, ready.input.Chosen), configured.Notes...)
	if refusals := deployer.CheckConfiguration(pkg, configured.Data); len(refusals) > 0 {
		plan.Refusals, plan.Steps = append(plan.Refusals, refusals...), []deployer.Step{}
		return nil
	}
	if err := ready.preflight(ctx, conn, pkg.Definition, configured.Data); err != nil || plan.Refused() {
		return err
	}
	store, err := p.packageStore(ctx, conn, d.account, d.location)
	if err != nil {
		return err
	}
	ready.store, ready.source, ready.account, ready.location = store, d.source, store.Name(), d.location
	return store.Announce(ctx, plan)
}

// preflight adds to the plan what the service would only refuse in the middle of it.
func (p *prepared) preflight(ctx context.Context, conn *connection, def *servicepackage.Definition, configuration []byte) error {
	cfg, err := servicepackage.ParseConfiguration(configuration)
	if err != nil {
		return usage("", "%w", err)
	}
	what := preflight.Deployment{Definition: def, Configuration: cfg, Replaces: p.seen.In(p.job.plan.Slot)}
	return what.Check(ctx, conn, &p.job.plan)
}

// packageStore returns where packages go.
func (p *program) packageStore(ctx context.Context, conn *connection, named, location string) (*provision.Account, error) {
	account, err := conn.chooseAccount(ctx, named)
	if err != nil {
		return nil, err
	}
	return &provision.Account{Provider: conn.provider(), Uploads: conn.uploader, AccountName: account, Location: location, Say: sayTo(p.progress())}, nil
}

// sayChanges lists how the configuration was changed.
func (p *program) sayChanges(changes []deployer.Change) {
	for _, c := range changes {
		fmt.Fprintf(p.progress(), "  %s %s\n", p.style(p.progress()).mark("configured"), c)
	}
}

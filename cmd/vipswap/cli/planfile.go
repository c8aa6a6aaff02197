package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// planFormat is the version of plan files. Those of version 1 know no releases, and
// nothing of --after-swap.
const planFormat = 2

// maxPlanFile bounds what is read of a plan file, in bytes.
const maxPlanFile = 16 << 20

// A planFile is a plan on its way to somebody who carries it out.
type planFile struct {
	Format        int             `json:"format"`
	Made          time.Time       `json:"made"`
	Subscription  string          `json:"subscription"`
	Digest        string          `json:"digest"` // of what the slots held
	Plan          deployer.Plan   `json:"plan"`
	Source        deployer.Source `json:"source"`
	Version       string          `json:"version,omitempty"`
	Account       string          `json:"account,omitempty"`
	Location      string          `json:"location,omitempty"`
	Configuration []byte          `json:"configuration,omitempty"`
	AfterSwap     string          `json:"afterSwap,omitempty"`
	Window        time.Duration   `json:"window,omitempty"`  // nanoseconds
	Release       *releasePlan    `json:"release,omitempty"` // of a project; nil for any other plan
}

// writePlanFile writes the plan of a job to a file that only its owner can read,
// since the configuration in it may hold secrets.
func (p *program) writePlanFile(path string, conn *connection, j job, of *releasePlan) error {
	f := planFile{
		AfterSwap: p.after.action(), Window: p.after.window, Release: of,
		Format: planFormat, Made: p.Now().UTC(), Subscription: conn.subscription, Digest: j.seen.Digest(), Plan: j.plan,
		Source: j.source, Version: j.artifacts.Package.Version, Account: j.account, Location: j.location,
	}
	if of == nil && j.plan.Has(deployer.StepUpload) {
		f.Configuration = j.artifacts.Configuration
		if err := absolute(&f.Source); err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return usage("", "--plan-out: %w", err)
	}
	fmt.Fprintf(p.progress(), "the plan is in %s; it is carried out by: %s\n", path, commandLine([]string{"vipswap", "apply", path}))
	return nil
}

// checkPlanOut refuses what is no name for a plan's file.
func checkPlanOut(path string) error {
	if path == "-" {
		return usage("--plan --output json prints a plan", "--plan-out -: it names a file, and a plan is not written to the standard output")
	}
	return nil
}

func readPlanFile(path string) (planFile, error) {
	var f planFile
	in, err := os.Open(path)
	if err != nil {
		return f, usage("", "%w", err)
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxPlanFile+1))
	if err != nil {
		return f, usage("", "%w", err)
	}
	if err := json.Unmarshal(data, &f); err != nil || len(data) > maxPlanFile || f.Format < 1 || f.Plan.Service == "" {
		return f, usage("--plan-out FILE writes one", "%s is no plan", path)
	}
	if f.Format > planFormat {
		return f, usage("use the newer vipswap that wrote it", "%s has format %d, this vipswap reads up to %d", path, f.Format, planFormat)
	}
	if f.Window < 0 {
		return f, usage("--plan-out FILE writes one", "%s is no plan: it has the negative rollback window %s", path, f.Window)
	}
	if err := f.Plan.Check(); err != nil {
		return f, usage("--plan-out FILE writes one", "%s is no plan: %w", path, err)
	}
	return f, nil
}

const applyLong = `Apply carries out a plan that --plan-out wrote: exactly its steps, when the slots
still hold what they held then. It refuses (exit code 3) when the live state has
moved: another deployment, label, configuration, number of instances, or one that
was suspended. Instances that restart do not matter.

The plan names the package by its hash; another one in its place is refused, too.

A plan of "release deploy" is carried out in the project's folder, with the steps
around it and what the lifecycle then wants. It refuses, too, when the release, what
was deployed to the environment or the lifecycle has changed, and when another plan
would be made now; Octopus.Deployment.Created is when the plan was made. A plan that
is applied has no --plan-out of its own.`

func (p *program) applyCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:     "apply FILE",
		Short:   "Carry out a plan that was written to a file",
		Long:    applyLong + connectionHelp,
		Example: "  vipswap swap --service shop --plan-out swap.json\n  vipswap apply swap.json",
		Args:    takes("the file with the plan"),
	}
	f.register(c.Flags(), p)
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		if err := p.apply(ctx, f, args[0]); err != nil {
			return fmt.Errorf("apply %s: %w", args[0], err)
		}
		return nil
	})
	return c
}

func (p *program) apply(ctx context.Context, f runFlags, path string) error {
	file, err := readPlanFile(path)
	if err != nil {
		return err
	}
	conn, err := p.connect(f.connectionFlags)
	if err != nil {
		return err
	}
	if !equalFold(conn.subscription, file.Subscription) {
		return refused("", "the plan is for subscription %s, not %s", file.Subscription, conn.subscription)
	}
	if p.after.window = file.Window; file.AfterSwap != "" {
		p.after.way = afterWay(file.AfterSwap)
	}
	if file.Release != nil {
		return p.applyRelease(ctx, f, file)
	}
	seen, err := observe(ctx, conn, file.Plan.Service)
	if err != nil {
		return err
	}
	if err := file.stillHolds(seen); err != nil {
		if again, lookErr := p.failedBefore(conn, file.Plan); lookErr != nil || !again {
			return errors.Join(err, lookErr)
		}
		fmt.Fprintln(p.progress(), "the last run of this plan failed: it goes on with what is left to do")
	}
	j := job{plan: file.Plan, seen: seen, source: file.Source, account: file.Account, location: file.Location}
	if f.timeoutGiven() {
		j.plan.Waits.Timeout = f.timeout
	}
	if needsPackage(j.plan) && !f.plan {
		input, err := p.openFor(ctx, conn, packageOf{file.Source, file.Version, file.Account, file.Location, file.Configuration}, &j)
		if err != nil {
			return err
		}
		defer input.Close()
	}
	return p.perform(ctx, conn, f, j)
}

// failedBefore reports whether the last run on the service was of this very plan, and
// failed. What it has changed is what the plan is for; each step looks whether it is
// done, and refuses what does not fit.
func (p *program) failedBefore(conn *connection, plan deployer.Plan) (bool, error) {
	log, err := p.openRuns(plan.Service)
	if err != nil {
		return false, err
	}
	defer log.Close()
	runs, err := log.Runs(conn.subscription)
	if err != nil || len(runs) == 0 || runs[0].State != runlog.Failed {
		return false, err
	}
	return samePlan(runs[0].Plan, plan), nil
}

// samePlan reports whether two plans are one, apart from how long they wait.
func samePlan(a, b deployer.Plan) bool {
	a.Waits = b.Waits
	one, err := json.Marshal(a)
	other, otherErr := json.Marshal(b)
	return err == nil && otherErr == nil && bytes.Equal(one, other)
}

// stillHolds refuses slots that are not as they were when the plan was made.
func (f *planFile) stillHolds(seen deployer.Observed) error {
	if seen.Digest() == f.Digest {
		return f.unaltered(seen.Slots())
	}
	return refused("look at the slots and make a new plan", "the slots have changed since the plan was made at %s: %s",
		f.Made.Format(time.RFC3339), whatMoved(f.Plan.Seen, seen.Slots()))
}

// unaltered refuses a file in which what the slots held was changed by hand: the slots
// are as they were, and it says something else.
func (f *planFile) unaltered(now deployer.Slots) error {
	for _, slot := range []struct {
		name    string
		told    *deployer.SlotState
		present *deployer.SlotState
	}{{"production", f.Plan.Seen.Production, now.Production}, {"staging", f.Plan.Seen.Staging, now.Staging}} {
		if told, present := lastingOf(slot.told), lastingOf(slot.present); told != present {
			return usage("make a new plan", "the file was changed after it was written: it says that %s held %s, and its digest is that of %s", slot.name, told, present)
		}
	}
	return nil
}

// lastingOf says what a digest of a slot tells, too: no status that passes.
func lastingOf(d *deployer.SlotState) string {
	if d == nil {
		return "nothing"
	}
	roles := map[string]int{}
	for _, i := range d.Instances {
		roles[i.Role]++
	}
	state := "running"
	if strings.HasPrefix(string(d.Status), "Suspend") {
		state = "suspended"
	}
	return fmt.Sprintf("%q (deployment %s, %s, instances %v)", d.Label, strings.ToLower(d.Name), state, roles)
}

// whatMoved says how the slots differ from what a plan saw.
func whatMoved(before, now deployer.Slots) string {
	for _, slot := range []struct {
		name string
		was  *deployer.SlotState
		is   *deployer.SlotState
	}{{"production", before.Production, now.Production}, {"staging", before.Staging, now.Staging}} {
		if was, is := holdingOf(slot.was), holdingOf(slot.is); was != is {
			return fmt.Sprintf("%s held %s and holds %s", slot.name, was, is)
		}
	}
	return "a configuration, the endpoints or what upgraded a deployment is another"
}

func holdingOf(d *deployer.SlotState) string {
	if d == nil {
		return "nothing"
	}
	return fmt.Sprintf("%q (deployment %s, %s, %d instances)", d.Label, d.Name, d.Status, len(d.Instances))
}

// packageOf is where the package of a plan is, and what goes with it.
type packageOf struct {
	source            deployer.Source
	version           string
	account, location string
	configuration     []byte
}

// openFor opens the package of a plan for a job. Run refuses a different one.
func (p *program) openFor(ctx context.Context, conn *connection, of packageOf, j *job) (*deployer.Input, error) {
	store, err := p.packageStore(ctx, conn, of.account, of.location)
	if err != nil {
		return nil, err
	}
	input, err := deployer.OpenInput(of.source)
	if err != nil {
		return nil, usage("", "%w", err)
	}
	if sum := wantedPackage(j.plan); sum != "" && sum != input.Package.SHA256 {
		return nil, errors.Join(refused("", "%s is not the package that was planned: its contents differ", of.source.Path), input.Close())
	}
	j.store = store
	j.artifacts = deployer.Artifacts{Package: input.Package, Configuration: of.configuration}
	j.artifacts.Package.Version = of.version
	return input, nil
}

// wantedPackage returns the hash of the package that a plan sends, or "".
func wantedPackage(plan deployer.Plan) string {
	for _, s := range plan.Steps {
		if s.PackageSHA256 != "" {
			return s.PackageSHA256
		}
	}
	return ""
}

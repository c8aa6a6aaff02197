package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/process"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
	"github.com/vipswap/vipswap/deployer/report"
	"github.com/vipswap/vipswap/deployer/variables"
	"github.com/vipswap/vipswap/deployer/wait"
)

// An around is what happens around the plan of one deployment: the steps before and
// after it, and what they have set.
type around struct {
	project *release.Project // of the release
	runner  *process.Runner
	state   process.State
	journal journal.Process
	works   bool     // the package is worked on
	work    workMode // how far that goes while preparing
	redo    bool     // the package is needed again, to go on after an interruption
}

// A workMode says how far the work on a package's files goes.
type workMode int

const (
	workDry  workMode = iota // all but the packaged scripts, to see what would come out
	workLive                 // all of it
	workNone                 // nothing: it comes later, or is not needed
)

// surround begins what is around a deployment.
func (s *session) surround(r release.Release, d release.Deployment) (*around, error) {
	project, err := r.Project()
	if err != nil {
		return nil, err
	}
	if err := s.history.UseScripts(r, project); err != nil {
		return nil, err
	}
	run, err := s.history.Run(r, d)
	if err != nil {
		return nil, err
	}
	dictionary := func(step string, outputs []variables.Variable) (*variables.Dictionary, error) {
		of := run
		of.Step, of.Extra = step, outputs
		return project.Dictionary(of, s.sources(s.dir))
	}
	poll := s.conn.poll
	if poll == 0 {
		poll = 500 * time.Millisecond
	}
	log := journal.Process{History: s.history, Deployment: d}
	return &around{
		project: project, works: worksOn(project, r), state: process.State{Environment: d.Environment}, journal: log,
		runner: &process.Runner{
			Dictionary: dictionary, Dir: s.dir, Clock: wait.System, RetryPause: s.conn.hurried(process.DefaultRetryPause),
			Scripts:  process.Machine{Environ: os.Environ()},
			HTTP:     stepClient(),
			Approver: &approver{s.program, d, poll},
			MayRun:   s.mayChange,
			Reporter: stepReporter{s.progress(), s.style(s.progress()), &s.telling.cases},
			Journal:  log,
		},
	}, nil
}

// The phases of a deployment that steps belong to.
const (
	phaseBefore = "before"
	phaseAfter  = "after"
)

// stepClient returns the client for the requests of steps. A redirect is an answer.
func stepClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// stepped reports whether the deployment has to be prepared a second time, after the
// steps before it and with its packaged scripts.
func (a *around) stepped() bool { return len(a.project.Before) > 0 || a.works }

// leave makes the outputs of the plan's run known to the steps after it: those of
// the run, and the settings of the step, as the guide's publishes them. Of a swap
// there is no configuration.
func (a *around) leave(result deployer.Result, ready *prepared) error {
	dictionary, err := a.runner.Dictionary("", nil)
	if err != nil {
		return err
	}
	outputs := result.Outputs()
	for _, name := range []string{"OctopusAzureStorageAccountName", "OctopusAzureSwapIfPossible", "OctopusAzureUseCurrentInstanceCount"} {
		if value, defined, err := dictionary.Get(name); err == nil && defined {
			outputs[name] = value
		}
	}
	if ready.job.plan.Has(deployer.StepUpload) {
		outputs["OctopusAzureConfigurationFile"] = ready.input.ConfigurationPath
		outputs["OctopusAzureStorageAccountName"] = ready.account
	}
	for name, value := range outputs {
		a.state.Output(a.project.Step.Name, name, value, false)
	}
	return nil
}

// ended notes what became of the step that deploys.
func (a *around) ended(became process.Status, err error) {
	if err != nil {
		became = process.Failed
	}
	a.state.Fail(err)
	a.state.End(a.project.Step.Name, became, err)
}

// before runs the steps before the plan and, where they or the package's scripts
// can change what is deployed, prepares the deployment anew.
func (s *session) before(ctx context.Context, r release.Release, d release.Deployment, a *around, ready *prepared) error {
	if err := a.runner.Run(ctx, phaseBefore, a.project.Before, &a.state); err != nil {
		return err
	}
	if a.state.Err != nil {
		a.ended(process.Skipped, nil)
		return nil
	}
	if !a.stepped() {
		return nil
	}
	a.work = workLive
	again, err := s.prepareRelease(ctx, r, d, a)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		a.ended(process.Failed, err)
		return nil
	}
	err = ready.Close()
	*ready = *again // the caller closes it
	if ready.job.plan.Refused() {
		a.ended(process.Failed, fmt.Errorf("%s: %w", planTitle(ready.job.plan), &deployer.RefusedError{Refusals: ready.job.plan.Refusals}))
	}
	return err
}

// after runs the steps after the plan, and what is left of a failure is an error.
func (a *around) after(ctx context.Context) error {
	if err := a.runner.Run(ctx, phaseAfter, a.project.After, &a.state); err != nil {
		return err
	}
	return a.state.Err
}

// A stepReporter writes lines about steps.
type stepReporter struct {
	w     io.Writer
	style style
	cases *report.Cases
}

// StepSkipped says why a step does not run.
func (r stepReporter) StepSkipped(s process.Step, why string) {
	r.cases.Skipped(s.String(), why)
	fmt.Fprintf(r.w, "  %s %s\n       %s\n", r.style.bold("step"), s, r.style.dim("skipped: "+why))
}

// StepStarted names the step.
func (r stepReporter) StepStarted(s process.Step) {
	fmt.Fprintf(r.w, "  %s %s\n", r.style.bold("step"), s)
}

// StepLine shows what a step has to say.
func (r stepReporter) StepLine(line string) { fmt.Fprintf(r.w, "       | %s\n", harmlessText(line)) }

// StepEnded says how the step ended.
func (r stepReporter) StepEnded(s process.Step, took time.Duration, err error) {
	r.cases.Step(s.String(), took, err)
	if err != nil {
		fmt.Fprintf(r.w, "       %s: %v\n", r.style.bad("failed"), err)
		return
	}
	words := "done"
	if took >= time.Second {
		words += " in " + took.Round(time.Second).String()
	}
	fmt.Fprintf(r.w, "       %s\n", r.style.good(words))
}

package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/runlog"
	"github.com/vipswap/vipswap/deployer/storage"
)

// Where runs leave behind what later ones need: a folder in the project's folder,
// else in the working folder, unless envState names one.
const (
	stateFolder = ".vipswap"
	runsFolder  = "runs"
	envState    = "VIPSWAP_STATE"
)

// stateDir returns the folder for what runs leave behind.
func (p *program) stateDir() (string, error) {
	if named := p.Getenv(envState); named != "" {
		p.state = named
	}
	if p.state != "" {
		return p.state, nil
	}
	_, dir, err := p.project()
	if err == nil && dir == "" {
		dir, err = p.WorkDir()
	}
	if err == nil {
		p.state = filepath.Join(dir, stateFolder)
	}
	return p.state, err
}

// runsDir returns the folder of the logs of runs.
func (p *program) runsDir() (string, error) {
	dir, err := p.stateDir()
	return filepath.Join(dir, runsFolder), err
}

// waitForRuns is how long another process is given to finish with a log.
const waitForRuns = 300 * time.Millisecond

func (p *program) openRuns(service string) (*runlog.Log, error) {
	dir, err := p.runsDir()
	if err != nil {
		return nil, err
	}
	return runlog.Open(dir, service, runlog.Options{Now: time.Now, Wait: waitForRuns})
}

// A recording is how one run is remembered.
type recording struct {
	log  *runlog.Log
	run  runlog.Run
	kept deployer.Journal // of a history, which then has the run; else nil
}

// record begins to remember a run. It refuses while an earlier one is unfinished.
func (p *program) record(conn *connection, j job) (*recording, error) {
	log, err := p.openRuns(j.plan.Service)
	if err != nil {
		return nil, err
	}
	rec := &recording{log: log, kept: j.journal, run: runlog.Run{
		Command: j.plan.Action, Subscription: conn.subscription, Plan: j.plan, Version: j.artifacts.Package.Version,
		Account: j.account, Location: j.location, LockID: storage.LockID(rand.Text()), AfterSwap: p.after.action(), Window: p.after.window,
	}}
	if rec.run.SentPackage() {
		rec.run.Source, rec.run.Configuration = j.source, j.artifacts.Configuration
		err = absolute(&rec.run.Source)
	}
	if err == nil && rec.kept == nil {
		err = p.refuseCutOff(rec.run.Plan.Service)
	}
	if err == nil {
		err = rec.begin()
	}
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return rec, nil
}

// absolute makes paths independent of the working folder.
func absolute(s *deployer.Source) (err error) {
	for _, path := range []*string{&s.Path, &s.ConfigurationPath} {
		if *path != "" && err == nil {
			*path, err = filepath.Abs(*path)
		}
	}
	return err
}

// begin records the run before its first call, unless a history does.
func (r *recording) begin() (err error) {
	if r.kept == nil {
		r.run, err = r.log.Begin(r.run)
		return err
	}
	earlier, err := r.log.Unfinished(r.run.Subscription)
	if err == nil && earlier != nil {
		err = &runlog.UnfinishedError{Run: *earlier}
	}
	return err
}

func (r *recording) journal() deployer.Journal {
	if r.kept != nil {
		return r.kept
	}
	return r.log.Journal(r.run)
}

// question returns the id under which the run asks somebody.
func (r *recording) question() string { return fmt.Sprintf("%s-%d", r.run.Plan.Service, r.run.ID) }

// finish records the end of the run, and returns its error with a hint. A run that
// stopped while it changed something stays unfinished.
func (r *recording) finish(result deployer.Result, err error) error {
	defer r.log.Close()
	ending := runlog.Ending{State: runlog.Succeeded, Result: &result}
	switch {
	case r.kept != nil:
		if err == nil {
			err = r.log.Record(r.run, ending)
		}
		return err
	case err == nil:
		return r.log.Finish(r.run.ID, ending)
	case unfinished(err) && stoppedInChange(err):
		return failed("the service goes on by itself; \"vipswap resume\" goes on from here", "%w", err)
	}
	ending = runlog.Ending{State: runlog.Failed, Error: err.Error(), Result: &result}
	return errors.Join(err, r.log.Finish(r.run.ID, ending))
}

// stoppedInChange reports whether err ended a run during a step that changes
// something, so that the slots are not known.
func stoppedInChange(err error) bool {
	var (
		interrupted *deployer.InterruptedError
		late        *deployer.TimeoutError
		during      deployer.Step
	)
	switch {
	case errors.As(err, &interrupted):
		during = interrupted.Step
	case errors.As(err, &late):
		during = late.Step
	default:
		return errors.Is(err, context.Canceled)
	}
	return !harmless(during)
}

// harmless reports whether the step changes nothing, and comes before what does.
func harmless(s deployer.Step) bool {
	if s.Kind == deployer.StepHook {
		return strings.HasPrefix(s.Hook, "before-") && !s.Back
	}
	return slices.Contains([]deployer.StepKind{deployer.StepReady, deployer.StepUpload, deployer.StepCheck, deployer.StepPause}, s.Kind) && !s.Back
}

// describeRun says which run it is, in one line.
func describeRun(r runlog.Run) string {
	return fmt.Sprintf("%s, begun %s, was cut off %s", planTitle(r.Plan), r.Begun.Format(time.RFC3339), r.Reached())
}

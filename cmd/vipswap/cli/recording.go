package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
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
	dir, err := p.projectFolder()
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

// record begins to remember a run. It refuses while an earlier one is unfinished.
func (p *program) record(conn *connection, j job) (*runlog.Recording, error) {
	log, err := p.openRuns(j.plan.Service)
	if err != nil {
		return nil, err
	}
	rec := &runlog.Recording{Log: log, Kept: j.journal, Run: runlog.Run{
		Command: j.plan.Action, Subscription: conn.subscription, Plan: j.plan, Version: j.artifacts.Package.Version,
		Account: j.account, Location: j.location, LockID: storage.LockID(rand.Text()), AfterSwap: p.after.action(), Window: p.after.window,
	}}
	if rec.Run.SentPackage() {
		rec.Run.Source, rec.Run.Configuration = j.source, j.artifacts.Configuration
		err = absolute(&rec.Run.Source)
	}
	if err == nil && rec.Kept == nil {
		err = p.refuseCutOff(rec.Run.Plan.Service)
	}
	if err == nil {
		err = rec.Begin()
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

// finishRecording records the end of a run, and returns its error with a hint.
func finishRecording(rec *runlog.Recording, result deployer.Result, err error) error {
	cutOff, err := rec.Finish(result, err)
	if cutOff {
		return failed(meanwhile(err)+"\"vipswap resume\" goes on from here", "%w", err)
	}
	return err
}

// meanwhile begins the hint of a run that was stopped.
func meanwhile(err error) string {
	if during, known := deployer.StoppedDuring(err); known && !during.AtService() {
		return ""
	}
	return "the service goes on by itself; "
}

// describeRun says which run it is, in one line.
func describeRun(r runlog.Run) string {
	return fmt.Sprintf("%s, begun %s, was cut off %s", planTitle(r.Plan), r.Begun.Format(time.RFC3339), r.Reached())
}

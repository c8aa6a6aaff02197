package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/report"
)

// auditFile is the log, in the folder for what runs leave behind, that every run
// is appended to.
const auditFile = "audit.jsonl"

// tellFlags say where it is told what a run does, beside the terminal and the audit
// log.
type tellFlags struct{ events, junit string }

func (f *tellFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.events, "events", "", "append every call, decision, step and wait as a line of JSON to this `FILE`; - is the standard error")
	flags.StringVar(&f.junit, "junit", "", "write what was done to this `FILE` in JUnit's XML: a case for the plan and one for each step")
}

// openEvents opens the place that --events names, once.
func (p *program) openEvents() error {
	t := &p.telling
	if t.log.Events != nil || t.flags.events == "" {
		return nil
	}
	if t.flags.events == "-" {
		t.log.Events = p.Stderr
		return nil
	}
	file, err := appendTo(t.flags.events)
	if err != nil {
		return usage("", "--events: %w", err)
	}
	t.log.Events, t.files = file, append(t.files, file)
	return nil
}

// audited calls do while the audit log is open, and writes down what it comes to.
func (p *program) audited(plan deployer.Plan, do func(*report.Log) (deployer.Result, error)) (deployer.Result, error) {
	var result deployer.Result
	err := p.auditing(func(log *report.Log) (err error) {
		log.Begin(p.whoami(), plan)
		result, err = do(log)
		log.End(plan, result, err)
		return err
	})
	return result, err
}

// auditing calls do while the audit log is open.
func (p *program) auditing(do func(*report.Log) error) error {
	dir, err := p.stateDir()
	if err != nil {
		return err
	}
	file, err := appendTo(filepath.Join(dir, auditFile))
	if err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
	log := &p.telling.log
	log.Audit = file
	err = do(log)
	log.Audit = nil
	return errors.Join(err, log.Err(), file.Close())
}

func appendTo(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

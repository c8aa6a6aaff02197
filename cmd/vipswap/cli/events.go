package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/report"
	"github.com/vipswap/vipswap/internal/linefile"
)

// auditFile is the log, in the folder for what runs leave behind, that every run
// is appended to.
const auditFile = "audit.jsonl"

// tellFlags say where it is told what a run does, beside the terminal and the audit
// log.
type tellFlags struct{ events, junit string }

func (f *tellFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.events, "events", "", "append every call, decision, step and wait as a line of JSON to this `FILE`; - is the standard error")
	flags.StringVar(&f.junit, "junit", "", "write what was done to this `FILE` in JUnit's XML, in folders that are made if need be: a case for the plan and one for each step")
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
	file, err := linefile.Append(t.flags.events)
	if err != nil {
		return usage("", "--events: %w", err)
	}
	t.log.Events, t.files = file, append(t.files, file)
	return nil
}

// checkReport finds out beforehand whether the file that --junit names can be written,
// and makes its folders. A file that is there stays as it is, and none is left behind: the
// report is written at the end.
func (p *program) checkReport() error {
	file := p.telling.flags.junit
	if file == "" {
		return nil
	}
	if err := writable(file); err != nil {
		p.telling.flags.junit = "" // it is not tried again
		return usage("nothing was done; name a file that can be written", "--junit: %w", err)
	}
	return nil
}

// writable returns why a file cannot be written; nil when it can. What is no file and no
// folder, such as a pipe, is not opened: whoever reads it would take that for all there is.
func writable(file string) error {
	if info, err := os.Stat(file); err == nil {
		if !info.Mode().IsRegular() && !info.IsDir() {
			return nil
		}
		existing, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return existing.Close()
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	made, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(made.Close(), os.Remove(file))
}

// writeReport writes the report of a command that came to err to the file that --junit
// names. When that fails the exit code stays that of err; when all else went well, the
// error tells that only the report is missing.
func (p *program) writeReport(command string, err error) error {
	t := &p.telling
	if t.flags.junit == "" || !p.began {
		return err
	}
	problem := writeTo(t.flags.junit, func(w io.Writer) error { return t.cases.Write(w, command, err) })
	switch {
	case problem == nil:
		return err
	case err == nil:
		return failed("the same command again would do it once more",
			"only the report is missing, what the command was to do is done: --junit: %w", problem)
	}
	return errors.Join(fmt.Errorf("the report is missing: --junit: %w", problem), err) // a hint is at the end
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
	file, err := linefile.Append(filepath.Join(dir, auditFile))
	if err != nil {
		return fmt.Errorf("open the audit log: %w", err)
	}
	log := &p.telling.log
	log.Audit = file
	err = do(log)
	log.Audit = nil
	return errors.Join(err, log.Err(), file.Close())
}

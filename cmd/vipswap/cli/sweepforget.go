package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/report"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// What is said of a deployment that no sweep deals with now.
const (
	sweptDue       = "due"
	sweptForgotten = "forgotten"
)

// sweepFlags are the flags of sweep that say what it is about.
type sweepFlags struct {
	service string
	list    bool
	forget  []string // names of deployments, or of cloud services
}

func (f sweepFlags) check() error {
	for _, name := range f.forget {
		if strings.TrimSpace(name) == "" {
			return usage("\"vipswap sweep --list\" shows the names", "--forget wants the name of a deployment or a cloud service")
		}
	}
	return nil
}

// sweepAs lists, forgets or sweeps.
func (p *program) sweepAs(ctx context.Context, conn *connection, f sweepFlags, run runFlags) error {
	switch {
	case f.list:
		return p.listLeftovers(conn, f.service)
	case len(f.forget) > 0:
		return p.forget(conn, f, run.plan)
	}
	return p.sweepAll(ctx, conn, f.service, run)
}

// servicesOnRecord returns the services with runs on record, or the one that is named.
func (p *program) servicesOnRecord(named string) ([]string, error) {
	if named != "" {
		return []string{named}, nil
	}
	dir, err := p.runsDir()
	if err != nil {
		return nil, err
	}
	return runlog.Services(dir)
}

// leftovers returns what swaps of a service left behind.
func (p *program) leftovers(conn *connection, service string) ([]runlog.Run, error) {
	log, err := p.openRuns(service)
	if err != nil {
		return nil, err
	}
	left, err := log.Leftovers(conn.subscription)
	return left, errors.Join(err, log.Close())
}

// allLeftovers returns those of all services on record, or of the one that is named.
func (p *program) allLeftovers(conn *connection, named string) ([]runlog.Run, error) {
	services, err := p.servicesOnRecord(named)
	if err != nil {
		return nil, err
	}
	var all []runlog.Run
	for _, service := range services {
		left, err := p.leftovers(conn, service)
		if err != nil {
			return nil, err
		}
		all = append(all, left...)
	}
	return all, nil
}

// listLeftovers prints what sweeps will deal with. It asks no service.
func (p *program) listLeftovers(conn *connection, named string) error {
	left, err := p.allLeftovers(conn, named)
	if err != nil {
		return err
	}
	views := []sweptView{}
	for _, run := range left {
		views = append(views, p.waiting(run))
	}
	return p.show(views, func(w io.Writer) { p.writeLeftovers(w, views) })
}

// waiting says of a deployment what a sweep will do, and when.
func (p *program) waiting(run runlog.Run) sweptView {
	v := viewOfLeftover(run)
	if p.Now().Before(v.Due) {
		return v.as(sweptKept, "it is kept until %s; then it %s", v.Due.Format(time.RFC3339), afterWords(v.Then))
	}
	return v.as(sweptDue, "the next sweep looks: it %s", afterWords(v.Then))
}

func (p *program) writeLeftovers(w io.Writer, views []sweptView) {
	if len(views) == 0 {
		fmt.Fprintln(w, "nothing is left over")
		return
	}
	t := table{}
	t.head(p.style(w), "SERVICE", "DEPLOYMENT", "LABEL", "DUE", "THEN")
	for _, v := range views {
		t.add(plain(v.Service), plain(v.Deployment), plain(v.Label), plain(v.Due.Local().Format(timeFormat)), plain("it "+afterWords(v.Then)))
	}
	t.write(w)
}

// forget crosses off what the flags name, and leaves the deployments as they are.
func (p *program) forget(conn *connection, f sweepFlags, planOnly bool) error {
	left, err := p.allLeftovers(conn, f.service)
	if err != nil {
		return err
	}
	chosen, err := chooseLeftovers(left, f.forget)
	if err != nil {
		return err
	}
	views := []sweptView{}
	for _, run := range chosen {
		v, forgetErr := p.forgetOne(run, planOnly)
		if err = forgetErr; err != nil {
			break
		}
		views = append(views, v)
	}
	return errors.Join(p.show(views, func(w io.Writer) { writeForgotten(w, views, planOnly) }), err)
}

func writeForgotten(w io.Writer, views []sweptView, planOnly bool) {
	for _, v := range views {
		fmt.Fprintln(w, v.Text)
	}
	if planOnly {
		fmt.Fprintln(w, "nothing was changed: this is a plan")
	}
}

// chooseLeftovers returns those that the names mean, each once. All names have to
// mean one, so that a misspelt one forgets nothing.
func chooseLeftovers(left []runlog.Run, names []string) ([]runlog.Run, error) {
	meant := make([]bool, len(left))
	for _, name := range names {
		found := false
		for i, run := range left {
			if equalFold(name, run.Swap.Previous.Name) || equalFold(name, run.Plan.Service) {
				meant[i], found = true, true
			}
		}
		if !found {
			return nil, usage("\"vipswap sweep --list\" shows what is", "nothing is left over that --forget %s could mean: no deployment and no cloud service of that name", name)
		}
	}
	var chosen []runlog.Run
	for i, run := range left {
		if meant[i] {
			chosen = append(chosen, run)
		}
	}
	return chosen, nil
}

// forgetOne crosses one off, on record and in the audit log.
func (p *program) forgetOne(run runlog.Run, planOnly bool) (sweptView, error) {
	v := viewOfLeftover(run)
	if planOnly {
		return v.as(sweptPlanned, "%s would be forgotten: no sweep would deal with it, and it would stay as it is", v.name()), nil
	}
	log, err := p.openRuns(v.Service)
	if err != nil {
		return v, err
	}
	if err := errors.Join(log.Forget(run.ID), log.Close()); err != nil {
		return v, err
	}
	v = v.as(sweptForgotten, "%s is forgotten: no sweep deals with it any more, and it stays as it is", v.name())
	return v, p.auditing(func(log *report.Log) error {
		log.Forgotten(p.whoami(), v.Service, v.Text)
		return nil
	})
}

// forgetHint names the command that ends refusals of what is swept.
func forgetHint(all []sweptView) string {
	command := "vipswap sweep"
	for _, v := range all {
		if v.Outcome == sweptRefused {
			command += " --forget " + v.Deployment
		}
	}
	return command
}

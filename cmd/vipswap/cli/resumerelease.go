package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/release/journal"
	"github.com/vipswap/vipswap/deployer/runlog"
)

// resumeRelease goes on with a deployment of the project's releases, takes it back or
// gives it up.
func (p *program) resumeRelease(ctx context.Context, f resumeFlags) error {
	none := func(w io.Writer) { fmt.Fprintln(w, "nothing was cut off: there is nothing to resume") }
	s, err := p.openSessionFor(need{
		command: "vipswap resume", spare: f.undo || f.abandon,
		hint: `"vipswap resume --undo" takes back without it what was cut off, --abandon gives it up`,
	})
	if s == nil && err == nil {
		return p.show(struct{}{}, none)
	}
	if err != nil {
		return err
	}
	defer s.history.Close()
	if f.plan {
		err = s.heldByOther()
	} else {
		err = s.hold()
	}
	if err != nil {
		return err
	}
	open, err := s.history.Unfinished()
	if err != nil {
		return err
	}
	if len(open) == 0 {
		return p.show(struct{}{}, none)
	}
	if err := s.connectFor(f.runFlags); err != nil {
		return err
	}
	switch d := open[0]; {
	case f.undo:
		return s.takeBack(ctx, f, d)
	case f.abandon:
		return s.giveUp(ctx, f, d)
	default:
		s.resumed = true
		return s.deploy(ctx, f.plan, d.Release, d.Environment, false)
	}
}

// heldByOther returns a *release.HeldError while another process deploys.
func (s *session) heldByOther() error {
	holder, err := s.history.Holder()
	if holder != nil {
		return &release.HeldError{Holder: holder}
	}
	return err
}

// takenBack is what the history says of a deployment that was taken back.
const takenBack = "it was interrupted, and taken back"

// takeBack takes back what a deployment has done to the slots, and records it as
// failed. It stays unfinished until that is done, so that this can be cut off, too.
func (s *session) takeBack(ctx context.Context, f resumeFlags, d release.Deployment) error {
	of, planned, err := journal.PlanOf(d)
	if err != nil {
		return err
	}
	s.sayCutOff(d)
	if names := journal.ProcessEnded(d); len(names) > 0 {
		s.warning(fmt.Sprintf("not taken back: what the steps %s did", strings.Join(names, ", ")))
	}
	if planned {
		done, err := s.undoPlan(ctx, f, d, of)
		if !done || err != nil {
			return err
		}
	}
	if f.plan {
		return s.show(struct{}{}, func(w io.Writer) { fmt.Fprintln(w, "it would be recorded as failed; the slots stay as they are") })
	}
	if err := s.endCutOff(ctx, d, release.Ending{State: release.Failed, Error: takenBack}); err != nil {
		return err
	}
	fmt.Fprintf(s.progress(), "release %s to %s is recorded as failed: %s\n", d.Release, d.Environment, takenBack)
	return nil
}

// undoPlan takes back what was done of a plan. It reports whether that is done: not
// when it is only shown.
func (s *session) undoPlan(ctx context.Context, f resumeFlags, d release.Deployment, of deployer.Plan) (done bool, err error) {
	plan, err := s.planUndo(ctx, s.conn, f, of)
	if err != nil {
		return false, err
	}
	if f.plan {
		return false, s.showPlan(plan)
	}
	s.telling.cases.Plan(planTitle(plan), plan)
	if plan.Refused() {
		return false, &deployer.RefusedError{Refusals: plan.Refusals}
	}
	lock, _ := journal.LockOf(d)
	rec := &runlog.Recording{Run: runlog.Run{LockID: lock.ID}, Kept: unkept{}}
	result, err := s.runLocked(ctx, s.conn, job{plan: plan}, rec, s.report)
	if s.output == formatJSON {
		if jsonErr := writeJSON(s.Stdout, result); err == nil {
			err = jsonErr
		}
	}
	if err == nil && s.output == formatText && result.After != nil {
		writeSlots(s.Stdout, s.style(s.Stdout), *result.After)
	}
	return err == nil, err
}

// giveUp records a deployment as canceled and leaves the slots as they are.
func (s *session) giveUp(ctx context.Context, f resumeFlags, d release.Deployment) error {
	s.sayCutOff(d)
	if f.plan {
		return s.show(struct{}{}, func(w io.Writer) { fmt.Fprintln(w, "it would be given up; the slots stay as they are") })
	}
	if err := s.cancel(ctx, d, false); err != nil {
		return err
	}
	fmt.Fprintln(s.progress(), "it is given up; the slots are as they are")
	return nil
}

// sayCutOff says which deployment it is about.
func (s *session) sayCutOff(d release.Deployment) { fmt.Fprintln(s.progress(), cutOffWords(d)) }

func cutOffWords(d release.Deployment) string {
	return fmt.Sprintf("release %s to %s, begun %s, was cut off", d.Release, d.Environment, d.Started.Format(time.RFC3339))
}

// refuseCutOff refuses to change a service while a deployment of a release to it is cut
// off, which the history of the project in this folder knows: what it did, and would
// still do, would not fit any more. One that another process carries out is no reason:
// what that process carries out holds the service's runs, too.
func (p *program) refuseCutOff(service string) error {
	file, err := p.projectFile()
	if err != nil || file == "" || !release.HasHistory(filepath.Dir(file)) {
		return err
	}
	history, err := release.OpenHistory(filepath.Dir(file), release.Options{Now: p.Now})
	if err != nil {
		return err
	}
	if holder, err := history.Holder(); holder != nil || err != nil {
		return err
	}
	open, err := history.Unfinished()
	if err != nil {
		return err
	}
	for _, d := range open {
		plan, planned, err := journal.PlanOf(d)
		switch {
		case err != nil:
			return err
		case planned && equalFold(plan.Service, service):
			return refused("\"vipswap resume\" finishes it, with --undo takes it back, with --abandon gives it up", "%s", cutOffWords(d))
		}
	}
	return nil
}

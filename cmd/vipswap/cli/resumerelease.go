package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/runlog"
	"github.com/vipswap/vipswap/deployer/storage"
)

// resumeRelease goes on with a deployment of the project's releases, takes it back or
// gives it up.
func (p *program) resumeRelease(ctx context.Context, f resumeFlags) error {
	none := func(w io.Writer) { fmt.Fprintln(w, "nothing was cut off: there is nothing to resume") }
	project, dir, err := p.project()
	if err != nil {
		return err
	}
	if project == nil {
		return p.show(struct{}{}, none)
	}
	s, err := p.openSessionIn(dir, project, "vipswap resume")
	if err != nil {
		return err
	}
	defer s.history.Close()
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
		return s.deploy(ctx, f.plan, d.Release, d.Environment, false)
	}
}

// takenBack is what the history says of a deployment that was taken back.
const takenBack = "it was interrupted, and taken back"

// takeBack takes back what a deployment has done to the slots, and records it as
// failed. It stays unfinished until that is done, so that this can be cut off, too.
func (s *session) takeBack(ctx context.Context, f resumeFlags, d release.Deployment) error {
	of, planned, err := storedPlan(d)
	if err != nil {
		return err
	}
	s.sayCutOff(d)
	if names := stepsEnded(d); len(names) > 0 {
		fmt.Fprintf(s.progress(), "%s not taken back: what the steps %s did\n", s.style(s.progress()).warn("warning:"), strings.Join(names, ", "))
	}
	if planned {
		done, err := s.undoPlan(ctx, f, of)
		if !done || err != nil {
			return err
		}
	}
	if f.plan {
		return s.show(struct{}{}, func(w io.Writer) { fmt.Fprintln(w, "it would be recorded as failed; the slots stay as they are") })
	}
	if _, err := s.history.FinishDeployment(d.ID, release.Ending{State: release.Failed, Error: takenBack}); err != nil {
		return err
	}
	fmt.Fprintf(s.progress(), "release %s to %s is recorded as failed: %s\n", d.Release, d.Environment, takenBack)
	return nil
}

// undoPlan takes back what was done of a plan. It reports whether that is done: not
// when it is only shown.
func (s *session) undoPlan(ctx context.Context, f resumeFlags, of deployer.Plan) (done bool, err error) {
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
	rec := &recording{run: runlog.Run{LockID: storage.LockID(of.ID)}, kept: unkept{}}
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
	if _, err := s.history.FinishDeployment(d.ID, release.Ending{State: release.Canceled, Error: "given up after an interruption"}); err != nil {
		return err
	}
	fmt.Fprintln(s.progress(), "it is given up; the slots are as they are")
	of, planned, err := storedPlan(d)
	if err != nil || !planned {
		return err
	}
	return s.releaseLock(ctx, s.conn, runlog.Run{Plan: of, LockID: storage.LockID(of.ID)})
}

// sayCutOff says which deployment it is about.
func (s *session) sayCutOff(d release.Deployment) {
	fmt.Fprintf(s.progress(), "release %s to %s, begun %s, was cut off\n", d.Release, d.Environment, d.Started.Format(time.RFC3339))
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/release"
)

const releaseBlockLong = `Block keeps a release from progressing, for example because a defect was found in
it. It may still be deployed to the first phase and to phases that it has reached,
but no further, and the lifecycle deploys it nowhere by itself. "vipswap release
unblock" ends that.

A deployment that is under way elsewhere is refused before it brings the release into
its slot, as when it waits for an answer. Block names such deployments.`

func (p *program) releaseBlockCommand() *cobra.Command {
	var reason string
	var plan bool
	c := &cobra.Command{
		Use:     "block VERSION --reason TEXT",
		Short:   "Keep a release from progressing",
		Long:    releaseBlockLong,
		Example: "  vipswap release block 1.1.0 --reason \"orders are lost under load\"",
		Args:    takes("the release's number"),
		RunE: p.action(func(ctx context.Context, args []string) error {
			if reason == "" {
				return usage("people will ask why", "release block: --reason is missing")
			}
			return p.withNeed(need{command: "vipswap release block " + args[0], spare: true}, func(s *session) error {
				if plan {
					return s.planBlocking(ctx, args[0], "block", reason)
				}
				return s.block(args[0], reason)
			})
		}),
	}
	c.Flags().StringVar(&reason, "reason", "", "a `TEXT` that says why, for people")
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	return c
}

func (p *program) releaseUnblockCommand() *cobra.Command {
	var plan bool
	c := &cobra.Command{
		Use:     "unblock VERSION",
		Short:   "Let a blocked release progress again",
		Long:    "Unblock lets a release go on through the lifecycle that \"vipswap release block\" held.\nNothing is deployed by it.",
		Example: "  vipswap release unblock 1.1.0",
		Args:    takes("the release's number"),
		RunE: p.action(func(ctx context.Context, args []string) error {
			return p.withNeed(need{command: "vipswap release unblock " + args[0], spare: true}, func(s *session) error {
				if plan {
					return s.planBlocking(ctx, args[0], "unblock", "it may then progress again")
				}
				r, err := s.history.UnblockRelease(args[0])
				if err != nil {
					return blockRefusal(err)
				}
				return s.showBlocking(r, nil, "not blocked any more")
			})
		}),
	}
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	return c
}

func (s *session) planBlocking(ctx context.Context, number, verb, why string) error {
	r, err := s.history.Release(number)
	if err != nil {
		return err
	}
	if (r.Blocked() != "") == (verb == "block") {
		state := map[bool]string{true: "blocked already, because: " + r.Blocked(), false: "not blocked"}
		return refused("", "release %s is %s", r.Number, state[verb == "block"])
	}
	return s.doTasks(ctx, true, []task{{What: verb + " release " + r.Number, Why: why}})
}

func (s *session) block(number, reason string) error {
	r, canceled, err := s.history.BlockRelease(number, reason)
	if err != nil {
		return blockRefusal(err)
	}
	for _, d := range canceled {
		fmt.Fprintf(s.progress(), "%s to %s, which the lifecycle had queued, is canceled\n", d.ID, d.Environment)
	}
	runs, err := s.blockedRuns(r)
	if err != nil {
		return err
	}
	for _, run := range runs {
		s.warning(run.String())
	}
	return s.showBlocking(r, runs, "blocked: "+r.Blocked())
}

// unblocked is the consent to a deployment until its release is blocked.
type unblocked struct {
	*session
	deployment release.Deployment
}

// Given looks into the history, where anybody may have blocked the release meanwhile.
func (u unblocked) Given(context.Context) error {
	return u.history.StillAllowed(u.deployment, u.project.Lifecycle)
}

// A blockedRun is a deployment that has begun when its release is blocked.
type blockedRun struct {
	ID          string `json:"id"`
	Environment string `json:"environment"`
	Ends        bool   `json:"ends"` // it is refused, unless the release is in its slot by then
	underWay
}

// String says what becomes of it, and how to end it now.
func (b blockedRun) String() string {
	words := fmt.Sprintf("%s to %s was cut off: \"vipswap resume --undo\" takes it back, --abandon gives it up", b.ID, b.Environment)
	if b.By != nil {
		words = fmt.Sprintf("%s to %s is under way: %s", b.ID, b.Environment, b.By)
	}
	if b.Question != "" {
		words += fmt.Sprintf("; it waits for an answer, and \"vipswap reject %s\" stops it", b.Question)
	}
	if b.Ends {
		return words + "; it is refused before it brings the release into its slot, if it has not done so yet"
	}
	return words + "; it may go on, as blocked releases may go to where they were and to the first phase"
}

// blockedRuns finds deployments of a blocked release that have begun.
func (s *session) blockedRuns(r release.Release) ([]blockedRun, error) {
	begun, err := s.history.Deployments(release.Filter{Release: r.Number, States: []release.State{release.Executing}})
	if err != nil || len(begun) == 0 {
		return nil, err
	}
	project := s.project
	if project == nil {
		project, err = r.Project()
	}
	if err != nil {
		return nil, err
	}
	look, err := s.lookOut()
	if err != nil {
		return nil, err
	}
	var runs []blockedRun
	for _, d := range begun {
		if at := look.at(d); at != nil {
			var not *release.NotAllowedError
			ends := errors.As(s.history.StillAllowed(d, project.Lifecycle), &not)
			runs = append(runs, blockedRun{d.ID, d.Environment, ends, *at})
		}
	}
	return runs, nil
}

// blockRefusal gives a block that changes nothing its exit code.
func blockRefusal(err error) error {
	if errors.Is(err, release.ErrBlockState) {
		return refused("", "%w", err)
	}
	return err
}

func (s *session) showBlocking(r release.Release, runs []blockedRun, state string) error {
	v := struct {
		Number   string          `json:"number"`
		Blocks   []release.Block `json:"blocks"`
		UnderWay []blockedRun    `json:"underWay,omitempty"` // deployments of it, when it is blocked
	}{r.Number, r.Blocks, runs}
	return s.show(v, func(w io.Writer) { fmt.Fprintf(w, "release %s is %s\n", r.Number, state) })
}

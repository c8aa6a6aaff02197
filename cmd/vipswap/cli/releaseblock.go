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
unblock" ends that.`

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
				return s.showBlocking(r, "not blocked any more")
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
	return s.showBlocking(r, "blocked: "+r.Blocked())
}

// blockRefusal gives a block that changes nothing its exit code.
func blockRefusal(err error) error {
	if errors.Is(err, release.ErrBlockState) {
		return refused("", "%w", err)
	}
	return err
}

func (s *session) showBlocking(r release.Release, state string) error {
	v := struct {
		Number string          `json:"number"`
		Blocks []release.Block `json:"blocks"`
	}{r.Number, r.Blocks}
	return s.show(v, func(w io.Writer) { fmt.Fprintf(w, "release %s is %s\n", r.Number, state) })
}

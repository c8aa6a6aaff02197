package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/universe"
)

func (p *program) timeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "time",
		Short:   "Show, freeze and move the time of an emulator",
		Long:    "Every universe of an emulator has a clock of its own: real (as fast as wanted),\nauto (steps when a client waits) or manual (moves when it is told to).",
		Example: "  vipswap time advance 10m\n  vipswap time freeze",
	}
	advance := p.clockCommand("advance DURATION", "Move time forward",
		"Advance moves time forward, and lets happen what is due until then, in order.",
		"  vipswap time advance 10m\n  vipswap time advance 36h", []string{"the duration"},
		func(ctx context.Context, k *controller, args []string) (universe.Clock, error) {
			if _, err := time.ParseDuration(args[0]); err != nil {
				return universe.Clock{}, usage("it is a duration such as 90s or 1h30m", "time advance: %q is no duration", args[0])
			}
			moved, err := k.Advance(ctx, k.universe, control.Move{By: args[0]})
			return moved.Clock, err
		})
	next := p.clockCommand("next", "Move time to the next event",
		"Next moves time to when the next pending thing happens.", "  vipswap time next", nil,
		func(ctx context.Context, k *controller, _ []string) (universe.Clock, error) {
			moved, err := k.Advance(ctx, k.universe, control.Move{To: control.Next})
			if err == nil && !moved.Moved {
				err = refused("", "time next: nothing is pending")
			}
			return moved.Clock, err
		})
	show := p.clockCommand("show", "Show the time", "Show prints what time it is, how it passes, and what waits for it.",
		"  vipswap time show\n  vipswap time show --output json", nil,
		func(ctx context.Context, k *controller, _ []string) (universe.Clock, error) {
			return k.Clock(ctx, k.universe)
		})
	freeze := p.clockCommand("freeze", "Make time stand still", "Freeze makes time stand still until it is moved: the clock is manual from then on.",
		"  vipswap time freeze", nil,
		func(ctx context.Context, k *controller, _ []string) (universe.Clock, error) {
			return k.SetClock(ctx, k.universe, control.ClockChange{Mode: cloud.ManualTime})
		})
	return p.group(c, show, freeze, advance, next, p.timeSetCommand())
}

// clockCommand makes a command that does something with the clock and shows it.
func (p *program) clockCommand(use, short, long, example string, args []string, do func(context.Context, *controller, []string) (universe.Clock, error)) *cobra.Command {
	var f controlFlags
	c := &cobra.Command{Use: use, Short: short, Long: long + universeHelp, Example: example, Args: takes(args...)}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, args []string) error {
		clock, err := do(ctx, k, args)
		if err != nil {
			return err
		}
		return p.showClock(clock)
	}))
	return c
}

func (p *program) timeSetCommand() *cobra.Command {
	speed := 0.0
	c := p.clockCommand("set real|auto|manual", "Change how time passes",
		"Set changes how time passes from now on. It goes on from where it is.",
		"  vipswap time set auto\n  vipswap time set real --speed 60", []string{"the clock"},
		func(ctx context.Context, k *controller, args []string) (universe.Clock, error) {
			mode, err := cloud.ParseClockMode(args[0])
			if err != nil {
				return universe.Clock{}, usage("", "time set: %w", err)
			}
			return k.SetClock(ctx, k.universe, control.ClockChange{Mode: mode, Speed: speed})
		})
	c.Flags().Float64Var(&speed, "speed", 0, "with the real clock: seconds in the cloud for one here; by default as before")
	return c
}

func (p *program) showClock(c universe.Clock) error {
	return p.show(c, func(w io.Writer) {
		fmt.Fprintf(w, "%s (%s)", p.style(w).bold(cloudTime(c.Now)), clockWords(c))
		switch {
		case c.Next == nil:
			fmt.Fprintln(w, ", nothing is pending")
		default:
			fmt.Fprintf(w, ", %d pending, the next in %s\n", c.Pending, c.Next.Sub(c.Now).Round(time.Second))
		}
	})
}

func (p *program) progressionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "progression",
		Short:   "Show and set how operations come to their end",
		Long:    "Operations of an emulator take their usual time, or are done at once, after a time\nof their own, or when they have been asked about a number of times.",
		Example: "  vipswap progression set \"Swap Deployment\" --pace polls --polls 3\n  vipswap progression show",
	}
	return p.group(c, p.progressionShowCommand(), p.progressionSetCommand(), p.progressionClearCommand())
}

func (p *program) progressionShowCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use: "show", Short: "Show how operations come to their end",
		Long:    "Show prints how operations come to their end, by kind; those that are not listed\ntake their usual time." + universeHelp,
		Example: "  vipswap progression show --output json", Args: takes(),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, _ []string) error { return p.showProgression(ctx, k) }))
	return c
}

func (p *program) progressionSetCommand() *cobra.Command {
	var f controlFlags
	var after, jitter time.Duration
	var polls int
	pace := choice{string(cloud.Immediate), []string{string(cloud.Usual), string(cloud.Immediate), string(cloud.AfterTime), string(cloud.AfterPolls)}}
	c := &cobra.Command{
		Use: "set KIND", Short: "Set how one kind of operation comes to its end",
		Long:    "Set says how operations of a kind that begin from now on come to their end. \"*\" is\nfor all kinds that are not named." + universeHelp,
		Example: "  vipswap progression set '*' --pace immediate\n  vipswap progression set \"Swap Deployment\" --pace after --after 45s --jitter 15s\n  vipswap progression set \"Create Deployment\" --pace polls --polls 3",
		Args:    takes("the kind of operation"),
	}
	f.registerUniverse(c.Flags())
	c.Flags().Var(&pace, "pace", "what makes the operation come to its end")
	c.Flags().DurationVar(&after, "after", 0, "how long it takes, with --pace after")
	c.Flags().DurationVar(&jitter, "jitter", 0, "up to this much is added, from the universe's seed")
	c.Flags().IntVar(&polls, "polls", 0, "how often it is asked about, with --pace polls")
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, args []string) error {
		by, err := k.Progression(ctx, k.universe)
		if err != nil {
			return err
		}
		by[cloud.Kind(args[0])] = cloud.Progression{Pace: cloud.Pace(pace.value), After: faults.Duration(after), Jitter: faults.Duration(jitter), Polls: polls}
		if err := k.SetProgression(ctx, k.universe, by); err != nil {
			return err
		}
		return p.showProgression(ctx, k)
	}))
	return c
}

func (p *program) progressionClearCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use: "clear", Short: "Let all operations take their usual time",
		Long:    "Clear lets operations that begin from now on take their usual time." + universeHelp,
		Example: "  vipswap progression clear", Args: takes(),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, _ []string) error {
		if err := k.SetProgression(ctx, k.universe, map[cloud.Kind]cloud.Progression{}); err != nil {
			return err
		}
		return p.showProgression(ctx, k)
	}))
	return c
}

func (p *program) showProgression(ctx context.Context, k *controller) error {
	by, err := k.Progression(ctx, k.universe)
	if err != nil {
		return err
	}
	return p.show(by, func(w io.Writer) {
		if len(by) == 0 {
			fmt.Fprintln(w, "all operations take their usual time")
			return
		}
		t := table{}
		t.head(p.style(w), "KIND", "PACE")
		for _, kind := range sortedKeys(by) {
			t.add(plain(string(kind)), plain(paceWords(by[kind])))
		}
		t.write(w)
	})
}

func paceWords(g cloud.Progression) string {
	words := string(g.Pace)
	if g.After > 0 {
		words += " " + g.After.String()
	}
	if g.Jitter > 0 {
		words += " and up to " + g.Jitter.String()
	}
	if g.Polls > 0 {
		words = fmt.Sprintf("after %s", counted(g.Polls, "poll"))
	}
	return words
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/emulator/control/client"
	"github.com/vipswap/vipswap/emulator/universe"
)

// The environment variables that say how to control an emulator.
const (
	envControl      = "VIPSWAP_CONTROL_URL"
	envControlToken = "VIPSWAP_CONTROL_TOKEN"
)

const controlHelp = `

Control: --control URL, else VIPSWAP_CONTROL_URL, else the emulator that was
started last on this machine.`

const universeHelp = controlHelp + ` The universe is --universe ID, else
VIPSWAP_SUBSCRIPTION_ID, else the first of the emulator.`

// controlFlags say which emulator to control, and which universe of it.
type controlFlags struct {
	url, token, universe string
}

func (f *controlFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.url, "control", "", "`URL` of the emulator's control interface; default "+envControl+", else the running emulator's")
	flags.StringVar(&f.token, "control-token", "", "`TOKEN` of the control interface; default "+envControlToken)
}

func (f *controlFlags) registerUniverse(flags *pflag.FlagSet) {
	f.register(flags)
	flags.StringVar(&f.universe, "universe", "", "`ID` of the universe; default "+envSubscription+", else the emulator's first")
}

// A controller is an emulator under control. universe is the one to work on.
type controller struct {
	*client.Client
	universe string
}

// control finds the emulator and the universe. It asks the emulator nothing yet.
func (p *program) control(f controlFlags) (*controller, error) {
	config := client.Config{URL: firstOf(f.url, p.Getenv(envControl)), Token: firstOf(f.token, p.Getenv(envControlToken))}
	id := firstOf(f.universe, p.Getenv(envSubscription))
	if config.URL == "" || id == "" || config.Token == "" {
		now, err := p.running("", "")
		switch {
		case err == nil && (config.URL == "" || config.URL == now.ControlURL):
			config.URL, config.Token, id = now.ControlURL, firstOf(config.Token, now.ControlToken), firstOf(id, now.SubscriptionID)
		case config.URL == "":
			return nil, usage(`start one with "vipswap serve", or name one with --control URL`, "no emulator is running")
		}
	}
	c, err := client.New(config)
	if err != nil {
		return nil, usage("", "%w", err)
	}
	return &controller{c, id}, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// controlling runs do with the emulator that the flags name.
func (p *program) controlling(f *controlFlags, do func(ctx context.Context, c *controller, args []string) error) func(ctx context.Context, args []string) error {
	return func(ctx context.Context, args []string) error {
		c, err := p.control(*f)
		if err != nil {
			return err
		}
		defer c.Close()
		return judgeControl(do(ctx, c, args))
	}
}

// onUniverse is controlling with a universe to work on.
func (p *program) onUniverse(f *controlFlags, do func(ctx context.Context, c *controller, args []string) error) func(ctx context.Context, args []string) error {
	return p.controlling(f, func(ctx context.Context, c *controller, args []string) error {
		if c.universe == "" {
			all, err := c.Universes(ctx)
			if err != nil {
				return err
			}
			if len(all) != 1 {
				return usage("--universe ID names one; \"vipswap universe list\" lists them", "the emulator has %d universes", len(all))
			}
			c.universe = all[0].ID
		}
		return do(ctx, c, args)
	})
}

// judgeControl gives refusals of the control interface their exit codes and hints.
func judgeControl(err error) error {
	var refused *universe.Error
	if !errors.As(err, &refused) {
		return err
	}
	code := exitUsage
	if refused.Code == universe.Internal || refused.Code == universe.Unavailable {
		code = exitFailed
	}
	return &failure{code, err, refused.Hint}
}

// cloudTime writes a cloud time for people.
func cloudTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// writeClock is how a clock is told in one line.
func clockWords(c universe.Clock) string {
	words := string(c.Mode)
	if c.Speed != 1 && c.Mode == "real" {
		words += fmt.Sprintf(" ×%g", c.Speed)
	}
	return words
}

package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// What becomes of the deployment that a swap put into staging.
const (
	afterKeep    = "keep"
	afterSuspend = "suspend"
	afterScale   = "scale" // with =N
	afterDelete  = "delete"
)

// An afterWay is one of these, as a flag.
type afterWay string

func (w *afterWay) String() string { return string(*w) }

// Type names the values in the help.
func (w *afterWay) Type() string { return "keep|suspend|scale=N|delete" }

// Set refuses what is none of them.
func (w *afterWay) Set(s string) error {
	way := strings.ToLower(s)
	if _, err := leftover("", "", way); err != nil && way != afterKeep {
		return err
	}
	*w = afterWay(way)
	return nil
}

// afterFlags say what becomes of the previous deployment after a swap.
type afterFlags struct {
	way    afterWay
	window time.Duration
	flags  *pflag.FlagSet // nil where there are no such flags
}

func (f *afterFlags) register(flags *pflag.FlagSet) {
	f.way, f.flags = afterKeep, flags
	flags.Var(&f.way, "after-swap", "what becomes of the deployment that was in production; scale=N leaves each role N instances, or what it has if that is less")
	flags.DurationVar(&f.window, "rollback-window", 0, "with --after-swap: keep it this long, so that it can be swapped back; then \"vipswap sweep\" does it")
}

// check refuses a window that nothing is done after, and one that is over before it
// begins.
func (f *afterFlags) check() error {
	switch {
	case f.window < 0:
		return usage("for example --rollback-window 24h", "--rollback-window %s: it is no time to wait", f.window)
	case f.window > 0 && f.action() == "":
		return usage("for example --after-swap delete; without it the deployment is kept", "--after-swap is missing: it says what is done when the --rollback-window is over")
	}
	return nil
}

// said reports whether it was said what becomes of the deployment, be it to keep it.
func (f *afterFlags) said() bool {
	return f.action() != "" || f.flags != nil && f.flags.Changed("after-swap")
}

// action returns what to do, "" for nothing.
func (f *afterFlags) action() string {
	if f.way == afterKeep {
		return ""
	}
	return string(f.way)
}

var errAfter = errors.New("it is keep, suspend, delete, or scale=N with N of at least 1")

// leftover returns what a way of --after-swap, other than keep, wants of staging.
func leftover(service, name, way string) (deployer.Desired, error) {
	switch way {
	case afterDelete:
		return deployer.Delete{Service: service, Slot: management.Staging, ExpectName: name}, nil
	case afterSuspend:
		return deployer.SetStatus{Service: service, Slot: management.Staging, Status: management.StatusSuspended}, nil
	}
	number, scales := strings.CutPrefix(way, afterScale+"=")
	most, err := strconv.Atoi(number)
	if !scales || err != nil || most < 1 {
		return nil, errAfter
	}
	return deployer.Scale{Service: service, Slot: management.Staging, Most: most, ExpectName: name}, nil
}

// afterWords say what a way of --after-swap does, as in "is deleted".
func afterWords(way string) string {
	if most, scales := strings.CutPrefix(way, afterScale+"="); scales {
		return fmt.Sprintf("is scaled to %s for each role", most)
	}
	return map[string]string{afterDelete: "is deleted", afterSuspend: "is suspended"}[way]
}

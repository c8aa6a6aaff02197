package deployer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/probe"
)

// Gates are what somebody wants around the swap of a plan, and around its other
// steps. They are data: a plan keeps them, so that another process can go on.
type Gates struct {
	// Ready wants all instances ready right before the swap, and during the bake.
	Ready bool `json:"ready"`
	// Checks ask what staging holds before the swap.
	Checks []probe.Check `json:"checks,omitempty"`
	// Pause asks somebody before the swap. Question says what to look at; in a project
	// it is a template.
	Pause    bool   `json:"pause,omitempty"`
	Question string `json:"question,omitempty"`
	// Bake watches production after the swap, and swaps back; nil does not.
	Bake  *Bake  `json:"bake,omitempty"`
	Hooks []Hook `json:"hooks,omitempty"`
}

// A Bake is a time in which a release has to prove itself in production.
type Bake struct {
	For    time.Duration `json:"for"`             // in nanoseconds
	Every  time.Duration `json:"every,omitempty"` // between two looks; 0 is DefaultBakeEvery
	Budget int           `json:"budget"`          // how many looks may fail
	// InARow is how many looks in a row fail it, even within the budget; 0 is any
	// number.
	InARow int           `json:"inARow,omitempty"`
	Checks []probe.Check `json:"checks,omitempty"`
}

// A Hook is a command that is run before or after a step.
type Hook struct {
	At      string        `json:"at"`             // before or after, a hyphen, and a step, see [HookPoints]
	Run     string        `json:"run,omitempty"`  // the command, a script; or
	File    string        `json:"file,omitempty"` // a file with it
	Shell   string        `json:"shell,omitempty"`
	Dir     string        `json:"dir,omitempty"`     // the folder that it runs in
	Timeout time.Duration `json:"timeout,omitempty"` // 0 is DefaultHookTime
	// OnFailure is stop or continue. "" is stop before a step, continue after one.
	OnFailure string `json:"onFailure,omitempty"`
}

// Defaults of gates.
const (
	DefaultBakeEvery = 10 * time.Second
	DefaultHookTime  = 10 * time.Minute
)

// longestRequest bounds the time of one request, since the lock on the service is kept
// between two.
const longestRequest = 45 * time.Second

// What the failure of a hook means.
const (
	HookStop     = "stop"
	HookContinue = "continue"
)

// hooked are the steps that hooks can be around, as [Step.Name] has them.
var hooked = []string{
	string(StepUpload), string(StepCreate), string(StepUpgrade), string(StepReady), string(StepCheck), string(StepPause),
	string(StepSwap), string(StepBake), stepBack, string(StepDelete), string(StepStatus), string(StepScale),
}

// HookPoints lists the places for hooks.
func HookPoints() []string {
	var points []string
	for _, step := range hooked {
		points = append(points, "before-"+step, "after-"+step)
	}
	return points
}

// Empty reports whether there is nothing to do because of the gates.
func (g Gates) Empty() bool { return len(g.Hooks) == 0 && !g.ofSwap() }

// ofSwap reports whether something is wanted of a swap.
func (g Gates) ofSwap() bool { return len(g.Checks) > 0 || g.Pause || g.Bake != nil || g.Ready }

// check finds what makes no sense.
func (g Gates) check() error {
	if b := g.Bake; b != nil && (b.For <= 0 || b.Every < 0 || b.Budget < 0 || b.InARow < 0) {
		return fmt.Errorf("a bake of %s every %s with a budget of %d and %d in a row cannot be: no time or number is negative, and it lasts some time", b.For, b.Every, b.Budget, b.InARow)
	}
	seen := map[string]bool{}
	for _, h := range g.Hooks {
		if err := h.check(); err != nil {
			return err
		}
		if seen[h.At] {
			return fmt.Errorf("there are two hooks %s", h.At)
		}
		seen[h.At] = true
	}
	return g.checkChecks()
}

func (h Hook) check() error {
	switch {
	case !slices.Contains(HookPoints(), h.At):
		return fmt.Errorf("there is no hook %q: hooks are %s", h.At, strings.Join(HookPoints(), ", "))
	case (h.Run == "") == (h.File == ""):
		return fmt.Errorf("hook %s needs a command", h.At)
	case h.Timeout < 0:
		return fmt.Errorf("hook %s has the negative time limit %s", h.At, h.Timeout)
	case !slices.Contains([]string{"", HookStop, HookContinue}, h.OnFailure):
		return fmt.Errorf("hook %s: %q is neither %s nor %s", h.At, h.OnFailure, HookStop, HookContinue)
	}
	return nil
}

func (g Gates) checkChecks() error {
	for _, c := range g.allChecks() {
		if problems := c.Problems(); len(problems) > 0 {
			return fmt.Errorf("check %s: %s: %s", c, problems[0].Field, problems[0].Text)
		}
		if c.Timeout > longestRequest {
			return fmt.Errorf("check %s: a request may take %s at most, as the lock on the service is kept between two", c, longestRequest)
		}
		if c.URL == "" {
			return fmt.Errorf("a check needs an address, or a path such as /health")
		}
		if err := CheckSlotWords(c); err != nil {
			return fmt.Errorf("check %s: %w", c, err)
		}
	}
	return nil
}

func (g Gates) allChecks() []probe.Check {
	all := slices.Clone(g.Checks)
	if g.Bake != nil {
		all = append(all, g.Bake.Checks...)
	}
	return all
}

// slotWord finds expressions about the slot that a check asks.
var slotWord = regexp.MustCompile(`#\{Slot\.[^}]*\}`)

// CheckSlotWords refuses a check with an expression that begins with Slot. and is none
// of [SlotWords].
func CheckSlotWords(c probe.Check) error {
	pattern := func(text string) (probe.Pattern, error) {
		_, err := knownSlotWords(text)
		return probe.Pattern{}, err // whether it is one is not asked here
	}
	_, err := c.Evaluate(knownSlotWords, pattern)
	return err
}

// knownSlotWords refuses expressions about a slot that nothing is known of.
func knownSlotWords(text string) (string, error) {
	for _, word := range slotWord.FindAllString(text, -1) {
		if !slices.Contains(SlotWords(), strings.Trim(word, "#{}")) {
			return "", fmt.Errorf("there is no %s: there are %s", word, strings.Join(SlotWords(), ", "))
		}
	}
	return text, nil
}

// WithoutSlotWords returns the check with a stand-in for each of [SlotWords], to see
// what the rest of its texts come to before anything is known of the slot.
func WithoutSlotWords(c probe.Check) probe.Check {
	return fill(c, func(string) string { return "x" })
}

// fill puts values in the place of the words about a slot. In a regular expression they
// match as they are. What that makes of one is looked at when the rest is known.
func fill(c probe.Check, value func(word string) string) probe.Check {
	var plain, quoted []string
	for _, word := range SlotWords() {
		plain = append(plain, "#{"+word+"}", value(word))
		quoted = append(quoted, "#{"+word+"}", regexp.QuoteMeta(value(word)))
	}
	text := func(t string) (string, error) { return strings.NewReplacer(plain...).Replace(t), nil }
	pattern := func(t string) (probe.Pattern, error) {
		return probe.Pattern{Text: strings.NewReplacer(quoted...).Replace(t)}, nil
	}
	c, _ = c.Evaluate(text, pattern)
	return c
}

// SlotWords lists the names that a check can have in #{...} for the slot that it
// asks, whatever deployment that holds by then.
func SlotWords() []string {
	return []string{"Slot.Name", "Slot.Url", "Slot.Host", "Slot.Vip", "Slot.Label", "Slot.Deployment"}
}

// stops reports whether the failure of the hook ends the run. On the way back
// nothing does.
func (h Hook) stops() bool {
	switch {
	case strings.HasSuffix(h.At, "-"+stepBack):
		return false
	case h.OnFailure == "":
		return strings.HasPrefix(h.At, "before-")
	}
	return h.OnFailure == HookStop
}

// command says what the hook runs, in one line.
func (h Hook) command() string {
	if h.File != "" {
		return h.File
	}
	line, rest, _ := strings.Cut(strings.TrimSpace(h.Run), "\n")
	if rest != "" {
		line += " ..."
	}
	return line
}

// hook returns the hook at a place, and whether there is one.
func (g Gates) hook(at string) (Hook, bool) {
	i := slices.IndexFunc(g.Hooks, func(h Hook) bool { return h.At == at })
	if i < 0 {
		return Hook{}, false
	}
	return g.Hooks[i], true
}

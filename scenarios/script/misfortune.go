package script

import (
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/faultfile"
)

// fault makes something go wrong.
func (s *Script) fault(args []string) error {
	if err := s.takeStock(); err != nil {
		return err
	}
	plan, err := s.replan(args)
	if err != nil {
		return err
	}
	if problems := plan.Validate(); len(problems) > 0 {
		return usage("%v", problems[0])
	}
	s.plan = plan
	return s.setFaults()
}

// takeStock finds out what is left of the faults, since a plan that is set anew
// begins anew.
func (s *Script) takeStock() error {
	engine, err := s.Universe.Stage().Emulator().Faults(s.Universe.ID())
	if err != nil || engine == nil {
		return err
	}
	n := len(s.injected)
	s.injected, s.plan.Rules = left(s.injected, engine.Rules[:n]), left(s.plan.Rules, engine.Rules[n:])
	return nil
}

// left returns the rules that can still strike, as they go on.
func left(rules []faults.Rule, tallies []faults.Tally) []faults.Rule {
	var rest []faults.Rule
	for i, r := range rules {
		once := r.Match.Nth > 0 && r.Count == 0
		over := once && tallies[i].Seen >= r.Match.Nth || r.Count > 0 && tallies[i].Struck >= r.Count
		if over {
			continue
		}
		if r.Count > 0 {
			r.Count -= tallies[i].Struck
		}
		r.Match.Nth = max(0, r.Match.Nth-tallies[i].Seen)
		rest = append(rest, r)
	}
	return rest
}

// replan returns the script's plan with what the arguments change.
func (s *Script) replan(args []string) (faults.Plan, error) {
	plan := faults.Plan{Rules: append([]faults.Rule(nil), s.plan.Rules...), Budget: s.plan.Budget}
	switch args[0] {
	case "clear":
		return faults.Plan{}, nil
	case "plan":
		if len(args) != 2 {
			return plan, usage("plan FILE|PRESET")
		}
		more, err := s.readPlan(args[1])
		more.Rules = append(plan.Rules, more.Rules...)
		return more, err
	case "budget":
		return plan, parseBudget(&plan.Budget, args[1:])
	}
	r, err := parseRule(args)
	plan.Rules = append(plan.Rules, r)
	return plan, err
}

// readPlan returns the preset of a name, or reads the plan in a file.
func (s *Script) readPlan(name string) (faults.Plan, error) {
	if plan, ok := faults.Preset(name); ok {
		return plan, nil
	}
	return faultfile.Read(name, []byte(s.ts.ReadFile(name)))
}

func parseBudget(b *faults.Budget, args []string) error {
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		to := map[string]*int{"inARow": &b.InARow, "total": &b.Total}[name]
		n, err := strconv.Atoi(value)
		if to == nil || err != nil {
			return usage("%q is not inARow=N or total=N", arg)
		}
		*to = n
	}
	return nil
}

// ruleFields set a field of a rule from its text, by name.
var ruleFields = map[string]func(r *faults.Rule, text string) error{
	"name":       func(r *faults.Rule, text string) error { r.Name = text; return nil },
	"code":       func(r *faults.Rule, text string) error { r.Code = text; return nil },
	"message":    func(r *faults.Rule, text string) error { r.Message = text; return nil },
	"status":     func(r *faults.Rule, text string) error { return number(&r.Status, text) },
	"delay":      func(r *faults.Rule, text string) error { return r.Delay.UnmarshalText([]byte(text)) },
	"retryAfter": func(r *faults.Rule, text string) error { return r.RetryAfter.UnmarshalText([]byte(text)) },
	"count":      func(r *faults.Rule, text string) error { return number(&r.Count, text) },
	"probability": func(r *faults.Rule, text string) (err error) {
		r.Probability, err = strconv.ParseFloat(text, 64)
		return err
	},
	"operation": func(r *faults.Rule, text string) error { r.Match.Operation = text; return nil },
	"service":   func(r *faults.Rule, text string) error { r.Match.Service = text; return nil },
	"slot":      func(r *faults.Rule, text string) error { r.Match.Slot = text; return nil },
	"role":      func(r *faults.Rule, text string) error { r.Match.Role = text; return nil },
	"instance":  func(r *faults.Rule, text string) error { r.Match.Instance = text; return nil },
	"client":    func(r *faults.Rule, text string) error { r.Match.Client = text; return nil },
	"nth":       func(r *faults.Rule, text string) error { return number(&r.Match.Nth, text) },
}

func number(to *int, text string) (err error) {
	*to, err = strconv.Atoi(text)
	return err
}

// parseRule reads a rule: its kind, perhaps an operation, and fields.
func parseRule(args []string) (faults.Rule, error) {
	r := faults.Rule{Kind: faults.Kind(args[0])}
	for i, arg := range args[1:] {
		name, text, ok := strings.Cut(arg, "=")
		if !ok && i == 0 {
			r.Match.Operation = arg
			continue
		}
		set := ruleFields[name]
		if set == nil {
			return r, usage("%q is not a field of a rule", arg)
		}
		if err := set(&r, text); err != nil {
			return r, usage("%s: %v", name, err)
		}
	}
	return r, nil
}

// FaultLine returns the command that adds a rule to the faults of a script.
func FaultLine(r faults.Rule) string {
	words := []string{"fault", string(r.Kind)}
	add := func(name, text string) {
		if text != "" {
			words = append(words, name+"="+Quote(text))
		}
	}
	whole := func(name string, n int) {
		if n != 0 {
			add(name, strconv.Itoa(n))
		}
	}
	if r.Match.Operation != "" {
		words = append(words, Quote(r.Match.Operation))
	}
	add("service", r.Match.Service)
	add("slot", r.Match.Slot)
	add("role", r.Match.Role)
	add("instance", r.Match.Instance)
	whole("nth", r.Match.Nth)
	add("code", r.Code)
	whole("status", r.Status)
	if r.Delay != 0 {
		add("delay", r.Delay.String())
	}
	if r.RetryAfter != 0 {
		add("retryAfter", r.RetryAfter.String())
	}
	whole("count", r.Count)
	return strings.Join(words, " ")
}

// Quote quotes a word for a script, where it needs that.
func Quote(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t'#$") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", "''") + "'"
}

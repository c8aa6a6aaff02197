package script

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// named takes service=NAME from the beginning of args; the default is the shop.
func named(args []string) (service string, rest []string) {
	if len(args) > 0 {
		if name, ok := strings.CutPrefix(args[0], "service="); ok {
			return name, args[1:]
		}
	}
	return stage.ServiceName, args
}

// service looks at a cloud service; one that is not there has empty slots.
func (s *Script) service(name string) (universe.Service, error) {
	state, err := s.Universe.State()
	if err != nil {
		return universe.Service{}, err
	}
	if found := state.Service(name); found != nil {
		return *found, nil
	}
	return universe.Service{Name: name}, nil
}

// slots checks what slots hold.
func (s *Script) slots(args []string) error {
	name, args := named(args)
	service, err := s.service(name)
	if err != nil {
		return err
	}
	have := map[string]*universe.Deployment{"production": service.Production.Deployment, "staging": service.Staging.Deployment}
	for _, slot := range []string{"production", "staging"} {
		d := have[slot]
		if d != nil {
			s.setenv(strings.ToUpper(slot), d.Name)
		} else {
			s.setenv(strings.ToUpper(slot), "")
		}
	}
	var wrong []string
	for _, arg := range args {
		slot, want, ok := strings.Cut(arg, "=")
		d, known := have[slot]
		if !ok || !known {
			return usage("%q is not production=LABEL or staging=LABEL", arg)
		}
		if got := Holding(d); got != want {
			wrong = append(wrong, fmt.Sprintf("%s holds %s, want %s", slot, got, want))
		}
	}
	return differences(wrong)
}

// differences makes an error of what differs, nil of nothing.
func differences(wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(wrong, "; "))
}

// instances checks the role instances of a slot.
func (s *Script) instances(args []string) error {
	name, args := named(args)
	if len(args) == 0 {
		return usage("the slot is missing")
	}
	service, err := s.service(name)
	if err != nil {
		return err
	}
	slots := map[string]*universe.Deployment{"production": service.Production.Deployment, "staging": service.Staging.Deployment}
	d, known := slots[args[0]]
	if !known {
		return usage("%q is not production or staging", args[0])
	}
	have := map[string][]string{}
	if d != nil {
		for _, i := range d.Instances {
			have[i.Role] = append(have[i.Role], string(i.Status))
		}
	}
	return checkRoles(have, args[1:])
}

// checkRoles compares the statuses of roles with ROLE=STATUS,...
func checkRoles(have map[string][]string, args []string) error {
	var wrong []string
	for _, arg := range args {
		role, statuses, ok := strings.Cut(arg, "=")
		if !ok {
			return usage("%q is not ROLE=STATUS", arg)
		}
		got, want := have[role], strings.Split(statuses, ",")
		if len(want) == 1 {
			want = slices.Repeat(want, max(1, len(got)))
		}
		if !slices.Equal(got, want) {
			wrong = append(wrong, fmt.Sprintf("the instances of %s are [%s], want [%s]", role, strings.Join(got, ","), strings.Join(want, ",")))
		}
	}
	return differences(wrong)
}

// operations checks how operations stand.
func (s *Script) operations(args []string) error {
	state, err := s.Universe.State()
	if err != nil {
		return err
	}
	last := map[string]string{}
	var running []string
	for _, op := range state.Operations {
		words := strings.TrimSpace(string(op.Status) + " " + string(op.Code))
		s.out("%s %s %s", op.Kind, op.Service, words)
		last[strings.ToLower(string(op.Kind))] = words
		if op.Status == cloud.InProgress {
			running = append(running, fmt.Sprintf("%s of %s is in progress", op.Kind, op.Service))
		}
	}
	if len(args) == 0 {
		return differences(running)
	}
	var wrong []string
	for _, arg := range args {
		kind, want, ok := strings.Cut(arg, "=")
		if !ok {
			return usage("%q is not KIND=STATUS", arg)
		}
		got := last[strings.ToLower(kind)]
		if got == "" {
			got = "-"
		}
		status, _, _ := strings.Cut(got, " ")
		if want != got && want != status {
			wrong = append(wrong, fmt.Sprintf("the last %s is %s, want %s", kind, got, want))
		}
	}
	return differences(wrong)
}

// fields are what requests can be chosen by.
var fields = map[string]func(e *journal.Entry) string{
	"endpoint":  func(e *journal.Entry) string { return string(e.Endpoint) },
	"operation": func(e *journal.Entry) string { return e.Operation },
	"service":   func(e *journal.Entry) string { return e.Service },
	"slot":      func(e *journal.Entry) string { return e.Slot },
	"method":    func(e *journal.Entry) string { return e.Method },
	"status":    func(e *journal.Entry) string { return strconv.Itoa(e.Status) },
	"code":      func(e *journal.Entry) string { return e.Code },
	"client":    func(e *journal.Entry) string { return e.Client },
	"fault":     func(e *journal.Entry) string { return e.Fault },
}

// journal checks which requests there were.
func (s *Script) journal(args []string) error {
	want, patterns, err := parseJournal(args)
	if err != nil {
		return err
	}
	j, err := s.Universe.Journal()
	if err != nil {
		return err
	}
	n := 0
	for _, e := range j.Entries(journal.Filter{Brief: true}) {
		if fits(&e, patterns) {
			n++
			s.out("%s", e)
		}
	}
	switch {
	case want >= 0 && n != want:
		return fmt.Errorf("%d requests fit, want %d", n, want)
	case want < 0 && n == 0:
		return fmt.Errorf("no request fits")
	}
	return nil
}

// parseJournal reads the arguments of journal; the count is -1 for any but none.
func parseJournal(args []string) (count int, patterns map[string]string, err error) {
	count, patterns = -1, map[string]string{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		switch {
		case ok && name == "count":
			if count, err = strconv.Atoi(value); err != nil || count < 0 {
				return 0, nil, usage("%q is no number of requests", value)
			}
		case !ok || fields[name] == nil:
			return 0, nil, usage("%q is not FIELD=PATTERN or count=N", arg)
		default:
			patterns[name] = value
		}
	}
	return count, patterns, nil
}

// fits reports whether a request fits all patterns.
func fits(e *journal.Entry, patterns map[string]string) bool {
	for name, pattern := range patterns {
		// A slash is a letter like others here.
		plain := func(text string) string { return strings.ToLower(strings.ReplaceAll(text, "/", "\x00")) }
		if ok, err := path.Match(plain(pattern), plain(fields[name](e))); err != nil || !ok {
			return false
		}
	}
	return true
}

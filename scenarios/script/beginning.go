package script

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/invariants"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// emulator makes the universe anew.
func (s *Script) emulator(args []string) error {
	b, err := parseBeginning(args)
	if err != nil {
		return err
	}
	if err := s.Universe.Begin(s.ctx, b); err != nil {
		return err
	}
	s.injected = s.Injected.Rules
	return s.setFaults()
}

// numbers are the settings that are whole numbers, by name.
var numbers = map[string]func(b *stage.Beginning, n int){
	"seed":     func(b *stage.Beginning, n int) { seed := uint64(n); b.Seed = &seed },
	"cores":    func(b *stage.Beginning, n int) { quotas(b).Cores = &n },
	"services": func(b *stage.Beginning, n int) { quotas(b).Services = &n },
	"accounts": func(b *stage.Beginning, n int) { quotas(b).StorageAccounts = &n },
	"requests": func(b *stage.Beginning, n int) { quotas(b).Requests = &n },
}

func quotas(b *stage.Beginning) *universe.Quotas {
	if b.Quotas == nil {
		b.Quotas = &universe.Quotas{}
	}
	return b.Quotas
}

// parseBeginning reads the arguments of emulator.
func parseBeginning(args []string) (b stage.Beginning, err error) {
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		set, isNumber := numbers[name]
		switch {
		case arg == "empty":
			b.Empty = true
		case arg == "strict":
			b.Strict = true
		case name == "clock":
			if b.Clock, _, err = parseClock([]string{value}); err != nil {
				return b, err
			}
		case name == "speed":
			if b.Clock, b.Speed, err = parseClock([]string{string(cloud.RealTime), value}); err != nil {
				return b, err
			}
		case isNumber:
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return b, usage("%q is not a whole number", arg)
			}
			set(&b, n)
		default:
			return b, usage("%q is not a setting", arg)
		}
	}
	return b, nil
}

// invariants watches from now on.
func (s *Script) invariants(args []string) error {
	all := map[string]bool{}
	for _, rule := range invariants.All() {
		all[rule.Name] = true
	}
	for _, name := range args {
		if !all[name] {
			return usage("%q is no invariant: there are %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
		}
	}
	if len(args) == 0 {
		args = slices.Sorted(maps.Keys(all))
	}
	s.watching = append(s.watching, args...)
	s.Watch()
	return nil
}

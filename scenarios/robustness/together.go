package robustness

import (
	"context"
	"fmt"
	"strings"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/scenarios/suite"
)

// apart is how many calls lie between two that are struck in one play.
const apart = 4

// together puts combinations that are tried together into groups: what passes, at
// requests that change nothing. Clients are to survive each of these unnoticed, and
// nearly always do; one play that survives a dozen, some calls apart, tells as much of
// each. No cell is in two groups.
func (m *Matrix) together() [][]int {
	place := map[string]int{}
	for _, c := range columns() {
		if c.reads && !c.lasting {
			place[c.title] = len(place)
		}
	}
	groups := map[string][]int{}
	var order []string
	for i, c := range m.Cells {
		if c.Attend || m.Calls[c.Call].Changes && c.Rule.Kind != faults.SlowBlob {
			continue
		}
		// The kinds take turns within a group.
		key := fmt.Sprintf("%d %d", c.Call%apart, (place[c.Column]+c.Call/apart)%len(place))
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	all := make([][]int, len(order))
	for i, key := range order {
		all[i] = groups[key]
	}
	return all
}

// again are the kinds after which a client asks once more, so that later calls of the
// operation have a number that is one higher.
var again = map[faults.Kind]int{
	faults.Drop: 1, faults.LoseAnswer: 1, faults.Throttle: 1, faults.ServerError: 1, faults.Truncate: 1,
}

// playGroup plays cells together. When that goes well, those that were struck at the
// call that they are about have held; nothing is known of the others.
func (e *exploration) playGroup(ctx context.Context, cells []int) {
	if len(cells) < 2 {
		return
	}
	m := e.matrix
	one := e.how
	one.Faults, one.Attend = faults.Plan{Rules: m.rulesOf(cells)}, false
	one.Variant = fmt.Sprintf("together-%d", cells[0])
	r := suite.Play(ctx, e.stage, e.script, one)
	whole := Cell{Result: r}
	if whole.judge(&m.Baseline); whole.Verdict != Held {
		return
	}
	for _, i := range cells {
		c := &m.Cells[i]
		if m.strikes(c, r.Requests, ruleName(i)) {
			c.Result, c.Verdict, c.Together = r.Reported(), Held, len(cells)
			e.tell(*c)
		}
	}
}

func ruleName(cell int) string { return fmt.Sprintf("combination %d", cell) }

// rulesOf makes the rules of cells that are played together, in order of calls.
func (m *Matrix) rulesOf(cells []int) []faults.Rule {
	var rules []faults.Rule
	more := map[string]int{} // calls of an operation that come from asking once more
	for _, i := range cells {
		r := m.Cells[i].Rule
		r.Name = ruleName(i)
		key := fmt.Sprint(r.Kind.Point(), r.Match.Operation)
		r.Match.Nth += more[key]
		more[key] += again[r.Kind]
		rules = append(rules, r)
	}
	return rules
}

// strikes reports whether a rule struck a request such as the cell is about.
func (m *Matrix) strikes(c *Cell, requests []journal.Entry, rule string) bool {
	call := m.Calls[c.Call]
	for _, e := range requests {
		if e.Rule == rule {
			return e.Operation == call.Operation && strings.TrimSpace(e.Service+" "+e.Slot) == call.Subject
		}
	}
	return false
}

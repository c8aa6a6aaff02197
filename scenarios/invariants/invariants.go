package invariants

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

// An Invariant is a rule.
type Invariant struct {
	Name  string // for tables
	Title string // for people
	see   func(w *Watch, before, after *universe.State)
	end   func(w *Watch, last *universe.State)
}

// The names of the invariants.
const (
	ProductionFilled = "production-filled"
	WayBackKept      = "way-back-kept"
	SwapReady        = "swap-ready"
	NothingLeft      = "nothing-left"
)

// All returns the table of invariants.
func All() []Invariant {
	return []Invariant{
		{Name: ProductionFilled, Title: "production is never empty once it was filled", see: (*Watch).production},
		{Name: WayBackKept, Title: "the way back is never destroyed without being asked", see: (*Watch).wayBack},
		{Name: SwapReady, Title: "no deployment goes to production that is not ready, and none back that serves nothing", see: (*Watch).swap},
		{Name: NothingLeft, Title: "no operation is left behind", end: (*Watch).operations},
	}
}

// Broken is a rule that was broken.
type Broken struct {
	Invariant string `json:"invariant"` // its name
	Service   string `json:"service"`
	Text      string `json:"text"` // what happened
}

// String tells it in one line.
func (b Broken) String() string { return b.Invariant + ": " + b.Text }

// Same reports whether b and other are about the same rule and service.
func (b Broken) Same(other Broken) bool {
	return b.Invariant == other.Invariant && b.Service == other.Service
}

// A Watch is shown a universe and tells which rules were broken. It may be used by
// several goroutines at once.
type Watch struct {
	mu     sync.Mutex // guards all below
	last   *universe.State
	filled map[string]string // label of what production serves, by service
	back   map[string]string // private id of the way back, by service
	swaps  map[string]bool   // operations that were judged

	served  map[string][]universe.Deployment // that production has held, by service, in order, as they came
	returns map[string]int                   // how often that was something it held before
	broken  []Broken
}

// NewWatch returns a Watch that has seen nothing.
func NewWatch() *Watch {
	return &Watch{filled: map[string]string{}, back: map[string]string{}, swaps: map[string]bool{},
		served: map[string][]universe.Deployment{}, returns: map[string]int{}}
}

// See shows the universe as it is. A state that is older than the last one that was
// seen is passed over.
func (w *Watch) See(state universe.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.last = &universe.State{}
	}
	if state.Now.Before(w.last.Now) {
		return
	}
	for _, rule := range All() {
		if rule.see != nil {
			rule.see(w, w.last, &state)
		}
	}
	w.succession(&state)
	w.last = &state
}

// End shows the universe for the last time.
func (w *Watch) End(state universe.State) {
	w.See(state)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, rule := range All() {
		if rule.end != nil {
			rule.end(w, &state)
		}
	}
}

// Broken returns which rules were broken, the same rule and service once.
func (w *Watch) Broken() []Broken {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.broken)
}

func (w *Watch) report(invariant, service, format string, args ...any) {
	b := Broken{invariant, service, fmt.Sprintf(format, args...)}
	if !slices.ContainsFunc(w.broken, b.Same) {
		w.broken = append(w.broken, b)
	}
}

// production notices slots that were emptied.
func (w *Watch) production(_, after *universe.State) {
	for i := range after.Services {
		s := &after.Services[i]
		switch d := s.Production.Deployment; {
		case d != nil && serves(d):
			w.filled[s.Name] = d.Label
		case d == nil && w.filled[s.Name] != "":
			w.report(ProductionFilled, s.Name, "production of %s is empty; it served %q", s.Name, w.filled[s.Name])
			delete(w.filled, s.Name)
		}
	}
}

// succession takes down what production holds.
func (w *Watch) succession(after *universe.State) {
	for i := range after.Services {
		s := &after.Services[i]
		d, before := s.Production.Deployment, w.served[s.Name]
		if d == nil || len(before) > 0 && before[len(before)-1].PrivateID == d.PrivateID {
			continue
		}
		if w.held(s.Name, d) {
			w.returns[s.Name]++
		}
		w.served[s.Name] = append(before, *d)
	}
}

// held reports whether production of a service has held a deployment before, under the
// same label.
func (w *Watch) held(service string, d *universe.Deployment) bool {
	return slices.ContainsFunc(w.served[service], func(was universe.Deployment) bool { return was.PrivateID == d.PrivateID && was.Label == d.Label })
}

// Returns tells how often production went back to a deployment that it had held
// before, under the same label, by service: as often as somebody swapped back.
func (w *Watch) Returns() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.returns)
}

// serves reports whether a deployment runs with all instances ready.
func serves(d *universe.Deployment) bool {
	return d.Status == cloud.Running && d.Ready == len(d.Instances) && d.Ready > 0
}

// wayBack notices what was in production, is in staging after a swap, and then
// vanishes or becomes something else. Nothing is lost with the release that production
// serves still.
func (w *Watch) wayBack(before, after *universe.State) {
	for i := range after.Services {
		s := &after.Services[i]
		old := before.Service(s.Name)
		if old == nil {
			continue
		}
		staged := s.Staging.Deployment
		if was := old.Production.Deployment; was != nil && staged != nil && was.PrivateID == staged.PrivateID {
			delete(w.back, s.Name)
			if live := s.Production.Deployment; live == nil || live.Label != was.Label {
				w.back[s.Name] = was.PrivateID
			}
			continue
		}
		w.judgeWayBack(s, old.Staging.Deployment)
	}
}

func (w *Watch) judgeWayBack(s *universe.Service, was *universe.Deployment) {
	id := w.back[s.Name]
	if id == "" || was == nil || was.PrivateID != id {
		return
	}
	d, production := s.Staging.Deployment, s.Production.Deployment
	switch {
	case production != nil && production.PrivateID == id: // it was taken
		delete(w.back, s.Name)
	case d == nil || d.PrivateID != id:
		w.report(WayBackKept, s.Name, "%q, which production of %s served before the swap, is gone", was.Label, s.Name)
		delete(w.back, s.Name)
	case d.Label != was.Label:
		w.report(WayBackKept, s.Name, "%q, which production of %s served before the swap, was made %q", was.Label, s.Name, d.Label)
		delete(w.back, s.Name)
	}
}

// swap judges swaps when they are accepted, by what staging held before.
func (w *Watch) swap(before, after *universe.State) {
	for _, op := range after.Operations {
		if op.Kind != cloud.SwapDeployment || w.swaps[op.ID] {
			continue
		}
		w.swaps[op.ID] = true
		s := before.Service(op.Service)
		if s == nil {
			continue
		}
		if d := s.Staging.Deployment; d != nil && !serves(d) && !w.servesAgain(s.Name, d) {
			w.report(SwapReady, op.Service, "%q (%s, %d of %d instances ready) was swapped into production of %s",
				d.Label, d.Status, d.Ready, len(d.Instances), op.Service)
		}
	}
}

// servesAgain reports whether a deployment is one that production has held before, and
// runs with an instance that is ready: as a way back from what fails, it need not be
// wholly well.
func (w *Watch) servesAgain(service string, d *universe.Deployment) bool {
	return d.Status == cloud.Running && d.Ready > 0 && w.held(service, d)
}

// operations notices what is in progress when all clients have gone, but for what
// somebody else did.
func (w *Watch) operations(last *universe.State) {
	running := slices.DeleteFunc(slices.Clone(last.Operations), func(op universe.Operation) bool {
		return op.Status != cloud.InProgress || op.Kind == cloud.Phantom
	})
	slices.SortFunc(running, func(a, b universe.Operation) int { return cmp.Compare(a.ID, b.ID) })
	for _, op := range running {
		w.report(NothingLeft, op.Service, "%s of %s is still in progress", op.Kind, cmp.Or(op.Service, "the subscription"))
	}
}

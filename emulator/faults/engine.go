package faults

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Call is something that may be struck. Fields that mean nothing at its point
// are empty.
type Call struct {
	Point     Point
	Operation string
	Service   string
	Slot      string
	Role      string
	Instance  string
	Clients   []string // names that the client goes by: certificate thumbprint, User-Agent
}

// A Strike is a fault that befalls a call: what the rule said, and where it
// stands among all strikes.
type Strike struct {
	Number     int      `json:"number"` // of all strikes of the engine, from 1
	Rule       string   `json:"rule"`   // the rule's name, or "rule 3"
	Kind       Kind     `json:"kind"`
	Code       string   `json:"code,omitempty"`
	Message    string   `json:"message,omitempty"`
	Status     int      `json:"status,omitempty"`
	Delay      Duration `json:"delay,omitzero"`
	RetryAfter Duration `json:"retryAfter,omitzero"`
	Subject    string   `json:"subject,omitempty"` // what was struck, for people
}

// An Engine carries out a plan. Its fields are exported to be saved; only its
// methods change them. An Engine is not safe for concurrent use: the lock of the
// universe that it belongs to guards it.
type Engine struct {
	Plan    Plan           `json:"plan"`
	Seed    uint64         `json:"seed"`
	Drawn   uint64         `json:"drawn"`          // random numbers drawn so far
	Rules   []Tally        `json:"rules"`          // one for each rule of the plan
	Strikes int            `json:"strikes"`        // in all
	InARow  int            `json:"inARow"`         // since the last call that was spared
	Runs    map[string]int `json:"runs,omitempty"` // likewise, by subject; spared ones have none
}

// A Tally is how a rule stands.
type Tally struct {
	Seen   int `json:"seen"`   // calls that matched
	Struck int `json:"struck"` // of those
}

// NewEngine returns an engine that carries out plan from its beginning.
func NewEngine(plan Plan, seed uint64) *Engine {
	return &Engine{Plan: plan.clone(), Seed: seed, Rules: make([]Tally, len(plan.Rules))}
}

// clone returns a copy that shares nothing with p.
func (p Plan) clone() Plan {
	p.Rules = slices.Clone(p.Rules)
	return p
}

// Clone returns a copy that shares nothing with e; nil for nil.
func (e *Engine) Clone() *Engine {
	if e == nil {
		return nil
	}
	c := *e
	c.Plan, c.Rules, c.Runs = e.Plan.clone(), slices.Clone(e.Rules), maps.Clone(e.Runs)
	return &c
}

// Decide says what befalls a call; nil when nothing does. Every rule about the
// call counts it, and every one that is in force draws its own lot, so that what
// one rule does never depends on what another did. A nil Engine spares all.
func (e *Engine) Decide(c Call) *Strike {
	if e == nil || len(e.Plan.Rules) == 0 {
		return nil
	}
	chosen, concerned := -1, false
	for i := range e.Plan.Rules {
		r := &e.Plan.Rules[i]
		if !r.concerns(c) {
			continue
		}
		concerned = true
		e.Rules[i].Seen++
		if r.inForce(e.Rules[i]) && e.lot(r.Probability) && chosen < 0 {
			chosen = i
		}
	}
	if !concerned {
		return nil
	}
	return e.strike(chosen, c)
}

// strike makes the strike of rule i, if there is one and the budget has it.
func (e *Engine) strike(i int, c Call) *Strike {
	subject := c.subject()
	if i < 0 || !e.affords(subject) {
		e.InARow = 0
		delete(e.Runs, subject)
		return nil
	}
	if e.Runs == nil {
		e.Runs = map[string]int{}
	}
	e.Runs[subject]++
	e.InARow++
	e.Strikes++
	e.Rules[i].Struck++
	r := &e.Plan.Rules[i]
	return &Strike{
		Number: e.Strikes, Rule: r.title(i), Kind: r.Kind, Code: r.Code, Message: r.Message, Status: r.Status,
		Delay: r.Delay, RetryAfter: r.RetryAfter, Subject: c.describe(),
	}
}

// affords reports whether the budget has another strike.
func (e *Engine) affords(subject string) bool {
	b := e.Plan.Budget
	return (b.Total == 0 || e.Strikes < b.Total) && (b.InARow == 0 || e.InARow < b.InARow && e.Runs[subject] < b.InARow)
}

// lot draws with the probability p; 0 is 1, for which nothing is drawn. The n-th
// lot is a function of the seed and n.
func (e *Engine) lot(p float64) bool {
	if p == 0 || p >= 1 {
		return true
	}
	e.Drawn++
	return rand.New(rand.NewPCG(e.Seed, e.Drawn)).Float64() < p
}

// ID returns 32 lower-case hex digits for something that the engine makes up.
func (e *Engine) ID() string {
	e.Drawn++
	source := rand.NewPCG(e.Seed, e.Drawn)
	const digits = "0123456789abcdef"
	var id strings.Builder
	for range 2 {
		for bits, n := source.Uint64(), 0; n < 16; n++ {
			id.WriteByte(digits[bits&15])
			bits >>= 4
		}
	}
	return id.String()
}

// inForce reports whether a rule can strike a call, which t counts already.
func (r *Rule) inForce(t Tally) bool {
	if r.Match.Nth > 0 && r.Count == 0 {
		return t.Seen == r.Match.Nth
	}
	return t.Seen >= r.Match.Nth && (r.Count == 0 || t.Struck < r.Count)
}

// subject is what strikes in a row are counted by: retrying the same thing must
// come to an end.
func (c Call) subject() string {
	if c.Point == AtInstance {
		return string(c.Point) + " " + strings.ToLower(c.Service)
	}
	return string(c.Point) + " " + c.Operation
}

// describe says what the call is about.
func (c Call) describe() string {
	var words []string
	for _, word := range []string{c.Operation, c.Service, strings.ToLower(c.Slot), c.Instance} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

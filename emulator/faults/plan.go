package faults

import (
	"encoding"
	"fmt"
	"time"
)

// A Plan says what goes wrong. The zero Plan lets everything go well.
type Plan struct {
	Rules  []Rule `json:"rules"`
	Budget Budget `json:"budget,omitzero"`
}

// A Rule says which calls are struck, by what, and how often. Of several rules
// that would strike one call, the first does.
type Rule struct {
	Name  string `json:"name,omitempty"` // for people; shows up wherever the strike does
	Match Match  `json:"match,omitzero"`
	Kind  Kind   `json:"kind"`

	// Code, Message and Status are the error of the kinds that answer or end
	// with one. The status follows from the code unless it is given.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Status  int    `json:"status,omitempty"`

	// Delay is how long a delay or a slow answer takes, how long the operation
	// of somebody else goes on (conflict; 0 is 30 s), after which time a stuck
	// operation comes to its end after all (0 is never), or how long an instance
	// is ready before it fails (0 is 5 min). All in the universe's time.
	Delay Duration `json:"delay,omitzero"`
	// RetryAfter is what the header of that name says, in whole seconds; 0 is
	// one second with throttle, and no header otherwise.
	RetryAfter Duration `json:"retryAfter,omitzero"`

	// Count is how many calls are struck at most; 0 is no limit, or the one call
	// that Match.Nth names.
	Count int `json:"count,omitempty"`
	// Probability is that of being struck, for each call that matches, over 0
	// and up to 1; 0 is 1.
	Probability float64 `json:"probability,omitempty"`
}

// A Match says which calls a rule is about. Empty fields match everything, and
// so does a field that a call has nothing for only when it is empty. Fields are
// compared without regard to case, and * stands for any text.
type Match struct {
	Operation string `json:"operation,omitempty"` // as the reference of the API calls it: Swap Deployment, Put Block
	Service   string `json:"service,omitempty"`   // hosted service or storage account
	Slot      string `json:"slot,omitempty"`      // production or staging
	Role      string `json:"role,omitempty"`
	Instance  string `json:"instance,omitempty"` // Web_IN_0
	// Client is the SHA-1 thumbprint of the client's certificate or its
	// User-Agent.
	Client string `json:"client,omitempty"`
	// Nth lets the rule begin with the nth call that matches otherwise, counted
	// from 1; 0 is the first.
	Nth int `json:"nth,omitempty"`
}

// A Budget keeps misfortune within bounds, over all rules of a plan. Zero fields
// set no bound.
type Budget struct {
	// InARow is how many strikes there are at most one after the other, in all
	// and on the same operation, before one call is spared.
	InARow int `json:"inARow,omitempty"`
	// Total is how many strikes there are at most in all.
	Total int `json:"total,omitempty"`
}

// A Duration is a time.Duration that documents have as text, such as 1m30s.
type Duration time.Duration

var (
	_ encoding.TextMarshaler   = Duration(0)
	_ encoding.TextUnmarshaler = (*Duration)(nil)
)

// String writes the duration as time.Duration does.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the duration as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what time.ParseDuration does.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 30s or 1m30s", text)
	}
	*d = Duration(parsed)
	return nil
}

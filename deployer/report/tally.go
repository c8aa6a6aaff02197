package report

import "github.com/vipswap/vipswap/deployer/calls"

// Counts are numbers of calls.
type Counts struct {
	Management int `json:"management"` // to the Service Management API
	Blob       int `json:"blob"`       // to blob storage
	Retries    int `json:"retries"`    // how often one of them was sent again
	Unanswered int `json:"unanswered"` // how many had no answer in the end
}

// Since returns what came after an earlier count.
func (c Counts) Since(earlier Counts) Counts {
	return Counts{
		c.Management - earlier.Management, c.Blob - earlier.Blob,
		c.Retries - earlier.Retries, c.Unanswered - earlier.Unanswered,
	}
}

// A Tally counts calls.
type Tally struct{ counts Counts }

// Called counts the call.
func (t *Tally) Called(c calls.Call) {
	if c.Service == calls.Blob {
		t.counts.Blob++
	} else {
		t.counts.Management++
	}
	t.counts.Retries += max(0, c.Tries-1)
	if c.Status == 0 {
		t.counts.Unanswered++
	}
}

// Count returns the numbers so far.
func (t *Tally) Count() Counts { return t.counts }

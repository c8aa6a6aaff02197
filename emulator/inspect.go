package emulator

import (
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/universe"
)

// State returns what a universe holds at present, for assertions. It is a copy.
func (e *Emulator) State(id string) (universe.State, error) {
	r, err := e.find(id)
	if err != nil {
		return universe.State{}, err
	}
	var state universe.State
	err = r.View(func(st *cloud.State) *cloud.Error {
		state = universe.Describe(st)
		return nil
	})
	return state, err
}

// Journal returns the journal of a universe: what was asked of it and what came of
// it.
func (e *Emulator) Journal(id string) (*journal.Journal, error) {
	r, err := e.find(id)
	if err != nil {
		return nil, err
	}
	return r.journal, nil
}

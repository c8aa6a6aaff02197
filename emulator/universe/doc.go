// Package universe describes universes as the emulator's own interface tells of
// them: what to make one of, how it stands, how its time passes, what it holds.
//
// A universe is one subscription with a state, a clock, a seed and a journal of
// its own. To assert something about one in a test, take its [State]:
//
//	state, err := e.State(id)
//	production := state.Service("shop").Production
//
// All types have a JSON form, which docs/control-api.md shows. Times are cloud
// times, in UTC.
package universe

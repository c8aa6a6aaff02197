// Package stage is where scripts play: an emulator, and for each script a universe
// of its own with what the script begins with.
//
//	st, err := stage.Open(stage.Options{})
//	...
//	defer st.Close()
//	u, err := st.Enter(ctx, "bluegreen/swap", stage.Beginning{})
//	...
//	defer u.Leave()
//	variables, err := u.Environment() // lead a client to the universe
//
// Identifiers and times in a universe follow from its name and the seed, so that
// two runs can be compared whole. Time is automatic unless a [Beginning] says
// otherwise: when a client looks at something unfinished, time steps to when the
// next thing happens.
//
// A [Watcher] sees every management request of a universe, before and after it is
// carried out. That is how clients are killed at a request, and how rules are
// checked after each.
package stage

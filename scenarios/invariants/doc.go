// Package invariants has the rules that every deployment by VIP swap should keep,
// whatever goes wrong: whoever breaks one has hurt customers or taken away the way
// back. [All] is the table of them.
//
// A [Watch] is shown the universe again and again, and tells which rules were
// broken. It knows nothing of intentions: a script that deletes production on
// purpose breaks a rule, too. Whether that was asked for is found out by comparing
// with a run where nothing went wrong, as package robustness does.
package invariants

// Package robustness finds out which misfortunes a script does not survive. It plays
// the script once without faults and takes down its calls, then once more for each
// call and each kind of fault that can befall it ([Explore]).
//
// A cell of the resulting [Matrix] fails when the script's own checks fail, or when
// one of the standing invariants (package invariants) is broken that held without
// faults: what the script breaks on purpose it does then, too. Each failing cell can
// be written as a script of its own ([Cell.Script]).
package robustness

// Package ratio lets a benchmark say how fast something is compared with
// something else that runs beside it. A ratio of two things that were measured
// in the same run means the same on a slow machine, a fast one and a busy one;
// seconds do not.
//
// Inside a benchmark, call [Compare] with a baseline and what is to be measured.
// It runs the two in turns, each turn a few milliseconds long, and reports the
// median of the ratios. The aim is reported too, so that
//
//	go run ./internal/benchratio
//
// can run the benchmarks and print for each one what was measured, what was aimed
// at, and whether it was met. A benchmark that measures one number only, such as
// an amount of memory, reports it with [Single].
//
// Nothing here fails when an aim is missed: speed is shown, never tested.
package ratio

// Package version reads and compares release numbers.
//
// Use it wherever two releases have to be put in order: which one is newer,
// whether deploying one over the other is a rollback, and whether a new
// release repeats a number. [Parse] takes what people write, from "1" to
// "v1.2.3.4-beta.7+build.5"; [Version.Compare] orders the results.
//
// The grammar is the one of Octopus' public version parser: an optional v,
// one to four numbers, then a pre-release, then metadata after a plus. Text
// that starts with no number, such as "latest", is version 0.0.0 with that
// text as its pre-release.
package version

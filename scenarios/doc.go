// Package scenarios tells blue/green stories in scripts: one folder for each suite,
// one file NAME.txtar for each story. The real program, with the real deployer in it,
// plays them against the emulator over HTTPS.
//
// To write one, put a file into a folder and play it in either way:
//
//	vipswap test scenarios/bluegreen --run NAME
//	go test ./scenarios -run 'TestScenarios/bluegreen/NAME'
//
// Package script is the language of scripts, which docs/scenarios.md explains too.
// Package stage has what they begin with, package suite plays them, package
// robustness finds out which faults they do not survive, and package record
// writes one of a command that was run.
package scenarios

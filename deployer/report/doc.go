// Package report writes down what runs of the deployer do: for programs as lines of
// JSON ([Log]), for people as a summary of a run ([Summarise]), for CI servers as
// cases ([Cases]).
//
// A log hears of runs as a [deployer.Reporter] that passes on what it hears, and of
// calls as a [calls.Observer]:
//
//	log := &report.Log{Now: time.Now, Events: file}
//	tally := &report.Tally{}
//	reporter := log.Following(reporter)
//	result, err := deployer.Run(ctx, ports, plan)
//	summary := report.Summarise(result, tally.Count(), err)
package report

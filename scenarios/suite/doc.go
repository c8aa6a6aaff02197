// Package suite runs scenario scripts as suites, with or without go test.
//
//	scripts, err := suite.Find([]string{"scenarios"}, "")
//	...
//	st, err := stage.Open(stage.Options{Program: program})
//	...
//	report := suite.Run(ctx, st, scripts, suite.Options{Parallel: 4}, nil)
//	fmt.Println(report.Failed())
//
// [Play] plays one script in a universe of its own and tells how it went, with all
// that is of use when it failed: its phase, what the slots hold, the last requests.
// [Run] plays many, so many at once, in an order that does not change the outcome.
// In a Go test, [Test] makes a test of each script.
//
// [WriteJUnit] and [WriteJSON] write a report for machines, [Result.Text] one for
// people.
package suite

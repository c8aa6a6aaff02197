// Package wait waits for something that only looking can tell: an operation that
// ends, instances that get ready.
//
// A wait has three answers, not two. A [Condition] says that what is awaited is
// [Met], that it has [NotYet] come, or that it can [Never] come any more; the
// third ends the wait at once, where a plain poll would run into its time limit.
//
// Looking begins often and grows rarer while nothing moves: the pause starts at
// [Poll].Min, grows by the factor 1.6 up to [Poll].Max, and falls back to Min
// when the words of the condition change.
//
//	err := wait.For(ctx, wait.Poll{Sleep: clock.Sleep}, func(ctx context.Context) (wait.Verdict, string, error) {
//		op, err := cloud.Operation(ctx, id)
//		switch {
//		case err != nil:
//			return wait.NotYet, "", err
//		case op.Status == management.InProgress:
//			return wait.NotYet, "the operation is in progress", nil
//		}
//		return wait.Met, "", nil
//	})
//
// Time is a port ([Clock]): tests and simulations bring their own.
package wait

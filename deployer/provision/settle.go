package provision

import (
	"context"
	"errors"
	"fmt"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// A change is made outside of slots, where no plan settles what an unclear answer
// leaves open.
type change struct {
	send func(context.Context) (operationID string, err error) // "" for one that is made at once
	made func(context.Context) (wait.Verdict, string, error)   // looks; Never is that nothing was done
}

// maxUnclear bounds how often a change is sent again.
const maxUnclear = 5

// settle makes a change and waits for it. After an answer that leaves open what
// happened it looks, and sends the change again, after a pause, only when nothing
// was done.
func (p Provider) settle(ctx context.Context, what change) error {
	for tries := 0; ; tries++ {
		id, err := what.send(ctx)
		var unclear *management.UnknownOutcomeError
		switch {
		case err == nil && id == "":
			return nil
		case err == nil:
			return p.Cloud.WaitOperation(ctx, id)
		case !errors.As(err, &unclear) || tries == maxUnclear:
			return unlessMade(ctx, what, tries, err)
		}
		if stopped := wait.System.Sleep(ctx, max(unclear.RetryAfter, p.Poll.Pause(0)<<(tries+2))); stopped != nil {
			return fmt.Errorf("%w (not settled: %w)", err, stopped)
		}
		look := wait.For(ctx, p.Poll, what.made)
		var nothing *wait.NeverError
		if !errors.As(look, &nothing) {
			return look
		}
	}
}

// unlessMade returns the error of a change, unless an earlier try has made it: then the
// last one was refused since there was nothing left to do.
func unlessMade(ctx context.Context, what change, tries int, err error) error {
	if tries == 0 {
		return err
	}
	if v, _, lookErr := what.made(ctx); lookErr == nil && v == wait.Met {
		return nil
	}
	return err
}

// there judges a look at something that is to be made.
func there(err error) (wait.Verdict, string, error) {
	if management.IsNotFound(err) {
		return wait.Never, "it is not there", nil
	}
	return wait.Met, "", err
}

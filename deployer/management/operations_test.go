package management_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

func TestWaitOperation(t *testing.T) {
	running := document(t, "operation-in-progress")
	done := document(t, "operation-succeeded")
	ms := time.Millisecond
	tests := map[string]struct {
		replies []reply
		want    string
		message string
		pauses  []time.Duration
	}{
		"done at once":   {[]reply{done}, fine, "", nil},
		"done later":     {append(slices.Repeat([]reply{running}, 4), done), fine, "", []time.Duration{50 * ms, 80 * ms, 128 * ms, 200 * ms}},
		"fails":          {[]reply{running, document(t, "operation-failed")}, refused, "swap the slots of shop: BadRequest: Port 22 is already in use", []time.Duration{50 * ms}},
		"fails silently": {[]reply{document(t, "operation-failed-silently")}, refused, "InternalError: the operation failed without saying why", nil},
		"unknown":        {[]reply{refusal(t, 404, "error-empty-slot")}, refused, "read operation " + operationID, nil},
		"odd status":     {[]reply{document(t, "operation-odd")}, failed, `its status "Pondering" is not one of`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, append([]reply{accepted()}, tt.replies...)...)
			c, clock := s.client(func(c *management.Config) { c.PollMax = 200 * time.Millisecond })
			id, err := c.Swap(t.Context(), "shop", "blue", "green")
			if err != nil {
				t.Fatal(err)
			}
			err = c.WaitOperation(t.Context(), id)
			if outcome(err) != tt.want || err != nil && !strings.Contains(err.Error(), tt.message) {
				t.Errorf("outcome is %q (%v), want %q with %q", outcome(err), err, tt.want, tt.message)
			}
			if diff := cmp.Diff(tt.pauses, clock.slept); diff != "" {
				t.Errorf("pauses mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWaitOperationOfSomeoneElse(t *testing.T) {
	s := newStub(t, document(t, "operation-failed"))
	c, _ := s.client()
	err := refusalOf(t, c.WaitOperation(t.Context(), "ef4fd168-1471-922f-a0de-4f7300dca46d"))
	if err.Action != "operation "+operationID || err.RequestID != operationID {
		t.Errorf("error is about %q, request %q", err.Action, err.RequestID)
	}
}

func TestWaitOperationInterrupted(t *testing.T) {
	s := newStub(t, document(t, "operation-in-progress"))
	c, clock := s.client()
	ctx, cancel := context.WithCancel(t.Context())
	clock.wake = func(int) { cancel() }
	err := c.WaitOperation(ctx, operationID)
	var interrupted *wait.InterruptedError
	if !errors.As(err, &interrupted) || !strings.Contains(err.Error(), "operation "+operationID+" is in progress") {
		t.Errorf("error is %v, want an interrupted wait that names the operation", err)
	}
}

// TestConflicts pins how the client waits for the operation in its way.
func TestConflicts(t *testing.T) {
	busy := refusal(t, 409, "error-busy")
	unnamed := refusal(t, 409, "error-busy-unnamed")
	running, done := document(t, "operation-in-progress"), document(t, "operation-succeeded")
	ms := time.Millisecond
	remove := func(ctx context.Context, c *management.Client) error {
		_, err := c.DeleteSlot(ctx, "shop", management.Staging)
		return err
	}
	const first = "delete service shop: waiting for operation " + operationID + " to finish first"
	tests := map[string]struct {
		call    func(context.Context, *management.Client) error
		retries int
		replies []reply
		want    string
		told    []string
		pauses  []time.Duration
	}{
		"not wanted":     {other, 0, []reply{busy}, refused, nil, nil},
		"named":          {other, 3, []reply{busy, running, running, done, accepted()}, fine, []string{first}, []time.Duration{50 * ms, 80 * ms}},
		"named, fails":   {other, 3, []reply{busy, document(t, "operation-failed"), accepted()}, fine, []string{first}, nil},
		"named, unknown": {other, 3, []reply{busy, refusal(t, 404, "error-empty-slot"), accepted()}, fine, []string{first}, []time.Duration{50 * ms}},
		"unnamed": {other, 3, []reply{unnamed, unnamed, accepted()}, fine, []string{
			"delete service shop: another operation is running, trying again in 50ms",
			"delete service shop: another operation is running, trying again in 80ms",
		}, []time.Duration{50 * ms, 80 * ms}},
		"too often":      {other, 1, []reply{busy, done, busy}, refused, []string{first}, nil},
		"other conflict": {other, 3, []reply{refusal(t, 409, "error-occupied")}, refused, nil, nil},
		"by slot":        {remove, 3, []reply{busy}, refused, nil, nil},
		"of deployments": {change, 3, []reply{busy}, refused, nil, nil},
		"look fails":     {other, 3, []reply{busy, refusal(t, 403, "error-forbidden")}, refused, []string{first}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, tt.replies...)
			var told []string
			c, clock := s.client(func(c *management.Config) {
				c.ConflictRetries = tt.retries
				c.OnConflict = func(w management.ConflictWait) { told = append(told, w.String()) }
			})
			if err := tt.call(t.Context(), c); outcome(err) != tt.want {
				t.Errorf("outcome is %q (%v), want %q", outcome(err), err, tt.want)
			}
			if diff := cmp.Diff(tt.told, told); diff != "" {
				t.Errorf("reports mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.pauses, clock.slept); diff != "" {
				t.Errorf("pauses mismatch (-want +got):\n%s", diff)
			}
			if got, want := len(s.asked()), len(tt.replies); got != want {
				t.Errorf("%d requests were sent, want %d", got, want)
			}
		})
	}
}

func TestConflictInterrupted(t *testing.T) {
	s := newStub(t, refusal(t, 409, "error-busy"), document(t, "operation-in-progress"))
	c, clock := s.client(func(c *management.Config) { c.ConflictRetries = 3 })
	ctx, cancel := context.WithCancel(t.Context())
	clock.wake = func(int) { cancel() }
	err := other(ctx, c)
	if !management.IsConflict(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want the conflict and the context's end", err)
	}
}

// TestWaitConflictOnly: the helper waits and sends nothing again.
func TestWaitConflictOnly(t *testing.T) {
	s := newStub(t, refusal(t, 409, "error-busy"), document(t, "operation-succeeded"))
	c, _ := s.client()
	err := change(t.Context(), c)
	if err := c.WaitConflict(t.Context(), err, 1); err != nil {
		t.Errorf("WaitConflict returned %v", err)
	}
	other := errors.New("something else")
	if err := c.WaitConflict(t.Context(), other, 1); !errors.Is(err, other) {
		t.Errorf("WaitConflict returned %v for another error, want it back", err)
	}
}

// TestRunningOperation has the texts that the service is known to write.
func TestRunningOperation(t *testing.T) {
	conflict := func(message string) error {
		return fmt.Errorf("wrapped: %w", &management.Error{HTTPStatus: 409, Code: management.CodeConflict, Message: message})
	}
	tests := map[string]struct {
		err  error
		id   string
		busy bool
	}{
		"with id":        {conflict("Windows Azure is currently performing an operation with x-ms-requestid " + operationID + " on this deployment that requires exclusive access."), operationID, true},
		"with a GUID":    {conflict("currently performing an operation with x-ms-requestid EF4FD168-1471-922F-A0DE-4F7300DCA46D on this"), operationID, true},
		"service":        {conflict("Windows Azure is currently performing an operation on this hosted service that requires exclusive access."), "", true},
		"old":            {conflict("Windows Azure is currently performing an operation on this deployment that requires exclusive access."), "", true},
		"extension":      {conflict("Another operation on extension with namespace A, type B is already in progress."), "", true},
		"dependent":      {conflict("Another operation on this or dependent resource is in progress"), "", true},
		"occupied":       {conflict("The specified deployment slot Production is occupied."), "", false},
		"name taken":     {conflict("The specified DNS name is already taken."), "", false},
		"id cut short":   {conflict("an operation with x-ms-requestid ef4fd168 on this deployment"), "", false},
		"id too long":    {conflict("x-ms-requestid " + operationID + "0"), "", false},
		"another code":   {&management.Error{Code: "BadRequest", Message: "x-ms-requestid " + operationID}, "", false},
		"another error":  {errors.New("x-ms-requestid " + operationID), "", false},
		"no error":       {nil, "", false},
		"unknown change": {&management.UnknownOutcomeError{Action: "swap", Err: errors.New("requires exclusive access")}, "", false},
	}
	for name, tt := range tests {
		id, busy := management.RunningOperation(tt.err)
		if id != tt.id || busy != tt.busy {
			t.Errorf("%s: got %q, %v, want %q, %v", name, id, busy, tt.id, tt.busy)
		}
	}
}

// TestServicesPages follows a listing over its pages, and gives up on one that
// never ends.
func TestServicesPages(t *testing.T) {
	more := document(t, "services").with("x-ms-continuation-token", "next")
	s := newStub(t, more, document(t, "services"))
	c, _ := s.client()
	all, err := c.Services(t.Context())
	if err != nil || len(all) != 4 {
		t.Fatalf("got %d services and %v, want 4", len(all), err)
	}
	asked := s.asked()
	if strings.Contains(asked[0], "Continuation") || !strings.Contains(asked[1], "X-Ms-Continuation-Token: next") {
		t.Errorf("requests are %q, want the token in the second only", asked)
	}
	empty := document(t, "services-empty").with("x-ms-continuation-token", "again")
	s = newStub(t, slices.Repeat([]reply{empty}, 1000)...)
	c, _ = s.client()
	if _, err := c.Services(t.Context()); err == nil || !strings.Contains(err.Error(), "no end") {
		t.Errorf("error is %v, want that the list has no end", err)
	}
}

func TestStorageKeysMissing(t *testing.T) {
	s := newStub(t, document(t, "storage-keys-none"))
	c, _ := s.client()
	if _, err := c.StorageKeys(t.Context(), "packages"); err == nil || !strings.Contains(err.Error(), "no primary key") {
		t.Errorf("error is %v, want that there is no key", err)
	}
}

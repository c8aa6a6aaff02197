package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release"
)

func TestErrors(t *testing.T) {
	step := deployer.Step{Kind: deployer.StepSwap, Service: "shop"}
	tests := []struct {
		name   string
		err    error
		code   int
		stderr string
	}{
		{"usage", usage("look", "bad %s", "flag"), 2, "vipswap: bad flag\nhint: look\n"},
		{"wrapped usage", fmt.Errorf("slots: %w", usage("look", "bad flag")), 2, "vipswap: slots: bad flag\nhint: look\n"},
		{"no hint", failed("", "it broke"), 1, "vipswap: it broke\n"},
		{"refused", refused("say --yes", "not without --yes"), 3, "vipswap: not without --yes\nhint: say --yes\n"},
		{
			"refused plan",
			fmt.Errorf("swap: %w", &deployer.RefusedError{Refusals: []deployer.Refusal{{Text: "staging is empty", Hint: "deploy first"}}}),
			3, "vipswap: swap: refused: staging is empty\nhint: deploy first\n",
		},
		{
			"moved", &deployer.MovedError{Step: step, Saw: "staging is empty"}, 3,
			"vipswap: swap the slots of shop: the slots have changed since the plan was made: staging is empty\nhint: look at the slots and make a new plan\n",
		},
		{
			"operation failed",
			&deployer.OperationError{Step: step, OperationID: "7", Err: &management.Error{HTTPStatus: 400, Code: "BadRequest", Message: "No."}}, 1,
			"vipswap: swap the slots of shop: operation 7 failed: BadRequest: No.\n",
		},
		{
			"timeout", &deployer.TimeoutError{Step: step, Limit: time.Minute, Why: "busy"}, 1,
			"vipswap: swap the slots of shop: not done after 1m0s: busy\nhint: the service goes on by itself; allow more time, or look at the slots later\n",
		},
		{
			"history held", &release.HeldError{Holder: &release.Holder{PID: 7, Command: "vipswap release list", Since: time.Unix(0, 0)}}, 3,
			"vipswap: the history of this project is in use by \"vipswap release list\" (process 7) since 1970-01-01T00:00:00Z\nhint: wait until it has finished, then try again\n",
		},
		{
			"release exists", &release.ExistsError{Number: "1.0", Existing: "1.0"}, 3,
			"vipswap: release 1.0 exists already\nhint: choose another number, or deploy the release that exists\n",
		},
		{"lifecycle", &release.NotAllowedError{Release: "1.0", Environment: "Live", Reason: "too early"}, 3, "vipswap: release 1.0 may not be deployed to Live: too early\n"},
		{"unknown release", fmt.Errorf("release 1.0: %w", release.ErrNotFound), 2, "vipswap: release 1.0: not found\n"},
		{
			"wrong certificate", &management.Error{HTTPStatus: 403, Code: "ForbiddenError", Message: "No.", Action: "list services"}, 1,
			"vipswap: list services: ForbiddenError: No.\nhint: is the certificate one of this subscription? \"vipswap env\" prints the connection to a running emulator\n",
		},
		{
			"over quota", &management.Error{HTTPStatus: 403, Code: "ForbiddenError", Message: "The subscription policy limit was exceeded.", Action: "create service shop"}, 1,
			"vipswap: create service shop: ForbiddenError: The subscription policy limit was exceeded.\n",
		},
		{"anything else", errors.New("broken"), 1, "vipswap: broken\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			p := newProgram(World{Stderr: &stderr, LookupEnv: func(string) (string, bool) { return "", false }})
			if code := p.fail(tt.err); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if diff := cmp.Diff(tt.stderr, stderr.String()); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnknownAuthorityHasAHint(t *testing.T) {
	f := judge(fmt.Errorf("connect: %w", x509.UnknownAuthorityError{}))
	if f.code != exitUsage || !strings.Contains(f.hint, envCA) {
		t.Errorf("exit code %d with hint %q", f.code, f.hint)
	}
}

func TestUsage(t *testing.T) {
	tests := []struct {
		args   string
		stderr string
	}{
		{"relase", `did you mean "vipswap release"?`},
		{"release depoy", `did you mean "vipswap release deploy"?`},
		{"--no-such-flag", "unknown flag"},
		{"slots --output yaml", "it is one of text, json"},
		{"delete", "the slot (staging or production) is missing"},
		{"delete here --service shop", `"here" is no slot`},
		{"swap now", `"now" is one argument too many`},
		{"deploy --package x --label y", "--slot is missing"},
		{"deploy --slot staging --label y", "--package is missing"},
		{"deploy --slot staging --package x", "--label is missing"},
		{"deploy --slot staging --package x --label y --mode fast", "it is one of auto, manual, simultaneous"},
		{"slots shop", "VIPSWAP_MANAGEMENT_URL is not set"},
		{"slots shop --publish-settings none", "read the publish settings"},
		{"slots", "no cloud service is named"},
		{"release list", "there is no vipswap.yaml in this folder or above"},
		{"env", "no emulator is running"},
		{"env --shell csh", "it is one of sh, fish, powershell"},
		{"pack x.csdef", "the file to write is missing"},
		{"inspect none.cspkg", "none.cspkg"},
		{"upload none.cspkg", "none.cspkg"},
		{"help nothing", `there is no command "vipswap nothing"`},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			got := newUser(t).must(t, exitUsage, strings.Fields(tt.args)...)
			if !strings.HasPrefix(got.stderr, "vipswap: ") || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("stderr is %q, want it to say %q", got.stderr, tt.stderr)
			}
			if got.stdout != "" {
				t.Errorf("stdout is %q, want nothing", got.stdout)
			}
		})
	}
}

func TestServeStopsWithItsContext(t *testing.T) {
	u := newUser(t)
	ready := u.path("ready.json")
	ctx, cancel := context.WithCancel(t.Context())
	u.stdout = hear(func(text string) {
		if strings.Contains(text, "Ctrl-C stops it") {
			cancel()
		}
	})
	got := u.run(ctx, "serve", "--management", "127.0.0.1:0", "--blob", "127.0.0.1:0", "--control", "127.0.0.1:0", "--ready-file", ready)
	if got.code != exitDone {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	if _, err := readServing(ready); err == nil {
		t.Error("the ready file is still there")
	}
}

// hear is a writer that calls a function with what is written.
type hear func(text string)

// Write calls the function.
func (h hear) Write(p []byte) (int, error) {
	h(string(p))
	return len(p), nil
}

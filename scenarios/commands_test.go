package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// A command is one of the commands of our own, which doc.go describes.
type command struct {
	usage string // its arguments, for errors
	min   int    // of arguments
	run   func(r *runner, ts *testscript.TestScript, args []string)
}

// commands are all of them.
var commands = map[string]command{
	"slots":    {"production=LABEL staging=LABEL", 2, (*runner).slots},
	"exits":    {"CODE PROGRAM [ARGUMENT...]", 2, (*runner).exits},
	"call":     {"STATUS METHOD PATH [FILE]", 3, (*runner).call},
	"advance":  {"DURATION", 1, (*runner).advance},
	"killed":   {"before|after N PROGRAM [ARGUMENT...]", 3, (*runner).killed},
	"lastline": {"VARIABLE", 1, (*runner).lastLine},
	"outer":    {"PACKAGE FILE...", 2, (*runner).outer},
}

// commands binds the commands to the runner.
func (r *runner) commands() map[string]func(*testscript.TestScript, bool, []string) {
	bound := map[string]func(*testscript.TestScript, bool, []string){}
	for name, c := range commands {
		bound[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg || len(args) < c.min {
				ts.Fatalf("usage: %s %s", name, c.usage)
			}
			c.run(r, ts, args)
		}
	}
	return bound
}

func (r *runner) slots(ts *testscript.TestScript, args []string) {
	seen, err := deployer.Observe(context.Background(), r.client(ts), serviceName)
	ts.Check(err)
	have := map[string]string{"production": holding(seen.Production), "staging": holding(seen.Staging)}
	ts.Setenv("PRODUCTION", nameOf(seen.Production))
	ts.Setenv("STAGING", nameOf(seen.Staging))
	for _, arg := range args {
		slot, want, ok := strings.Cut(arg, "=")
		got, known := have[slot]
		if !ok || !known {
			ts.Fatalf("slots: %q is not production=LABEL or staging=LABEL", arg)
		}
		if got != want {
			ts.Fatalf("slots: %s holds %s, want %s", slot, got, want)
		}
	}
}

func nameOf(d *management.Deployment) string {
	if d == nil {
		return ""
	}
	return d.Name
}

// holding describes what a slot holds, as the command slots has it.
func holding(d *management.Deployment) string {
	if d == nil {
		return "-"
	}
	if d.Status != management.StatusRunning {
		return fmt.Sprintf("%s (%s)", d.Label, d.Status)
	}
	for _, i := range d.Instances {
		if i.Status != management.InstanceReady {
			return fmt.Sprintf("%s (%s)", d.Label, i.Status)
		}
	}
	return d.Label
}

func (r *runner) exits(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("exits: %v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exits: the exit code is %d, want %d", code, want)
	}
}

// maxAnswer bounds the answers that call reads, in bytes.
const maxAnswer = 1 << 20

func (r *runner) call(ts *testscript.TestScript, args []string) {
	var body []byte
	if len(args) > 3 {
		body = []byte(os.Expand(ts.ReadFile(args[3]), ts.Getenv))
	}
	address := r.emulator.ManagementURL() + "/" + ts.Getenv("VIPSWAP_SUBSCRIPTION_ID") + "/" + args[2]
	req, err := http.NewRequest(args[1], address, bytes.NewReader(body))
	ts.Check(err)
	req.Header.Set("x-ms-version", "2015-09-01")
	req.Header.Set("Content-Type", "application/xml")
	answer, err := r.http.Do(req)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	ts.Check(err)
	_, err = fmt.Fprintf(ts.Stdout(), "%s\n", text)
	ts.Check(err)
	if got := strconv.Itoa(answer.StatusCode); got != args[0] {
		ts.Fatalf("call: the status is %s, want %s: %s", got, args[0], text)
	}
}

func (r *runner) advance(ts *testscript.TestScript, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	ts.Check(r.emulator.Advance(ts.Getenv("VIPSWAP_SUBSCRIPTION_ID"), d))
}

// lastLine takes the last line of the standard output into a variable.
func (r *runner) lastLine(ts *testscript.TestScript, args []string) {
	out := strings.TrimRight(ts.ReadFile("stdout"), "\n")
	ts.Setenv(args[0], out[strings.LastIndex(out, "\n")+1:])
}

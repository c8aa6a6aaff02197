package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/locking"
)

// World is everything outside the program that it may look at or write to.
type World struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// LookupEnv returns the value of an environment variable, and whether it is set.
	LookupEnv func(name string) (string, bool)
	// ConfigDir returns the user's configuration directory.
	ConfigDir func() (string, error)
	// WorkDir returns the folder that the program was started in; relative paths
	// are relative to it.
	WorkDir func() (string, error)
	// Executable returns the file of this program, for scripts to run; nil when they
	// find it on the PATH.
	Executable func() (string, error)
	// Environ returns the whole environment as NAME=VALUE, for commands that are run;
	// nil is an empty one.
	Environ func() []string
	// Now is the wall's time, by which releases, deployments and plans are dated and
	// rollback windows end; nil is time.Now.
	Now func() time.Time
}

// Main runs the program with the arguments, streams and environment of the
// process and returns its exit code. An interrupt or SIGTERM ends what is being
// done in good order; a second one ends the process. A reader of the output that
// goes away ends nothing: a deployment is not to be cut off because of "| head".
func Main() int {
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return Run(ctx, os.Args[1:], World{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, ConfigDir: os.UserConfigDir, WorkDir: os.Getwd, Executable: os.Executable, Environ: os.Environ,
	})
}

// Run runs the program with args, which do not include its name, and returns the
// exit code. When ctx ends, what is being done stops in good order.
func Run(ctx context.Context, args []string, w World) int {
	out := &outlet{Writer: w.Stdout}
	w.Stdout = out
	p := newProgram(w)
	root := p.root()
	root.SetArgs(args)
	root.SetIn(w.Stdin)
	root.SetOut(w.Stdout)
	root.SetErr(w.Stderr)
	command, err := root.ExecuteContextC(ctx)
	err = p.finish(command, err)
	if err == nil {
		if err = out.failure(); err == nil {
			return exitDone
		}
		return p.fail(err)
	}
	if !p.began { // cobra refused the command line
		err = p.usageError(err)
	}
	return p.fail(err)
}

// A program is one run of vipswap.
type program struct {
	World
	output  format
	state   string        // folder for what runs leave behind; "" until it is known
	locking lockFlags     // of the command that runs
	held    *locking.Held // on the service, for all runs of the deployment of a release; nil for others
	care    careFlags
	telling telling
	after   afterFlags
	gating  gateFlags
	spared  bool // it was looked whether the file of a project that is not needed can be read
	began   bool // the command line was understood and a command runs
}

func newProgram(w World) *program {
	if w.Now == nil {
		w.Now = time.Now
	}
	return &program{World: w, output: formatText, telling: newTelling()}
}

// Getenv returns the value of an environment variable, or "".
func (p *program) Getenv(name string) string {
	value, _ := p.LookupEnv(name)
	return value
}

// action makes the RunE of a command. Errors before it are about usage.
func (p *program) action(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		p.began = true
		return do(cmd.Context(), args)
	}
}

// buildVersion returns the version of the module that the program was built from,
// or "devel".
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

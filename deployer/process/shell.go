package process

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vipswap/vipswap/internal/tempfolder"
)

// Machine runs scripts as processes of this machine.
type Machine struct {
	// Environ is the environment that scripts inherit.
	Environ []string
	// TempDir is where scripts are kept while they run; "" is the system's place.
	TempDir string
	// Listen is how long, after a script's end, its output is listened to when
	// something in the background has it open; 0 is five seconds.
	Listen time.Duration
}

// programs run a script of a shell.
var programs = map[string]struct {
	extension string
	command   func(file string) []string
}{
	"sh": {".sh", func(file string) []string {
		if _, err := exec.LookPath("bash"); err == nil { // as Octopus does; many scripts need it
			return []string{"bash", file}
		}
		return []string{"sh", file}
	}},
	"python": {".py", func(file string) []string { return []string{"python3", file} }},
	"pwsh": {".ps1", func(file string) []string {
		return []string{"pwsh", "-NoProfile", "-NonInteractive", "-File", file}
	}},
}

// Limits of what is handed to and taken from scripts.
const (
	maxLine  = 64 << 10 // bytes of a line; longer ones are cut into several
	maxValue = 64 << 10 // bytes of a variable in the environment
	grace    = 5 * time.Second
)

// Run runs the script in a process of its own, with its variables in the
// environment: Octopus.Environment.Name is Octopus_Environment_Name there. In sh
// the functions get_octopusvariable NAME and set_octopusvariable NAME VALUE
// [-sensitive] are defined as well; another third argument ends the script with code 2,
// since a secret would be published.
//
// When ctx ends, and on Unix also when this process is killed, the script is killed
// with all that it has started, but for what has made a session of its own. There it
// has no terminal. What it leaves in the background when it ends by itself lives on.
func (m Machine) Run(ctx context.Context, run ScriptRun, line func(string)) error {
	program, known := programs[run.Shell]
	if !known {
		return fmt.Errorf("there is no shell %q: it is one of %s", run.Shell, strings.Join(Shells(), ", "))
	}
	folder, err := tempfolder.Place{Parent: m.TempDir}.Make()
	if err != nil {
		return err
	}
	defer folder.Close()
	file, open, err := place(folder.Path(), program.extension, run)
	if err != nil {
		return err
	}
	defer closeAll(open)
	args := program.command(file)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.WaitDelay, cmd.ExtraFiles = run.Dir, cmp.Or(m.Listen, grace), open
	ownSession(cmd)
	cmd.Env = append(slices.Clone(m.Environ), environment(run.Variables)...)
	out := &lines{each: line}
	cmd.Stdout, cmd.Stderr = out, out
	err = runTied(cmd)
	out.end()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit) && exit.ExitCode() < 0:
		return &ExitError{Code: exit.ExitCode(), Signal: exit.Error()}
	case errors.As(err, &exit):
		return &ExitError{Code: exit.ExitCode()}
	case errors.Is(err, exec.ErrWaitDelay):
		line(fmt.Sprintf("(what the script left in the background is no longer listened to, %s after its end)", cmd.WaitDelay))
		return nil
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s is not installed on this machine", args[0])
	}
	return err
}

// runTied runs a command that dies with this process, as far as the system can see to
// that: its thread has to stay for as long.
func runTied(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieTogether(cmd)
	dog, err := startWatchdog()
	if err != nil {
		return fmt.Errorf("watch over the script: %w", err)
	}
	defer dog.stop()
	if err := dog.start(cmd); err != nil {
		return err
	}
	return cmd.Wait()
}

// place puts the script into a private folder, as a file without a name where that can
// be: the script has secrets in it, and nothing of it is to be left when this process is
// killed. It returns the path for the command, and the files that it needs open for that.
func place(dir, extension string, run ScriptRun) (path string, open []*os.File, err error) {
	body, err := content(run)
	if err != nil {
		return "", nil, err
	}
	if extension == ".sh" { // with all variables; the others go by the name of their file
		f, err := nameless(dir, body)
		if err != nil {
			return "", nil, err
		}
		if f != nil {
			return "/dev/fd/3", []*os.File{f}, nil
		}
	}
	file := filepath.Join(dir, "script"+extension)
	return file, nil, os.WriteFile(file, body, 0o600)
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

// content returns the script; what sh scripts need goes before it.
func content(run ScriptRun) ([]byte, error) {
	body := []byte(run.Body)
	if run.File != "" {
		var err error
		if body, err = os.ReadFile(run.File); err != nil {
			return nil, fmt.Errorf("read the script: %w", err)
		}
	}
	if run.Shell == "sh" {
		body = append(prelude(run.Variables), bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))...)
	}
	return body, nil
}

// prelude defines the functions for sh, on lines before the script's own. What the
// script starts does not have it open.
func prelude(vars map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString("exec 3<&-\nget_octopusvariable() {\n  case \"$(printf %s \"$1\" | tr '[:upper:]' '[:lower:]')\" in\n")
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if strings.ContainsRune(vars[name], 0) {
			continue
		}
		fmt.Fprintf(&b, "  %s) printf %%s %s ;;\n", quote(strings.ToLower(name)), quote(vars[name]))
	}
	b.WriteString(`  esac
}
set_octopusvariable() {
  vipswap_name=$(printf %s "$1" | base64 | tr -d '\n')
  vipswap_value=$(printf %s "$2" | base64 | tr -d '\n')
  case "$3" in
  -sensitive|--sensitive) echo "##octopus[setVariable name='$vipswap_name' value='$vipswap_value' sensitive='VHJ1ZQ==']" ;;
  '') echo "##octopus[setVariable name='$vipswap_name' value='$vipswap_value']" ;;
  *)
    echo "set_octopusvariable $1: the third argument is -sensitive or nothing" >&2
    exit 2 ;;
  esac
}
`)
	return b.Bytes()
}

// quote quotes a word for POSIX shells.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// environment turns variables into those of an environment. Values that no
// environment can hold are left out.
func environment(vars map[string]string) []string {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		value := vars[name]
		if len(value) > maxValue || strings.ContainsRune(value, 0) {
			continue
		}
		env = append(env, environmentName(name)+"="+value)
	}
	return env
}

// environmentName replaces what a shell's variable cannot have in its name.
func environmentName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
	if plain == "" || plain[0] >= '0' && plain[0] <= '9' {
		plain = "_" + plain
	}
	return plain
}

// lines calls a function for each line that is written.
type lines struct {
	each func(string)

	mu      sync.Mutex // guards pending
	pending []byte
}

var _ io.Writer = (*lines)(nil)

// Write takes a piece of the output.
func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, data...)
	for {
		advance, line, _ := bufio.ScanLines(l.pending, false) // it never fails
		if advance == 0 {
			break
		}
		l.each(string(line))
		l.pending = l.pending[advance:]
	}
	for len(l.pending) > maxLine {
		l.each(string(l.pending[:maxLine]))
		l.pending = l.pending[maxLine:]
	}
	return len(data), nil
}

// end takes what is left after the last line's end.
func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) > 0 {
		l.each(string(l.pending))
		l.pending = nil
	}
}

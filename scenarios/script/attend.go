package script

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// A Step is something that an attended script did.
type Step struct {
	Line   int       // of the script, from 1, where it ran a program; 0 for what else may change something
	Own    bool      // the script itself asks the service
	Killed bool      // a program that the script kills
	Fails  bool      // a program that the script wants to fail
	Held   bool      // the script holds the clock: no time passes
	Beside bool      // a program runs beside the script
	Began  time.Time // on the wall
	Starts int       // of role instances before it, that the first injected rule has seen
}

// An attendance is somebody who sits beside a script, as a person sits beside a
// deployment. When a program fails after an injected fault has struck, and says why,
// the person reboots instances that do not get ready, and runs it once more, or
// the command that it said goes on. What it prints then is not what the
// script tells of, so that this is not checked; what the universe holds is.
type attendance struct {
	file     string // the script, with commands that the person understands
	repeated bool   // the last program was run again, or saw instances that are ill
	strayed  bool   // some program was
	steps    []Step
	beside   bool                     // a program runs beside the script
	awaited  bool                     // the script waits for it
	reasons  map[int][]*regexp.Regexp // why programs are to fail, by line
}

// Attend makes somebody attend to the script, which is copied into a folder for
// that. Call it before [Script.Params].
func (s *Script) Attend(dir string) error {
	data, err := os.ReadFile(s.File)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, filepath.Base(s.File))
	s.attendance = &attendance{file: file, reasons: reasonsIn(string(data))}
	return os.WriteFile(file, []byte(attended(string(data))), 0o600)
}

// Steps returns what an attended script did, in order.
func (s *Script) Steps() []Step {
	if s.attendance == nil {
		return nil
	}
	return s.attendance.steps
}

// Strayed reports whether a program of an attended script was run again.
func (s *Script) Strayed() bool { return s.attendance != nil && s.attendance.strayed }

// played returns the file that is played.
func (s *Script) played() string {
	if s.attendance != nil {
		return s.attendance.file
	}
	return s.File
}

// A line of a script: conditions, "!" or "?", the command, the rest.
var commandLine = regexp.MustCompile(`^\s*((?:\[[^\]]+\]\s*)*)(!\s+|\?\s+)?(\S+)\s*(.*?)\s*$`)

// attended rewrites a script for somebody who attends to it. Lines stay where they
// are.
func attended(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "-- ") && strings.HasSuffix(strings.TrimRight(line, "\r"), " --") {
			break
		}
		m := commandLine.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(m[3], "#") {
			continue
		}
		if rewrite := rewrites[m[3]]; rewrite != nil {
			lines[i] = rewrite(i+1, lineParts{strings.TrimSpace(m[1]), strings.TrimSpace(m[2]), m[3], m[4]}, line)
		}
	}
	return strings.Join(lines, "\n")
}

// lineParts are the parts of a line.
type lineParts struct{ conditions, sign, command, rest string }

// rewrites is the table of commands that are others in an attended script.
var rewrites = map[string]func(n int, w lineParts, line string) string{
	"exec": attendedExec,
	"wait": func(_ int, w lineParts, _ string) string {
		return fmt.Sprintf("%s [%s] wait %s", w.conditions, awaits, w.rest)
	},
	"exits": func(n int, w lineParts, _ string) string {
		return fmt.Sprintf("%s attend %d %s", w.conditions, n, w.rest)
	},
	"stdout":  told,
	"stderr":  heard,
	"cmp":     heardByName,
	"cmpenv":  heardByName,
	"compare": heardByName,
	"grep":    told,
	"journal": told,
}

func attendedExec(n int, w lineParts, line string) string {
	want := "0"
	switch {
	case w.sign == "?":
		return line
	case inBackground.MatchString(w.rest):
		return fmt.Sprintf("%s [%s%d] %s exec %s", w.conditions, besides, n, w.sign, w.rest)
	case w.sign == "!":
		want = anyFailure
	}
	return fmt.Sprintf("%s attend %d %s %s", w.conditions, n, want, w.rest)
}

// inBackground finds programs that the script does not wait for.
var inBackground = regexp.MustCompile(`&\w*&?$`)

// told is for what depends on the course of things: how often something was asked, and
// what programs tell of what they did, in files, too.
func told(_ int, _ lineParts, line string) string {
	return "[" + asTold + "] [" + atOnce + "] " + line
}

// heard is for what depends on the last program alone, such as why it refused.
func heard(_ int, _ lineParts, line string) string { return "[" + atOnce + "] " + line }

func heardByName(n int, w lineParts, line string) string {
	switch {
	case strings.HasPrefix(w.rest, "stdout"):
		return told(n, w, line)
	case strings.HasPrefix(w.rest, "stderr"):
		return heard(n, w, line)
	}
	return line
}

// anyFailure stands for any exit code but 0.
const anyFailure = "failure"

// Conditions of lines in attended scripts.
const (
	atOnce = "at-once" // the last program was not run again, nor saw what a fault made ill
	asTold = "as-told" // no program was

	// besides begins a condition that always holds: before a program begins beside the
	// script in this line, somebody sees to the instances.
	besides = "beside:"

	// awaits always holds, too: with the next command nothing runs beside the script.
	awaits = "awaits"
)

// attending reports whether a condition of attended scripts holds; ok is false for
// another condition.
func (s *Script) attending(condition string) (holds, ok bool, err error) {
	line, beside := strings.CutPrefix(condition, besides)
	switch {
	case s.attendance == nil:
		return false, false, nil
	case condition == atOnce:
		return !s.attendance.repeated, true, nil
	case condition == asTold:
		return !s.attendance.strayed, true, nil
	case condition == awaits:
		s.attendance.awaited = true
		return true, true, nil
	case beside:
		return true, true, s.beside(line)
	}
	return false, false, nil
}

// beside notes a program that is about to begin beside the script. Nobody can attend to
// it, so that instances that are ill are seen to before.
func (s *Script) beside(line string) error {
	n, err := strconv.Atoi(line)
	if err == nil {
		s.attendance.beside = true
		err = s.noteStep(Step{Line: n})
	}
	if err != nil {
		return err
	}
	struck, err := s.struck()
	if err != nil || !struck {
		return err
	}
	return s.mend()
}

// attendCommand is the command of lines that attended rewrites. No script has it
// otherwise.
var attendCommand = command{name: "attend", usage: "LINE CODE|failure PROGRAM [ARGUMENT...]", min: 3, run: (*Script).attend}

// attend runs a program, and once more when it fails because of a fault.
func (s *Script) attend(args []string) error {
	line, err := strconv.Atoi(args[0])
	if err != nil {
		return usage("%q is no line", args[0])
	}
	want, program := args[1], args[2:]
	if err := s.noteStep(Step{Line: line, Fails: want != "0"}); err != nil {
		return err
	}
	s.attendance.repeated = false
	code, err := s.exitCode(program)
	if err != nil {
		return err
	}
	told, err := s.failedAsTold(line, code, want)
	if err != nil || told {
		return errors.Join(err, s.listen())
	}
	complaint := fmt.Errorf("the exit code is %d, want %s", code, want)
	struck, err := s.struck()
	switch {
	case err != nil:
		return err
	case !struck || code <= 0:
		return complaint
	case !s.saidWhy():
		return fmt.Errorf("%w, and it did not say why", complaint)
	}
	wants := []string{want}
	if advised := s.advised(); advised != nil {
		program, wants = advised, []string{want, "0"}
	}
	if err := s.mend(); err != nil {
		return err
	}
	s.attendance.repeated, s.attendance.strayed = true, true
	code, err = s.exitCode(program)
	if err == nil && !slices.ContainsFunc(wants, func(want string) bool { return asWanted(code, want) }) {
		err = fmt.Errorf("the exit code is %d, want %s, when it was run again (%s)", code, strings.Join(wants, " or "), strings.Join(program, " "))
	}
	return err
}

// noteStep takes down that something begins: a program in a line, or in no line a
// command of our own.
func (s *Script) noteStep(step Step) error {
	step.Began = time.Now()
	e, id := s.Universe.Stage().Emulator(), s.Universe.ID()
	clock, err := e.Clock(id)
	if err != nil {
		return err
	}
	if s.attendance.awaited {
		s.attendance.beside, s.attendance.awaited = false, false
	}
	step.Held, step.Beside = clock.Mode == cloud.ManualTime, s.attendance.beside
	engine, err := e.Faults(id)
	if err == nil && engine != nil && len(engine.Rules) > 0 && len(s.injected) > 0 {
		step.Starts = s.Injected.Rules[0].Match.Nth - engine.Plan.Rules[0].Match.Nth + engine.Rules[0].Seen
	}
	s.attendance.steps = append(s.attendance.steps, step)
	return err
}

// listen finds out whether what the program printed is what the script tells of: not
// where a fault has made instances ill that it saw.
func (s *Script) listen() error {
	struck, err := s.struck()
	if err != nil || !struck {
		return err
	}
	state, err := s.Universe.State()
	s.attendance.repeated = err == nil && !healthy(state)
	return err
}

func asWanted(code int, want string) bool {
	return strconv.Itoa(code) == want || want == anyFailure && code != 0
}

// exitCode runs a program as exec does.
func (s *Script) exitCode(program []string) (int, error) {
	err := s.ts.Exec(program[0], program[1:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// struck reports whether an injected fault has struck.
func (s *Script) struck() (bool, error) {
	if len(s.injected) < len(s.Injected.Rules) {
		return true, nil
	}
	engine, err := s.Universe.Stage().Emulator().Faults(s.Universe.ID())
	if err != nil || engine == nil {
		return false, err
	}
	return slices.ContainsFunc(engine.Rules[:len(s.injected)], func(t struckTally) bool { return t.Struck > 0 }), nil
}

// trace is the beginning of what a Go program writes that panics.
var trace = regexp.MustCompile(`(?m)^(panic: |goroutine \d+ \[|fatal error: )`)

// saidWhy reports whether the last program told people why it failed.
func (s *Script) saidWhy() bool {
	text := s.ts.ReadFile("stderr")
	return strings.TrimSpace(text) != "" && !trace.MatchString(text)
}

// advice is a hint that names the command that goes on.
var advice = regexp.MustCompile(`(?m)^hint: .*?"(vipswap [^"]+)" (?:goes on|finishes|tries)`)

// advised returns the program that the last one said goes on, nil when it named none.
func (s *Script) advised() []string {
	m := advice.FindStringSubmatch(s.ts.ReadFile("stderr"))
	if m == nil {
		return nil
	}
	var words []string
	for _, word := range adviceWord.FindAllString(m[1], -1) {
		words = append(words, strings.Trim(word, "'"))
	}
	return words
}

// adviceWord is a word of a command in a hint: in quotes when there are blanks in it.
var adviceWord = regexp.MustCompile(`'[^']*'|\S+`)

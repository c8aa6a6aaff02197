package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

// A stuck writer takes a number of bytes and then fails.
type stuck struct {
	room int
	err  error
}

func (s *stuck) Write(data []byte) (int, error) {
	if len(data) > s.room {
		return 0, s.err
	}
	s.room -= len(data)
	return len(data), nil
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	full := errors.New("no space left on device")
	for name, test := range map[string]struct {
		args []string
		out  *stuck
		code int
		says string
	}{
		"text":                     {[]string{"version"}, &stuck{0, full}, exitFailed, "not all of the output could be written: no space left"},
		"JSON":                     {[]string{"version", "--output", "json"}, &stuck{0, full}, exitFailed, "no space left"},
		"the end of it":            {[]string{"completion", "bash"}, &stuck{1000, full}, exitFailed, "no space left"},
		"help":                     {[]string{"--help"}, &stuck{10, full}, exitFailed, "no space left"},
		"another failure":          {[]string{"help", "nonsense"}, &stuck{0, full}, exitUsage, "there is no command"},
		"a reader that had enough": {[]string{"version"}, &stuck{0, syscall.EPIPE}, exitDone, ""},
		"room for all":             {[]string{"version"}, &stuck{1000, full}, exitDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var errs bytes.Buffer
			code := Run(context.Background(), test.args, World{Stdout: test.out, Stderr: &errs, LookupEnv: func(string) (string, bool) { return "", false }})
			if code != test.code || !strings.Contains(errs.String(), test.says) || test.says == "" && errs.Len() > 0 {
				t.Errorf("exit code %d, want %d, with\n%s", code, test.code, errs.String())
			}
		})
	}
}

func TestFileOf(t *testing.T) {
	if f := fileOf(&outlet{Writer: os.Stderr}); f != os.Stderr {
		t.Errorf("the file is lost: %v", f)
	}
	if f := fileOf(&outlet{Writer: &bytes.Buffer{}}); f != nil {
		t.Errorf("a buffer is the file %v", f)
	}
}

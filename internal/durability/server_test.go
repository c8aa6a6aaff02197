package durability

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
)

// serveVariable makes the test binary an emulator: it names the folder that holds
// the credentials and the data. durabilityVariable says when changes are on disk.
const (
	serveVariable      = "VIPSWAP_DURABILITY_SERVE"
	durabilityVariable = "VIPSWAP_DURABILITY"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveVariable); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func dataDir(dir string) string        { return filepath.Join(dir, "data") }
func credentialsDir(dir string) string { return filepath.Join(dir, "credentials") }

// serve runs an emulator until the standard input ends: with the test at the
// latest. When it is ready it writes where it is, on one line.
func serve(dir string) error {
	authority, err := credentials.Open(credentialsDir(dir))
	if err != nil {
		return err
	}
	e, err := emulator.New(emulator.WithData(dataDir(dir)), emulator.WithAuthority(authority), emulator.WithClock(cloud.AutoTime, 1),
		emulator.WithDurability(emulator.Durability(os.Getenv(durabilityVariable))))
	if err != nil {
		return err
	}
	defer e.Close()
	if err := json.NewEncoder(os.Stdout).Encode(endpoint{e.ManagementURL(), e.BlobURL(), e.Subscription()}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// A server is an emulator in a process of its own.
type server struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
	stderr *lastWords
}

// lastWords keeps what a process said on its standard error.
type lastWords struct{ text []byte }

func (l *lastWords) Write(p []byte) (int, error) {
	l.text = append(l.text, p...)
	return len(p), nil
}

func startServer(dir string, d emulator.Durability) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.Command(self, "-test.run=^$"), stderr: &lastWords{}}
	s.cmd.Env = append(os.Environ(), serveVariable+"="+dir, durabilityVariable+"="+string(d), "GORACE=atexit_sleep_ms=0")
	s.cmd.Stderr = s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.stdout = bufio.NewReader(stdout)
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	return s, s.cmd.Start()
}

// ready waits until the emulator answers requests.
func (s *server) ready() (at endpoint, err error) {
	line, err := s.stdout.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &at)
	}
	if err != nil {
		s.kill()
		return at, fmt.Errorf("the emulator did not start: %w\n%s", err, s.stderr.text)
	}
	return at, nil
}

// kill ends the process as no process can notice, and waits until it is gone.
func (s *server) kill() {
	s.cmd.Process.Kill()
	s.stdin.Close()
	s.cmd.Wait() // an error is what a killed process ends with
}

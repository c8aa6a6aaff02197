package stage

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
)

// Options are how a stage differs from the usual one.
type Options struct {
	// Seed decides, with its name, all identifiers in a universe.
	Seed uint64
	// Program is the file of the vipswap program. Scripts find it on their PATH as
	// vipswap. With "" they find what is there anyway.
	Program string
	// Version is what the emulator says of itself; "" is "devel".
	Version string
}

// A Stage is an emulator with what all scripts share on disk.
type Stage struct {
	emulator *emulator.Emulator
	gates    *gates
	seed     uint64
	dir      string            // temporary, with all below
	files    string            // the shop's files
	packages map[string]string // path by variable
	bin      string            // folder of the program; "" without
	http     *http.Client
}

// Open starts an emulator on free ports of this machine and lays out the files that
// scripts begin with, in a temporary folder. The caller closes the stage.
func Open(o Options) (*Stage, error) {
	dir, err := os.MkdirTemp("", "vipswap-stage-")
	if err != nil {
		return nil, err
	}
	s := &Stage{gates: newGates(), seed: o.Seed, dir: dir, files: filepath.Join(dir, "shop")}
	if err := s.open(o); err != nil {
		return nil, errors.Join(fmt.Errorf("set the stage: %w", err), s.Close())
	}
	return s, nil
}

func (s *Stage) open(o Options) error {
	authority, err := credentials.Open(filepath.Join(s.dir, "credentials"), credentials.WithSubscriptions(emulator.DefaultSubscription))
	if err != nil {
		return err
	}
	if o.Version == "" {
		o.Version = "devel"
	}
	s.emulator, err = emulator.New(
		emulator.WithAuthority(authority), emulator.WithClock(cloud.AutoTime, 1), emulator.WithSeed(o.Seed),
		emulator.WithVersion(o.Version), emulator.WithManagementHandler(s.gates.handler),
	)
	if err != nil {
		return err
	}
	s.http = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		// Over a connection that was used before, Go would send a request again that
		// had no answer.
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
			RootCAs: s.emulator.CertPool(), Certificates: []tls.Certificate{s.emulator.Management().Certificate},
		}},
	}
	if s.packages, err = layOut(s.files); err != nil {
		return err
	}
	return s.install(o.Program)
}

// install puts the program into a folder under the name vipswap.
func (s *Stage) install(program string) error {
	if program == "" {
		return nil
	}
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	s.bin = filepath.Join(s.dir, "bin")
	if err := os.Mkdir(s.bin, 0o700); err != nil {
		return err
	}
	name := filepath.Join(s.bin, "vipswap")
	if runtime.GOOS == "windows" {
		return os.Link(program, name+".exe")
	}
	return os.Symlink(program, name)
}

// Close stops the emulator and removes the files.
func (s *Stage) Close() error {
	var errs []error
	if s.http != nil {
		s.http.CloseIdleConnections()
	}
	if s.emulator != nil {
		errs = append(errs, s.emulator.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// Emulator returns the emulator.
func (s *Stage) Emulator() *emulator.Emulator { return s.emulator }

// HTTP returns a client that shows the management certificate, which may manage
// every universe of the stage. It follows no redirect, and
// sends nothing twice.
func (s *Stage) HTTP() *http.Client { return s.http }

// Files returns the folder with the shop's definition, configuration and roles.
func (s *Stage) Files() string { return s.files }

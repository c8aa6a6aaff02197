package script

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Clients are drivers of real, unmodified clients for scripts that run them. They
// lie in a folder, one below it for each, and are made ready in copies.
type Clients struct {
	source string
	dir    string // of the copies, $DRIVERS
	log    func(format string, args ...any)
	driver map[string]*driver
}

// A driver is how the driver of one client is made ready: what has to be on the
// machine, and the command to run in its folder.
type driver struct {
	needs   []string
	prepare []string
	once    sync.Once
	err     error
}

// NewClients returns the drivers in the folder source, which need not be there. Why
// one cannot be made ready is told to log. The caller closes them.
func NewClients(source string, log func(format string, args ...any)) (*Clients, error) {
	dir, err := os.MkdirTemp("", "vipswap-clients-")
	if err != nil {
		return nil, err
	}
	return &Clients{source: source, dir: dir, log: log, driver: map[string]*driver{
		"go-classic": {needs: []string{"go"}, prepare: []string{"go", "build", "-o", "driver", "."}},
		"node-asm":   {needs: []string{"node", "npm"}, prepare: []string{"npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"}},
	}}, nil
}

// Close removes the copies.
func (cs *Clients) Close() error { return os.RemoveAll(cs.dir) }

// there reports whether there are any drivers.
func (cs *Clients) there() bool {
	if cs == nil {
		return false
	}
	_, err := os.Stat(cs.source)
	return err == nil
}

// ready reports whether the driver of a name can be run. The first one who asks
// makes it ready.
func (cs *Clients) ready(name string) (bool, error) {
	if cs == nil {
		return false, nil
	}
	d := cs.driver[name]
	if d == nil {
		return false, fmt.Errorf("there is no driver %q", name)
	}
	d.once.Do(func() { d.err = cs.makeReady(name, d) })
	if d.err != nil {
		cs.log("%s is skipped, because %v", name, d.err)
	}
	return d.err == nil, nil
}

// preparing is how long a registry may take.
const preparing = 3 * time.Minute

func (cs *Clients) makeReady(name string, d *driver) error {
	source := filepath.Join(cs.source, name)
	if _, err := os.Stat(source); err != nil {
		return errors.New("its driver is not there")
	}
	for _, program := range d.needs {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not installed", program)
		}
	}
	work := filepath.Join(cs.dir, name)
	if err := os.CopyFS(work, os.DirFS(source)); err != nil {
		return err
	}
	cmd := exec.Command(d.prepare[0], d.prepare[1:]...)
	cmd.Dir, cmd.WaitDelay = work, time.Second
	stop := time.AfterFunc(preparing, func() { cmd.Process.Kill() })
	defer stop.Stop()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v: %s", strings.Join(d.prepare, " "), err, out)
	}
	return nil
}

// condition answers the conditions of our own.
func (s *Script) condition(cond string) (bool, error) {
	if holds, ok, err := s.attending(cond); ok {
		return holds, err
	}
	if cond == "clients" {
		return s.Clients.there(), nil
	}
	if name, ok := strings.CutPrefix(cond, "driver:"); ok {
		return s.Clients.ready(name)
	}
	return false, fmt.Errorf("there is no condition %q", cond)
}

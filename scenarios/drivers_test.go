package scenarios

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// clientsDir is where drivers of real, unmodified clients lie, when they do:
// beside the project, not in it.
const clientsDir = "../../shared/clients"

// drivers prepares the drivers of real clients for the scripts that run them, in
// copies of their folders.
type drivers struct {
	t      *testing.T
	dir    string // $DRIVERS
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

func newDrivers(t *testing.T) *drivers {
	return &drivers{t: t, dir: t.TempDir(), driver: map[string]*driver{
		"go-classic": {needs: []string{"go"}, prepare: []string{"go", "build", "-o", "driver", "."}},
		"node-asm":   {needs: []string{"node", "npm"}, prepare: []string{"npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"}},
	}}
}

// condition is [driver:NAME]: whether the driver of that name can be run. The
// first script that asks makes it ready; why it cannot be is in the test's log.
func (ds *drivers) condition(cond string) (bool, error) {
	name, ok := strings.CutPrefix(cond, "driver:")
	d := ds.driver[name]
	if !ok || d == nil {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	d.once.Do(func() { d.err = ds.makeReady(name, d) })
	if d.err != nil {
		ds.t.Logf("%s is skipped, because %v", name, d.err)
	}
	return d.err == nil, nil
}

// preparing is how long a registry may take.
const preparing = 3 * time.Minute

func (ds *drivers) makeReady(name string, d *driver) error {
	source, err := filepath.Abs(filepath.Join(clientsDir, name))
	if err != nil {
		return err
	}
	if _, err := os.Stat(source); err != nil {
		return fmt.Errorf("%s is not there", filepath.Join(clientsDir, name))
	}
	for _, program := range d.needs {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not installed", program)
		}
	}
	work := filepath.Join(ds.dir, name)
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

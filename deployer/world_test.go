package deployer_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/wait"
)

// What the deployer is meant to be connected with fits its ports.
var (
	_ deployer.Cloud = (*management.Client)(nil)
	_ deployer.Clock = wait.System
)

// store keeps packages by digest.
type store struct {
	calls   *calls
	stored  map[string]bool
	uploads int
}

func (s *store) Upload(ctx context.Context, p deployer.PackageFile, progress func(done, total int64)) (url string, reused bool, err error) {
	err = s.calls.call(func() error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if reused = s.stored[p.SHA256]; !reused {
			s.uploads++
			s.stored[p.SHA256] = true
			progress(p.Size, p.Size)
		}
		url = "https://packages.example/" + p.SHA256
		return nil
	})
	return url, reused, err
}

// journal remembers steps by kind and phase.
type journal struct {
	calls   *calls
	entries []string
}

func (j *journal) Intent(s deployer.Step) error { return j.write("intent", s) }

func (j *journal) Done(s deployer.Step, r deployer.StepResult) error {
	return j.write(string(r.Outcome), s)
}

func (j *journal) write(phase string, s deployer.Step) error {
	return j.calls.call(func() error {
		j.entries = append(j.entries, fmt.Sprintf("%s %s", phase, s.Kind))
		return nil
	})
}

// A world is everything outside the deployer.
type world struct {
	*cloud
	store   *store
	journal *journal
	names   int
}

func newWorld(production, staging *management.Deployment) *world {
	c := newCloud()
	c.put(management.Production, production)
	c.put(management.Staging, staging)
	return &world{cloud: c, store: &store{calls: c.calls, stored: map[string]bool{}}, journal: &journal{calls: c.calls}}
}

const configuration = `<ServiceConfiguration serviceName="Shop"/>`

func pkg(label string) deployer.PackageFile {
	content := []byte("package of " + label)
	return deployer.PackageFile{Name: "shop.cspkg", Size: int64(len(content)), SHA256: "sha-" + label, Content: bytes.NewReader(content)}
}

// ports returns the ports of a run that deploys the release with that label.
func (w *world) ports(label string) deployer.Ports {
	return deployer.Ports{
		Cloud: w.cloud, Packages: w.store, Clock: w.clock, Journal: w.journal,
		Artifacts: deployer.Artifacts{Package: pkg(label), Configuration: []byte(configuration)},
	}
}

// deploy returns the wish to bring a release into a slot, as the guide has it.
func (w *world) deploy(slot management.Slot, label string) deployer.Deploy {
	w.names++
	return deployer.Deploy{
		Service: "shop", Slot: slot, Label: label, Name: fmt.Sprintf("%032x", 0xd0+w.names),
		Package: pkg(label), Configuration: []byte(configuration), Options: deployer.DefaultOptions(),
	}
}

// plan makes a plan from what the slots hold now.
func (w *world) plan(t *testing.T, desired deployer.Desired) deployer.Plan {
	t.Helper()
	seen, err := deployer.Observe(context.Background(), w.cloud, "shop")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := deployer.MakePlan(desired, seen)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// labels describes the slots by their labels, "-" for an empty one.
func (w *world) labels() string {
	w.advance()
	words := func(slot management.Slot) string {
		if d := w.slots[slot]; d != nil {
			return d.Label
		}
		return "-"
	}
	return fmt.Sprintf("S=%s P=%s", words(management.Staging), words(management.Production))
}

package scenarios

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/deployer/wait"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// promises is how many random states and desires are tried.
const promises = "100"

// blobs is a package store of one subscription.
type blobs struct {
	client   *management.Client
	uploader *storage.Uploader
}

func (b blobs) Upload(ctx context.Context, p deployer.PackageFile, progress func(done, total int64)) (string, bool, error) {
	account, err := b.client.StorageAccount(ctx, stage.AccountName)
	if err != nil {
		return "", false, err
	}
	keys, err := b.client.StorageKeys(ctx, stage.AccountName)
	if err != nil {
		return "", false, err
	}
	return b.uploader.Upload(ctx, storage.UploadRequest{
		Endpoint: account.BlobEndpoint, Account: stage.AccountName, Key: keys.Primary, Container: storage.DefaultContainer,
		Blob: storage.BlobName(p.Name, p.Version, p.SHA256), Source: p.Content, Size: p.Size, SHA256: p.SHA256, Progress: progress,
	})
}

// A promiser makes and keeps plans in one subscription.
type promiser struct {
	files         map[string]string // packages, by variable
	client        *management.Client
	ports         deployer.Ports
	configuration []byte
}

// newPromiser furnishes a subscription of its own.
func newPromiser(t *rapid.T, st *stage.Stage, number int) *promiser {
	u, err := st.Enter(context.Background(), fmt.Sprintf("promise %d", number), stage.Beginning{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := u.Client()
	if err != nil {
		t.Fatal(err)
	}
	variables, err := u.Environment()
	if err != nil {
		t.Fatal(err)
	}
	p := &promiser{client: client, files: map[string]string{}}
	for _, v := range variables {
		p.files[v.Name] = v.Value
	}
	if p.configuration, err = os.ReadFile(p.files["CONFIG"]); err != nil {
		t.Fatal(err)
	}
	p.ports = deployer.Ports{Cloud: client, Clock: wait.System, Packages: blobs{client, storage.New(storage.Config{})}, Poll: deployer.Poll{Min: time.Millisecond, Max: time.Millisecond}}
	return p
}

// deploy returns the wish to bring a package into a slot under a label.
func (p *promiser) deploy(t *rapid.T, slot management.Slot, pkg, label string, o deployer.Options) deployer.Deploy {
	data, err := os.ReadFile(p.files[pkg])
	if err != nil {
		t.Fatal(err)
	}
	name, err := deployer.NewName(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	p.ports.Artifacts = deployer.Artifacts{
		Configuration: p.configuration,
		Package:       deployer.PackageFile{Name: filepath.Base(p.files[pkg]), Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Content: bytes.NewReader(data)},
	}
	return deployer.Deploy{Service: stage.ServiceName, Slot: slot, Label: label, Name: name, Package: p.ports.Artifacts.Package, Configuration: p.configuration, Options: o}
}

func (p *promiser) plan(t *rapid.T, d deployer.Desired) (deployer.Plan, deployer.Observed) {
	seen, err := deployer.Observe(context.Background(), p.client, stage.ServiceName)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := deployer.MakePlan(d, seen)
	if err != nil {
		t.Fatal(err)
	}
	return plan, seen
}

// keep carries a plan out.
func (p *promiser) keep(t *rapid.T, plan deployer.Plan) {
	if _, err := deployer.Run(context.Background(), p.ports, plan); err != nil {
		t.Fatalf("%+v\n%v", plan.Steps, err)
	}
}

// furnishSlot puts a random deployment, or none, into a slot.
func (p *promiser) furnishSlot(t *rapid.T, slot management.Slot) {
	label := rapid.SampledFrom([]string{"", "1.0", "1.1"}).Draw(t, string(slot)+" holds")
	if label == "" {
		return
	}
	pkg := rapid.SampledFrom([]string{"V1", "V2", "ADMIN"}).Draw(t, string(slot)+" runs")
	suspended := rapid.Bool().Draw(t, string(slot)+" is suspended")
	plan, _ := p.plan(t, p.deploy(t, slot, pkg, label, deployer.Options{Suspended: suspended}))
	p.keep(t, plan)
}

// desire draws what somebody wants, and whether wanting it again wants nothing.
func (p *promiser) desire(t *rapid.T) (deployer.Desired, bool) {
	slot := rapid.SampledFrom(management.Slots[:]).Draw(t, "slot")
	label := rapid.SampledFrom([]string{"1.0", "1.1", "1.2"}).Draw(t, "label")
	switch rapid.SampledFrom([]string{"deploy", "swap", "rollback", "delete", "status"}).Draw(t, "desire") {
	case "swap":
		return deployer.Swap{Service: stage.ServiceName, ExpectStaged: label}, false
	case "rollback":
		return deployer.Rollback{Service: stage.ServiceName, ExpectLabel: label}, false
	case "delete":
		return deployer.Delete{Service: stage.ServiceName, Slot: slot, Confirmed: rapid.Bool().Draw(t, "confirmed")}, true
	case "status":
		status := rapid.SampledFrom([]management.DeploymentStatus{management.StatusRunning, management.StatusSuspended}).Draw(t, "status")
		return deployer.SetStatus{Service: stage.ServiceName, Slot: slot, Status: status}, true
	}
	o := deployer.Options{
		SwapIfPossible: rapid.Bool().Draw(t, "swap"), SwapIntoEmptyProduction: rapid.Bool().Draw(t, "swap into empty"),
		SkipSameLabel: true, ForceUpgrade: true, Suspended: rapid.Bool().Draw(t, "suspended"),
		UpgradeMode: rapid.SampledFrom([]string{"", deployer.ModeSimultaneous}).Draw(t, "mode"),
	}
	return p.deploy(t, slot, rapid.SampledFrom([]string{"V1", "V2"}).Draw(t, "package"), label, o), true
}

// A promised slot is what a plan says that a slot will hold.
type promised struct {
	Label     string
	Suspended bool
}

func promisedBy(d *management.Deployment) *promised {
	if d == nil {
		return nil
	}
	return &promised{d.Label, d.Status == management.StatusSuspended}
}

// promise works out what the slots will hold after a plan, from its steps alone.
func promise(plan deployer.Plan, seen deployer.Observed) map[management.Slot]*promised {
	slots := map[management.Slot]*promised{
		management.Production: promisedBy(seen.Production), management.Staging: promisedBy(seen.Staging),
	}
	for _, s := range plan.Steps {
		switch s.Kind {
		case deployer.StepCreate:
			slots[s.Slot] = &promised{s.Label, s.Suspended}
		case deployer.StepUpgrade:
			slots[s.Slot].Label = s.Label
		case deployer.StepDelete:
			slots[s.Slot] = nil
		case deployer.StepStatus:
			slots[s.Slot].Suspended = s.Status == management.StatusSuspended
		case deployer.StepSwap:
			slots[management.Production], slots[management.Staging] = slots[management.Staging], slots[management.Production]
		}
	}
	return slots
}

// TestPlansKeepTheirPromises carries plans for random states and desires out: the
// slots then hold what the plan promised, and a second plan is empty. A refused
// plan changes nothing.
func TestPlansKeepTheirPromises(t *testing.T) {
	if err := flag.Set("rapid.checks", promises); err != nil {
		t.Fatal(err)
	}
	st, number := newStage(t), 0
	rapid.Check(t, func(t *rapid.T) {
		number++
		p := newPromiser(t, st, number)
		defer p.client.CloseIdleConnections()
		p.furnishSlot(t, management.Production)
		p.furnishSlot(t, management.Staging)
		desired, lasting := p.desire(t)
		plan, seen := p.plan(t, desired)
		if !plan.Refused() {
			p.keep(t, plan)
		}
		again, after := p.plan(t, desired)
		got := map[management.Slot]*promised{
			management.Production: promisedBy(after.Production), management.Staging: promisedBy(after.Staging),
		}
		if diff := cmp.Diff(promise(plan, seen), got); diff != "" {
			t.Errorf("%+v: slots mismatch (-promised +got):\n%s", plan.Steps, diff)
		}
		if lasting && !again.Empty() {
			t.Errorf("a second plan has steps: %+v", again.Steps)
		}
	})
}

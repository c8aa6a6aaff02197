package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/release"
)

// releaseSample makes a release of a version of the sample.
func (u *user) releaseSample(t *testing.T, version string) {
	t.Helper()
	u.must(t, exitDone, "release", "create", version, "--package", u.path(samplePackage(version)), "--config", u.path(sampleConfiguration))
}

// deploySample deploys versions of the sample, each given as VERSION:ENVIRONMENT.
func (u *user) deploySample(t *testing.T, deployments ...string) {
	t.Helper()
	for _, d := range deployments {
		version, environment, _ := strings.Cut(d, ":")
		u.must(t, exitDone, "release", "deploy", version, "--to", environment)
	}
}

// slots returns the slots of the sample service.
func (u *user) slots(t *testing.T) deployer.Slots {
	t.Helper()
	var slots deployer.Slots
	got := u.must(t, exitDone, "slots", "--output", "json")
	if err := json.Unmarshal([]byte(got.stdout), &slots); err != nil {
		t.Fatal(err)
	}
	return slots
}

// interruptAt makes the next run end as if Ctrl-C was pressed when the output
// first says text.
func (u *user) interruptAt(t *testing.T, text string) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	u.stdout = hear(func(written string) {
		if strings.Contains(written, text) {
			cancel()
		}
	})
	return ctx
}

// TestInterruptedDeploymentGoesOn interrupts a deployment at each of its steps, and
// gives the same command again: it goes on, and nothing happens twice.
func TestInterruptedDeploymentGoesOn(t *testing.T) {
	for _, at := range []string{"step upload", "step create", "step wait for the instances"} {
		t.Run(at, func(t *testing.T) {
			u, _ := withEmulator(t)
			u.releaseSample(t, "1.0.0")
			got := u.run(u.interruptAt(t, at), "release", "deploy", "1.0.0", "--to", "Staging")
			u.stdout = nil
			if got.code != exitFailed || !strings.Contains(got.stderr, "the same command again goes on from here") {
				t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
			again := u.must(t, exitDone, "release", "deploy", "1.0.0", "--to", "Staging")
			if !strings.Contains(again.stdout, "it goes on where it was") {
				t.Errorf("it did not go on: %s", again.stdout)
			}
			slots := u.slots(t)
			if slots.Staging == nil || slots.Production != nil || slots.Staging.Label != "Shop v1.0.0" {
				t.Errorf("the slots hold %+v and %+v", slots.Production, slots.Staging)
			}
		})
	}
}

// TestInterruptedSwapIsNotSwappedTwice leaves the history as a process does that died
// while the service carried out its swap: the next run must see that, although
// staging then holds another release.
func TestInterruptedSwapIsNotSwappedTwice(t *testing.T) {
	u, _ := withEmulator(t)
	u.releaseSample(t, "1.0.0")
	u.releaseSample(t, "1.1.0")
	u.deploySample(t, "1.0.0:Staging", "1.0.0:Production", "1.1.0:Staging")
	before := u.slots(t)
	got := u.run(u.interruptAt(t, "step swap"), "release", "deploy", "1.1.0", "--to", "Production")
	u.stdout = nil
	if got.code != exitFailed {
		t.Fatalf("exit code %d, want %d: %s", got.code, exitFailed, got.stderr)
	}
	for _, command := range [][]string{{"release", "deploy", "1.0.0", "--to", "Production"}, {"swap"}, {"delete", "staging"}, {"rollback"}} {
		if refused := u.must(t, exitRefused, command...); !strings.Contains(refused.stderr, "--abandon") {
			t.Errorf("%s: the way out is not named: %s", command, refused.stderr)
		}
	}
	elsewhere := *u // somebody who does not know of it stands for the service
	elsewhere.dir = t.TempDir()
	elsewhere.must(t, exitDone, "swap", "--service", "shop")
	again := u.must(t, exitDone, "release", "deploy", "1.1.0", "--to", "Production")
	if !strings.Contains(again.stdout, "was so already") {
		t.Errorf("it did not see the swap: %s", again.stdout)
	}
	after := u.slots(t)
	if diff := cmp.Diff([]string{before.Staging.Name, before.Production.Name}, []string{after.Production.Name, after.Staging.Name}); diff != "" {
		t.Errorf("the slots were not swapped exactly once (-want +got):\n%s", diff)
	}
}

func TestAbandon(t *testing.T) {
	u, _ := withEmulator(t)
	u.releaseSample(t, "1.0.0")
	u.releaseSample(t, "1.1.0")
	u.run(u.interruptAt(t, "step create"), "release", "deploy", "1.0.0", "--to", "Staging")
	u.stdout = nil
	u.must(t, exitRefused, "release", "deploy", "1.1.0", "--to", "Staging")
	u.must(t, exitDone, "release", "deploy", "1.1.0", "--to", "Staging", "--abandon")
	if got := u.slots(t).Staging; got == nil || got.Label != "Shop v1.1.0" {
		t.Errorf("staging holds %+v", got)
	}
	if got := u.must(t, exitDone, "release", "list"); !strings.Contains(got.stdout, "Canceled") {
		t.Errorf("the list does not show what was given up: %s", got.stdout)
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	u, _ := withEmulator(t)
	held, err := release.OpenHistory(u.dir, release.Options{Now: time.Now})
	if err == nil {
		err = held.Hold("vipswap release deploy 1.0.0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	u.releaseSample(t, "1.0.0")
	u.must(t, exitDone, "release", "list")
	got := u.must(t, exitRefused, "release", "deploy", "1.0.0", "--to", "Staging")
	if !strings.Contains(got.stderr, `in use by "vipswap release deploy 1.0.0" (process `) {
		t.Errorf("stderr does not say who holds it: %s", got.stderr)
	}
}

// TestCreationThatDeploysIsRefused has a release created that the lifecycle deploys at
// once, while another process deploys: nothing is created.
func TestCreationThatDeploysIsRefused(t *testing.T) {
	u, _ := withEmulator(t)
	project := "project: Shop\nservice: shop\nlocation: West Europe\nstorageAccount: shoppackages\nenvironments: [Staging, Production]\nstep: {name: Shop}\n" +
		"lifecycle: {phases: [{name: Staging, automatic: [Staging]}, {name: Production, manual: [Production]}]}\n"
	if err := os.WriteFile(u.path(release.FileName), []byte(project), 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := release.OpenHistory(u.dir, release.Options{Now: time.Now})
	if err == nil {
		err = held.Hold("vipswap resume")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	create := []string{"release", "create", "1.0.0", "--package", u.path(samplePackage("1.0.0")), "--config", u.path(sampleConfiguration)}
	if got := u.must(t, exitRefused, create...); !strings.Contains(got.stderr, `in use by "vipswap resume"`) {
		t.Errorf("stderr does not say who holds it: %s", got.stderr)
	}
	if releases, err := held.Releases(); len(releases) != 0 || err != nil {
		t.Errorf("%d releases, %v", len(releases), err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	u.must(t, exitDone, create...)
	if got := u.slots(t).Staging; got == nil || got.Label != "Shop v1.0.0" {
		t.Errorf("staging holds %+v", got)
	}
}

// TestSlotsJSON checks the documented shape, key by key.
func TestSlotsJSON(t *testing.T) {
	u, _ := withEmulator(t)
	u.releaseSample(t, "1.0.0")
	u.deploySample(t, "1.0.0:Staging")
	var got map[string]any
	if err := json.Unmarshal([]byte(u.must(t, exitDone, "slots", "--output", "json").stdout), &got); err != nil {
		t.Fatal(err)
	}
	staging, ok := got["staging"].(map[string]any)
	if !ok || got["production"] != nil || got["service"] != "shop" || len(got) != 3 {
		t.Fatalf("got %v", got)
	}
	staging["name"], staging["url"], staging["vip"], staging["content"] = "N", "U", "V", "C"
	want := map[string]any{
		"name": "N", "label": "Shop v1.0.0", "status": "Running", "url": "U", "vip": "V", "content": "C",
		"instances": []any{
			map[string]any{"name": "Web_IN_0", "role": "Web", "status": "ReadyRole"},
			map[string]any{"name": "Web_IN_1", "role": "Web", "status": "ReadyRole"},
			map[string]any{"name": "Orders_IN_0", "role": "Orders", "status": "ReadyRole"},
		},
	}
	if diff := cmp.Diff(want, staging); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// TestPublishSettingsAreEnough connects with nothing but the file that an emulator
// wrote: its authority is found one folder above.
func TestPublishSettingsAreEnough(t *testing.T) {
	u, e := withEmulator(t)
	u.env = map[string]string{}
	file := e.Management().PublishSettingsFile
	u.must(t, exitDone, "service", "list", "--publish-settings", file)

	// elsewhere the authority has to be named
	moved := filepath.Join(t.TempDir(), "copy.publishsettings")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(moved, data, 0o600); err != nil {
		t.Fatal(err)
	}
	u.must(t, exitUsage, "service", "list", "--publish-settings", moved)
	u.must(t, exitDone, "service", "list", "--publish-settings", moved, "--ca", e.Authority().CAFile())
	u.must(t, exitUsage, "service", "list", "--publish-settings", file, "--subscription", "00000000-0000-0000-0000-000000000000")
}

func TestDemo(t *testing.T) {
	u := newUser(t)
	var told demoResult
	got := u.must(t, exitDone, "demo", "--output", "json")
	if err := json.Unmarshal([]byte(got.stdout), &told); err != nil {
		t.Fatal(err)
	}
	var swaps []string
	for _, c := range told.Chapters {
		label := func(d *deployer.SlotState) string {
			if d == nil {
				return "-"
			}
			return strings.TrimPrefix(d.Label, "Shop v")
		}
		swaps = append(swaps, label(c.Slots.Production)+" "+label(c.Slots.Staging))
	}
	want := []string{"- 1.0.0", "1.0.0 1.0.0", "1.0.0 1.1.0", "1.1.0 1.0.0", "1.0.0 1.1.0", "1.1.0 1.0.0", "1.1.0 -"}
	if diff := cmp.Diff(want, swaps); diff != "" {
		t.Errorf("slots after each chapter: mismatch (-want +got):\n%s", diff)
	}
	if told.CloudTime < 3600 || told.WallTime > 10 {
		t.Errorf("%.0f s of cloud time in %.1f s", told.CloudTime, told.WallTime)
	}
}

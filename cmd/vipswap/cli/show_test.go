package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

func instance(role string, status management.InstanceStatus) management.Instance {
	return management.Instance{Role: role, Name: role + "_IN_0", Status: status}
}

// observed is a service whose staging is on its way.
func observed() deployer.Observed {
	web := []management.Role{{Name: "Web", InputEndpoints: []management.InputEndpoint{{Port: 80, Protocol: "http"}}}}
	return deployer.Observed{
		Service: "shop",
		Production: &management.Deployment{
			Name: "a1", Slot: management.Production, Label: "Shop v1.0.0", Status: management.StatusRunning, URL: "http://shop.cloudapp.net/",
			VirtualIPs: []management.VirtualIP{{Address: "198.18.0.1"}}, Roles: web,
			Instances: []management.Instance{instance("Web", management.InstanceReady)},
		},
		Staging: &management.Deployment{
			Name: "b2", Slot: management.Staging, Label: "Überraschung v2", Status: management.StatusSuspended, URL: "http://x.cloudapp.net/",
			VirtualIPs: []management.VirtualIP{{Address: "198.18.0.22"}}, Roles: web,
			Instances: []management.Instance{instance("Web", management.InstanceReady), instance("Web", "StartingRole")},
		},
	}
}

func TestGoldenSlots(t *testing.T) {
	var b bytes.Buffer
	writeSlots(&b, style{}, observed().Slots())
	b.WriteString("\n")
	writeSlots(&b, style{}, deployer.Slots{Service: "shop"})
	b.WriteString("\n")
	writeSlots(&b, style{colour: true}, observed().Slots())
	golden(t, "slots.txt", b.String())
}

func TestGoldenPlans(t *testing.T) {
	var b bytes.Buffer
	for _, desired := range []deployer.Desired{
		deployer.Swap{Service: "shop", Waits: deployer.Waits{NoReady: true}},
		deployer.Rollback{Service: "shop", Waits: deployer.Waits{NoReady: true}},
		deployer.Delete{Service: "shop", Slot: management.Staging},
		deployer.Delete{Service: "shop", Slot: management.Production},
		deployer.Deploy{
			Service: "shop", Slot: management.Production, Label: "Shop v1.1.0", Name: "c3",
			Package: deployer.PackageFile{Name: "shop.cspkg", Size: 1}, Options: deployer.DefaultOptions(),
		},
	} {
		plan, err := deployer.MakePlan(desired, observed())
		if err != nil {
			t.Fatal(err)
		}
		writePlan(&b, style{}, plan)
		b.WriteString("\n")
	}
	golden(t, "plans.txt", b.String())
}

func TestWords(t *testing.T) {
	got := []string{
		bytesOf(0), bytesOf(1023), bytesOf(1536), bytesOf(600 << 20), bytesOf(5 << 30), bytesOf(5000 << 30),
		people(0), people(10 * time.Second), people(3 * time.Minute), people(200 * time.Second), people(2 * time.Hour), people(125 * time.Minute),
		bar(0, 0, 12), bar(1, 2, 12), bar(3, 2, 12),
		shorten("deployment 0123456789abcdef0123456789abcdef is"), shorten("0123456789abcdef"),
	}
	want := []string{
		"0 bytes", "1023 bytes", "1.5 KB", "600.0 MB", "5.0 GB", "5000.0 GB",
		"0 s", "10 s", "3 min", "3 min 20 s", "2 h", "2 h 5 min",
		"[............]", "[######......]", "[############]",
		"deployment 012345.. is", "0123456789abcdef",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestNoColourOffATerminal(t *testing.T) {
	var b bytes.Buffer
	p := newProgram(World{Stdout: &b, LookupEnv: func(string) (string, bool) { return "", false }})
	if p.style(&b).colour {
		t.Error("a buffer gets colour")
	}
	if _, live := p.reporter().(*liveReporter); live {
		t.Error("a buffer gets a moving line")
	}
}

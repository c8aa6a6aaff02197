package deployer_test

import (
	"fmt"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// A release that is staged already goes into production by a swap.
func ExampleMakePlan() {
	endpoints := []management.Role{{Name: "Web", InputEndpoints: []management.InputEndpoint{{Port: 80, Protocol: "http"}}}}
	ready := []management.Instance{{Role: "Web", Name: "Web_IN_0", Status: management.InstanceReady}}
	seen := deployer.Observed{
		Service:    "shop",
		Production: &management.Deployment{Name: "blue", Label: "Deploy shop v1.0.0", Status: management.StatusRunning, Roles: endpoints, Instances: ready},
		Staging:    &management.Deployment{Name: "green", Label: "Deploy shop v1.1.0", Status: management.StatusRunning, Roles: endpoints, Instances: ready},
	}
	plan, err := deployer.MakePlan(deployer.Deploy{
		Service: "shop",
		Slot:    management.Production,
		Label:   deployer.DefaultLabel("Deploy shop", "1.1.0"),
		Name:    "0123456789abcdef0123456789abcdef",
		Options: deployer.DefaultOptions(),
	}, seen)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range plan.Decisions {
		fmt.Println(d.Text)
	}
	for _, s := range plan.Steps {
		fmt.Printf("%s: then %s\n", s, s.After)
	}
	// Output:
	// staging holds "Deploy shop v1.1.0", the label of this release, and production holds "Deploy shop v1.0.0": they are swapped
	// swap the slots of shop: then production serves "Deploy shop v1.1.0", staging holds "Deploy shop v1.0.0" and can be swapped back
}

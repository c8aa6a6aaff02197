package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// writeSlots prints the slots of a service as a table.
func writeSlots(w io.Writer, s style, slots deployer.Slots) {
	t := table{indent: "  "}
	t.head(s, "SLOT", "LABEL", "DEPLOYMENT", "STATUS", "INSTANCES", "VIP", "URL")
	addSlot(&t, s, "production", slots.Production)
	addSlot(&t, s, "staging", slots.Staging)
	t.write(w)
}

func addSlot(t *table, s style, slot string, d *deployer.SlotState) {
	if d == nil {
		t.add(plain(slot), cell{"(empty)", s.dim})
		return
	}
	status := cell{string(d.Status), s.warn}
	if d.Status == management.StatusRunning {
		status.paint = s.good
	}
	t.add(plain(slot), cell{d.Label, s.bold}, plain(d.Name), status, instancesCell(s, d.Instances), plain(d.VIP), plain(d.URL))
}

// instancesCell counts instances: "2/2 ready", or what the others are.
func instancesCell(s style, instances []deployer.InstanceState) cell {
	others := map[management.InstanceStatus]int{}
	ready := 0
	for _, i := range instances {
		if i.Status == management.InstanceReady {
			ready++
			continue
		}
		others[i.Status]++
	}
	c := cell{fmt.Sprintf("%d/%d ready", ready, len(instances)), s.good}
	if len(others) > 0 {
		c.paint = s.warn
	}
	for _, status := range slices.Sorted(maps.Keys(others)) {
		c.text += fmt.Sprintf(", %d %s", others[status], status)
	}
	return c
}

// writePlan prints what a plan will do and why.
func writePlan(w io.Writer, s style, plan deployer.Plan) {
	fmt.Fprintf(w, "%s %s\n", s.bold("plan:"), planTitle(plan))
	writeSlots(w, s, plan.Seen)
	for _, d := range plan.Decisions {
		writeDecision(w, s, d)
	}
	writeSteps(w, s, plan.Steps)
	if len(plan.Back) > 0 {
		fmt.Fprintln(w, "  if the release does not prove itself:")
		writeSteps(w, s, plan.Back)
	}
	if plan.Empty() && !plan.Refused() {
		fmt.Fprintln(w, "  there is nothing to do")
	}
}

func writeSteps(w io.Writer, s style, steps []deployer.Step) {
	for i, step := range steps {
		fmt.Fprintf(w, "  %s %s\n", s.bold(fmt.Sprintf("%d.", i+1)), step)
		fmt.Fprintf(w, "     %s\n", s.dim("reason: "+step.Reason))
		fmt.Fprintf(w, "     %s\n", s.dim("after:  "+step.After))
		fmt.Fprintf(w, "     %s\n", s.dim("risk:   "+step.Risk()))
	}
}

// planTitles has the first line of a plan for each action.
var planTitles = map[string]func(deployer.Plan) string{
	"deploy": func(p deployer.Plan) string {
		return fmt.Sprintf("deploy %q to %s of %s", p.Label, lowerSlot(p.Slot), p.Service)
	},
	"swap":     func(p deployer.Plan) string { return "swap the slots of " + p.Service },
	"rollback": func(p deployer.Plan) string { return "roll back production of " + p.Service },
	"undo":     func(p deployer.Plan) string { return "take back what was begun on " + p.Service },
	"scale":    func(p deployer.Plan) string { return changeTitle("change the instances", p) },
	"status":   func(p deployer.Plan) string { return changeTitle("change the status", p) },
	"delete": func(p deployer.Plan) string {
		return fmt.Sprintf("delete the deployment in %s of %s", lowerSlot(p.Slot), p.Service)
	},
}

func changeTitle(what string, p deployer.Plan) string {
	return fmt.Sprintf("%s of the deployment in %s of %s", what, lowerSlot(p.Slot), p.Service)
}

func planTitle(p deployer.Plan) string {
	if title, ok := planTitles[p.Action]; ok {
		return title(p)
	}
	return p.Action + " " + p.Service
}

func lowerSlot(s management.Slot) string { return strings.ToLower(string(s)) }

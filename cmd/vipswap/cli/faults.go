package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/faultfile"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func (p *program) faultsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "faults",
		Short: "Make an emulator fail on purpose",
		Long: `A plan of faults says which calls fail, how and how often: refused, answered too
late or not at all, operations that fail or hang, instances that never get ready.
The same seed and the same requests have the same faults.`,
		Example: "  vipswap faults set flaky\n  vipswap faults set swap-lost.yaml\n  vipswap faults show",
	}
	return p.group(c, p.faultsSetCommand(), p.faultsShowCommand(), p.faultsClearCommand(), p.faultsValidateCommand(), p.faultsPresetsCommand())
}

func (p *program) faultsSetCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:   "set FILE|PRESET",
		Short: "Set the plan of faults",
		Long: `Set makes a plan befall the universe from now on, from its beginning: a file in
YAML or JSON, or a preset (none, flaky, hostile).` + universeHelp,
		Example: "  vipswap faults set hostile\n  vipswap faults set swap-lost.yaml",
		Args:    takes("the file or preset"),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, args []string) error {
		plan, err := readFaults(args[0])
		if err != nil {
			return err
		}
		told, err := k.SetFaults(ctx, k.universe, plan)
		if err != nil {
			return err
		}
		return p.showFaults(told)
	}))
	return c
}

// readFaults reads a plan: a preset, or a file.
func readFaults(name string) (faults.Plan, error) {
	if plan, ok := faults.Preset(name); ok {
		return plan, nil
	}
	plan, err := faultfile.Load(name)
	if errors.Is(err, os.ErrNotExist) {
		return plan, usage("the presets are none, flaky and hostile", "%q is neither a file nor a preset", name)
	}
	if err != nil {
		return plan, usage("", "%w", err)
	}
	return plan, nil
}

func (p *program) faultsShowCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:     "show",
		Short:   "Show the plan of faults and what it has done",
		Long:    "Show prints the rules of the plan, how many calls each has matched and struck." + universeHelp,
		Example: "  vipswap faults show --output json",
		Args:    takes(),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, _ []string) error {
		told, err := k.Faults(ctx, k.universe)
		if err != nil {
			return err
		}
		return p.showFaults(told)
	}))
	return c
}

func (p *program) showFaults(told control.Faults) error {
	return p.show(told, func(w io.Writer) {
		if len(told.Plan.Rules) == 0 {
			fmt.Fprintln(w, "no faults")
			return
		}
		t := table{}
		t.head(p.style(w), "RULE", "KIND", "MATCHED", "STRUCK")
		for i, r := range told.Plan.Rules {
			tally := faults.Tally{}
			if i < len(told.Rules) {
				tally = told.Rules[i]
			}
			t.add(plain(cmp.Or(r.Name, fmt.Sprintf("rule %d", i+1))), plain(string(r.Kind)), plain(fmt.Sprint(tally.Seen)), plain(fmt.Sprint(tally.Struck)))
		}
		t.write(w)
	})
}

func (p *program) faultsClearCommand() *cobra.Command {
	var f controlFlags
	c := &cobra.Command{
		Use:     "clear",
		Short:   "End all faults to come",
		Long:    "Clear ends all faults to come. What befell operations and instances already stays." + universeHelp,
		Example: "  vipswap faults clear",
		Args:    takes(),
	}
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, func(ctx context.Context, k *controller, _ []string) error {
		if err := k.ClearFaults(ctx, k.universe); err != nil {
			return err
		}
		return p.showFaults(control.Faults{Plan: faults.Plan{Rules: []faults.Rule{}}, Rules: []faults.Tally{}})
	}))
	return c
}

func (p *program) faultsValidateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check plans of faults",
		Long: `Validate checks plans of faults in files, YAML or JSON, and says what is wrong with
line and column. It needs no emulator.`,
		Example: "  vipswap faults validate swap-lost.yaml",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return takes("the file")(cmd, args)
			}
			return nil
		},
	}
	c.RunE = p.action(func(_ context.Context, args []string) error { return p.faultsValidate(args) })
	return c
}

// A checkedPlan is a file with what is wrong with it.
type checkedPlan struct {
	File     string            `json:"file"`
	Rules    int               `json:"rules"`
	Problems []control.Problem `json:"problems"`
}

func (p *program) faultsValidate(files []string) error {
	var all []checkedPlan
	wrong := 0
	for _, file := range files {
		plan, err := faultfile.Load(file)
		one := checkedPlan{File: file, Rules: len(plan.Rules), Problems: []control.Problem{}}
		var found faultfile.Errors
		if err != nil && !errors.As(err, &found) {
			return usage("", "%w", err)
		}
		for _, e := range found {
			one.Problems = append(one.Problems, control.Problem{Line: e.Line, Column: e.Column, Message: e.Message, Hint: e.Hint})
		}
		wrong += len(found)
		all = append(all, one)
	}
	err := p.show(all, func(w io.Writer) { writeCheckedPlans(w, p.style(w), all) })
	if err == nil && wrong > 0 {
		err = failed("", "faults validate: %s", counted(wrong, "problem"))
	}
	return err
}

func writeCheckedPlans(w io.Writer, s style, all []checkedPlan) {
	for _, one := range all {
		if len(one.Problems) == 0 {
			fmt.Fprintf(w, "%s: %s, %s\n", one.File, s.good("fine"), counted(one.Rules, "rule"))
		}
		for _, problem := range one.Problems {
			fmt.Fprintf(w, "%s:%d:%d: %s\n", one.File, problem.Line, problem.Column, problem.Message)
			if problem.Hint != "" {
				fmt.Fprintf(w, "  %s %s\n", s.dim("hint:"), problem.Hint)
			}
		}
	}
}

func (p *program) faultsPresetsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "presets",
		Short:   "List the presets of faults",
		Long:    "Presets lists the plans of faults that have names, with their rules. As JSON they\nare plans to copy and change.",
		Example: "  vipswap faults presets\n  vipswap faults presets --output json",
		Args:    takes(),
	}
	c.RunE = p.action(func(context.Context, []string) error {
		var all []control.Preset
		for _, name := range faults.Presets() {
			plan, _ := faults.Preset(name)
			all = append(all, control.Preset{Name: name, Plan: plan})
		}
		return p.show(all, func(w io.Writer) { writePresets(w, p.style(w), all) })
	})
	return c
}

func writePresets(w io.Writer, s style, all []control.Preset) {
	for _, preset := range all {
		fmt.Fprintf(w, "%s: %s\n", s.bold(preset.Name), counted(len(preset.Plan.Rules), "rule"))
		t := table{indent: "  "}
		for _, r := range preset.Plan.Rules {
			often := "always"
			if r.Probability > 0 {
				often = fmt.Sprintf("%g %%", r.Probability*100)
			}
			t.add(plain(r.Name), plain(string(r.Kind)), plain(often))
		}
		t.write(w)
	}
}

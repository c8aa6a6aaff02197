package cli

import (
	"context"
	"fmt"
	"io"
)

// A task is one change that a command makes outside of slots.
type task struct {
	What string                          `json:"what"`
	Why  string                          `json:"reason"`
	do   func(ctx context.Context) error // carries it out
}

// taskPlan is what --plan prints of tasks as JSON.
type taskPlan struct {
	Steps []task `json:"steps"`
}

// doTasks carries the tasks out, or only prints them.
func (p *program) doTasks(ctx context.Context, planOnly bool, tasks []task) error {
	if planOnly {
		return p.show(taskPlan{tasks}, func(w io.Writer) {
			s := p.style(w)
			for i, t := range tasks {
				fmt.Fprintf(w, "  %s %s\n     %s\n", s.bold(fmt.Sprintf("%d.", i+1)), t.What, s.dim("reason: "+t.Why))
			}
			fmt.Fprintln(w, "nothing was changed: this is a plan")
		})
	}
	for _, t := range tasks {
		if err := t.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", t.What, err)
		}
		fmt.Fprintf(p.progress(), "%s: %s\n", t.What, p.style(p.progress()).good("done"))
	}
	return nil
}

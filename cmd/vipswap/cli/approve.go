package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/gatework"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/variables"
	"github.com/vipswap/vipswap/deployer/wait"
)

// approvalsFolder is where questions lie, in the folder for what runs leave behind.
const approvalsFolder = "approvals"

// desk opens the place where questions and answers lie.
func (p *program) desk() (approval.Desk, error) {
	dir, err := p.stateDir()
	return approval.Open(filepath.Join(dir, approvalsFolder)), err
}

const answerLong = `%s answers a deployment that waits for a manual intervention, from another
terminal or machine that shares the project's folder. Without ID it answers the
only question that waits; with several the IDs are listed. An answer holds: it
cannot be changed afterwards.`

// answerCommand makes approve and reject.
func (p *program) answerCommand(name, short string, approved bool) *cobra.Command {
	var notes string
	var patience time.Duration
	var plan bool
	c := &cobra.Command{
		Use:     name + " [ID]",
		Short:   short,
		Long:    fmt.Sprintf(answerLong, strings.ToUpper(name[:1])+name[1:]),
		Example: fmt.Sprintf("  vipswap %s\n  vipswap %s Deployments-4-after-1 --notes \"looked at staging\"\n  vipswap %s --wait 10m", name, name, name),
		Args:    takesUpTo("the question's ID"),
	}
	c.Flags().StringVar(&notes, "notes", "", "a `TEXT` for whoever reads the log")
	c.Flags().DurationVar(&patience, "wait", 0, "wait this long for a question")
	c.Flags().BoolVar(&plan, "plan", false, "print what would be answered, and change nothing")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		id := strings.Join(args, "")
		if err := p.answer(ctx, id, approval.Answer{Approved: approved, Notes: notes}, patience, plan); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	return c
}

func (p *program) approveCommand() *cobra.Command {
	return p.answerCommand("approve", "Let a deployment that waits for it go on", true)
}

func (p *program) rejectCommand() *cobra.Command {
	return p.answerCommand("reject", "Stop a deployment that waits for an approval", false)
}

// takesUpTo accepts one argument or none.
func takesUpTo(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return takes(name)(cmd, args)
		}
		return nil
	}
}

// answerView is an answer as JSON.
type answerView struct {
	approval.Request
	Approved bool   `json:"approved"`
	Notes    string `json:"notes,omitempty"`
}

// answer finds the question and answers it.
func (p *program) answer(ctx context.Context, id string, a approval.Answer, patience time.Duration, planOnly bool) error {
	p.spareProject()
	desk, err := p.desk()
	if err != nil {
		return err
	}
	request, err := question(ctx, desk, id, patience)
	if err != nil {
		return err
	}
	a.By, a.At = p.user(), time.Now().UTC()
	word := map[bool]string{true: "approved", false: "rejected"}[a.Approved]
	if !planOnly {
		if err := desk.Answer(request.ID, a); err != nil {
			return asUsage(err)
		}
	}
	return p.show(answerView{request, a.Approved, a.Notes}, func(w io.Writer) {
		if planOnly {
			word = "would be " + word
		}
		fmt.Fprintf(w, "%s (%s): %s\n", request.ID, harmlessText(request.Title), word)
	})
}

// asUsage says that an error is about what was asked for.
func asUsage(err error) error {
	var gone *approval.NotPendingError
	if errors.As(err, &gone) || errors.Is(err, approval.ErrNotes) {
		return usage("", "%w", err)
	}
	return err
}

// question returns the question with an id, or the only one, waiting for it.
func question(ctx context.Context, desk approval.Desk, id string, patience time.Duration) (found approval.Request, err error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = wait.For(limited, wait.Poll{Min: 5 * time.Millisecond, Max: 200 * time.Millisecond}, func(context.Context) (wait.Verdict, string, error) {
		if found, err = pick(desk, id); err == nil || patience == 0 {
			return wait.Met, "", nil
		}
		return wait.NotYet, "nothing waits for an answer", nil
	})
	if ctx.Err() != nil {
		return found, ctx.Err()
	}
	return found, err // of the last look
}

func pick(desk approval.Desk, id string) (approval.Request, error) {
	pending, err := desk.Pending()
	if err != nil {
		return approval.Request{}, err
	}
	var ids []string
	for _, r := range pending {
		if r.ID == id || id == "" && len(pending) == 1 {
			return r, nil
		}
		ids = append(ids, r.ID)
	}
	switch {
	case id != "":
		_, answered, _ := desk.Answered(id)
		return approval.Request{}, usage("", "%w", &approval.NotPendingError{ID: id, Answered: answered, Pending: ids})
	case len(ids) == 0:
		return approval.Request{}, usage("--wait 10m waits for a question", "nothing waits for an answer")
	}
	return approval.Request{}, usage("name one of "+strings.Join(ids, ", "), "%d questions wait for an answer", len(ids))
}

// An approver asks the questions of a deployment's steps.
type approver struct {
	*program
	deployment release.Deployment
	poll       time.Duration
}

// Approve asks, and returns the first answer from either side.
func (a *approver) Approve(ctx context.Context, title, text, phase string, position int) (approval.Answer, error) {
	q, err := a.asking(fmt.Sprintf("%s-%s-%d", a.deployment.ID, phase, position+1), nil)
	if err != nil {
		return approval.Answer{}, err
	}
	return q.Wait(ctx, title, text, max(a.poll, time.Millisecond))
}

// asking prepares a question, whose text may refer to words.
func (p *program) asking(id string, words *variables.Dictionary) (*gatework.Question, error) {
	desk, err := p.desk()
	return &gatework.Question{Desk: desk, ID: id, Words: words, Now: time.Now, Prompt: p.prompt, By: p.user}, err
}

// prompt says what is waited for, and listens to the terminal if there is one. The
// goroutine that listens ends with the process, as nothing can end reading from a
// terminal.
func (p *program) prompt(id, text string) <-chan approval.Answer {
	w := p.questions()
	for line := range strings.Lines(text) {
		fmt.Fprintf(w, "       %s\n", harmlessText(strings.TrimRight(line, "\r\n")))
	}
	fmt.Fprintf(w, "       %s \"vipswap approve %s\" goes on, \"vipswap reject %s\" stops\n", p.style(w).bold("waiting:"), id, id)
	in, isFile := p.Stdin.(io.Writer)
	if !isFile || !isTerminal(in) || !isTerminal(w) {
		return nil
	}
	fmt.Fprint(w, "       Go on? [y/n, then notes] ")
	typed := make(chan approval.Answer, 1)
	go func() {
		lines := bufio.NewScanner(p.Stdin)
		for lines.Scan() {
			if answer, understood := readAnswer(lines.Text()); understood {
				typed <- answer
				return
			}
			fmt.Fprint(w, "       y or n? ")
		}
	}()
	return typed
}

// readAnswer reads what was typed: y or n, and notes.
func readAnswer(line string) (approval.Answer, bool) {
	word, notes, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch strings.ToLower(word) {
	case "y", "yes":
		return approval.Answer{Approved: true, Notes: strings.TrimSpace(notes)}, true
	case "n", "no":
		return approval.Answer{Notes: strings.TrimSpace(notes)}, true
	}
	return approval.Answer{}, false
}

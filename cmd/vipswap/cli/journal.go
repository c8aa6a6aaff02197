package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	requests "github.com/vipswap/vipswap/emulator/journal"
)

// journalFlags say which entries to show, and how.
type journalFlags struct {
	controlFlags
	filter       requests.Filter
	follow       bool
	reproducible bool
	verbose      bool
	output       choice
}

func (p *program) journalCommand() *cobra.Command {
	f := journalFlags{output: choice{"text", []string{"text", "json", "jsonl", "har"}}}
	c := &cobra.Command{
		Use:   "journal",
		Short: "Show what an emulator was asked, and what came of it",
		Long: `Journal shows every request that a universe was asked, with its answer: what the
platform made of it, which fault struck, and, for a refused request, what would
have been accepted. Secrets are masked. Filters take * for any text.

With --output jsonl there is one entry in a line, with har an HTTP archive for
browsers and other tools. --reproducible leaves out what differs between two runs
of the same requests: two journals can be compared then.` + universeHelp,
		Example: `  vipswap journal --last 20
  vipswap journal --refused --verbose
  vipswap journal --follow --operation "*Deployment"
  vipswap journal --output har > run.har
  vipswap journal --output jsonl --reproducible > run.jsonl`,
		Args: takes(),
	}
	flags := c.Flags()
	f.registerUniverse(flags)
	flags.StringVar(&f.filter.Operation, "operation", "", "only this `OPERATION`, as in \"Swap Deployment\"")
	flags.StringVar(&f.filter.Service, "service", "", "only this cloud service")
	flags.StringVar(&f.filter.Slot, "slot", "", "only this slot")
	flags.StringVar(&f.filter.Endpoint, "endpoint", "", "only this endpoint: management or blob")
	flags.StringVar(&f.filter.Method, "method", "", "only this HTTP method")
	flags.StringVar(&f.filter.Code, "code", "", "only what was refused with this error `CODE`")
	flags.StringVar(&f.filter.Client, "client", "", "only clients that call themselves so")
	flags.StringVar(&f.filter.Fault, "fault", "", "only what was struck by this `KIND` of fault; * is any")
	flags.BoolVar(&f.filter.Refused, "refused", false, "only what was refused or had no answer")
	flags.BoolVar(&f.filter.Changes, "changes", false, "only what could change something")
	flags.Uint64Var(&f.filter.After, "after", 0, "only entries after this number")
	flags.IntVar(&f.filter.Last, "last", 0, "only the newest so many")
	flags.BoolVar(&f.follow, "follow", false, "go on with what comes, until interrupted")
	flags.BoolVar(&f.reproducible, "reproducible", false, "leave out what differs between two runs, with jsonl and har")
	flags.BoolVar(&f.verbose, "verbose", false, "show bodies, too")
	flags.Var(&f.output, "output", "what to print")
	c.RunE = p.action(p.onUniverse(&f.controlFlags, func(ctx context.Context, k *controller, _ []string) error { return p.journal(ctx, k, f) }))
	return c
}

func (p *program) journal(ctx context.Context, k *controller, f journalFlags) error {
	form := f.output.value
	switch {
	case f.follow && form == "har":
		return usage("--output jsonl can be followed", "journal: an archive has an end, so it cannot be followed")
	case f.reproducible && (f.follow || form == "text" || form == "json"):
		return usage("", "journal: --reproducible goes with --output jsonl or har, and not with --follow")
	case f.follow:
		return p.followJournal(ctx, k, f)
	case form == "jsonl" || form == "har":
		return k.ExportJournal(ctx, k.universe, f.filter, form, f.reproducible, p.Stdout)
	}
	entries, err := k.Journal(ctx, k.universe, f.filter)
	if err != nil {
		return err
	}
	if form == "json" {
		return writeJSON(p.Stdout, entries)
	}
	for _, e := range entries {
		writeEntry(p.Stdout, p.style(p.Stdout), e, f.verbose)
	}
	return nil
}

// followJournal prints entries as they come. An interrupt is a good end.
func (p *program) followJournal(ctx context.Context, k *controller, f journalFlags) error {
	for e, err := range k.FollowJournal(ctx, k.universe, f.filter) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if f.output.value == "text" {
			writeEntry(p.Stdout, p.style(p.Stdout), e, f.verbose)
			continue
		}
		if err := json.NewEncoder(p.Stdout).Encode(e); err != nil {
			return err
		}
	}
	return nil
}

// writeEntry prints an entry: a line, and below it what else there is to say.
func writeEntry(w io.Writer, s style, e requests.Entry, verbose bool) {
	line := e.String()
	switch {
	case e.Fault != "":
		line = s.warn(line)
	case e.Refused():
		line = s.bad(line)
	}
	fmt.Fprintln(w, line)
	if e.Decision != "" && !e.Refused() {
		fmt.Fprintf(w, "    %s\n", s.dim(e.Decision))
	}
	for _, miss := range e.NearMiss {
		fmt.Fprintf(w, "    %s %s\n", s.dim("instead:"), miss)
	}
	if !verbose {
		return
	}
	for _, side := range []struct{ mark, body string }{{">", e.Request.Body}, {"<", e.Answer.Body}} {
		if side.body == "" {
			continue
		}
		for line := range strings.Lines(side.body) {
			fmt.Fprintf(w, "    %s %s\n", s.dim(side.mark), strings.TrimRight(line, "\r\n"))
		}
	}
}

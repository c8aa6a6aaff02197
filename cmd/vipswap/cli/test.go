package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/faultfile"
	"github.com/vipswap/vipswap/scenarios/robustness"
	"github.com/vipswap/vipswap/scenarios/script"
	"github.com/vipswap/vipswap/scenarios/stage"
	"github.com/vipswap/vipswap/scenarios/suite"
)

const testLong = `Test plays scenario scripts: files NAME.txtar that tell a story of deployments and
check what comes of it. It needs nothing but itself: an emulator is inside, and each
script has a subscription of its own on it, whose clock steps on when a client looks
at something unfinished. PATHs are files, folders and patterns; the default is this
folder with all below it, but for folders named testdata, .NAME or _NAME.

Scripts run programs with exec, in any language. Their environment leads to the
emulator: VIPSWAP_MANAGEMENT_URL, VIPSWAP_SUBSCRIPTION_ID, VIPSWAP_CERT, VIPSWAP_KEY,
VIPSWAP_CA, VIPSWAP_PUBLISH_SETTINGS, VIPSWAP_BLOB_URL, VIPSWAP_CONTROL_URL. To make
other programs trust the emulator, a script sets SSL_CERT_FILE, NODE_EXTRA_CA_CERTS,
REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE to $VIPSWAP_CA. --language prints all commands.

With --faults each a script is played once without faults, and then once more for
each of its calls and each kind of fault. A matrix shows which combinations break
the script's own checks, or what should always hold: production is never empty once
it was filled, the way back is never destroyed without being asked, no deployment
goes to production that is not ready (or back, that serves nothing), no operation is
left behind, nothing is swapped twice, and in the end the slots hold what they hold without faults. What the script
does by itself without faults is no failure. What passes, such as a lost answer, has
to go unnoticed. Where something lasts, such as an instance that does not get ready, a
program may fail if it says why, and must succeed when the instance was rebooted and
the same command, or the one that its hint names, is run once more. Each failing
combination is written as a script of its own. --faults each:drop,lose-answer tries
these kinds only, --share 2/5 the second of five shares of all, and --faults flaky (a
preset, or a file with a plan) plays all scripts under that plan.

--verbose prints the log of every script, with all phases; --quiet only failures and
the count at the end.`

// testFlags are the flags of test.
type testFlags struct {
	run, junit, json, faults, out, clients, share string
	parallel                                      int
	limit                                         time.Duration
	seed                                          uint64
	update, keep, verbose, language, listed       bool
}

func (p *program) testCommand() *cobra.Command {
	var f testFlags
	c := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "Play scenario scripts, with no Go installed",
		Long:  testLong,
		Example: `  vipswap test
  vipswap test scenarios/bluegreen --run 'swap|rollback' --verbose
  vipswap test --parallel 8 --junit report.xml
  vipswap test deploy.txtar --faults each
  vipswap test --faults hostile --seed 7`,
	}
	flags := c.Flags()
	flags.StringVar(&f.run, "run", "", "play only scripts whose name fits the regular expression `PATTERN`")
	flags.BoolVar(&f.listed, "list", false, "list the scripts, and play none")
	flags.IntVar(&f.parallel, "parallel", 0, "play `N` scripts at once; default: as many as there are processors")
	flags.DurationVar(&f.limit, "timeout", suite.DefaultLimit, "end a script that takes longer")
	flags.StringVar(&f.junit, "junit", "", "write a report in JUnit's XML to `FILE`")
	flags.StringVar(&f.json, "json", "", "write a report as JSON to `FILE`")
	flags.BoolVar(&f.update, "update", false, "rewrite the files in scripts that compare and cmp compare with")
	flags.BoolVar(&f.keep, "keep", false, "leave universe and work folder of failures until interrupted")
	flags.StringVar(&f.faults, "faults", "", "let things go wrong: each[:KIND,...], a preset, or a `PLAN` in a file")
	flags.StringVar(&f.share, "share", "", "with --faults each: play only the Kth of N shares of the combinations, `K/N`")
	flags.StringVar(&f.out, "out", "vipswap-failures", "with --faults each: write failing combinations into `DIR`")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of identifiers and of faults; the same seed gives the same run")
	flags.StringVar(&f.clients, "clients", "", "the folder `DIR` has drivers of real clients, for [clients]")
	flags.BoolVar(&f.language, "language", false, "print the commands of scripts, and what scripts begin with")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		f.verbose = p.telling.verbose // prints the log of every script, with all phases
		return p.test(ctx, args, f)
	})
	return c
}

func (p *program) test(ctx context.Context, paths []string, f testFlags) error {
	if f.language {
		_, err := io.WriteString(p.Stdout, script.Reference())
		return err
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	scripts, err := suite.Find(paths, f.run)
	if err != nil {
		return usage(`scripts end in .txtar; "vipswap test --language" tells how to write one`, "test: %w", err)
	}
	if f.listed {
		return p.show(scripts, func(w io.Writer) {
			for _, s := range scripts {
				fmt.Fprintln(w, s.Name)
			}
		})
	}
	o, each, err := f.options()
	if err != nil {
		return err
	}
	return p.onStage(f.seed, func(st *stage.Stage) error {
		clients, err := script.NewClients(f.clients, func(format string, args ...any) { fmt.Fprintf(p.Stderr, format+"\n", args...) })
		if err != nil {
			return err
		}
		defer clients.Close()
		o.Clients = clients
		if strings.HasPrefix(f.faults, eachFault) {
			each.Options = o
			return p.testEach(ctx, st, scripts, each, f)
		}
		return p.testAll(ctx, st, scripts, o, f)
	})
}

// eachFault is the value of --faults for a matrix.
const eachFault = "each"

// options makes options of flags.
func (f testFlags) options() (o suite.Options, each robustness.Options, err error) {
	o = suite.Options{Parallel: f.parallel, Performance: suite.Performance{
		Limit: f.limit, Update: f.update, Keep: f.keep, Verbose: f.verbose,
	}}
	if f.parallel < 0 || f.limit <= 0 {
		return o, each, usage("", "test: --parallel and --timeout are more than 0")
	}
	if each.Share, each.Shares, err = parseShare(f.share); err != nil {
		return o, each, err
	}
	word, list, _ := strings.Cut(f.faults, ":")
	if word == eachFault {
		each.Kinds, err = parseKinds(list)
		return o, each, err
	}
	if f.share != "" {
		return o, each, usage("", "test: --share goes with --faults each")
	}
	if f.faults == "" {
		return o, each, nil
	}
	plan, ok := faults.Preset(f.faults)
	if !ok {
		if plan, err = faultfile.Load(f.faults); err != nil {
			return o, each, usage("it is each, each:KIND,..., a file, or one of "+strings.Join(faults.Presets(), ", "), "test: --faults: %w", err)
		}
	}
	o.Faults = plan
	return o, each, nil
}

// parseKinds reads the kinds of faults to try; nil for all.
func parseKinds(list string) ([]faults.Kind, error) {
	if list == "" {
		return nil, nil
	}
	var kinds []faults.Kind
	for word := range strings.SplitSeq(list, ",") {
		kind := faults.Kind(strings.TrimSpace(word))
		if !slices.Contains(robustness.Kinds(), kind) {
			var known []string
			for _, k := range robustness.Kinds() {
				known = append(known, string(k))
			}
			return nil, usage("there are "+strings.Join(known, ", "), "test: --faults: %q is no kind of fault", word)
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

// onStage calls do with a stage, and closes it.
func (p *program) onStage(seed uint64, do func(*stage.Stage) error) (err error) {
	program := ""
	if p.Executable != nil {
		if program, err = p.Executable(); err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
	}
	st, err := stage.Open(stage.Options{Seed: seed, Program: program, Version: buildVersion()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return do(st)
}

// testAll plays all scripts once.
func (p *program) testAll(ctx context.Context, st *stage.Stage, scripts []suite.Script, o suite.Options, f testFlags) error {
	l := p.testListener(len(scripts), f.verbose)
	report := suite.Run(ctx, st, scripts, o, l)
	l.end(report)
	if err := writeReports(report, f); err != nil {
		return err
	}
	if p.output == formatJSON {
		if err := suite.WriteJSON(p.Stdout, report); err != nil {
			return err
		}
	}
	failing := report.Count(suite.Failed)
	if ctx.Err() != nil {
		return failed("", "test: interrupted")
	}
	if failing == 0 {
		return nil
	}
	if f.keep {
		fmt.Fprintln(p.progress(), "the universes of failures are kept until you press Ctrl-C; their work folders stay")
		<-ctx.Done()
	}
	return failed("", "test: %d of %d scripts failed", failing, len(scripts))
}

// writeReports writes the reports that were asked for.
func writeReports(report suite.Report, f testFlags) error {
	for _, r := range []struct {
		file  string
		write func(io.Writer, suite.Report) error
	}{{f.junit, suite.WriteJUnit}, {f.json, suite.WriteJSON}} {
		if r.file == "" {
			continue
		}
		if err := writeTo(r.file, func(w io.Writer) error { return r.write(w, report) }); err != nil {
			return fmt.Errorf("test: %w", err)
		}
	}
	return nil
}

// writeTo writes a file.
func writeTo(file string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(write(out), out.Close())
}

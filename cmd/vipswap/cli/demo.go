package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
)

const demoLong = `Demo plays the story of a VIP swap in a cloud on this machine: an emulator on free
ports and, over HTTPS with a client certificate, the deployer that would talk to
the real one. It packs two versions of a small cloud service, brings them through
staging and production, rolls back and forward, and shows both slots after every
step, with the reason for what was done. Nothing is left behind.`

func (p *program) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "demo",
		Short:   "See the whole story of a VIP swap in a few seconds",
		Long:    demoLong,
		Example: "  vipswap demo\n  vipswap demo --output json",
		Args:    takes(),
		RunE:    p.action(func(ctx context.Context, _ []string) error { return p.demo(ctx) }),
	}
}

// A chapter is one step of the demo's story.
type chapter struct {
	title    string
	commands []string      // what one would type
	pause    time.Duration // that people take before it, in cloud time
	why      string        // they take it
	do       func(ctx context.Context, s *session) error
}

// deployment returns what brings a release to an environment.
func deployment(number, environment string) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error { return s.deploy(ctx, false, number, environment, false) }
}

// newRelease returns what takes a version into the project and deploys it to
// Staging.
func newRelease(number string) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		err := s.create(ctx, runFlags{}, release.NewRelease{
			Number: number, Package: filepath.Join(s.dir, samplePackage(number)),
			Configurations: []string{filepath.Join(s.dir, sampleConfiguration)},
		})
		if err != nil {
			return err
		}
		return s.deploy(ctx, false, number, "Staging", false)
	}
}

func deleteStaging(ctx context.Context, s *session) error {
	j, err := s.planChange(ctx, s.conn, s.project.Service, deployer.Delete{Service: s.project.Service, Slot: management.Staging})
	if err != nil {
		return err
	}
	_, err = s.carryOut(ctx, s.conn, j, s.report)
	return err
}

func create(number string) string {
	return "release create " + number + " --package " + samplePackage(number) + " --config " + sampleConfiguration
}

// typed are the commands as one would type them.
func typed(commands ...string) []string {
	for i := range commands {
		commands[i] = "vipswap " + commands[i]
	}
	return commands
}

// story returns the guide's.
func story() []chapter {
	return []chapter{
		{"Release 1.0.0 goes to Staging", typed(create("1.0.0"), "release deploy 1.0.0 --to Staging"), 0, "", newRelease("1.0.0")},
		{"Release 1.0.0 goes to Production, for the first time", typed("release deploy 1.0.0 --to Production"),
			20 * time.Minute, "the testers look at staging", deployment("1.0.0", "Production")},
		{"Release 1.1.0 goes to Staging", typed(create("1.1.0"), "release deploy 1.1.0 --to Staging"),
			2 * time.Hour, "1.1.0 is written", newRelease("1.1.0")},
		{"Release 1.1.0 goes to Production: the VIP swap", typed("release deploy 1.1.0 --to Production"),
			30 * time.Minute, "the testers look at staging", deployment("1.1.0", "Production")},
		{"Customers complain: roll back, by another swap", typed("release deploy 1.0.0 --to Production"),
			5 * time.Minute, "the phone rings", deployment("1.0.0", "Production")},
		{"It was the customers' proxy: roll forward", typed("release deploy 1.1.0 --to Production"),
			15 * time.Minute, "somebody finds the cause", deployment("1.1.0", "Production")},
		{"All is well: delete staging, which costs money", typed("delete staging"),
			time.Hour, "nobody calls", deleteStaging},
	}
}

// told is what happened in a chapter, as JSON.
type told struct {
	Title     string              `json:"title"`
	Commands  []string            `json:"commands"`
	Decisions []deployer.Decision `json:"decisions"`
	Steps     []string            `json:"steps"`
	Slots     deployer.Slots      `json:"slots"`
	CloudTook string              `json:"cloudTook"`
}

// demoResult is the whole demo as JSON.
type demoResult struct {
	Chapters  []told  `json:"chapters"`
	WallTime  float64 `json:"wallSeconds"`
	CloudTime float64 `json:"cloudSeconds"`
}

// A demoStage is where the story is played.
type demoStage struct {
	*program
	emulator *emulator.Emulator
	session  *session
	events   *events
	style    style
	w        io.Writer // for people; discards where JSON is wanted
}

func (p *program) demo(ctx context.Context) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "vipswap-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	e, err := emulator.New(emulator.WithClock(cloud.AutoTime, 1), emulator.WithVersion(buildVersion()))
	if err != nil {
		return fmt.Errorf("demo: start the emulator: %w", err)
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	st, err := p.setStage(e, dir)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, st.session.history.Close()) }()
	st.prologue()
	result := demoResult{}
	start := e.Now(e.Subscription())
	for i, c := range story() {
		one, err := st.play(ctx, i+1, c)
		if err != nil {
			return fmt.Errorf("demo: %s: %w", c.title, err)
		}
		result.Chapters = append(result.Chapters, one)
	}
	wall, cloudTime := time.Since(began), e.Now(e.Subscription()).Sub(start)
	result.WallTime, result.CloudTime = wall.Seconds(), cloudTime.Seconds()
	st.epilogue(wall, cloudTime)
	if p.output == formatJSON {
		return writeJSON(p.Stdout, result)
	}
	return nil
}

// setStage packs the sample and connects a session to the emulator. What the
// session would print is not shown: the stage tells the story.
func (p *program) setStage(e *emulator.Emulator, dir string) (*demoStage, error) {
	if err := writeSample(dir); err != nil {
		return nil, err
	}
	project, _, err := loadProject(filepath.Join(dir, release.FileName))
	if err != nil {
		return nil, err
	}
	quiet := *p
	quiet.Stdout, quiet.Stderr, quiet.output = io.Discard, io.Discard, formatText
	s, err := quiet.openSessionIn(dir, project, "vipswap demo")
	if err != nil {
		return nil, err
	}
	if s.conn, err = connectTo(e); err != nil {
		return nil, errors.Join(err, s.history.Close())
	}
	st := &demoStage{program: p, emulator: e, session: s, events: &events{}, style: p.style(p.Stdout), w: p.Stdout}
	if p.output == formatJSON {
		st.w = io.Discard
	}
	s.report = st.events
	return st, nil
}

// connectTo connects to an emulator of this process, over HTTPS with its
// management certificate.
func connectTo(e *emulator.Emulator) (*connection, error) {
	const poll = 2 * time.Millisecond
	client, err := management.New(management.Config{
		URL: e.ManagementURL(), SubscriptionID: e.Subscription(), Certificate: e.Management().Certificate,
		RootCAs: e.CertPool(), PollMin: poll,
	})
	if err != nil {
		return nil, err
	}
	return &connection{client, storage.New(storage.Config{RootCAs: e.CertPool()}), e.Subscription(), poll}, nil
}

// play takes the pause before a chapter, does what it says, and shows the slots.
func (st *demoStage) play(ctx context.Context, number int, c chapter) (told, error) {
	id := st.emulator.Subscription()
	if c.pause > 0 {
		fmt.Fprintf(st.w, "     %s\n\n", st.style.dim(fmt.Sprintf("... %s pass: %s", people(c.pause), c.why)))
		if err := st.emulator.Advance(id, c.pause); err != nil {
			return told{}, err
		}
	}
	fmt.Fprintf(st.w, "  %s  %s\n", st.style.mark(fmt.Sprint(number)), st.style.bold(c.title))
	for _, command := range c.commands {
		fmt.Fprintf(st.w, "     %s\n", st.style.dim("$ "+command))
	}
	before := st.emulator.Now(id)
	*st.events = events{}
	if err := c.do(ctx, st.session); err != nil {
		return told{}, err
	}
	took := st.emulator.Now(id).Sub(before)
	seen, err := deployer.Observe(ctx, st.session.conn, st.session.project.Service)
	if err != nil {
		return told{}, err
	}
	st.show(took, seen.Slots())
	return told{c.title, c.commands, st.events.decisions, st.events.steps, seen.Slots(), took.String()}, nil
}

// show tells why what was done in a chapter, and what the slots hold now.
func (st *demoStage) show(took time.Duration, slots deployer.Slots) {
	for _, d := range st.events.decisions {
		word := st.style.mark("why")
		if d.Warning {
			word = st.style.warn("but")
		}
		fmt.Fprintf(st.w, "     %s  %s\n", word, shorten(d.Text))
	}
	for _, step := range st.events.steps {
		fmt.Fprintf(st.w, "     %s  %s\n", st.style.good("did"), shorten(step))
	}
	fmt.Fprintf(st.w, "     %s\n\n", st.style.dim("it took "+people(took)+" of cloud time"))
	t := table{indent: "     "}
	t.head(st.style, "SLOT", "LABEL", "DEPLOYMENT", "STATUS", "INSTANCES", "VIP", "URL")
	addSlot(&t, st.style, "production", shortSlot(slots.Production))
	addSlot(&t, st.style, "staging", shortSlot(slots.Staging))
	t.write(st.w)
	fmt.Fprintln(st.w)
}

var longHex = regexp.MustCompile(`\b([0-9a-f]{6})[0-9a-f]{26}\b`)

// shorten leaves of a name of 32 digits what tells it from others.
func shorten(text string) string { return longHex.ReplaceAllString(text, "$1..") }

func shortSlot(d *deployer.SlotState) *deployer.SlotState {
	if d == nil {
		return nil
	}
	short := *d
	short.Name, short.URL = shorten(d.Name), shorten(d.URL)
	return &short
}

func (st *demoStage) prologue() {
	fmt.Fprintf(st.w, `
  %s

  An emulator of Azure's Service Management API runs at %s.
  The deployer talks to it over HTTPS with a client certificate, as it would to
  the real one. A sample service, shop, was packed in versions 1.0.0 and 1.1.0.

`, st.style.bold("A story of blue and green"), st.emulator.ManagementURL())
}

func (st *demoStage) epilogue(wall, cloudTime time.Duration) {
	fmt.Fprintf(st.w, `  %s %s of cloud time passed in %.1f seconds. The emulator is stopped
  and the project folder removed.

  Next: "vipswap serve" gives you an emulator to point your own deployment at,
  and "vipswap init" a project like the one above.

`, st.style.good("The end:"), people(cloudTime), wall.Seconds())
}

// people writes a duration for people: 2 h 5 min, 3 min 20 s, 10 s.
func people(d time.Duration) string {
	d = d.Round(time.Second)
	h, m, s := d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second
	switch {
	case h > 0 && m == 0:
		return fmt.Sprintf("%d h", h)
	case h > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case m > 0 && s == 0:
		return fmt.Sprintf("%d min", m)
	case m > 0:
		return fmt.Sprintf("%d min %d s", m, s)
	}
	return fmt.Sprintf("%d s", s)
}

// events keeps what a chapter's run decided and did.
type events struct {
	deployer.Silent
	decisions []deployer.Decision
	steps     []string
}

// Decision keeps d.
func (e *events) Decision(d deployer.Decision) { e.decisions = append(e.decisions, d) }

// StepEnded keeps the words of a step that succeeded.
func (e *events) StepEnded(r deployer.StepResult, err error) {
	switch {
	case err != nil:
	case r.Outcome == deployer.OutcomeAlready:
		e.steps = append(e.steps, r.Step.String()+" (it was there already)")
	default:
		e.steps = append(e.steps, r.Step.String())
	}
}

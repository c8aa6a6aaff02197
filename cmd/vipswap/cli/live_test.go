package cli

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

// A terminal is as much of one as frames need: a cursor, and lines that break at its
// right end. It fails the test when it is sent what it does not know.
type terminal struct {
	t             *testing.T
	columns, rows int
	lines         [][]rune
	row, column   int
}

func newTerminal(t *testing.T, columns, rows int) *terminal {
	return &terminal{t: t, columns: columns, rows: rows, lines: [][]rune{nil}}
}

func (m *terminal) size() (int, int) { return m.columns, m.rows }

var escape = regexp.MustCompile(`^\x1b\[(\d*)([AJKm])`)

// Write shows text and obeys codes.
func (m *terminal) Write(data []byte) (int, error) {
	for text := string(data); text != ""; {
		if code := escape.FindStringSubmatch(text); code != nil {
			m.obey(code[1], code[2])
			text = text[len(code[0]):]
			continue
		}
		for _, r := range text {
			m.put(r)
			text = text[len(string(r)):]
			break
		}
	}
	return len(data), nil
}

func (m *terminal) obey(count, code string) {
	switch code {
	case "A":
		n, _ := strconv.Atoi(count)
		if m.row -= n; m.row < 0 || n >= m.rows {
			m.t.Errorf("the cursor leaves the screen by %d rows up", n)
			m.row = max(0, m.row)
		}
	case "J":
		m.lines = append(m.lines[:m.row:m.row], m.lines[m.row][:m.column])
	case "K":
		m.lines[m.row] = m.lines[m.row][:m.column]
	}
}

func (m *terminal) put(r rune) {
	switch r {
	case '\r':
		m.column = 0
		return
	case '\n':
		m.column = 0
		if m.row++; m.row == len(m.lines) {
			m.lines = append(m.lines, nil)
		}
		return
	case '\x1b':
		m.t.Errorf("an unknown code was sent")
	}
	if m.column == m.columns {
		m.t.Errorf("a line breaks: %q", string(m.lines[m.row]))
		m.put('\n')
	}
	line := m.lines[m.row]
	if m.column < len(line) {
		line[m.column] = r
	} else {
		m.lines[m.row] = append(line, r)
	}
	m.column++
}

// screen is what is to be seen.
func (m *terminal) screen() string {
	var b strings.Builder
	for _, line := range m.lines {
		fmt.Fprintln(&b, strings.TrimRight("|"+string(line), " "))
	}
	return b.String()
}

// domains counts instances by upgrade domain, as "2/3" for two of three ready.
func domains(counts ...string) []deployer.DomainProgress {
	var all []deployer.DomainProgress
	for i, count := range counts {
		d := deployer.DomainProgress{Domain: i}
		fmt.Sscanf(count, "%d/%d", &d.Ready, &d.Total)
		all = append(all, d)
	}
	return all
}

// rolling is a deployment that an upgrade rolls through: one domain is done, the
// second under way.
func rolling() deployer.Progress {
	ready, starting := management.InstanceReady, management.InstanceStatus("StartingRole")
	return deployer.Progress{
		Deployment: "b2", Slot: management.Staging, Status: management.StatusRunningTransitioning, Domains: 3,
		Upgrade: &management.UpgradeStatus{Type: "Auto", DomainState: "During", CurrentDomain: 1},
		Roles: []deployer.RoleProgress{
			{Role: "Web", Ready: 5, Total: 6, States: map[management.InstanceStatus]int{ready: 5, starting: 1}, Domains: domains("2/2", "1/2", "2/2")},
			{Role: "Überweisungsdienstleister", Ready: 1, Total: 2, States: map[management.InstanceStatus]int{ready: 1, "BusyRole": 1}, Domains: domains("1/1", "0/1")},
			{Role: "Solo", Total: 1, States: map[management.InstanceStatus]int{starting: 1}, Domains: domains("0/1")},
		},
	}
}

// A moment is one thing that a reporter is told.
type moment struct {
	name string
	tell func(deployer.Reporter)
}

// reported is what a run reports.
func reported() []moment {
	upload := deployer.Step{Kind: deployer.StepUpload, Package: "shop.cspkg"}
	ready := deployer.Step{Kind: deployer.StepReady, Deployment: "b2", Slot: management.Staging, Service: "shop"}
	swap := deployer.Step{Kind: deployer.StepSwap, Service: "shop"}
	return []moment{
		{"decisions", func(r deployer.Reporter) {
			r.Decision(deployer.Decision{Text: "staging is empty"})
			r.Decision(deployer.Decision{Text: "this is risky", Warning: true})
		}},
		{"uploading", func(r deployer.Reporter) { r.StepStarted(upload); r.Uploading(512, 2048) }},
		{"uploaded", func(r deployer.Reporter) {
			r.StepEnded(deployer.StepResult{Step: upload, Outcome: deployer.OutcomeAlready}, nil)
			r.StepStarted(ready)
		}},
		{"rolling", func(r deployer.Reporter) { r.Instances(rolling()) }},
		{"waiting", func(r deployer.Reporter) {
			r.Waiting(deployer.Waiting{Step: ready, Why: "6 of 9 instances ready, 1 BusyRole"})
			r.Waiting(deployer.Waiting{Step: ready, Why: "6 of 9 instances ready, 1 StartingRole"})
		}},
		{"one role left", func(r deployer.Reporter) {
			p := rolling()
			p.Roles, p.Upgrade, p.Status = p.Roles[2:], nil, management.StatusRunning
			r.Instances(p)
		}},
		{"a decision in between", func(r deployer.Reporter) { r.Decision(deployer.Decision{Text: "the answer was lost", Warning: true}) }},
		{"ready", func(r deployer.Reporter) {
			r.StepEnded(deployer.StepResult{Step: ready, Outcome: deployer.OutcomeDone, Took: 90 * time.Second}, nil)
			r.StepStarted(swap)
			r.Waiting(deployer.Waiting{Step: swap, Why: "operation 0123456789abcdef0123456789abcdef is in progress"})
		}},
		{"failed", func(r deployer.Reporter) { r.StepEnded(deployer.StepResult{Step: swap}, errTest) }},
	}
}

var errTest = failed("", "lost")

// TestLiveFrames looks at terminals after each thing that a run reports: no line
// breaks, nothing stays of what moved.
func TestLiveFrames(t *testing.T) {
	for _, size := range []struct{ columns, rows int }{{80, 24}, {40, 24}, {24, 3}} {
		var frames strings.Builder
		m := newTerminal(t, size.columns, size.rows)
		c := &canvas{w: m, size: m.size}
		r := &liveReporter{lineReporter: &lineReporter{w: wrapped{m}}, canvas: c}
		for _, moment := range reported() {
			moment.tell(r)
			fmt.Fprintf(&frames, "%s:\n%s", moment.name, m.screen())
		}
		golden(t, fmt.Sprintf("frames%d.txt", size.columns), frames.String())
	}
}

// wrapped lets lines that stay be longer than the terminal, which breaks them.
type wrapped struct{ m *terminal }

func (w wrapped) Write(data []byte) (int, error) {
	columns := w.m.columns
	w.m.columns = 1000
	defer func() { w.m.columns = columns }()
	return w.m.Write(data)
}

// TestPlainLines is what a log gets, with and without all details.
func TestPlainLines(t *testing.T) {
	for name, verbose := range map[string]bool{"lines.txt": false, "verbose.txt": true} {
		var b bytes.Buffer
		for _, moment := range reported() {
			moment.tell(&lineReporter{w: &b, verbose: verbose})
		}
		golden(t, name, b.String())
	}
}

// TestCanvasSay writes a line above what moves.
func TestCanvasSay(t *testing.T) {
	m := newTerminal(t, 20, 10)
	c := &canvas{w: m, size: m.size}
	c.say("first")
	c.draw([]string{"\x1b[32ma bar that is far too long for it\x1b[0m", "b"})
	c.say("second")
	c.draw([]string{"c"})
	c.say("third")
	if want := "|first\n|second\n|third\n|c\n"; m.screen() != want {
		t.Errorf("the screen shows\n%swant\n%s", m.screen(), want)
	}
	c.clear()
	io.WriteString(m, "end")
	if want := "|first\n|second\n|third\n|end\n"; m.screen() != want {
		t.Errorf("the screen shows\n%swant\n%s", m.screen(), want)
	}
}

func TestClip(t *testing.T) {
	tests := []struct {
		line  string
		width int
		want  string
	}{
		{"short", 10, "short"},
		{"short", 5, "short"},
		{"über lang", 4, "über"},
		{"\x1b[2mdim\x1b[0m and more", 5, "\x1b[2mdim\x1b[0m a\x1b[0m"},
		{"\x1b[2mdim\x1b[0m", 3, "\x1b[2mdim\x1b[0m"},
		{"anything", 0, ""},
	}
	for _, tt := range tests {
		if got := clip(tt.line, tt.width); got != tt.want {
			t.Errorf("clip(%q, %d) is %q, want %q", tt.line, tt.width, got, tt.want)
		}
	}
}

// TestLiveOnlyWhereItCanBe keeps moving lines out of files, dumb terminals and the
// logs of CI servers.
func TestLiveOnlyWhereItCanBe(t *testing.T) {
	var b bytes.Buffer
	p := newProgram(World{Stdout: &b, LookupEnv: func(string) (string, bool) { return "", false }})
	if _, live := p.reporter().(*liveReporter); live {
		t.Error("a buffer gets moving lines")
	}
}

// TestQuietKeepsWarnings says nothing but warnings, out of the way of results.
func TestQuietKeepsWarnings(t *testing.T) {
	var out, errs bytes.Buffer
	p := newProgram(World{Stdout: &out, Stderr: &errs, LookupEnv: func(string) (string, bool) { return "", false }})
	p.telling.quiet = true
	r := p.reporter()
	r.Decision(deployer.Decision{Code: deployer.SwapAsked, Text: "staging holds it"})
	r.Line("a line")
	r.Decision(deployer.Decision{Code: deployer.StagedOlder, Text: "it is older", Warning: true})
	p.warning("no lock")
	if diff := cmp.Diff("  warning: it is older\n  warning: no lock\n", errs.String()); diff != "" || p.progress() != io.Discard || out.Len() > 0 {
		t.Errorf("mismatch (-want +got), with %q on the standard output:\n%s", out.String(), diff)
	}
}

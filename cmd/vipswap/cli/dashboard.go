package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/release"
)

const dashboardLong = `Dashboard prints projects by environments: in each cell the release that was deployed
there last, successful or not, and the one that was successful before it, to which a
rollback would go. Releases that were created since the last new one was deployed are
below, at most three for each project.

Without arguments it is about the project in this folder or above; several projects
are named by their folders. A cell with "-" has had no deployment; an empty one is an
environment that the project does not have. Nothing is changed and no cloud is asked.`

func (p *program) dashboardCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "dashboard [DIR...]",
		Short:   "Show projects by environments: latest and previous release",
		Long:    dashboardLong,
		Example: "  vipswap dashboard\n  vipswap dashboard shop bakery\n  vipswap dashboard --output json",
		RunE:    p.action(func(_ context.Context, dirs []string) error { return p.dashboard(dirs) }),
	}
}

// dashboardView is the whole board as JSON.
type dashboardView struct {
	Environments []string           `json:"environments"` // of all projects, in order
	Projects     []dashboardProject `json:"projects"`
}

type dashboardProject struct {
	Name         string                 `json:"name"`
	Environments []dashboardEnvironment `json:"environments"`
	Undeployed   []string               `json:"undeployed"` // the newest first
}

type dashboardEnvironment struct {
	Name     string         `json:"name"`
	Latest   *dashboardItem `json:"latest"`   // successful or not
	Previous *dashboardItem `json:"previous"` // the successful one before it
}

type dashboardItem struct {
	Release    string         `json:"release"`
	Deployment string         `json:"deployment"`
	State      release.State  `json:"state"`
	Mode       release.Mode   `json:"mode,omitempty"`
	Action     release.Action `json:"action,omitempty"`
	Blocked    bool           `json:"blocked"` // the release must not progress
	At         time.Time      `json:"at"`      // when it ended, or else began, or was queued
	UnderWay   *underWay      `json:"underWay,omitempty"`
}

func (p *program) dashboard(dirs []string) error {
	v := dashboardView{Environments: []string{}}
	work, err := p.WorkDir()
	if err != nil {
		return err
	}
	boards, err := p.boards(work, dirs)
	if err != nil {
		return err
	}
	for _, b := range boards {
		v.Projects = append(v.Projects, b)
		for _, e := range b.Environments {
			if !containsFold(v.Environments, e.Name) {
				v.Environments = append(v.Environments, e.Name)
			}
		}
	}
	return p.show(v, func(w io.Writer) { writeDashboard(w, p.style(w), v) })
}

// boards reads the projects that are named, or the one around.
func (p *program) boards(work string, dirs []string) ([]dashboardProject, error) {
	if len(dirs) == 0 {
		project, dir, err := p.requireProject()
		if err != nil {
			return nil, err
		}
		b, err := p.board(project, dir)
		return []dashboardProject{b}, err
	}
	var boards []dashboardProject
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(work, dir)
		}
		project, dir, err := loadProject(filepath.Join(dir, release.FileName))
		if err != nil {
			return nil, err
		}
		b, err := p.board(project, dir)
		if err != nil {
			return nil, err
		}
		boards = append(boards, b)
	}
	return boards, nil
}

// board reads what has happened in one project. A project in which nothing has
// happened gets no history by that.
func (p *program) board(project *release.Project, dir string) (b dashboardProject, err error) {
	var releases []release.Release
	var deployments []release.Deployment
	var seen lookout
	if release.HasHistory(dir) {
		s, err := p.openSessionIn(dir, project, "vipswap dashboard")
		if err != nil {
			return b, err
		}
		var errs [3]error
		seen, errs[2] = s.lookOut()
		releases, errs[0] = s.history.Releases()
		deployments, errs[1] = s.history.Deployments(release.Filter{})
		if err := errors.Join(errs[:]...); err != nil {
			return b, err
		}
	}
	b = dashboardProject{Name: project.Name, Undeployed: []string{}}
	for _, cell := range release.Overview(project, deployments) {
		b.Environments = append(b.Environments, dashboardEnvironment{cell.Environment, item(cell.Latest, releases, seen), item(cell.Previous, releases, seen)})
	}
	for _, r := range release.Undeployed(releases, deployments, maxUndeployed) {
		b.Undeployed = append(b.Undeployed, r.Number)
	}
	return b, nil
}

// maxUndeployed is how many releases the dashboard shows that went nowhere yet.
const maxUndeployed = 3

func item(d *release.Deployment, releases []release.Release, seen lookout) *dashboardItem {
	if d == nil {
		return nil
	}
	i := slices.IndexFunc(releases, func(r release.Release) bool { return r.Number == d.Release })
	at := d.Created
	for _, later := range []time.Time{d.Started, d.Finished} {
		if !later.IsZero() {
			at = later
		}
	}
	return &dashboardItem{d.Release, d.ID, d.State, d.Mode, d.Action, i >= 0 && releases[i].Blocked() != "", at, seen.at(*d)}
}

// writeDashboard prints the board; what would be wider than the terminal has its
// times in lines of their own.
func writeDashboard(w io.Writer, s style, v dashboardView) {
	t := v.table(s, oneLine)
	if columns, _ := terminalSize(w); t.width() > columns {
		t = v.table(s, twoLines)
	}
	t.write(w)
	for _, project := range v.Projects {
		for _, e := range project.Environments {
			if e.Latest != nil {
				e.Latest.UnderWay.write(w, fmt.Sprintf("%s: release %s to %s", project.Name, e.Latest.Release, e.Name))
			}
		}
		for _, number := range project.Undeployed {
			fmt.Fprintf(w, "%s: release %s was not deployed yet\n", project.Name, s.mark(number))
		}
	}
}

// A layout divides what is in a cell, and the time it is from, into lines.
type layout func(words cell, at string) []cell

func oneLine(words cell, at string) []cell {
	words.text = strings.TrimSpace(words.text + " " + at)
	return []cell{words}
}

func twoLines(words cell, at string) []cell { return []cell{words, {at, words.paint}} }

// table lays the board out.
func (v dashboardView) table(s style, in layout) *table {
	t := &table{}
	t.head(s, append([]string{"PROJECT", ""}, v.Environments...)...)
	for _, project := range v.Projects {
		var latest, previous [][]cell
		for _, name := range v.Environments {
			e, known := project.environment(name)
			latest = append(latest, in(itemCell(s, e.Latest, known), timeOf(e.Latest)))
			previous = append(previous, in(previousCell(s, e.Previous, known), timeOf(e.Previous)))
		}
		t.addLines([]cell{{project.Name, s.bold}, {"latest", s.dim}}, latest)
		t.addLines([]cell{plain(""), {"before", s.dim}}, previous)
	}
	return t
}

// environment returns what is in a cell, and whether the project has it.
func (b dashboardProject) environment(name string) (dashboardEnvironment, bool) {
	i := slices.IndexFunc(b.Environments, func(e dashboardEnvironment) bool { return e.Name == name })
	if i < 0 {
		return dashboardEnvironment{}, false
	}
	return b.Environments[i], true
}

// addLines adds rows of cells that have the same number of lines.
func (t *table) addLines(head []cell, cells [][]cell) {
	for line := range cells[0] {
		row := head
		for _, c := range cells {
			row = append(row, c[line])
		}
		t.add(row...)
		head = []cell{plain(""), plain("")}
	}
}

func timeOf(i *dashboardItem) string {
	if i == nil {
		return ""
	}
	return i.At.Local().Format(timeFormat)
}

// nothing is in the cell of an environment without a deployment: "-", or nothing
// at all when the project does not have it.
func nothing(known bool) cell {
	if known {
		return plain("-")
	}
	return plain("")
}

// itemCell says which release is in a cell and how it came there.
func itemCell(s style, i *dashboardItem, known bool) cell {
	if i == nil {
		return nothing(known)
	}
	text := i.Release
	if i.State != release.Success {
		text += " " + string(i.State)
	}
	if i.Mode == release.ModeRollback || i.Mode == release.ModeRedeployment {
		text += " (" + string(i.Mode) + ")"
	}
	if i.Blocked {
		text += " blocked"
	}
	paints := map[release.State]func(string) string{release.Success: s.good, release.Failed: s.bad, release.Canceled: s.dim}
	paint := paints[i.State]
	if paint == nil {
		paint = s.warn
	}
	return cell{text, paint}
}

func previousCell(s style, i *dashboardItem, known bool) cell {
	if i == nil {
		return nothing(known)
	}
	return cell{i.Release, s.dim}
}

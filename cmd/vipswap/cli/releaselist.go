package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/release"
)

// releaseView is a release as JSON.
type releaseView struct {
	Number         string           `json:"number"`
	Created        time.Time        `json:"created"`
	Notes          string           `json:"notes,omitempty"`
	Blocked        string           `json:"blocked,omitempty"` // why it must not progress
	Package        release.File     `json:"package"`
	Configurations []release.File   `json:"configurations"`
	Scripts        []release.Script `json:"scripts,omitempty"`
	Phases         []phaseView      `json:"phases"`
	Next           []string         `json:"next"` // environments that it may be deployed to
	Deployments    []deploymentView `json:"deployments"`
}

// phaseView is how far a release is in a phase.
type phaseView struct {
	Name     string             `json:"name"`
	State    release.PhaseState `json:"state"`
	Deployed []string           `json:"deployed"`
}

// deploymentView is a deployment of a release as JSON.
type deploymentView struct {
	ID          string         `json:"id"`
	Environment string         `json:"environment"`
	State       release.State  `json:"state"`
	Mode        release.Mode   `json:"mode,omitempty"`
	Action      release.Action `json:"action,omitempty"`
	Automatic   bool           `json:"automatic"`
	Name        string         `json:"name,omitempty"`
	Label       string         `json:"label,omitempty"`
	Created     time.Time      `json:"created"`
	Finished    *time.Time     `json:"finished"`
	Error       string         `json:"error,omitempty"`
	UnderWay    *underWay      `json:"underWay,omitempty"` // while it is executing
}

func (p *program) releaseListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the project's releases and where they are",
		Long:    "List prints the releases of the project, the newest first, and how their last\ndeployment to each environment ended.",
		Example: "  vipswap release list\n  vipswap release list --output json",
		Args:    takes(),
		RunE: p.action(func(context.Context, []string) error {
			return p.withSession("vipswap release list", (*session).list)
		}),
	}
}

func (p *program) releaseShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show VERSION",
		Short:   "Show a release, its progress and its deployments",
		Long:    "Show prints what is in a release, how far it is in the lifecycle, where it may go\nnext, and all its deployments.",
		Example: "  vipswap release show 1.1.0\n  vipswap release show 1.1.0 --output json",
		Args:    takes("the release's number"),
		RunE: p.action(func(_ context.Context, args []string) error {
			return p.withSession("vipswap release show "+args[0], func(s *session) error { return s.showRelease(args[0]) })
		}),
	}
}

// view collects what is known of a release.
func (s *session) view(r release.Release, seen lookout) (releaseView, error) {
	v := releaseView{
		Number: r.Number, Created: r.Created, Notes: r.Notes, Blocked: r.Blocked(), Package: r.Package, Configurations: r.Configurations, Scripts: r.Scripts,
		Phases: []phaseView{}, Next: []string{}, Deployments: []deploymentView{},
	}
	progress, err := s.history.Progress(r.Number, s.project.Lifecycle)
	if err != nil {
		return v, err
	}
	for _, ph := range progress.Phases {
		v.Phases = append(v.Phases, phaseView{ph.Name, ph.State, append([]string{}, ph.Deployed...)})
	}
	for _, e := range progress.Environments {
		if e.Allowed {
			v.Next = append(v.Next, e.Name)
		}
	}
	deployments, err := s.history.Deployments(release.Filter{Release: r.Number})
	for _, d := range deployments {
		v.Deployments = append(v.Deployments, viewDeployment(d, seen))
	}
	return v, err
}

func viewDeployment(d release.Deployment, seen lookout) deploymentView {
	v := deploymentView{
		ID: d.ID, Environment: d.Environment, State: d.State, Mode: d.Mode, Action: d.Action,
		Automatic: d.Automatic, Name: d.Name, Label: d.Label, Created: d.Created, Error: d.Error, UnderWay: seen.at(d),
	}
	if !d.Finished.IsZero() {
		v.Finished = &d.Finished
	}
	return v
}

func (s *session) list() error {
	seen, err := s.lookOut()
	if err != nil {
		return err
	}
	releases, err := s.history.Releases()
	if err != nil {
		return err
	}
	views := []releaseView{}
	for i := len(releases) - 1; i >= 0; i-- {
		v, err := s.view(releases[i], seen)
		if err != nil {
			return err
		}
		views = append(views, v)
	}
	return s.show(views, func(w io.Writer) { s.writeReleases(w, views) })
}

func (s *session) writeReleases(w io.Writer, views []releaseView) {
	if len(views) == 0 {
		fmt.Fprintln(w, "there is no release; \"vipswap release create\" makes one")
		return
	}
	style := s.style(w)
	t := table{}
	t.head(style, append([]string{"RELEASE", "CREATED", "PACKAGE"}, s.project.Environments...)...)
	for _, v := range views {
		row := []cell{{v.Number, style.bold}, plain(v.Created.Local().Format(timeFormat)), plain(v.Package.Name)}
		for _, e := range s.project.Environments {
			row = append(row, lastIn(style, v, e))
		}
		t.add(row...)
	}
	t.write(w)
	for _, v := range views {
		v.writeUnderWay(w)
	}
}

// writeUnderWay says who carries out the release's deployments that have not ended.
func (v releaseView) writeUnderWay(w io.Writer) {
	for _, d := range v.Deployments {
		d.UnderWay.write(w, fmt.Sprintf("release %s to %s", v.Number, d.Environment))
	}
}

const timeFormat = "2006-01-02 15:04"

// lastIn says how a release's last deployment to an environment ended.
func lastIn(s style, v releaseView, environment string) cell {
	last := plain("-")
	for _, d := range v.Deployments {
		if strings.EqualFold(d.Environment, environment) {
			last = stateCell(s, d)
		}
	}
	return last
}

func stateCell(s style, d deploymentView) cell {
	text := string(d.State)
	if d.State == release.Success && d.Action != "" {
		text += " (" + string(d.Action) + ")"
	}
	paints := map[release.State]func(string) string{release.Success: s.good, release.Failed: s.bad, release.Executing: s.warn}
	return cell{text, paints[d.State]}
}

// showRelease prints one release.
func (s *session) showRelease(number string) error {
	r, err := s.history.Release(number)
	if err != nil {
		return err
	}
	seen, err := s.lookOut()
	if err != nil {
		return err
	}
	v, err := s.view(r, seen)
	if err != nil {
		return err
	}
	return s.show(v, func(w io.Writer) { writeRelease(w, s.style(w), v) })
}

func writeRelease(w io.Writer, s style, v releaseView) {
	t := table{}
	t.add(cell{"release", s.dim}, cell{v.Number, s.bold})
	t.add(cell{"created", s.dim}, plain(v.Created.Local().Format(timeFormat)))
	if v.Notes != "" {
		t.add(cell{"notes", s.dim}, plain(v.Notes))
	}
	if v.Blocked != "" {
		t.add(cell{"blocked", s.dim}, cell{v.Blocked, s.bad})
	}
	t.add(cell{"package", s.dim}, plain(fmt.Sprintf("%s, %s, sha256 %.12s", v.Package.Name, bytesOf(v.Package.Size), v.Package.SHA256)))
	for _, c := range v.Configurations {
		t.add(cell{"configuration", s.dim}, plain(c.Name))
	}
	for _, script := range v.Scripts {
		t.add(cell{"script", s.dim}, plain(script.Path))
	}
	for _, ph := range v.Phases {
		t.add(cell{"phase " + ph.Name, s.dim}, plain(strings.TrimSuffix(fmt.Sprintf("%s, deployed to %s", ph.State, strings.Join(ph.Deployed, ", ")), ", deployed to ")))
	}
	t.add(cell{"may go to", s.dim}, plain(strings.Join(v.Next, ", ")))
	t.write(w)
	if len(v.Deployments) == 0 {
		return
	}
	fmt.Fprintln(w)
	d := table{indent: "  "}
	d.head(s, "DEPLOYMENT", "ENVIRONMENT", "STATE", "MODE", "AT", "BY")
	for _, one := range v.Deployments {
		by := "request"
		if one.Automatic {
			by = "lifecycle"
		}
		d.add(plain(one.ID), plain(one.Environment), stateCell(s, one), plain(string(one.Mode)), plain(one.Created.Local().Format(timeFormat)), plain(by))
	}
	d.write(w)
	v.writeUnderWay(w)
}

package release

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Cell is what a dashboard shows of one environment.
type Cell struct {
	Environment string

	// Latest is the deployment that was queued or carried out last,
	// successful or not; nil if there was none.
	Latest *Deployment

	// Previous is the last successful deployment before it of another
	// release: what a rollback would bring back. nil if there was none.
	Previous *Deployment
}

// Overview tells of each environment of the project what is there and what
// was before, as the dashboards of Octopus do. The deployments are those of a
// history, the oldest first.
func Overview(p *Project, deployments []Deployment) []Cell {
	var cells []Cell
	for _, e := range p.Environments {
		c := Cell{Environment: e}
		for i := len(deployments) - 1; i >= 0; i-- {
			d := &deployments[i]
			switch {
			case !strings.EqualFold(d.Environment, e):
			case c.Latest == nil:
				c.Latest = d
			case c.Previous == nil && d.State == Success && !sameNumber(d.Release, c.Latest.Release):
				c.Previous = d
			}
		}
		cells = append(cells, c)
	}
	return cells
}

// Undeployed lists the releases that were created after the newest one that
// was deployed anywhere, the newest first, at most limit.
func Undeployed(releases []Release, deployments []Deployment, limit int) []Release {
	var list []Release
	for i := len(releases) - 1; i >= 0 && len(list) < limit; i-- {
		same := func(d Deployment) bool { return sameNumber(d.Release, releases[i].Number) }
		if slices.ContainsFunc(deployments, same) {
			break
		}
		list = append(list, releases[i])
	}
	return list
}

// HasHistory reports whether the project in a folder has a history: whether
// anything has happened in it.
func HasHistory(folder string) bool {
	info, err := os.Stat(filepath.Join(folder, historyDir, historyFile))
	return err == nil && info.Mode().IsRegular()
}

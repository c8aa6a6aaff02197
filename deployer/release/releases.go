package release

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// A Release is a snapshot: a package with its configurations, and the project
// as it was. Later changes of the source files do not reach it.
type Release struct {
	Number         string    `json:"number"`
	Created        time.Time `json:"created"`
	Notes          string    `json:"notes,omitempty"`
	Package        File      `json:"package"`
	Configurations []File    `json:"configurations"`
	Scripts        []Script  `json:"scripts,omitempty"` // that the project's steps name

	// ProjectFile is vipswap.yaml as it was. The variables are in it; of
	// secrets it has the sources only, which are asked at deployment time.
	ProjectFile []byte `json:"projectFile"`

	// Blocks are the times in which the release must not progress, the
	// latest last. See [History.BlockRelease].
	Blocks []Block `json:"blocks,omitempty"`
}

// Project reads the project as it was when the release was created.
func (r Release) Project() (*Project, error) {
	return ParseProject(fmt.Sprintf("%s of release %s", FileName, r.Number), r.ProjectFile)
}

// A NewRelease says what CreateRelease should take in.
type NewRelease struct {
	Number         string   // see [CheckNumber]
	Template       string   // makes the number when the release is made, see [Project.NextNumber]; "" leaves Number as it is
	Notes          string   // for people
	Package        string   // path of the .cspkg
	Configurations []string // paths of the .cscfg files
	Project        *Project
}

// ErrNotFound is wrapped by errors about a release or deployment that the
// history does not have.
var ErrNotFound = errors.New("not found")

// An ExistsError says that a release of the same number exists.
type ExistsError struct {
	Number   string // of the new release
	Existing string // of the one that exists; may be written differently
}

// Error names both numbers where they differ.
func (e *ExistsError) Error() string {
	const hint = "\nhint: choose another number, or deploy the release that exists"
	if e.Number == e.Existing {
		return fmt.Sprintf("release %s exists already%s", e.Number, hint)
	}
	return fmt.Sprintf("release %s exists already, as %s%s", e.Number, e.Existing, hint)
}

// CreateRelease copies the files into the project's history and records the
// release. Of two processes that create one at the same time the second waits
// for the first, and counts on from its number. If the first phase of the project's lifecycle deploys by itself,
// those deployments are queued in the same write and returned. The error is
// an *[ExistsError] if the number is taken, and a *[HeldError] while another
// process creates one.
func (h *History) CreateRelease(n NewRelease) (Release, []Deployment, error) {
	lock, err := h.lock(createLock, busy)
	if err != nil {
		return Release{}, nil, err
	}
	defer lock.Close()
	if err := errors.Join(h.checkNew(&n), h.removeUnfinished()); err != nil {
		return Release{}, nil, err
	}
	taken, err := h.takeSnapshot(n)
	if err != nil {
		return Release{}, nil, fmt.Errorf("create release %s: %w", n.Number, err)
	}
	r := Release{
		Number: n.Number, Created: h.now().UTC(), Notes: n.Notes,
		Package: taken.pkg, Configurations: taken.configurations, Scripts: taken.scripts, ProjectFile: n.Project.Source(),
	}
	var queued []Deployment
	err = h.update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(releasesBucket)
		sequence, err := b.NextSequence()
		if err != nil {
			return err
		}
		if err := put(b, sequence, r); err != nil {
			return err
		}
		queued, err = h.queueAutomatic(tx, r, n.Project, n.Project.Lifecycle.AutomaticAtCreation())
		return err
	})
	if err != nil {
		return Release{}, nil, fmt.Errorf("create release %s: %w", n.Number, err)
	}
	return r, queued, nil
}

// checkNew makes the number of a new release, where it has a template, and refuses one
// that cannot be or is taken.
func (h *History) checkNew(n *NewRelease) error {
	if n.Project == nil {
		return errors.New("create a release: no project is given")
	}
	releases, err := h.Releases()
	if err == nil && n.Template != "" {
		n.Number, err = n.Project.NextNumber(n.Template, releases, h.now())
	}
	if err == nil {
		err = CheckNumber(n.Number)
	}
	if err != nil {
		return err
	}
	for _, r := range releases {
		if sameNumber(r.Number, n.Number) || strings.EqualFold(r.Number, n.Number) {
			return &ExistsError{Number: n.Number, Existing: r.Number}
		}
	}
	return nil
}

// Releases lists all releases, the oldest first.
func (h *History) Releases() (releases []Release, err error) {
	err = h.view(func(tx *bbolt.Tx) error {
		releases, err = all[Release](tx, releasesBucket)
		return err
	})
	return releases, err
}

// Release returns the release with a number, which may be written
// differently: 1.0 finds 1.0.0. The error wraps [ErrNotFound] if there is
// none.
func (h *History) Release(number string) (r Release, err error) {
	err = h.view(func(tx *bbolt.Tx) error {
		r, err = findRelease(tx, number)
		return err
	})
	return r, err
}

func findRelease(tx *bbolt.Tx, number string) (Release, error) {
	releases, err := all[Release](tx, releasesBucket)
	if err != nil {
		return Release{}, err
	}
	i := slices.IndexFunc(releases, func(r Release) bool { return sameNumber(r.Number, number) })
	if i >= 0 {
		return releases[i], nil
	}
	hint := "create it with release create"
	if n := len(releases); n > 0 {
		hint = fmt.Sprintf("the latest release is %s", releases[n-1].Number)
	}
	return Release{}, fmt.Errorf("release %s: %w\nhint: %s", number, ErrNotFound, hint)
}

// releaseSequence returns under which number a release is stored.
func releaseSequence(tx *bbolt.Tx, number string) (uint64, error) {
	c := tx.Bucket(releasesBucket).Cursor()
	for key, data := c.First(); key != nil; key, data = c.Next() {
		var r struct {
			Number string `json:"number"`
		}
		if err := json.Unmarshal(data, &r); err != nil {
			return 0, fmt.Errorf("entry %x of %s in the history: %w", key, releasesBucket, err)
		}
		if r.Number == number && len(key) == 8 {
			return binary.BigEndian.Uint64(key), nil
		}
	}
	return 0, fmt.Errorf("release %s: %w", number, ErrNotFound)
}

// ReleaseFiles are the paths of a release's files, in the history's folder.
type ReleaseFiles struct {
	Package        string
	Configurations []string // in the order of the release
}

// Files returns where the files of a release are, after reading all of them
// to make sure that they are as they were when the release was created.
func (h *History) Files(r Release) (ReleaseFiles, error) {
	var files ReleaseFiles
	var err error
	if files.Package, err = h.verify(r.Number, r.Package); err != nil {
		return ReleaseFiles{}, err
	}
	for _, c := range r.Configurations {
		path, err := h.verify(r.Number, c)
		if err != nil {
			return ReleaseFiles{}, err
		}
		files.Configurations = append(files.Configurations, path)
	}
	return files, nil
}

// Facts returns what the progress of a release depends on. The error wraps
// [ErrNotFound] if there is no such release.
func (h *History) Facts(number string) (facts Facts, err error) {
	err = h.view(func(tx *bbolt.Tx) error {
		r, err := findRelease(tx, number)
		if err != nil {
			return err
		}
		facts, err = factsOf(tx, r)
		return err
	})
	return facts, err
}

// Progress tells how far a release has come in a lifecycle. The error wraps
// [ErrNotFound] if there is no such release.
func (h *History) Progress(number string, l Lifecycle) (Progress, error) {
	facts, err := h.Facts(number)
	if err != nil {
		return Progress{}, err
	}
	return l.Progress(facts), nil
}

package release

import (
	"fmt"
	"regexp"

	"github.com/vipswap/vipswap/deployer/release/version"
)

// safeNumber is what a release number may consist of: it names a folder, too.
var safeNumber = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._+-]*$`)

// maxNumber is the longest release number, in characters.
const maxNumber = 64

// CheckNumber returns nil if number can name a release: it must be a version
// that begins with a letter or digit and goes on with these and . _ + -, at
// most 64 characters.
func CheckNumber(number string) error {
	if _, err := version.Parse(number); err != nil {
		return fmt.Errorf("release number: %w", err)
	}
	switch {
	case len(number) > maxNumber:
		return fmt.Errorf("release number: at most %d characters are allowed, this one has %d", maxNumber, len(number))
	case !safeNumber.MatchString(number):
		return fmt.Errorf("release number %q: only letters, digits and . _ + - are allowed, and the first must be a letter or digit; an example is 1.2.0", number)
	}
	return nil
}

// sameNumber reports whether two release numbers are equal, so that only one
// of them can exist: 1.0 and 1.0.0 are, as are 1.0-RC and 1.0-rc.
func sameNumber(a, b string) bool {
	v, errA := version.Parse(a)
	w, errB := version.Parse(b)
	return errA == nil && errB == nil && v.Compare(w) == 0
}

// A Mode says what a deployment means to an environment.
type Mode string

// The modes of a deployment, named as in Octopus' documentation of rollbacks.
const (
	ModeDeploy       Mode = "Deploy"       // a newer release, or the first one
	ModeRollback     Mode = "Rollback"     // an older release
	ModeRedeployment Mode = "Redeployment" // the same release again
)

// ModeOf compares the number of a release with the one that was last
// deployed successfully; last is empty if there is none.
func ModeOf(number, last string) Mode {
	v, errNew := version.Parse(number)
	w, errLast := version.Parse(last)
	if errNew != nil || errLast != nil {
		return ModeDeploy
	}
	return map[int]Mode{-1: ModeRollback, 0: ModeRedeployment, 1: ModeDeploy}[v.Compare(w)]
}

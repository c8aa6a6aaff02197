package servicepackage

import (
	"errors"
	"fmt"
	"strings"
)

// Limits on a package.
const (
	// MaxPackageSize is the largest package file that the service takes, in
	// bytes: 600 MB, as its support staff gave it.
	MaxPackageSize = 600 << 20

	maxEntries        = 100_000 // in a package with the packages inside it
	maxUnpacked       = 2 << 30 // bytes; the application drive has about 1.5 GB
	maxDirectoryBytes = 24 << 20
	maxSpooled        = 16 << 20 // of a compressed inner package
)

// ErrTooLarge is wrapped by errors about a package that passes a limit on size
// or number of entries.
var ErrTooLarge = errors.New("the package is too large")

// ErrNotPackage is wrapped by errors about a file that is no service package
// in either format, or was cut short.
var ErrNotPackage = errors.New("not a service package")

// PackageError lists what is wrong with a package, part by part.
type PackageError struct {
	Parts []PartProblem // at least one
}

// PartProblem is one thing wrong with a part of a package.
type PartProblem struct {
	Part string // name of the zip entry or manifest item; "a.cssx/b.dll" within an inner package
	Msg  string
}

// Error names the first ten parts and says how many more there are.
func (e *PackageError) Error() string {
	const most = 10
	var b strings.Builder
	b.WriteString("the service package is damaged: ")
	for i, p := range e.Parts {
		if i == most {
			fmt.Fprintf(&b, "; and %d more", len(e.Parts)-most)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "part %q: %s", p.Part, p.Msg)
	}
	return b.String()
}

// partError is a PackageError about one part.
func partError(part, format string, args ...any) error {
	return &PackageError{Parts: []PartProblem{{Part: part, Msg: fmt.Sprintf(format, args...)}}}
}

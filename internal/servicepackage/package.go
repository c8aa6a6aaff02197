package servicepackage

import (
	"archive/zip"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Format is one of the two formats of service packages, by the names that
// Microsoft's packaging library gives them.
type Format string

// The formats.
const (
	Legacy    Format = "Legacy"    // a zip of zips, the default of every SDK
	V20120315 Format = "V20120315" // one zip with a manifest
)

// Package is an open service package whose parts were checked. It reads from
// the file that it was opened from, which must stay open while files of it are
// read. Several goroutines may use it at once.
type Package struct {
	Format         Format
	Size           int64  // of the package file, in bytes
	ProductVersion string // of the SDK that wrote it, e.g. "2.9.8699.20"

	// Encrypted is set for an old package whose roles only the service can
	// read. Its definition is readable, its files and streams are not.
	Encrypted bool

	// Definition is the one inside the package: flattened.
	Definition *Definition

	// Per role. A role without an entry said nothing.
	SupportedOSFamilies map[string][]string // e.g. "3", "4", "5"
	RequiredFeatures    map[string][]string // e.g. "NetFx451"
	Support             map[string]SupportData

	files   []File
	service []servicePart
}

// SupportData is what the packager noted about a role for those who support it.
type SupportData struct {
	SDKVersion             string
	TargetFrameworkVersion string // e.g. "v4.5.1"
	ElevatedEntryPoint     bool
	ElevatedStartupTask    bool
	Imports                []string // module names
}

// File is one file of a role.
type File struct {
	Role     string
	Path     string // with slashes, e.g. "approot/bin/App.dll"
	Size     int64  // in bytes, unpacked
	SHA256   string // 64 lower-case hexadecimal digits
	Created  time.Time
	Modified time.Time
	ReadOnly bool

	entry *zip.File
}

// Files lists the files of all roles, by role as the definition has them, then
// by path. An encrypted package lists none.
func (p *Package) Files() []File { return slices.Clone(p.files) }

// Open opens a file of a role for reading. The path may have slashes or
// backslashes and is compared without regard to ASCII case, as on the Windows
// instances that it is meant for. The error wraps fs.ErrNotExist when there is
// no such file.
func (p *Package) Open(role, path string) (io.ReadCloser, error) {
	key := foldASCII(strings.TrimPrefix(strings.ReplaceAll(path, `\`, "/"), "/"))
	for _, f := range p.files {
		if f.Role == role && foldASCII(f.Path) == key {
			return f.Open()
		}
	}
	if p.Encrypted {
		return nil, fmt.Errorf("open %s of role %q: %w", path, role, errEncrypted)
	}
	return nil, fmt.Errorf("open %s of role %q: %w", path, role, errNoFile)
}

// Open opens the file for reading. Reading fails when the package file changed
// since it was opened.
func (f File) Open() (io.ReadCloser, error) {
	r, err := f.entry.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s of role %q: %s", f.Path, f.Role, zipReason(err))
	}
	return r, nil
}

// Check returns everything for which the service would refuse to deploy the
// package with cfg: what the function Check finds, and a guest OS family that a
// role's files do not support. That the service checks the family at once is
// our choice. An encrypted package is taken on the strength of its definition.
func (p *Package) Check(cfg *Configuration) []Problem {
	c := &checker{problems: Check(p.Definition, cfg)}
	family := cfg.GuestOSFamily()
	for _, r := range p.Definition.Roles {
		supported, known := p.SupportedOSFamilies[r.Name]
		if known && !slices.Contains(supported, family) {
			c.add(r.Name, "The OS family '%s' is not supported by role '%s'. The service package supports %s.", family, r.Name, strings.Join(supported, ", "))
		}
	}
	return c.problems
}

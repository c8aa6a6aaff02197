package servicepackage

import (
	"archive/zip"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

var (
	errEncrypted = errors.New("the package is encrypted; only the service can read its files")
	errNoFile    = fmt.Errorf("the package has no such file: %w", fs.ErrNotExist)
)

// OpenPackage opens a service package of size bytes in either format and
// verifies it: names, sizes, manifest, definition, and the hash of every part,
// read as a stream. r must stay readable as long as files of the package are
// opened.
//
// Errors wrap ErrNotPackage when it is no service package or was cut short,
// ErrTooLarge when a limit is passed (MaxPackageSize, or the number and unpacked
// size of its entries), a *PackageError when parts of it are wrong or missing,
// or a *SyntaxError when its definition or another XML part cannot be read.
func OpenPackage(r io.ReaderAt, size int64) (*Package, error) {
	if size > MaxPackageSize {
		return nil, fmt.Errorf("%w: %d bytes; the service takes packages of at most %d", ErrTooLarge, size, MaxPackageSize)
	}
	b := newBudget()
	a, err := openArchive(r, size, "", b)
	if err != nil {
		return nil, err
	}
	rels, err := a.relationships()
	if err != nil {
		return nil, err
	}
	open := openNewer
	switch {
	case len(rels.ofType(newerRelationship)) > 0:
	case rels.byID("SERVICEDESCRIPTION") != nil:
		open = openOlder
	default:
		return nil, fmt.Errorf("%w: %s names neither a package definition nor a service description", ErrNotPackage, relationshipsPart)
	}
	p, err := open(a, rels, b)
	if err != nil {
		return nil, err
	}
	if err := p.checkRoleNames(); err != nil {
		return nil, err
	}
	p.Size = size
	p.sortFiles()
	return p, nil
}

// checkRoleNames refuses roles whose names could not be folders: whoever
// unpacks the roles next to each other may rely on that.
func (p *Package) checkRoleNames() error {
	for _, r := range p.Definition.Roles {
		if reason := badName(r.Name, folderForbidden); reason != "" {
			return partError(definitionFile, "the role name %q is not valid: %s", r.Name, reason)
		}
	}
	return nil
}

// sortFiles puts the files in the order of the definition's roles, then paths.
func (p *Package) sortFiles() {
	position := map[string]int{}
	for i, r := range p.Definition.Roles {
		position[r.Name] = i
	}
	slices.SortFunc(p.files, func(a, b File) int {
		return cmp.Or(cmp.Compare(position[a.Role], position[b.Role]), cmp.Compare(a.Path, b.Path))
	})
}

const (
	relationshipsPart = "_rels/.rels"
	newerRelationship = "http://schemas.microsoft.com/windowsazure/PackageDefinition/Version/2012/03/15"
	relationshipSpace = "http://schemas.openxmlformats.org/package/2006/relationships"
)

// relationship points from a package to one of its parts, or outside.
type relationship struct{ ID, Type, Target string }

type relationships []relationship

// byID returns the relationship of that id, nil when there is none.
func (rs relationships) byID(id string) *relationship {
	for i := range rs {
		if rs[i].ID == id {
			return &rs[i]
		}
	}
	return nil
}

func (rs relationships) ofType(kind string) []relationship {
	var found []relationship
	for _, r := range rs {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// relationships reads the archive's own relationships.
func (a *archive) relationships() (relationships, error) {
	f := a.find(relationshipsPart)
	if f == nil {
		return nil, fmt.Errorf("%w: %sit has no %s", ErrNotPackage, in(a.label), relationshipsPart)
	}
	root, d, err := a.readXML(f, relationshipSpace, "Relationships")
	if err != nil {
		return nil, err
	}
	var list relationships
	readChildren(d, root, &list, listOf("Relationship", func(d *decoder, e *element, list *relationships) {
		*list = append(*list, relationship{d.required(e, "Id"), d.required(e, "Type"), d.required(e, "Target")})
	}))
	return list, d.err
}

// readXML reads a small XML part whose root must be as given.
func (a *archive) readXML(f *zip.File, space, root string) (*element, *decoder, error) {
	data, err := a.read(f, maxDocumentBytes)
	if err != nil {
		return nil, nil, err
	}
	part := a.name(f.Name)
	e, err := parseTree(part, data, maxDocumentBytes)
	if err != nil {
		return nil, nil, err
	}
	d := &decoder{file: part, space: space}
	d.checkRoot(e, root)
	return e, d, d.err
}

// readDefinition reads the definition of a package.
func (a *archive) readDefinition(f *zip.File) (*Definition, error) {
	data, err := a.read(f, maxDocumentBytes)
	if err != nil {
		return nil, err
	}
	def, err := ParseDefinition(data)
	return def, NameFile(err, a.name(f.Name))
}

// verifier hashes parts and collects what is wrong with them. A part is hashed
// once, however many names it has.
type verifier struct {
	sums   map[*zip.File]string // of the parts hashed so far
	buffer []byte
	damage []PartProblem
}

func newVerifier() *verifier {
	return &verifier{sums: map[*zip.File]string{}, buffer: make([]byte, 64<<10)}
}

func (v *verifier) blame(part, format string, args ...any) {
	v.damage = append(v.damage, PartProblem{Part: part, Msg: fmt.Sprintf(format, args...)})
}

// err returns what was wrong, nil when nothing was.
func (v *verifier) err() error {
	if len(v.damage) == 0 {
		return nil
	}
	return &PackageError{Parts: v.damage}
}

// sum returns the SHA-256 of a part in lower-case hexadecimal digits; empty,
// with the reason noted, when the part cannot be read.
func (v *verifier) sum(a *archive, f *zip.File) string {
	if sum, done := v.sums[f]; done {
		return sum
	}
	r, err := f.Open()
	if err != nil {
		v.blame(a.name(f.Name), "%s", zipReason(err))
		return ""
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, r, v.buffer); err != nil {
		v.blame(a.name(f.Name), "%s", zipReason(err))
		return ""
	}
	v.sums[f] = hex.EncodeToString(h.Sum(nil))
	return v.sums[f]
}

// verify compares a part's SHA-256 with what a manifest says, both in
// lower-case hexadecimal digits.
func (v *verifier) verify(a *archive, f *zip.File, want string) {
	if got := v.sum(a, f); got != "" && got != want {
		v.blame(a.name(f.Name), "its SHA-256 is %s, the manifest says %s", got, want)
	}
}

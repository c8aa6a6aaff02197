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
	"path"
	"slices"
	"strings"
	"time"
)

// The folders of an unpacked package, as the guide's step names them.
const (
	DefinitionFolder = "ServiceDefinition" // the definition and what is generated of it
	StreamsFolder    = "NamedStreams"      // what the packager noted about the roles
	ContentFolder    = "LocalContent"      // the roles' files, a folder for each role
)

// Repack writes a package of the newer format from the folder that p was unpacked
// into by Unpack, with whatever was changed in it since: files may be edited,
// added and removed. A package of the older format is converted by this.
//
// The same package and the same folder give the same bytes, whatever the time.
// Contents that did not change are taken over as they are stored in p, under
// their names; equal ones are stored once. A file of p keeps its times and its
// read-only mark even when it was edited; a new one gets the time of the format.
// The definition's roles must be those that have a folder of files.
//
// Errors: one that says so for an encrypted package, a *SyntaxError for a
// definition that can no longer be read, plain errors for irregular files, for
// roles without folder and folders without role, and what WritePackage refuses.
func (p *Package) Repack(w io.Writer, tree fs.FS) error {
	if p.Encrypted {
		return fmt.Errorf("re-pack: %w", errEncrypted)
	}
	r := &repacker{original: p, tree: tree, writer: packageWriter{
		PackageContents: PackageContents{ProductVersion: cmp.Or(p.ProductVersion, DefaultSDKVersion), Time: defaultTime},
		local:           map[[sha256.Size]byte]string{}, stored: p.storedContents(),
	}}
	if err := r.collect(); err != nil {
		return fmt.Errorf("re-pack: %w", err)
	}
	if err := r.writer.write(&limitedWriter{w: w, left: MaxPackageSize}); err != nil {
		return fmt.Errorf("re-pack: %w", err)
	}
	return nil
}

// A repacker turns a folder into the parts of a package.
type repacker struct {
	original *Package
	tree     fs.FS
	writer   packageWriter
}

func (r *repacker) collect() error {
	for _, folder := range []string{DefinitionFolder, StreamsFolder} {
		if err := r.serviceParts(folder); err != nil {
			return err
		}
	}
	roles, err := r.roles()
	if err != nil {
		return err
	}
	for _, role := range roles {
		contents, err := r.role(role)
		if err != nil {
			return err
		}
		if err := r.writer.collectRole(&contents); err != nil {
			return err
		}
		r.writer.Roles = append(r.writer.Roles, contents)
	}
	slices.SortFunc(r.writer.parts, func(a, b part) int { return cmp.Compare(a.name, b.name) })
	return r.writer.refuseTwins()
}

// serviceParts adds every file below a folder under its own path.
func (r *repacker) serviceParts(folder string) error {
	return r.walk(folder, func(name string) error {
		size, digest, err := hashOf(r.opener(name))
		if err == nil {
			r.writer.parts = append(r.writer.parts, part{name: name, open: r.opener(name), size: size, digest: digest})
		}
		return err
	})
}

// roles returns the definition's roles, after comparing them with the folders.
func (r *repacker) roles() ([]string, error) {
	definition, err := r.definition()
	if err != nil {
		return nil, err
	}
	folders, err := fs.ReadDir(r.tree, ContentFolder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	there := map[string]bool{}
	for _, f := range folders {
		if f.IsDir() && definition.Role(f.Name()) == nil {
			return nil, fmt.Errorf("the folder %s/%s has no role in the definition", ContentFolder, f.Name())
		}
		there[f.Name()] = f.IsDir()
	}
	var names []string
	for _, role := range definition.Roles {
		if !there[role.Name] {
			return nil, fmt.Errorf("the role %s has no folder %s/%s", role.Name, ContentFolder, role.Name)
		}
		names = append(names, role.Name)
	}
	return names, nil
}

// definition reads the definition as it is now.
func (r *repacker) definition() (*Definition, error) {
	for _, part := range r.writer.parts {
		if !strings.EqualFold(path.Ext(part.name), ".csdef") {
			continue
		}
		data, err := r.read(part.name)
		if err != nil {
			return nil, err
		}
		def, err := ParseDefinition(data)
		return def, NameFile(err, part.name)
	}
	return nil, fmt.Errorf("there is no service definition (.csdef) in %s", DefinitionFolder)
}

func (r *repacker) read(name string) ([]byte, error) {
	f, err := r.tree.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDocumentBytes+1))
	if err == nil && len(data) > maxDocumentBytes {
		err = fmt.Errorf("%w: %s has more than %d bytes", ErrTooLarge, name, maxDocumentBytes)
	}
	return data, err
}

// role lists the files of a role, each with the times that it had.
func (r *repacker) role(name string) (RoleContents, error) {
	contents := RoleContents{Name: name}
	known := map[string]File{}
	for _, f := range r.original.files {
		if f.Role == name {
			known[foldASCII(f.Path)] = f
		}
	}
	folder := ContentFolder + "/" + name
	err := r.walk(folder, func(file string) error {
		below := strings.TrimPrefix(file, folder+"/")
		was := known[foldASCII(below)]
		contents.Files = append(contents.Files, SourceFile{
			Path: below, Open: r.opener(file), Created: was.Created, Modified: was.Modified, ReadOnly: was.ReadOnly,
		})
		return nil
	})
	return contents, err
}

// walk calls f for each file below a folder, which may be missing.
func (r *repacker) walk(folder string, f func(name string) error) error {
	return fs.WalkDir(r.tree, folder, func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == folder:
			return nil
		case err != nil:
			return err
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return fmt.Errorf("%s is not a regular file", name)
		}
		return f(name)
	})
}

func (r *repacker) opener(name string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return r.tree.Open(name) }
}

// A storedContent is a content that a package has already, compressed.
type storedContent struct {
	name  string // "" where the package gives it none that can be kept
	entry *zip.File
}

// storedContents returns the contents of the roles' files by their digest.
func (p *Package) storedContents() map[[sha256.Size]byte]storedContent {
	stored := map[[sha256.Size]byte]storedContent{}
	for _, f := range p.files {
		sum, err := hex.DecodeString(f.SHA256)
		if err != nil || len(sum) != sha256.Size {
			continue
		}
		digest := [sha256.Size]byte(sum)
		if _, known := stored[digest]; known {
			continue
		}
		content := storedContent{entry: f.entry}
		if name := unescapePart(f.entry.Name); p.Format == V20120315 && strings.HasPrefix(name, ContentFolder+"/") {
			content.name = name
		}
		stored[digest] = content
	}
	return stored
}

// copyStored copies an entry without unpacking it. It was verified when its
// package was opened.
func (p *packageWriter) copyStored(z *zip.Writer, part part) error {
	header := zip.FileHeader{
		Name: partURI(part.name), Method: part.stored.Method, CRC32: part.stored.CRC32,
		CompressedSize64: part.stored.CompressedSize64, UncompressedSize64: part.stored.UncompressedSize64,
	}
	//lint:ignore SA1019 CreateRaw writes these, and does not derive them from Modified
	header.ModifiedDate, header.ModifiedTime = dosTime(p.Time)
	to, err := z.CreateRaw(&header)
	if err != nil {
		return err
	}
	from, err := part.stored.OpenRaw()
	if err != nil {
		return err
	}
	n, err := io.Copy(to, from)
	if err == nil && uint64(n) != header.CompressedSize64 {
		err = errors.New("it was cut short")
	}
	return err
}

// dosTime writes a time as zips have it: from 1980 on, in steps of two seconds.
func dosTime(t time.Time) (date, clock uint16) {
	date = uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9)
	return date, uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
}

package servicepackage

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// definitionPath is where the newer format keeps the definition.
const definitionPath = DefinitionFolder + "/ServiceDefinition.csdef"

// A servicePart is a part that is no role's file.
type servicePart struct {
	path  string // as in the newer format, with slashes
	entry *zip.File
}

// isServicePart reports whether the content of that name is one.
func isServicePart(name string) bool {
	folder, _, _ := strings.Cut(name, "/")
	return folder == DefinitionFolder || folder == StreamsFolder
}

// Unpack writes everything in the package into a folder, as the guide's step lays
// it out: ServiceDefinition and NamedStreams with the package's own paths, and the
// files of each role in LocalContent/<role>. Existing files are overwritten. Of a
// package in the older format the same is made; named streams that it lacks are
// written with what is known.
//
// Errors: one that says so for an encrypted package, names that the package may
// have and the file system cannot, and those of reading and writing. Nothing is
// written outside of root.
func (p *Package) Unpack(root *os.Root) error {
	if p.Encrypted {
		return fmt.Errorf("unpack: %w", errEncrypted)
	}
	for _, s := range p.service {
		if reason := badPath(s.path); reason != "" {
			return fmt.Errorf("unpack %q: the path is refused: %s", s.path, reason)
		}
		if err := unpackTo(root, s.path, s.entry.Open); err != nil {
			return err
		}
	}
	for name, data := range p.missingStreams() {
		if err := unpackTo(root, name, openBytes(data)); err != nil {
			return err
		}
	}
	for _, f := range p.files {
		if err := unpackTo(root, path.Join(ContentFolder, f.Role, f.Path), f.entry.Open); err != nil {
			return err
		}
	}
	return nil
}

// unpackTo writes one file and the folders around it.
func unpackTo(root *os.Root, name string, open func() (io.ReadCloser, error)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("unpack %s: %w", name, err)
		}
	}()
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	from, err := open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// streamDefaults write a named stream about a role of which an older package says
// nothing.
var streamDefaults = map[string]func(o PackOptions, r *Role) []byte{
	streamFeatures: func(PackOptions, *Role) []byte {
		var w xmlWriter
		w.start("RequiredFeatures", "version", "1.0")
		w.end()
		return w.document(declarationUTF8)
	},
	streamOSes:    func(o PackOptions, _ *Role) []byte { return writeSupportedOSes(o.OSFamilies) },
	streamSupport: func(o PackOptions, r *Role) []byte { return o.writeSupportData(r) },
}

// missingStreams returns the named streams that the newer format needs and the
// package lacks, by their path.
func (p *Package) missingStreams() map[string][]byte {
	there := map[string]bool{}
	for _, s := range p.service {
		there[foldASCII(s.path)] = true
	}
	options := PackOptions{SDKVersion: p.ProductVersion}
	options.setDefaults()
	missing := map[string][]byte{}
	for i := range p.Definition.Roles {
		role := &p.Definition.Roles[i]
		for _, stream := range streamNames {
			if name := streamPart(stream, role.Name); !there[foldASCII(name)] {
				missing[name] = streamDefaults[stream](options, role)
			}
		}
	}
	return missing
}

package servicepackage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PackOptions say what Pack makes a package of.
type PackOptions struct {
	Definition []byte           // the author's .csdef, not flattened
	Roles      map[string]fs.FS // per role of the definition: the folder with its files
	SDKVersion string           // DefaultSDKVersion when empty
	OSFamilies []string         // that every role supports; 1 to 6 when empty

	// TargetFramework is the .NET version that the roles need, e.g. "v4.5.1";
	// "v4.0" when empty.
	TargetFramework string

	Time time.Time // of everything in the package; 15 March 2012 when zero
}

// DefaultSDKVersion is the product version that Pack writes unless told
// otherwise: the last SDK's.
const DefaultSDKVersion = "2.9.8699.20"

// DefinitionError lists why a definition cannot be packed.
type DefinitionError struct {
	Problems []Problem // at least one
}

// Error joins the problems.
func (e *DefinitionError) Error() string {
	var messages []string
	for _, p := range e.Problems {
		messages = append(messages, p.Message)
	}
	return "the service definition cannot be packed: " + strings.Join(messages, " ")
}

// Pack writes a package of the newer format from an author's definition and a
// folder for each role. The folder's files go to approot, and for each site of
// a web role to sitesroot\<n> as well, where they take no more room. The same
// options give the same bytes, whatever the files' own times are.
//
// What the real packager generates is generated: the flattened definition, the
// model and contract, the named streams, and each role's RoleModel.xml,
// RuntimeSetup.Manifest and __entrypoint.txt. What it copies from the SDK,
// Microsoft's own runtime files, is not there; whether Azure takes the model is
// not proven.
//
// Errors: a *SyntaxError for a definition that cannot be read, a
// *DefinitionError for one that the service would refuse, and plain errors for
// roles without folder, folders without role, symbolic links and irregular
// files in a folder, and what WritePackage refuses.
func Pack(w io.Writer, opts PackOptions) error {
	def, err := ParseDefinition(opts.Definition)
	if err != nil {
		return err
	}
	if problems := checkSource(def); len(problems) > 0 {
		return &DefinitionError{Problems: problems}
	}
	opts.setDefaults()
	if err := opts.matchRoles(def); err != nil {
		return err
	}
	flat := def.Flatten()
	contents := PackageContents{
		ProductVersion: opts.SDKVersion,
		Definition:     def.Marshal(),
		Model:          writeModel(flat),
		Contract:       writeContract(flat),
		Time:           opts.Time,
	}
	for i := range def.Roles {
		r, err := opts.role(&def.Roles[i])
		if err != nil {
			return fmt.Errorf("pack role %q: %w", def.Roles[i].Name, err)
		}
		contents.Roles = append(contents.Roles, r)
	}
	return WritePackage(w, contents)
}

// checkSource checks an author's definition by itself.
func checkSource(def *Definition) []Problem {
	c := &checker{}
	if c.absurd(def, &Configuration{}) {
		return c.problems
	}
	c.definition(def.Flatten())
	c.siteBindings(def)
	for _, r := range def.Roles {
		if r.Kind == WebRole && len(r.Sites) == 0 && len(r.InternalEndpoints) > 1 {
			c.add(r.Name, "Web role '%s' has no Sites element and may have only one internal endpoint.", r.Name)
		}
	}
	return c.problems
}

func (o *PackOptions) setDefaults() {
	if o.SDKVersion == "" {
		o.SDKVersion = DefaultSDKVersion
	}
	if len(o.OSFamilies) == 0 {
		o.OSFamilies = []string{"1", "2", "3", "4", "5", "6"}
	}
	if o.TargetFramework == "" {
		o.TargetFramework = "v4.0"
	}
}

// matchRoles asks for one folder for each role, and no other.
func (o *PackOptions) matchRoles(def *Definition) error {
	var names []string
	for _, r := range def.Roles {
		names = append(names, r.Name)
		if o.Roles[r.Name] == nil {
			return fmt.Errorf("role %q of the service definition has no folder with its files", r.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Roles)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is a folder for role %q, which the service definition does not declare%s", name, known("roles", names))
		}
	}
	return nil
}

// role collects the contents of one role.
func (o *PackOptions) role(r *Role) (RoleContents, error) {
	found, err := folderFiles(o.Roles[r.Name])
	if err != nil {
		return RoleContents{}, err
	}
	out := RoleContents{
		Name:             r.Name,
		RequiredFeatures: writeRequiredFeatures(o.TargetFramework),
		SupportedOSes:    writeSupportedOSes(o.OSFamilies),
		SupportData:      o.writeSupportData(r),
	}
	roots := []string{"approot"}
	for i := range r.Sites {
		roots = append(roots, "sitesroot/"+strconv.Itoa(i))
	}
	for _, root := range roots {
		for _, f := range found {
			f.Path = root + "/" + f.Path
			out.Files = append(out.Files, f)
		}
	}
	assembly := entryAssembly(r, found)
	for _, generated := range []struct {
		path string
		data []byte
	}{
		{"RoleModel.xml", writeRoleModel(r, o.SDKVersion, o.TargetFramework, assembly)},
		{"RuntimeSetup.Manifest", writeRuntimeSetup(r)},
		{"__entrypoint.txt", []byte(assembly)},
	} {
		if len(generated.data) > 0 {
			out.Files = append(out.Files, SourceFile{Path: generated.path, Open: openBytes(generated.data)})
		}
	}
	return out, nil
}

// folderFiles lists the files below a folder. Links could lead out of it and
// are refused.
func folderFiles(folder fs.FS) ([]SourceFile, error) {
	var files []SourceFile
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			return fmt.Errorf("%s is a symbolic link; put the file itself into the folder", name)
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is not a regular file", name)
		}
		files = append(files, SourceFile{Path: name, Open: func() (io.ReadCloser, error) { return openRegular(folder, name) }})
		return nil
	})
	return files, err
}

// openRegular opens a file that was regular when it was listed, and must be
// still.
func openRegular(folder fs.FS, name string) (io.ReadCloser, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file any more")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// entryAssembly returns the file name of a role's .NET assembly: the declared
// one, or the one called like the role. It is empty for a role that runs a
// command.
func entryAssembly(r *Role, files []SourceFile) string {
	if r.EntryPoint != nil {
		return r.EntryPoint.AssemblyName
	}
	for _, f := range files {
		dir, base := path.Split(f.Path)
		if strings.EqualFold(base, r.Name+".dll") && (dir == "" || dir == "bin/") {
			return base
		}
	}
	return ""
}

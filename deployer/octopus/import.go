package octopus

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/release"
)

// The files of a project under configuration as code, and the folder that
// they are in unless the project says otherwise.
const (
	folder        = ".octopus"
	processFile   = "deployment_process.ocl"
	variablesFile = "variables.ocl"
	settingsFile  = "deployment_settings.ocl"
	schemaFile    = "schema_version.ocl"
)

// files lists them in the order of the notes.
var files = []string{schemaFile, settingsFile, processFile, variablesFile}

// Options say what the files do not.
type Options struct {
	Name           string   // of the project; required
	Service        string   // the cloud service, where the process does not name one
	StorageAccount string   // likewise
	Environments   []string // in the order of a release; default: those the files mention
	Step           string   // name or slug of the step, where several deploy a cloud service
}

// A Result is an imported project.
type Result struct {
	Project []byte // vipswap.yaml
	Notes   []Note // what was not carried over as it was, in the order of the files
}

// An importer reads the files of one project.
type importer struct {
	options   Options
	list      []Note
	mentioned []string // slugs of environments
	actions   []action
	chosen    action // the one that deploys the cloud service

	before, after []neighbour
	vars          []variable
	switchVars    []variable // values of variables that are switches of the step
	taken         []string   // names of variables in the files
	template      string
}

// Import reads the files of a project, in dir or in its folder .octopus. The
// error says what keeps a project from being made of them: the process is not
// there, *[SyntaxError] values, no or several steps for a cloud service, or
// release.FileErrors about the vipswap.yaml that would come out. The result
// then still has the notes.
func Import(dir fs.FS, o Options) (Result, error) {
	if info, err := fs.Stat(dir, folder); err == nil && info.IsDir() {
		inner, err := fs.Sub(dir, folder)
		if err != nil {
			return Result{}, err
		}
		dir = inner
	}
	im := &importer{options: o}
	bodies, err := im.read(dir)
	if err != nil {
		return Result{Notes: im.list}, err
	}
	s, err := im.process(bodies[processFile])
	if err == nil {
		im.mentionAll(bodies[variablesFile], s)
		im.chooseEnvironments()
		im.neighbours(im.actions, im.chosen, im.notes(processFile))
		im.defaults(&s)
		im.settings(bodies[settingsFile])
		im.schema(bodies[schemaFile])
		im.variables(bodies[variablesFile], &s)
		im.decide(&s)
	}
	sortNotes(im.list)
	if err != nil {
		return Result{Notes: im.list}, err
	}
	result := Result{Project: im.write(s), Notes: im.list}
	if _, err := release.ParseProject(release.FileName, result.Project); err != nil {
		return result, fmt.Errorf("the imported project cannot be used: %w", err)
	}
	return result, nil
}

func (im *importer) notes(file string) notes { return notes{file, &im.list} }

// read parses the files. Only the process has to be there.
func (im *importer) read(dir fs.FS) (map[string]body, error) {
	bodies := make(map[string]body)
	var errs []error
	for _, name := range files {
		data, err := readFile(dir, name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == processFile:
			errs = append(errs, fmt.Errorf("there is no %s\nhint: name the folder that has it, or the one with %s in it", name, folder))
		case errors.Is(err, fs.ErrNotExist):
			im.notes(name).add(0, Assumed, "the file", "it is missing, and taken for empty")
		case err != nil:
			errs = append(errs, err)
		default:
			bodies[name], err = parse(name, data)
			errs = append(errs, err)
		}
	}
	return bodies, errors.Join(append(errs, im.others(dir))...)
}

// others notes the files that are not read, such as runbooks.
func (im *importer) others(dir fs.FS) error {
	return fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(name) == ".ocl" && !slices.Contains(files, name) {
			im.notes(name).add(0, LeftOut, "the file", "runbooks and other processes are not imported")
		}
		return err
	})
}

func readFile(dir fs.FS, name string) ([]byte, error) {
	file, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

// mention notes that the files name an environment.
func (im *importer) mention(slug string) {
	if slug = slugOf(slug); slug != "" && !slices.Contains(im.mentioned, slug) {
		im.mentioned = append(im.mentioned, slug)
	}
}

// mentionAll notes the environments of the values that are carried over.
func (im *importer) mentionAll(b body, s step) {
	for _, v := range b.blocks {
		for _, one := range v.blocks {
			if a := one.find("environment"); a != nil && im.keeps(v, one, s) {
				for _, slug := range a.value.list {
					im.mention(slug)
				}
			}
		}
	}
}

// The environments of the guide on VIP swaps.
var guide = []string{"Staging", "Production"}

// chooseEnvironments decides which environments the project has. The files
// mention some by their slugs, and do not tell their order.
func (im *importer) chooseEnvironments() {
	if len(im.options.Environments) > 0 {
		return
	}
	others := slices.DeleteFunc(slices.Clone(im.mentioned), func(slug string) bool { return isGuide(slug) })
	switch {
	case len(others) == 0:
		im.options.Environments = guide
	default:
		for _, name := range guide {
			if slices.Contains(im.mentioned, slugOf(name)) {
				others = append(others, name)
			}
		}
		im.options.Environments = others
	}
	im.notes(processFile).add(0, Assumed, "the environments "+strings.Join(im.options.Environments, ", ")+", one phase each",
		"Octopus keeps the lifecycle elsewhere; look at environments and lifecycle in vipswap.yaml")
}

func isGuide(slug string) bool {
	return slices.ContainsFunc(guide, func(name string) bool { return slugOf(name) == slug })
}

// environment returns the name of an environment by its slug.
func (im *importer) environment(slug string) (string, bool) {
	i := slices.IndexFunc(im.options.Environments, func(name string) bool { return slugOf(name) == slugOf(slug) })
	if i < 0 {
		return "", false
	}
	return im.options.Environments[i], true
}

// defaults fills in what the step does not say. A step without the name of a
// service runs against a deployment target, which Octopus keeps elsewhere.
func (im *importer) defaults(s *step) {
	n := im.notes(processFile)
	fill := func(field *string, option, fallback, what string) {
		if *field != "" {
			return
		}
		*field = option
		if option == "" {
			*field = fallback
		}
		if *field != "" {
			n.add(s.line, Assumed, what+" "+*field, "the step does not name it, so that a deployment target does, which Octopus keeps elsewhere")
		}
	}
	fill(&s.service, im.options.Service, "", "the cloud service")
	fill(&s.storage, im.options.StorageAccount, "", "the storage account")
	fill(&s.slot, "", "#{Octopus.Environment.Name}", "the slot")
}

// slugOf returns the slug that Octopus makes of a name.
func slugOf(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

func hasExpression(text string) bool { return strings.Contains(text, "#{") }

package release

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/process"
)

// A Script is a script file of a step, as it was when the release was created.
type Script struct {
	Path string `json:"path"` // as the project names it
	File
}

// Limits of the script files of a release.
const (
	maxScript  = 1 << 20 // bytes of one
	maxScripts = 64
)

// steps lists the steps around the one that deploys.
func (p *Project) steps() []process.Step { return slices.Concat(p.Before, p.After) }

// ScriptFiles lists the files that the project's steps run, as the project names
// them, each once. Those of disabled steps are not among them.
func (p *Project) ScriptFiles() []string {
	var files []string
	for _, s := range p.steps() {
		if s.Script != nil && s.Script.File != "" && !s.Disabled && !slices.Contains(files, s.Script.File) {
			files = append(files, s.Script.File)
		}
	}
	return files
}

// copyScripts copies the scripts of a project's steps into dir.
func copyScripts(dir, folder string, p *Project) ([]Script, error) {
	files := p.ScriptFiles()
	if len(files) > maxScripts {
		return nil, fmt.Errorf("the steps run %d script files; a release takes %d", len(files), maxScripts)
	}
	var scripts []Script
	for i, path := range files {
		name := fmt.Sprintf("script-%d-%s", i+1, filepath.Base(path))
		file, err := copyFile(dir, resolve(folder, path), name, maxScript)
		if err != nil {
			return nil, fmt.Errorf("scriptFile %s: %w", path, err)
		}
		scripts = append(scripts, Script{path, file})
	}
	return scripts, nil
}

// slashed writes a path so that every system reads it: on Windows a slash separates
// folders, too.
func slashed(path string) string { return strings.ReplaceAll(path, `\`, "/") }

// resolve makes a path of a project absolute.
func resolve(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// UseScripts makes the steps of a project, which must be that of the release, run
// the scripts as they were when the release was created. All of them are read to
// make sure of that. A release from before scripts were taken in has none; its steps
// run what is in the project's folder.
func (h *History) UseScripts(r Release, p *Project) error {
	kept := map[string]string{}
	for _, s := range r.Scripts {
		path, err := h.verify(r.Number, s.File)
		if err != nil {
			return err
		}
		kept[slashed(s.Path)] = path
	}
	for _, s := range p.steps() {
		if s.Script == nil {
			continue
		}
		if path, ok := kept[s.Script.File]; ok {
			s.Script.File = path
		}
	}
	return nil
}

package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A Script is a script to play.
type Script struct {
	Name string // for people, and to make its universe of: bluegreen/swap
	File string
}

const extension = ".txtar"

// Find returns the scripts that paths name, sorted and each once: files, folders
// with what is below them (but for folders named testdata, .NAME and _NAME), and globs. The scripts' names begin with the folder that
// was named. run, a regular expression, chooses among the names; "" takes all. A path
// that names no script is an error, and so is finding none.
func Find(paths []string, run string) ([]Script, error) {
	chosen, err := regexp.Compile(run)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q cannot be read: %w", run, err)
	}
	found := map[string]Script{}
	for _, path := range paths {
		if err := find(path, found); err != nil {
			return nil, err
		}
	}
	var scripts []Script
	for _, s := range found {
		if chosen.MatchString(s.Name) {
			scripts = append(scripts, s)
		}
	}
	slices.SortFunc(scripts, func(a, b Script) int { return strings.Compare(a.Name+"\x00"+a.File, b.Name+"\x00"+b.File) })
	if len(scripts) == 0 {
		return nil, fmt.Errorf("no script's name fits %q; there are %d scripts", run, len(found))
	}
	return unique(scripts), nil
}

// unique gives scripts of one name different ones.
func unique(scripts []Script) []Script {
	seen := map[string]int{}
	for i, s := range scripts {
		seen[s.Name]++
		if n := seen[s.Name]; n > 1 {
			scripts[i].Name = fmt.Sprintf("%s#%d", s.Name, n)
		}
	}
	return scripts
}

// find adds the scripts that a path names, by file.
func find(path string, found map[string]Script) error {
	matches := []string{path}
	if _, err := os.Stat(path); err != nil {
		if matches, err = filepath.Glob(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	before := len(found)
	known := false
	for _, match := range matches {
		err := filepath.WalkDir(match, func(file string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && file != match && passedOver(d.Name()) {
				return fs.SkipDir
			}
			if err != nil || d.IsDir() || filepath.Ext(file) != extension {
				return err
			}
			absolute, err := filepath.Abs(file)
			if err != nil {
				return err
			}
			if _, ok := found[absolute]; !ok {
				found[absolute] = Script{Name: nameOf(match, file), File: file}
			}
			known = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(found) == before && !known {
		if len(matches) == 0 {
			return fmt.Errorf("%s: %w", path, errNothing)
		}
		return fmt.Errorf("%s: there is no %s file", path, extension)
	}
	return nil
}

// passedOver reports whether folders of a name are looked into only when they are
// named, as the go command does.
func passedOver(name string) bool {
	return name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

var errNothing = errors.New("there is no such file or folder, and as a pattern it fits none")

// nameOf names a script: below the folder that was named, or in its own folder.
func nameOf(root, file string) string {
	if absolute, err := filepath.Abs(root); err == nil {
		root = absolute
	}
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	name, err := filepath.Rel(filepath.Dir(root), file)
	if err != nil || root == file {
		name = filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file))
	}
	return filepath.ToSlash(strings.TrimSuffix(name, extension))
}

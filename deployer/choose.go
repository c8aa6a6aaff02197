package deployer

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// FindPackage returns the path of the only service package (.cspkg) in fsys. One
// in the root wins; only when there is none is the whole tree searched. It is an
// error when there is none, or when the place that was searched has several; the
// error lists them.
func FindPackage(fsys fs.FS) (string, error) {
	found, err := inRoot(fsys, ".cspkg")
	if err == nil && len(found) == 0 {
		found, err = inTree(fsys, ".cspkg")
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("look for the service package: %w", err)
	case len(found) == 0:
		return "", errors.New("there is no service package (.cspkg)")
	case len(found) > 1:
		return "", fmt.Errorf("there are %d service packages where one is expected:\n  %s", len(found), strings.Join(found, "\n  "))
	}
	return found[0], nil
}

func inRoot(fsys fs.FS, ext string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if isFile(e, ext) {
			found = append(found, e.Name())
		}
	}
	return found, nil
}

func inTree(fsys fs.FS, ext string) ([]string, error) {
	var found []string
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && isFile(e, ext) {
			found = append(found, name)
		}
		return err
	})
	return found, err
}

func isFile(e fs.DirEntry, ext string) bool {
	return !e.IsDir() && strings.EqualFold(path.Ext(e.Name()), ext)
}

// ConfigurationChoice says which service configuration (.cscfg) to take.
type ConfigurationChoice struct {
	// File is the wished path below the root, with slashes or backslashes. When
	// it is not there the search goes on, as the guide's step does, unless it is
	// Required.
	File     string
	Required bool
	// Environment gives the second candidate, ServiceConfiguration.<environment>.cscfg.
	Environment string
}

// FindConfiguration returns the path of the first configuration that exists: the
// wished file, the one of the environment, ServiceConfiguration.Cloud.cscfg. Case
// does not matter. missed lists the candidates that were tried in vain. When none
// exists the error lists them, and the configurations that are there.
func FindConfiguration(fsys fs.FS, c ConfigurationChoice) (found string, missed []string, err error) {
	for _, candidate := range c.candidates() {
		found, err := lookUp(fsys, candidate)
		switch {
		case err == nil:
			return found, missed, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", missed, fmt.Errorf("look for the configuration %s: %w", candidate, err)
		case c.Required && len(missed) == 0 && strings.TrimSpace(c.File) != "":
			return "", nil, fmt.Errorf("there is no configuration %s%s", candidate, others(fsys))
		}
		missed = append(missed, candidate)
	}
	return "", missed, fmt.Errorf("there is no service configuration; tried %s%s", strings.Join(missed, ", "), others(fsys))
}

func (c ConfigurationChoice) candidates() []string {
	var all []string
	if file := relative(c.File); file != "" {
		all = append(all, file)
	}
	if strings.TrimSpace(c.Environment) != "" {
		all = append(all, "ServiceConfiguration."+c.Environment+".cscfg")
	}
	return append(all, "ServiceConfiguration.Cloud.cscfg")
}

// relative turns a path as people write it (sub\x, \sub\x, .\sub\x, /sub/x) into
// one below the root.
func relative(name string) string {
	name = strings.ReplaceAll(strings.TrimSpace(name), `\`, "/")
	return strings.TrimPrefix(strings.TrimLeft(path.Clean("/"+name), "/"), "./")
}

// lookUp finds a file by its path without regard to case; an exact match wins.
func lookUp(fsys fs.FS, name string) (string, error) {
	at, isDir := ".", true
	for part := range strings.SplitSeq(name, "/") {
		if !isDir {
			return "", fs.ErrNotExist
		}
		entries, err := fs.ReadDir(fsys, at)
		if err != nil {
			return "", err
		}
		match := closest(entries, part)
		if match == nil {
			return "", fs.ErrNotExist
		}
		at = path.Join(at, match.Name())
		info, err := fs.Stat(fsys, at)
		if err != nil {
			return "", err
		}
		isDir = info.IsDir()
	}
	if isDir {
		return "", fs.ErrNotExist
	}
	return at, nil
}

// closest returns the entry of that name, else one whose name differs only in
// case, else nil.
func closest(entries []fs.DirEntry, name string) fs.DirEntry {
	var found fs.DirEntry
	for _, e := range entries {
		switch {
		case e.Name() == name:
			return e
		case found == nil && strings.EqualFold(e.Name(), name):
			found = e
		}
	}
	return found
}

// others names the configurations that could have been meant.
func others(fsys fs.FS) string {
	there, err := inTree(fsys, ".cscfg")
	if err != nil || len(there) == 0 {
		return ""
	}
	return "\nhint: these configurations are there: " + shortList(there)
}

// shortList joins names, of many the first.
func shortList(names []string) string {
	const most = 10
	if len(names) > most {
		names = append(names[:most:most], fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}

// given says that a configuration was named beside the package.
func given(name string) Decision {
	return Decision{Code: ConfigurationChosen, Text: fmt.Sprintf("the configuration is %s, which was given with the package", filepath.Base(name))}
}

// reason says which configuration was found, and why. A wish in vain is a warning.
func (c ConfigurationChoice) reason(fsys fs.FS, found string, missed []string) Decision {
	wished := relative(c.File) != ""
	if wished && len(missed) > 0 {
		return Decision{Code: ConfigurationMissed, Warning: true,
			Text: fmt.Sprintf("there is no %s in the package: %s is used", strings.Join(missed, ", nor a "), found)}
	}
	d := Decision{Code: ConfigurationChosen, Text: "the configuration is " + found}
	switch {
	case wished:
		d.Text += ", as was asked for"
	case len(missed) > 0:
		d.Text += fmt.Sprintf(": there is no %s%s", missed[0], neighbours(fsys, found))
	case strings.TrimSpace(c.Environment) != "":
		d.Text += ", that of " + c.Environment
	default:
		d.Text += ", since no other is named"
	}
	return d
}

// neighbours names the configurations beside one that was found.
func neighbours(fsys fs.FS, found string) string {
	there, err := inRoot(fsys, ".cscfg")
	there = slices.DeleteFunc(there, func(name string) bool { return name == found })
	switch {
	case err != nil || len(there) == 0:
		return ""
	case len(there) == 1:
		return ", but there is " + there[0]
	}
	return ", but there are " + shortList(there)
}

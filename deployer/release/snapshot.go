package release

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A File is one file of a release, as it was when the release was created.
type File struct {
	Name   string `json:"name"` // without folders
	Size   int64  `json:"size"` // in bytes
	SHA256 string `json:"sha256"`
}

// Limits of the files of a release, in bytes.
const (
	maxPackage       = 1 << 30
	maxConfiguration = 16 << 20
)

// unfinishedPrefix begins the name of a folder that is being filled.
const unfinishedPrefix = ".new-"

// A snapshot is what is copied into the folder of a release.
type snapshot struct {
	pkg            File
	configurations []File
	scripts        []Script
}

// takeSnapshot copies files into the folder of a release. The folder appears
// under its name only when everything is in it and on disk.
func (h *History) takeSnapshot(n NewRelease) (_ snapshot, err error) {
	temp, err := os.MkdirTemp(filepath.Join(h.dir, releasesDir), unfinishedPrefix)
	if err != nil {
		return snapshot{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	var taken snapshot
	if taken.pkg, err = copyFile(temp, n.Package, filepath.Base(n.Package), maxPackage); err != nil {
		return snapshot{}, fmt.Errorf("package: %w", err)
	}
	for _, path := range n.Configurations {
		file, err := copyFile(temp, path, filepath.Base(path), maxConfiguration)
		if err != nil {
			return snapshot{}, fmt.Errorf("configuration: %w", err)
		}
		taken.configurations = append(taken.configurations, file)
	}
	if taken.scripts, err = copyScripts(temp, filepath.Dir(h.dir), n.Project); err != nil {
		return snapshot{}, err
	}
	return taken, h.publish(temp, n.Number)
}

// publish gives a filled folder its name. A folder of that name can only be
// left from a process that was killed before it recorded the release.
func (h *History) publish(temp, number string) error {
	if err := syncDir(temp); err != nil {
		return err
	}
	final := h.releaseDir(number)
	if err := os.RemoveAll(final); err != nil {
		return err
	}
	if err := os.Rename(temp, final); err != nil {
		return err
	}
	return syncDir(filepath.Dir(final))
}

func (h *History) releaseDir(number string) string {
	return filepath.Join(h.dir, releasesDir, strings.ToLower(number))
}

// copyFile copies a file into dir, under a name, and hashes it.
func copyFile(dir, path, name string, limit int64) (File, error) {
	source, err := openRegular(path)
	if err != nil {
		return File{}, err
	}
	defer source.Close()
	target, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, os.ErrExist) {
		return File{}, fmt.Errorf("two files of the release have the name %s", name)
	}
	if err != nil {
		return File{}, err
	}
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(target, hash), io.LimitReader(source, limit+1))
	if err == nil && size > limit {
		err = fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	if err == nil {
		err = target.Sync()
	}
	return File{Name: name, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, errors.Join(err, target.Close())
}

// openRegular opens a file, but no folder, pipe or device.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return os.Open(path)
}

// verify reads a file of a release and compares it with what was recorded.
func (h *History) verify(number string, f File) (path string, err error) {
	path = filepath.Join(h.releaseDir(number), f.Name)
	file, err := openRegular(path)
	if err != nil {
		return "", fmt.Errorf("release %s: %w", number, err)
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return "", fmt.Errorf("release %s: %w", number, err)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); size != f.Size || sum != f.SHA256 {
		return "", fmt.Errorf("release %s: %s has changed since the release was created (%d bytes with SHA-256 %.12s..., was %d bytes with %.12s...)\nhint: create a new release", number, f.Name, size, sum, f.Size, f.SHA256)
	}
	return path, nil
}

package deployer

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// ExtractLimits bound what an outer package may hold.
type ExtractLimits struct {
	Entries int   // files and folders
	Bytes   int64 // of all files together, uncompressed
}

// DefaultExtractLimits allow for a service package of the largest size that the
// service takes (600 MB) and as much beside it.
func DefaultExtractLimits() ExtractLimits { return ExtractLimits{Entries: 20_000, Bytes: 1_500 << 20} }

// Extract unpacks an outer package (.zip, .nupkg) of that size into dir, which
// exists and is empty. It refuses names that lead outside, names that differ only
// in case, links and devices, and contents beyond the limits; then dir holds a
// part of the contents.
func Extract(r io.ReaderAt, size int64, dir string, limits ExtractLimits) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("not a readable zip file: %w", err)
	}
	if len(archive.File) > limits.Entries {
		return fmt.Errorf("it has %d entries; %d are allowed", len(archive.File), limits.Entries)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	x := extraction{root: root, left: limits.Bytes, limits: limits, seen: map[string]string{}}
	for _, f := range archive.File {
		if err := x.entry(f); err != nil {
			return fmt.Errorf("entry %q: %w", f.Name, err)
		}
	}
	return nil
}

// An extraction is an outer package being unpacked.
type extraction struct {
	root   *os.Root // refuses to leave the folder, also through links
	left   int64    // bytes
	limits ExtractLimits
	seen   map[string]string // file names in lower case, to the names as written
}

func (x *extraction) entry(f *zip.File) error {
	name, err := entryName(f.Name)
	if err != nil {
		return err
	}
	if name == "." {
		return nil
	}
	if strings.HasSuffix(strings.ReplaceAll(f.Name, `\`, "/"), "/") {
		return x.root.MkdirAll(name, 0o700)
	}
	if !f.Mode().IsRegular() {
		return fmt.Errorf("it is no ordinary file (%s)", f.Mode().Type())
	}
	if earlier, twice := x.seen[strings.ToLower(name)]; twice {
		return fmt.Errorf("its name is taken by %q", earlier)
	}
	x.seen[strings.ToLower(name)] = f.Name
	if err := x.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	return x.file(f, name)
}

func (x *extraction) file(f *zip.File, name string) (err error) {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := x.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	n, err := io.Copy(out, io.LimitReader(in, x.left+1))
	if x.left -= n; x.left < 0 {
		return fmt.Errorf("the contents are larger than %d MiB", x.limits.Bytes>>20)
	}
	return err
}

// entryName returns the name below the folder, with slashes. Packages made on
// Windows may use backslashes.
func entryName(name string) (string, error) {
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(name, "/") || strings.ContainsAny(name, ":\x00") {
		return "", errors.New("its name is not a path below the package")
	}
	clean := path.Clean(strings.TrimSuffix(name, "/"))
	if !fs.ValidPath(clean) {
		return "", errors.New("its name leads out of the package")
	}
	return clean, nil
}

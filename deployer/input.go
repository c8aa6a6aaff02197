package deployer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/vipswap/vipswap/internal/tempfolder"
)

// maxConfiguration bounds a service configuration, in bytes.
const maxConfiguration = 4 << 20

// Source says where a release's files are.
type Source struct {
	// Path is a folder, an outer package (.zip or .nupkg), or a service package
	// (.cspkg), whose folder is then searched for the configuration.
	Path string
	// ConfigurationPath names a configuration anywhere; it goes before Choice.
	ConfigurationPath string
	Choice            ConfigurationChoice
	// TempDir is where outer packages are unpacked; "" is the system's place.
	TempDir string
	Limits  ExtractLimits // zero is DefaultExtractLimits
}

// An Input is a release's files, chosen and read. Close it after the run.
type Input struct {
	Package           PackageFile // Content stays readable until Close
	PackagePath       string      // as chosen, below the source
	Configuration     []byte      // as in the file
	ConfigurationPath string      // as chosen
	Chosen            Decision    // which configuration it is, and why

	file *os.File
	temp *tempfolder.Folder // of what was unpacked, or nil
}

// OpenInput chooses and opens the service package and its configuration. Outer
// packages are unpacked into a private temporary folder, so that runs at the same
// time never meet. It reads the package once for its digest. Errors name the file
// and, where a choice was not clear, the candidates.
func OpenInput(s Source) (_ *Input, err error) {
	in := &Input{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", s.Path, err), in.Close())
		}
	}()
	folder, err := in.folder(s)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := in.openPackage(root); err != nil {
		return nil, err
	}
	if err := in.readConfiguration(root, s); err != nil {
		return nil, err
	}
	return in, nil
}

// folder returns the folder in which the files are, after unpacking if need be.
func (in *Input) folder(s Source) (string, error) {
	info, err := os.Stat(s.Path)
	if err != nil {
		return "", bareError(err)
	}
	ext := strings.ToLower(filepath.Ext(s.Path))
	switch {
	case info.IsDir():
		return s.Path, nil
	case ext == ".cspkg":
		in.PackagePath = filepath.Base(s.Path)
		return filepath.Dir(s.Path), nil
	case ext == ".zip", ext == ".nupkg":
		return in.unpack(s, info.Size())
	}
	return "", errors.New("a folder, a .cspkg, or a .zip or .nupkg with one in it is expected")
}

func (in *Input) unpack(s Source, size int64) (string, error) {
	outer, err := os.Open(s.Path)
	if err != nil {
		return "", bareError(err)
	}
	defer outer.Close()
	if in.temp, err = (tempfolder.Place{Parent: s.TempDir}).Make(); err != nil {
		return "", err
	}
	limits := s.Limits
	if limits == (ExtractLimits{}) {
		limits = DefaultExtractLimits()
	}
	return in.temp.Path(), Extract(outer, size, in.temp.Path(), limits)
}

func (in *Input) openPackage(root *os.Root) (err error) {
	if in.PackagePath == "" {
		if in.PackagePath, err = FindPackage(root.FS()); err != nil {
			return err
		}
	}
	if in.file, err = root.Open(in.PackagePath); err != nil {
		return bareError(err)
	}
	hash := sha256.New()
	size, err := io.Copy(hash, in.file)
	if err != nil {
		return fmt.Errorf("read %s: %w", in.PackagePath, bareError(err))
	}
	in.Package = PackageFile{
		Name: filepath.Base(in.PackagePath), Size: size,
		SHA256: hex.EncodeToString(hash.Sum(nil)), Content: in.file,
	}
	return nil
}

func (in *Input) readConfiguration(root *os.Root, s Source) (err error) {
	if s.ConfigurationPath != "" {
		in.ConfigurationPath, in.Chosen = s.ConfigurationPath, given(s.ConfigurationPath)
		f, err := os.Open(s.ConfigurationPath)
		if err != nil {
			return fmt.Errorf("configuration %s: %w", s.ConfigurationPath, bareError(err))
		}
		return in.read(f)
	}
	var missed []string
	if in.ConfigurationPath, missed, err = FindConfiguration(root.FS(), s.Choice); err != nil {
		return err
	}
	in.Chosen = s.Choice.reason(root.FS(), in.ConfigurationPath, missed)
	f, err := root.Open(in.ConfigurationPath)
	if err != nil {
		return bareError(err)
	}
	return in.read(f)
}

// read takes the configuration from f and closes it.
func (in *Input) read(f *os.File) (err error) {
	defer f.Close()
	in.Configuration, err = io.ReadAll(io.LimitReader(f, maxConfiguration+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", in.ConfigurationPath, bareError(err))
	case len(in.Configuration) > maxConfiguration:
		return fmt.Errorf("%s is larger than %d MiB", in.ConfigurationPath, maxConfiguration>>20)
	}
	return nil
}

// Close closes the package and removes what was unpacked.
func (in *Input) Close() error {
	var errs []error
	if in.file != nil {
		errs = append(errs, in.file.Close())
		in.file = nil
	}
	if in.temp != nil {
		errs = append(errs, in.temp.Close())
		in.temp = nil
	}
	return errors.Join(errs...)
}

// bareError leaves out the operation and path of a file error, which are said
// around it.
func bareError(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Unpacked returns the private folder into which an outer package was unpacked, ""
// when the source was none. It is gone after Close.
func (in *Input) Unpacked() string {
	if in.temp == nil {
		return ""
	}
	return in.temp.Path()
}

package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/internal/servicepackage"
)

const packLong = `Pack makes a service package (.cspkg) from a service definition and a folder of
files for each role. The same input always gives the same bytes, so that a
package that did not change is not uploaded again.`

// packFlags are the flags of pack.
type packFlags struct {
	roles      []string
	out        string
	osFamilies []string
}

func (p *program) packCommand() *cobra.Command {
	var f packFlags
	c := &cobra.Command{
		Use:   "pack SERVICE.csdef --role NAME=DIR ... -o APP.cspkg",
		Short: "Make a service package from a definition and folders",
		Long:  packLong,
		Example: `  vipswap pack ServiceDefinition.csdef --role Web=bin/web -o shop.cspkg
  vipswap pack ServiceDefinition.csdef --role Web=bin/web --role Worker=bin/worker -o shop.cspkg --output json`,
		Args: takes("the service definition (.csdef)"),
		RunE: p.action(func(_ context.Context, args []string) error { return p.pack(args[0], f) }),
	}
	c.Flags().StringArrayVar(&f.roles, "role", nil, "the files of a role, as `NAME=DIR`; once for each role")
	c.Flags().StringVarP(&f.out, "out", "o", "", "write the package to `APP.cspkg`")
	c.Flags().StringSliceVar(&f.osFamilies, "os-family", nil, "guest OS `FAMILIES` that the roles run on; default all")
	return c
}

// packed is what pack says of the package that it made.
type packed struct {
	File   string   `json:"file"`
	Size   int64    `json:"size"` // bytes
	SHA256 string   `json:"sha256"`
	Roles  []string `json:"roles"`
}

func (p *program) pack(csdef string, f packFlags) error {
	if f.out == "" {
		return usage("-o APP.cspkg names it", "pack: the file to write is missing")
	}
	definition, err := os.ReadFile(csdef)
	if err != nil {
		return usage("", "pack: %w", err)
	}
	folders, names, err := f.folders()
	if err != nil {
		return err
	}
	result := packed{File: f.out, Roles: names}
	err = replaceFile(f.out, func(w io.Writer) error {
		digest := sha256.New()
		counted := &countingWriter{w: io.MultiWriter(w, digest)}
		err := servicepackage.Pack(counted, servicepackage.PackOptions{Definition: definition, Roles: folders, OSFamilies: f.osFamilies})
		result.Size, result.SHA256 = counted.n, hex.EncodeToString(digest.Sum(nil))
		return err
	})
	if err != nil {
		return usage("", "pack: %w", servicepackage.NameFile(err, csdef))
	}
	return p.show(result, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s, roles %s, sha256 %s\n", result.File, bytesOf(result.Size), strings.Join(result.Roles, ", "), result.SHA256)
	})
}

// folders opens the folders of the roles.
func (f packFlags) folders() (map[string]fs.FS, []string, error) {
	folders, names := map[string]fs.FS{}, []string{}
	for _, pair := range f.roles {
		name, dir, ok := strings.Cut(pair, "=")
		if !ok || name == "" || dir == "" {
			return nil, nil, usage("an example is --role Web=bin/web", "pack: --role %q is not NAME=DIR", pair)
		}
		if folders[name] != nil {
			return nil, nil, usage("", "pack: --role %s is there twice", name)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, nil, usage("", "pack: the folder of role %s: %w", name, err)
		}
		folders[name], names = root.FS(), append(names, name)
	}
	return folders, names, nil
}

// replaceFile lets write write a file beside path and then puts it in its place.
func replaceFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// countingWriter counts the bytes that go through it.
type countingWriter struct {
	w io.Writer
	n int64
}

// Write writes and counts.
func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

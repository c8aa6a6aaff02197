package servicepackage_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/vipswap/vipswap/internal/benchratio/ratio"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

const oneWorker = `<ServiceDefinition name="S" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition"><WorkerRole name="W"/></ServiceDefinition>`

// unpackedFolder has a package of 64 files of 64 KB, open and unpacked.
func unpackedFolder(b *testing.B) (*servicepackage.Package, string) {
	b.Helper()
	folder, rng := fstest.MapFS{}, rand.New(rand.NewPCG(1, 2))
	for i := range 64 {
		data := make([]byte, 64<<10)
		for j := range data {
			if data[j] = byte(rng.IntN(24)); j%64 < 16 {
				data[j] = 0
			}
		}
		folder[fmt.Sprintf("bin/%02d.dll", i)] = &fstest.MapFile{Data: data}
	}
	var buf bytes.Buffer
	if err := servicepackage.Pack(&buf, servicepackage.PackOptions{Definition: []byte(oneWorker), Roles: map[string]fs.FS{"W": folder}}); err != nil {
		b.Fatal(err)
	}
	p, err := servicepackage.OpenPackage(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	if err := p.Unpack(root); err != nil {
		b.Fatal(err)
	}
	return p, dir
}

// BenchmarkRepack compares re-packing with zipping the same folder by the standard
// library alone: once with one file changed, and once with every file changed, so
// that nothing is stored already.
func BenchmarkRepack(b *testing.B) {
	for _, bench := range []struct {
		name    string
		changed int
		aim     ratio.Aim
	}{{"one file changed", 1, ratio.AtLeast(0.8)}, {"every file changed", 64, ratio.AtLeast(0.8)}} {
		b.Run(bench.name, func(b *testing.B) {
			p, dir := unpackedFolder(b)
			for i := range bench.changed {
				change(b, filepath.Join(dir, "LocalContent", "W", "approot", "bin", fmt.Sprintf("%02d.dll", i)))
			}
			ratio.Compare(b,
				ratio.Side{Run: func(n int) {
					for range n {
						zipFolder(b, dir)
					}
				}},
				ratio.Side{Run: func(n int) {
					for range n {
						if err := p.Repack(io.Discard, os.DirFS(dir)); err != nil {
							b.Fatal(err)
						}
					}
				}}, ratio.Speed, bench.aim)
		})
	}
}

// change changes the last byte of a file.
func change(b *testing.B, path string) {
	b.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	data[len(data)-1]++
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
}

func zipFolder(b *testing.B, dir string) {
	z := zip.NewWriter(io.Discard)
	if err := z.AddFS(os.DirFS(dir)); err != nil {
		b.Fatal(err)
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
}

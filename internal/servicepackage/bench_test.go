package servicepackage

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"testing"
	"testing/fstest"
)

// benchFolder has 64 files of 256 KB that compress about as well as programs.
func benchFolder() fstest.MapFS {
	folder := fstest.MapFS{}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 64 {
		data := make([]byte, 256<<10)
		for j := range data {
			if data[j] = byte(rng.IntN(24)); j%64 < 16 {
				data[j] = 0
			}
		}
		folder[fmt.Sprintf("bin/%02d.dll", i)] = &fstest.MapFile{Data: data}
	}
	return folder
}

const benchBytes = 64 * 256 << 10

func benchOptions() PackOptions {
	return PackOptions{Definition: []byte(def(`<WorkerRole name="W"/>`)), Roles: map[string]fs.FS{"W": benchFolder()}}
}

func BenchmarkOpenPackage(b *testing.B) {
	var buf bytes.Buffer
	if err := Pack(&buf, benchOptions()); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		b.SetBytes(benchBytes)
		for b.Loop() {
			if _, err := openBytesOf(buf.Bytes()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("zip and sha256 alone", func(b *testing.B) {
		b.SetBytes(benchBytes)
		for b.Loop() {
			hashZip(b, buf.Bytes())
		}
	})
}

func hashZip(b *testing.B, data []byte) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(sha256.New(), r); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}

func BenchmarkPack(b *testing.B) {
	opts := benchOptions()
	b.Run("pack", func(b *testing.B) {
		b.SetBytes(benchBytes)
		for b.Loop() {
			if err := Pack(io.Discard, opts); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("zip alone", func(b *testing.B) {
		b.SetBytes(benchBytes)
		for b.Loop() {
			z := zip.NewWriter(io.Discard)
			if err := z.AddFS(opts.Roles["W"]); err != nil {
				b.Fatal(err)
			}
			if err := z.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParseConfiguration(b *testing.B) {
	data := testdata(b, "shop.cscfg")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ParseConfiguration(data); err != nil {
			b.Fatal(err)
		}
	}
}

package scenarios

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

// uploaded is the size of the package that is uploaded, in bytes.
const uploaded = 600 << 20

// uploaderCommand is the name of the process that uploads, so that its memory is
// its own: the emulator is in the process of the benchmark.
const uploaderCommand = "uploader"

// An errand is what the uploader is told, and feat what it tells.
type (
	errand struct {
		Account   management.StorageAccount
		Key       string
		File, Sum string
		Blob      string
	}
	feat struct {
		Took   time.Duration
		Memory uint64 // that the process has taken meanwhile, in bytes
	}
)

// uploader is the process: an errand on standard input, a feat on standard output.
func uploader() {
	var e errand
	err := json.NewDecoder(os.Stdin).Decode(&e)
	if err == nil {
		err = e.run(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "uploader:", err)
		os.Exit(1)
	}
}

func (e errand) run(out io.Writer) error {
	f, err := os.Open(e.File)
	if err != nil {
		return err
	}
	defer f.Close()
	u := storage.New(storage.Config{Retries: -1})
	began, before := time.Now(), taken()
	_, reused, err := u.Upload(context.Background(), storage.UploadRequest{
		Endpoint: e.Account.BlobEndpoint, Account: e.Account.Name, Key: e.Key,
		Container: storage.DefaultContainer, Blob: e.Blob, Source: f, Size: uploaded, SHA256: e.Sum,
	})
	if err == nil && reused {
		err = fmt.Errorf("%s was there already", e.Blob)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(feat{time.Since(began), taken() - before})
}

// taken is how much memory the process has had of the system so far, in bytes.
func taken() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys
}

// BenchmarkUpload brings a package of 600 MB to an emulator on the same machine,
// that keeps blobs in a folder and has them on disk before it answers, and to one
// that does not. It is compared with the slower of writing as much to a file, up to
// and including fsync, and hashing it with SHA-256.
func BenchmarkUpload(b *testing.B) {
	for _, kept := range []struct {
		name    string
		options func(*testing.B) []emulator.Option
	}{
		{"folder", func(b *testing.B) []emulator.Option { return []emulator.Option{emulator.WithData(b.TempDir())} }},
		{"spooled", func(*testing.B) []emulator.Option { return nil }},
	} {
		b.Run(kept.name, func(b *testing.B) {
			e := newErrand(b, emulator.Start(b, append(kept.options(b), emulator.WithClock(cloud.AutoTime, 1))...))
			var bases, times, ratios []float64
			for b.Loop() {
				base, took := float64(slower(b)), float64(e.send(b).Took)
				bases, times, ratios = append(bases, base), append(times, took), append(ratios, base/took)
			}
			b.ReportMetric(ratio.Median(times), "ns/op")
			b.ReportMetric(ratio.Median(bases), "base-ns/op")
			ratio.Single(b, ratio.Median(ratios), "ratio", ratio.AtLeast(0.8))
		})
	}
}

// BenchmarkUploadMemory is how much memory an upload of 600 MB takes.
func BenchmarkUploadMemory(b *testing.B) {
	e := newErrand(b, emulator.Start(b, emulator.WithClock(cloud.AutoTime, 1)))
	var memory []float64
	for b.Loop() {
		memory = append(memory, float64(e.send(b).Memory)/(1<<20))
	}
	ratio.Single(b, ratio.Median(memory), "MiB", ratio.AtMost(16))
}

// newErrand makes a storage account and a package for it.
func newErrand(b *testing.B, e *emulator.Emulator) *errand {
	b.Helper()
	client, err := management.New(management.Config{
		URL: e.ManagementURL(), SubscriptionID: e.Subscription(), Certificate: e.Management().Certificate, RootCAs: e.CertPool(),
	})
	must(b, err)
	b.Cleanup(client.CloseIdleConnections)
	ctx := context.Background()
	id, err := client.CreateStorageAccount(ctx, management.NewStorageAccount{Name: "packages", Label: "packages", Location: "West US"})
	must(b, err)
	_, err = client.Operation(ctx, id)
	must(b, err)
	job := &errand{File: filepath.Join(b.TempDir(), "Shop.cspkg")}
	job.Account, err = client.StorageAccount(ctx, "packages")
	must(b, err)
	keys, err := client.StorageKeys(ctx, "packages")
	must(b, err)
	job.Key = keys.Primary
	f, err := os.Create(job.File)
	must(b, err)
	defer f.Close()
	h := sha256.New()
	must(b, write(io.MultiWriter(f, h)))
	job.Sum = fmt.Sprintf("%x", h.Sum(nil))
	return job
}

// send has the package uploaded under a name of its own.
func (e *errand) send(b *testing.B) feat {
	b.Helper()
	e.Blob += "b"
	in, err := json.Marshal(e)
	must(b, err)
	c := exec.Command(uploaderCommand)
	c.Stdin, c.Stderr = bytes.NewReader(in), os.Stderr
	out, err := c.Output()
	must(b, err)
	var f feat
	must(b, json.Unmarshal(out, &f))
	return f
}

// slower returns the time of writing a package to disk or of hashing it, whichever
// takes longer.
func slower(b *testing.B) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	must(b, err)
	defer os.Remove(f.Name())
	defer f.Close()
	began := time.Now()
	must(b, write(f))
	must(b, f.Sync())
	wrote := time.Since(began)
	began = time.Now()
	must(b, write(sha256.New()))
	return max(wrote, time.Since(began))
}

// write writes a package, in pieces of a MiB no two of which are alike.
func write(w io.Writer) error {
	piece := make([]byte, 1<<20)
	for i := range piece {
		piece[i] = byte(i * 7)
	}
	for n := range uploaded / len(piece) {
		piece[n] = byte(n)
		piece[len(piece)-1-n] = byte(n >> 3)
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return nil
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

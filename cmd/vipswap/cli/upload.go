package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/deployer/storage"
)

const uploadLong = `Upload stores a package in a storage account, where the service can fetch it, and
prints the blob's address on the last line. The blob's name holds the hash of the
package: the same package is stored once. An account that is missing is made.`

// uploadFlags are the flags of upload.
type uploadFlags struct {
	connectionFlags
	account, location, version string
	plan                       bool
}

func (p *program) uploadCommand() *cobra.Command {
	var f uploadFlags
	c := &cobra.Command{
		Use:     "upload APP.cspkg",
		Short:   "Store a package in a storage account",
		Long:    uploadLong + connectionHelp,
		Example: "  vipswap upload shop.cspkg --account shoppackages\n  URL=$(vipswap upload shop.cspkg --account shoppackages | tail -n 1)",
		Args:    takes("the package (.cspkg)"),
	}
	f.register(c.Flags())
	c.Flags().StringVar(&f.account, "account", "", "the storage account, by `NAME`; default: the subscription's only one")
	c.Flags().StringVar(&f.location, "location", "", "where to make an account that is missing; default: the first `PLACE` offered")
	c.Flags().StringVar(&f.version, "version", "", "a `VERSION` for the blob's name")
	c.Flags().BoolVar(&f.plan, "plan", false, "print what would be done and why, and change nothing")
	c.RunE = p.action(func(ctx context.Context, args []string) error {
		if err := p.upload(ctx, f, args[0]); err != nil {
			return fmt.Errorf("upload: %w", err)
		}
		return nil
	})
	return c
}

// uploaded is what upload prints as JSON.
type uploaded struct {
	URL     string `json:"url"`
	Account string `json:"account"`
	Reused  bool   `json:"reused"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"` // bytes
}

func (p *program) upload(ctx context.Context, f uploadFlags, path string) error {
	file, size, sum, err := openHashed(path)
	if err != nil {
		return usage("", "%w", err)
	}
	defer file.Close()
	conn, err := p.connect(f.connectionFlags)
	if err != nil {
		return err
	}
	store, err := p.packageStore(ctx, conn, f.account, f.location)
	if err != nil {
		return err
	}
	if f.plan {
		return p.planUpload(ctx, store, path, size, sum)
	}
	report := p.reporter()
	address, reused, err := store.Upload(ctx, deployer.PackageFile{Name: filepath.Base(path), Version: f.version, Size: size, SHA256: sum, Content: file}, report.Uploading)
	if screen := p.screen(); screen != nil {
		screen.clear()
	}
	if err != nil {
		return err
	}
	return p.show(uploaded{address, store.Name(), reused, sum, size}, func(w io.Writer) {
		if reused {
			fmt.Fprintf(w, "%s is there already\n", filepath.Base(path))
		}
		fmt.Fprintln(w, address)
	})
}

// planUpload says what an upload would do.
func (p *program) planUpload(ctx context.Context, store *provision.Account, path string, size int64, sum string) error {
	var tasks []task
	switch _, err := store.Provider.Cloud.StorageAccount(ctx, store.Name()); {
	case management.IsNotFound(err):
		tasks = append(tasks, task{What: "create storage account " + store.Name(), Why: "there is none of that name"})
	case err != nil:
		return err
	}
	what := fmt.Sprintf("upload %s (%s) to %s/%s/%s", path, bytesOf(size), store.Name(), storage.DefaultContainer, storage.BlobName(filepath.Base(path), "", sum))
	return p.doTasks(ctx, true, append(tasks, task{What: what, Why: "the service fetches packages from blob storage; one that is there already is used again"}))
}

// openHashed opens a file and returns its size in bytes and its SHA-256 in hex.
func openHashed(path string) (*os.File, int64, string, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, 0, "", err
	}
	size, sum, err := hashOf(in)
	if err != nil {
		in.Close()
		return nil, 0, "", err
	}
	return in, size, sum, nil
}

func hashOf(r io.Reader) (int64, string, error) {
	h := sha256.New()
	size, err := io.Copy(h, r)
	return size, hex.EncodeToString(h.Sum(nil)), err
}

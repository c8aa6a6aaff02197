package cli

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/storage"
)

func (p *program) packagesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "packages",
		Short:   "List and clean up the packages in a storage account",
		Long:    "Packages lists what was uploaded to a storage account, and deletes what is old.",
		Example: "  vipswap packages list --account shoppackages\n  vipswap packages prune --keep 10",
	}
	return p.group(c, p.packagesListCommand(), p.packagesPruneCommand())
}

// packagesFlags say which packages are meant.
type packagesFlags struct {
	connectionFlags
	account, match string
}

func (f *packagesFlags) registerAll(c *cobra.Command) {
	f.register(c.Flags())
	c.Flags().StringVar(&f.account, "account", "", "the storage account, by `NAME`; default: the project's, else the subscription's only one")
	c.Flags().StringVar(&f.match, "match", "*", "only packages whose names match this `PATTERN`, such as \"shop*\"")
}

// storedPackages are packages of an account that were looked up.
type storedPackages struct {
	conn  *connection
	place storage.PackagePlace
	found []storage.StoredPackage // the newest first
}

// findPackages lists the packages that the flags mean.
func (p *program) findPackages(ctx context.Context, f packagesFlags) (*storedPackages, error) {
	if _, err := path.Match(f.match, ""); err != nil {
		return nil, usage(`for example "shop*"`, "%q is no pattern", f.match)
	}
	named := f.account
	if project, dir, err := p.project(); named == "" && err == nil && project != nil {
		if at, err := projectPlace(project, management.Staging, p.sources(dir)); err == nil {
			named = at.account
		}
	}
	conn, err := p.connect(f.connectionFlags)
	if err != nil {
		return nil, err
	}
	if named, err = conn.chooseAccount(ctx, named); err != nil {
		return nil, err
	}
	account, err := conn.StorageAccount(ctx, named)
	if management.IsNotFound(err) {
		return nil, refused("", "there is no storage account %s", named)
	}
	if err != nil {
		return nil, err
	}
	keys, err := conn.StorageKeys(ctx, account.Name)
	if err != nil {
		return nil, err
	}
	s := &storedPackages{conn: conn, place: storage.PackagePlace{
		Endpoint: account.BlobEndpoint, Account: account.Name, Key: keys.Primary, Container: storage.DefaultContainer,
	}}
	all, err := conn.uploader.Packages(ctx, s.place)
	for _, one := range all {
		if ok, _ := path.Match(f.match, one.Name); ok {
			s.found = append(s.found, one)
		}
	}
	return s, err
}

func (p *program) packagesListCommand() *cobra.Command {
	var f packagesFlags
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the packages in a storage account",
		Long:    "List prints the packages that were uploaded to a storage account, the newest first." + connectionHelp,
		Example: "  vipswap packages list\n  vipswap packages list --account shoppackages --match \"shop*\" --output json",
		Args:    takes(),
	}
	f.registerAll(c)
	c.RunE = p.action(func(ctx context.Context, _ []string) error {
		s, err := p.findPackages(ctx, f)
		if err != nil {
			return fmt.Errorf("packages list: %w", err)
		}
		view := struct {
			Account  string                  `json:"account"`
			Packages []storage.StoredPackage `json:"packages"`
		}{s.place.Account, append([]storage.StoredPackage{}, s.found...)}
		return p.show(view, func(w io.Writer) {
			t := &table{}
			t.head(p.style(w), "UPLOADED", "SIZE", "NAME")
			for _, one := range s.found {
				t.add(plain(one.Modified.Format(time.RFC3339)), plain(bytesOf(one.Size)), plain(one.Name))
			}
			t.write(w)
		})
	})
	return c
}

const pruneLong = `Prune deletes old packages of a storage account: all but the newest, as many as
--keep says. Only blobs in the container of vipswap's uploads, with the names that
it gives, are looked at. What was deployed from a package goes on without it: the
service has a copy of its own. A release whose package is gone is uploaded again.`

func (p *program) packagesPruneCommand() *cobra.Command {
	var f packagesFlags
	var keep int
	var plan bool
	c := &cobra.Command{
		Use:     "prune --keep N",
		Short:   "Delete all but the newest packages of a storage account",
		Long:    pruneLong + connectionHelp,
		Example: "  vipswap packages prune --keep 10 --plan\n  vipswap packages prune --keep 3 --match \"shop*\"",
		Args:    takes(),
	}
	f.registerAll(c)
	c.Flags().IntVar(&keep, "keep", 0, "how many packages stay, a number `N` from 1 on")
	c.Flags().BoolVar(&plan, "plan", false, "print what would be done and why, and change nothing")
	c.RunE = p.action(func(ctx context.Context, _ []string) error {
		if keep < 1 {
			return usage("an example is --keep 10", "packages prune: --keep needs a number from 1 on")
		}
		if err := p.prune(ctx, f, keep, plan); err != nil {
			return fmt.Errorf("packages prune: %w", err)
		}
		return nil
	})
	return c
}

func (p *program) prune(ctx context.Context, f packagesFlags, keep int, planOnly bool) error {
	s, err := p.findPackages(ctx, f)
	if err != nil {
		return err
	}
	tasks := []task{}
	deleted := []string{}
	for i, one := range s.found {
		if i < keep {
			continue
		}
		deleted = append(deleted, one.Name)
		tasks = append(tasks, task{
			What: "delete " + strings.Join([]string{s.place.Account, s.place.Container, one.Name}, "/"),
			Why:  fmt.Sprintf("%s; it is of %s", newerOnes(i), one.Modified.Format(time.RFC3339)),
			do:   func(ctx context.Context) error { return s.conn.uploader.DeletePackage(ctx, s.place, one) },
		})
	}
	if err := p.doTasks(ctx, planOnly, tasks); err != nil || planOnly {
		return err
	}
	view := struct {
		Deleted []string `json:"deleted"`
		Kept    int      `json:"kept"`
	}{deleted, len(s.found) - len(deleted)}
	return p.show(view, func(w io.Writer) { fmt.Fprintf(w, "%d deleted, %d kept\n", len(deleted), view.Kept) })
}

func newerOnes(n int) string {
	if n == 1 {
		return "1 newer one is there"
	}
	return fmt.Sprintf("%d newer ones are there", n)
}

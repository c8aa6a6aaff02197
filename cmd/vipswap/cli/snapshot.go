package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/emulator/universe"
)

func (p *program) snapshotCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "snapshot",
		Short: "Save, restore, fork, export and compare universes of an emulator",
		Long: `A snapshot is a universe as it was at a moment, under a name: its state, with all
that was in progress, and its blobs. An exported one is a file to commit beside
the tests that begin with it.`,
		Example: "  vipswap snapshot save before\n  vipswap snapshot restore before\n  vipswap snapshot export shop.vipswap",
	}
	return p.group(c,
		p.snapshotSaveCommand(), p.snapshotListCommand(), p.snapshotDeleteCommand(), p.snapshotRestoreCommand(),
		p.snapshotForkCommand(), p.snapshotExportCommand(), p.snapshotImportCommand(), p.snapshotDiffCommand())
}

// snapshotAction makes a command on the universe that the flags name.
func (p *program) snapshotAction(c *cobra.Command, do func(context.Context, *controller, []string) error) *cobra.Command {
	var f controlFlags
	c.Long += universeHelp
	f.registerUniverse(c.Flags())
	c.RunE = p.action(p.onUniverse(&f, do))
	return c
}

func (p *program) snapshotSaveCommand() *cobra.Command {
	return p.snapshotAction(&cobra.Command{
		Use:     "save NAME",
		Short:   "Save a universe under a name",
		Long:    "Save keeps the universe as it is now, in the place of any snapshot of that name.",
		Example: "  vipswap snapshot save before",
		Args:    takes("the name"),
	}, func(ctx context.Context, k *controller, args []string) error {
		taken, err := k.Snapshot(ctx, k.universe, args[0])
		if err != nil {
			return err
		}
		return p.show(taken, func(w io.Writer) { p.writeSnapshots(w, taken) })
	})
}

func (p *program) snapshotListCommand() *cobra.Command {
	return p.snapshotAction(&cobra.Command{
		Use:     "list",
		Short:   "List the snapshots of a universe",
		Long:    "List prints the snapshots of the universe.",
		Example: "  vipswap snapshot list --output json",
		Args:    takes(),
	}, func(ctx context.Context, k *controller, _ []string) error {
		all, err := k.Snapshots(ctx, k.universe)
		if err != nil {
			return err
		}
		return p.show(all, func(w io.Writer) { p.writeSnapshots(w, all...) })
	})
}

func (p *program) writeSnapshots(w io.Writer, all ...universe.Snapshot) {
	t := table{}
	t.head(p.style(w), "SNAPSHOT", "TIME", "SERVICES", "STORAGE ACCOUNTS", "OPERATIONS", "PENDING")
	for _, s := range all {
		t.add(plain(s.Name), plain(cloudTime(s.Time)), plain(fmt.Sprint(s.Services)), plain(fmt.Sprint(s.StorageAccounts)), plain(fmt.Sprint(s.Operations)), plain(fmt.Sprint(s.Pending)))
	}
	t.write(w)
}

func (p *program) snapshotDeleteCommand() *cobra.Command {
	return p.snapshotAction(&cobra.Command{
		Use:     "delete NAME",
		Short:   "Delete a snapshot",
		Long:    "Delete drops a snapshot of the universe; the universe itself stays as it is.",
		Example: "  vipswap snapshot delete before",
		Args:    takes("the name"),
	}, func(ctx context.Context, k *controller, args []string) error {
		if err := k.DeleteSnapshot(ctx, k.universe, args[0]); err != nil {
			return err
		}
		return p.show(map[string]string{"deleted": args[0]}, func(w io.Writer) { fmt.Fprintf(w, "snapshot %s: deleted\n", args[0]) })
	})
}

func (p *program) snapshotRestoreCommand() *cobra.Command {
	return p.snapshotAction(&cobra.Command{
		Use:     "restore NAME",
		Short:   "Put a universe back to a snapshot",
		Long:    "Restore makes the universe what it was when the snapshot was taken: state, blobs\nand time. Its journal stays.",
		Example: "  vipswap snapshot restore before",
		Args:    takes("the name"),
	}, func(ctx context.Context, k *controller, args []string) error {
		info, err := k.Restore(ctx, k.universe, args[0])
		if err != nil {
			return err
		}
		return p.showUniverse(info)
	})
}

func (p *program) snapshotForkCommand() *cobra.Command {
	newID := ""
	c := p.snapshotAction(&cobra.Command{
		Use:     "fork [NAME]",
		Short:   "Make a universe of a snapshot",
		Long:    "Fork makes a new universe of a snapshot, or of the universe as it is now. The two\ngo on apart.",
		Example: "  vipswap snapshot fork before\n  vipswap snapshot fork --id 4d8f8996-4ebe-4340-a097-d1b1f01e7932",
		Args:    atMostOne("the name"),
	}, func(ctx context.Context, k *controller, args []string) error {
		info, err := k.Fork(ctx, k.universe, firstOf(args...), newID)
		if err != nil {
			return err
		}
		return p.showUniverse(info)
	})
	c.Flags().StringVar(&newID, "id", "", "the `GUID` of the new universe; by default a new one")
	return c
}

// atMostOne refuses more than one argument.
func atMostOne(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return takes(name)(cmd, args)
	}
}

func (p *program) snapshotExportCommand() *cobra.Command {
	name := ""
	c := p.snapshotAction(&cobra.Command{
		Use:     "export FILE",
		Short:   "Write a universe to a file",
		Long:    "Export writes the universe as it is now, or a snapshot of it, to one file. The same\nuniverse gives the same bytes. \"-\" is the standard output.",
		Example: "  vipswap snapshot export shop.vipswap\n  vipswap snapshot export before.vipswap --snapshot before",
		Args:    takes("the file"),
	}, func(ctx context.Context, k *controller, args []string) error {
		if args[0] == "-" {
			return k.Export(ctx, k.universe, name, p.Stdout)
		}
		return exportTo(args[0], func(w io.Writer) error { return k.Export(ctx, k.universe, name, w) })
	})
	c.Flags().StringVar(&name, "snapshot", "", "the `NAME` of a snapshot; by default the universe as it is now")
	return c
}

// exportTo writes a file, whole or not at all.
func exportTo(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return usage("", "snapshot export: %w", err)
	}
	defer os.Remove(f.Name())
	err = write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

func (p *program) snapshotImportCommand() *cobra.Command {
	var f controlFlags
	into := ""
	c := &cobra.Command{
		Use:     "import FILE",
		Short:   "Make a universe of a file",
		Long:    "Import makes a new universe of an exported file, or puts it in the place of the\none that --into names. \"-\" is the standard input." + controlHelp,
		Example: "  vipswap snapshot import shop.vipswap\n  vipswap snapshot import shop.vipswap --into 4d8f8996-4ebe-4340-a097-d1b1f01e7932",
		Args:    takes("the file"),
	}
	f.register(c.Flags())
	c.Flags().StringVar(&into, "into", "", "the `ID` of a universe, new or not; by default a new one")
	c.RunE = p.action(p.controlling(&f, func(ctx context.Context, k *controller, args []string) error {
		in := p.Stdin
		if args[0] != "-" {
			file, err := os.Open(args[0])
			if err != nil {
				return usage("", "snapshot import: %w", err)
			}
			defer file.Close()
			in = file
		}
		info, err := k.Import(ctx, in, into)
		if err != nil {
			return err
		}
		return p.showUniverse(info)
	}))
	return c
}

func (p *program) snapshotDiffCommand() *cobra.Command {
	return p.snapshotAction(&cobra.Command{
		Use:     "diff FROM [TO]",
		Short:   "Say what differs between two snapshots",
		Long:    "Diff says what is different in TO from what it is in FROM: services, slots,\ndeployments, instances, operations, blobs. Without TO it is the universe as it is\nnow.",
		Example: "  vipswap snapshot diff before\n  vipswap snapshot diff before after --output json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return takes("the name")(cmd, args)
		},
	}, func(ctx context.Context, k *controller, args []string) error {
		diff, err := k.Diff(ctx, k.universe, args[0], firstOf(args[1:]...))
		if err != nil {
			return err
		}
		return p.show(diff, func(w io.Writer) { fmt.Fprint(w, diff) })
	})
}

package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/emulator"
)

func (p *program) dataCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "data",
		Short:   "Look after data folders of the emulator",
		Long:    "A data folder is what \"vipswap serve --data DIR\" keeps its state in.",
		Example: "  vipswap data check ~/vipswap-data",
	}
	return p.group(c, p.dataCheckCommand())
}

const dataCheckLong = `Check reads a whole data folder: both databases, every record in them, and the
contents of every blob with their lengths and checksums. It changes nothing, and
wants no emulator to be using the folder.

Findings are printed one a line, and the exit code is 1 when there are any.`

func (p *program) dataCheckCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "check DIR",
		Short:   "Say whether a data folder is whole",
		Long:    dataCheckLong,
		Example: "  vipswap data check ~/vipswap-data\n  vipswap data check ~/vipswap-data --output json",
		Args:    takes("the data folder"),
	}
	c.RunE = p.action(func(_ context.Context, args []string) error { return p.dataCheck(args[0]) })
	return c
}

func (p *program) dataCheck(dir string) error {
	report, err := emulator.CheckData(dir)
	if err != nil {
		return usage("", "%w", err)
	}
	if err := p.show(report, func(w io.Writer) { writeDataReport(w, p.style(w), report) }); err != nil {
		return err
	}
	if n := len(report.Findings); n > 0 {
		return failed("an emulator that is started with the folder keeps what it can read, and refuses to start where it cannot", "check data: %s is damaged: %s", dir, counted(n, "finding"))
	}
	return nil
}

func writeDataReport(w io.Writer, s style, r emulator.DataReport) {
	t := table{}
	t.add(cell{"subscriptions", s.dim}, plain(strings.Join(r.Subscriptions, ", ")))
	t.add(cell{"snapshots", s.dim}, plain(fmt.Sprint(r.Snapshots)))
	t.add(cell{"records", s.dim}, plain(fmt.Sprint(r.Records)))
	t.add(cell{"blobs", s.dim}, plain(fmt.Sprintf("%d, %s", r.Blobs, bytesOf(r.BlobBytes))))
	t.write(w)
	for _, finding := range r.Findings {
		fmt.Fprintf(w, "%s %s\n", s.bad("damaged:"), finding)
	}
	if len(r.Findings) == 0 {
		fmt.Fprintf(w, "%s the data folder is whole\n", s.good("ok:"))
	}
}

// counted returns a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

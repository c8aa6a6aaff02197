package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/internal/servicepackage"
)

const inspectLong = `Inspect says what is in a service package (.cspkg), after checking that it is
whole. With --config it also checks a service configuration against it, as the
service would before a deployment, and fails with all that does not fit.`

func (p *program) inspectCommand() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:     "inspect APP.cspkg",
		Short:   "Say what is in a package, and whether a configuration fits",
		Long:    inspectLong,
		Example: "  vipswap inspect shop.cspkg\n  vipswap inspect shop.cspkg --config ServiceConfiguration.Cloud.cscfg\n  vipswap inspect shop.cspkg --output json",
		Args:    takes("the package (.cspkg)"),
		RunE:    p.action(func(_ context.Context, args []string) error { return p.inspect(args[0], config) }),
	}
	c.Flags().StringVar(&config, "config", "", "check the configuration in this `FILE` (.cscfg), too")
	return c
}

// inspected is what inspect prints as JSON.
type inspected struct {
	File string `json:"file"`
	servicepackage.Summary
	Configuration *checked `json:"configuration,omitempty"`
}

// checked is what came of checking a configuration.
type checked struct {
	File     string   `json:"file"`
	Problems []string `json:"problems"`
	Warnings []string `json:"warnings"`
}

func (p *program) inspect(file, config string) error {
	f, err := os.Open(file)
	if err != nil {
		return usage("", "inspect: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return usage("", "inspect: %w", err)
	}
	pkg, err := servicepackage.OpenPackage(f, info.Size())
	if err != nil {
		return failed("", "inspect %s: %w", file, servicepackage.NameFile(err, file))
	}
	result := inspected{File: file, Summary: pkg.Summary()}
	if config != "" {
		if result.Configuration, err = checkConfiguration(pkg, config); err != nil {
			return err
		}
	}
	if err := p.show(result, func(w io.Writer) { writeInspected(w, p.style(w), result) }); err != nil {
		return err
	}
	if c := result.Configuration; c != nil && len(c.Problems) > 0 {
		return failed("", "inspect: %s does not fit the package:\n  %s", config, strings.Join(c.Problems, "\n  "))
	}
	return nil
}

// checkConfiguration compares a configuration file with the package.
func checkConfiguration(pkg *servicepackage.Package, file string) (*checked, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("", "inspect: %w", err)
	}
	cfg, err := servicepackage.ParseConfiguration(data)
	if err != nil {
		return nil, failed("", "inspect: %w", servicepackage.NameFile(err, file))
	}
	c := &checked{File: file, Problems: []string{}, Warnings: []string{}}
	for _, problem := range pkg.Check(cfg) {
		c.Problems = append(c.Problems, problem.Message)
	}
	for _, warning := range servicepackage.Warnings(pkg.Definition, cfg) {
		c.Warnings = append(c.Warnings, warning.Message)
	}
	return c, nil
}

func writeInspected(w io.Writer, s style, i inspected) {
	format := string(i.Format)
	if i.Encrypted {
		format += ", encrypted: only its definition can be read"
	}
	t := table{}
	t.add(cell{"service", s.dim}, cell{i.Service, s.bold})
	t.add(cell{"format", s.dim}, plain(format))
	t.add(cell{"size", s.dim}, plain(bytesOf(i.SizeBytes)))
	t.add(cell{"made by", s.dim}, plain("SDK "+i.ProductVersion))
	t.add(cell{"upgrade domains", s.dim}, plain(fmt.Sprint(i.UpgradeDomains)))
	t.write(w)
	for _, role := range i.Roles {
		writeRole(w, s, role, i.Encrypted)
	}
	for _, warning := range i.Warnings {
		fmt.Fprintf(w, "%s %s\n", s.warn("warning:"), warning)
	}
	if i.Configuration != nil {
		writeChecked(w, s, *i.Configuration)
	}
}

// writeRole tells of a role; of an encrypted one nobody knows the files.
func writeRole(w io.Writer, s style, r servicepackage.RoleSummary, encrypted bool) {
	fmt.Fprintf(w, "\n%s (%s, %s)\n", s.bold(r.Name), r.Kind, r.VMSize)
	t := table{indent: "  "}
	for _, e := range r.Endpoints {
		port := e.Port
		if e.LocalPort != "" && e.LocalPort != e.Port {
			port += " to " + e.LocalPort
		}
		t.add(cell{e.Kind + " endpoint", s.dim}, plain(fmt.Sprintf("%s: %s %s", e.Name, e.Protocol, port)))
	}
	for _, part := range []struct {
		name  string
		items []string
	}{{"settings", r.Settings}, {"certificates", r.Certificates}, {"guest OS families", r.OSFamilies}, {"needs", r.RequiredFeatures}} {
		if len(part.items) > 0 {
			t.add(cell{part.name, s.dim}, plain(strings.Join(part.items, ", ")))
		}
	}
	for _, l := range r.LocalStorage {
		t.add(cell{"local storage", s.dim}, plain(fmt.Sprintf("%s: %d MB", l.Name, l.SizeMB)))
	}
	files := fmt.Sprintf("%d, %s", r.Files, bytesOf(r.FileBytes))
	if encrypted {
		files = "encrypted"
	}
	t.add(cell{"files", s.dim}, plain(files))
	t.write(w)
}

func writeChecked(w io.Writer, s style, c checked) {
	fmt.Fprintln(w)
	for _, warning := range c.Warnings {
		fmt.Fprintf(w, "%s %s\n", s.warn("warning:"), warning)
	}
	if len(c.Problems) == 0 {
		fmt.Fprintf(w, "%s %s fits the package\n", s.good("ok:"), c.File)
	}
}

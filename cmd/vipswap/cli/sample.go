package cli

import (
	"embed"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// sample is the small cloud service that the demo deploys, in two versions.
//
//go:embed sample
var sample embed.FS

// sampleVersions are the versions of the sample service.
var sampleVersions = []string{"1.0.0", "1.1.0"}

// samplePackage is the file name of a version's package.
func samplePackage(version string) string { return "shop-" + version + ".cspkg" }

const sampleConfiguration = "ServiceConfiguration.Cloud.cscfg"

// writeSample writes a project folder: the project file, the configuration and a
// package for each version.
func writeSample(dir string) error {
	for _, name := range []string{release.FileName, sampleConfiguration} {
		data, err := sample.ReadFile("sample/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	for _, version := range sampleVersions {
		write := func(w io.Writer) error { return packSample(w, version) }
		if err := replaceFile(filepath.Join(dir, samplePackage(version)), write); err != nil {
			return err
		}
	}
	return nil
}

// packSample packs a version of the sample service.
func packSample(w io.Writer, version string) error {
	definition, err := sample.ReadFile("sample/ServiceDefinition.csdef")
	if err != nil {
		return err
	}
	web, err := fs.Sub(sample, "sample/web-"+version)
	if err != nil {
		return err
	}
	worker, err := fs.Sub(sample, "sample/worker")
	if err != nil {
		return err
	}
	return servicepackage.Pack(w, servicepackage.PackOptions{
		Definition: definition,
		Roles:      map[string]fs.FS{"Web": web, "Orders": worker},
	})
}

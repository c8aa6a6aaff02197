package scenarios

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/cmd/vipswap/cli"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/internal/servicepackage"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// samplesDir holds definitions and configurations of public projects, and a package
// that the real tool wrote. They are not part of this module.
const samplesDir = "../../shared/samples"

// refusedSamples are the configurations that do not fit their definition, by the
// end of their path, with the words of the refusal.
var refusedSamples = map[string]string{
	"CrankWorker.Azure/ServiceConfiguration.Cloud.cscfg": "Role 'ClientWorkerRole' named in the network configuration",
}

// TestSamples packs, deploys, swaps and deletes every pair of a definition and a
// configuration that public projects published.
func TestSamples(t *testing.T) {
	if _, err := os.Stat(samplesDir); err != nil {
		t.Skipf("skipped, because the samples are not beside the checkout: %v", err)
	}
	st := newStage(t)
	tried := 0
	err := filepath.WalkDir(samplesDir, func(path string, d fs.DirEntry, err error) error {
		definition := filepath.Join(filepath.Dir(path), "ServiceDefinition.csdef")
		if err != nil || !strings.EqualFold(filepath.Ext(path), ".cscfg") || !exists(definition) {
			return err
		}
		tried++
		name, err := filepath.Rel(samplesDir, path)
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			t.Parallel()
			s := newSample(t, st, name)
			s.must(t, 0, append([]string{"pack", definition, "-o", s.pkg}, packRoles(t, definition)...)...)
			s.story(t, s.withCertificate(t, path), refusal(name))
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if tried < 30 {
		t.Errorf("only %d pairs were tried", tried)
	}
}

// TestRealPackage does the same with the package that the real tool wrote.
func TestRealPackage(t *testing.T) {
	folder := filepath.Join(samplesDir, "OctopusDeploy-Calamari")
	pkg := filepath.Join(folder, "SampleCloudService.cspkg")
	if !exists(pkg) {
		t.Skip("skipped, because the samples are not beside the checkout")
	}
	s := newSample(t, newStage(t), "real package")
	s.pkg = pkg
	s.must(t, 0, "inspect", pkg)
	s.story(t, filepath.Join(folder, "ServiceConfiguration.Cloud.cscfg"), "")
}

// TestRealPackageIsChanged releases the package of the real tool, once as it is and
// once with its files changed: that one is packed again in the newer format, and the
// two can be swapped.
func TestRealPackageIsChanged(t *testing.T) {
	folder := filepath.Join(samplesDir, "OctopusDeploy-Calamari")
	pkg, err := filepath.Abs(filepath.Join(folder, "SampleCloudService.cspkg"))
	if err != nil || !exists(pkg) {
		t.Skip("skipped, because the samples are not beside the checkout")
	}
	config, err := filepath.Abs(filepath.Join(folder, "ServiceConfiguration.Cloud.cscfg"))
	if err != nil {
		t.Fatal(err)
	}
	s := newSample(t, newStage(t), "real package changed")
	s.dir = t.TempDir()
	project := func(step string) {
		text := "project: Sample\nservice: " + stage.ServiceName + "\nenvironments: [Staging, Production]\nstep:\n  name: Sample\n" + step
		if err := os.WriteFile(filepath.Join(s.dir, "vipswap.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	release := func(number string, packedAgain bool) {
		t.Helper()
		s.must(t, 0, "release", "create", number, "--package", pkg, "--config", config)
		got := s.must(t, 0, "release", "deploy", number, "--to", "Staging")
		if strings.Contains(got, "is packed again") != packedAgain {
			t.Errorf("release %s: packed again should be %v: %s", number, packedAgain, got)
		}
		s.must(t, 0, "release", "deploy", number, "--to", "Production")
	}
	project("")
	release("1.0.0", false)
	project("  package:\n    structuredVariables: [\"**/approot/*.config\"]\n" +
		"variables:\n  - {name: /configuration/system.diagnostics/trace/listeners/add/@name, value: Listener}\n")
	release("1.1.0", true)
	if got := s.must(t, 0, "slots", "--output", "json"); !strings.Contains(got, "Sample v1.1.0") || !strings.Contains(got, "Sample v1.0.0") {
		t.Errorf("the slots are %s", got)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// refusal returns the words with which a sample is refused, "" for one that is not.
func refusal(name string) string {
	for end, words := range refusedSamples {
		if strings.HasSuffix(filepath.ToSlash(name), end) {
			return words
		}
	}
	return ""
}

// withCertificate returns a configuration in which every certificate is one that the
// service has; without certificates it is the file itself. Before that, the file is
// refused for its own certificates, which nobody added to the service.
func (s *sampleRun) withCertificate(t *testing.T, config string) string {
	t.Helper()
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	edits := s.certificateEdits(t, data)
	if len(edits) == 0 {
		return config
	}
	got := s.must(t, 3, "deploy", "--service", stage.ServiceName, "--slot", "staging", "--package", s.pkg, "--config", config, "--label", "1.0.0")
	if !strings.Contains(got, "does not have the certificates that the configuration names: ") {
		t.Errorf("the refusal does not name the certificate: %s", got)
	}
	if data, err = servicepackage.EditConfiguration(data, edits); err != nil {
		t.Fatal(err)
	}
	s.addCertificate(t)
	edited := filepath.Join(t.TempDir(), filepath.Base(config))
	if err := os.WriteFile(edited, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return edited
}

// certificateEdits sets all certificates of a configuration to the emulator's own
// management certificate.
func (s *sampleRun) certificateEdits(t *testing.T, data []byte) []servicepackage.RoleEdit {
	t.Helper()
	cfg, err := servicepackage.ParseConfiguration(data)
	if err != nil {
		t.Fatal(err)
	}
	var edits []servicepackage.RoleEdit
	for _, role := range cfg.Roles {
		edit := servicepackage.RoleEdit{Role: role.Name, Certificates: map[string]string{}}
		for _, c := range role.Certificates {
			edit.Certificates[c.Name] = s.emulator().Management().Thumbprint()
		}
		if len(role.Certificates) > 0 {
			edits = append(edits, edit)
		}
	}
	return edits
}

const certificateFile = `<CertificateFile xmlns="http://schemas.microsoft.com/windowsazure"><Data>%s</Data><CertificateFormat>pfx</CertificateFormat><Password></Password></CertificateFile>`

// addCertificate adds the management certificate to the service.
func (s *sampleRun) addCertificate(t *testing.T) {
	t.Helper()
	body := fmt.Sprintf(certificateFile, base64.StdEncoding.EncodeToString(s.emulator().Management().PFX))
	address := s.emulator().ManagementURL() + "/" + s.universe.ID() + "/services/hostedservices/" + stage.ServiceName + "/certificates"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("x-ms-version", management.APIVersion)
	req.Header.Set("Content-Type", "application/xml")
	answer, err := s.universe.Stage().HTTP().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
		t.Fatalf("add a certificate: %s: %s", answer.Status, text)
	}
	c, err := s.universe.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	if err := c.WaitOperation(t.Context(), answer.Header.Get("x-ms-request-id")); err != nil {
		t.Fatal(err)
	}
}

// A sampleRun runs the program against a subscription of its own.
type sampleRun struct {
	universe *stage.Universe
	env      map[string]string
	pkg      string // path of the package
	dir      string // where the program runs; "" is a new folder each time
}

func newSample(t *testing.T, st *stage.Stage, name string) *sampleRun {
	t.Helper()
	u, err := st.Enter(t.Context(), name, stage.Beginning{})
	if err != nil {
		t.Fatal(err)
	}
	variables, err := u.Environment()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, v := range variables {
		env[v.Name] = v.Value
	}
	return &sampleRun{universe: u, env: env, pkg: filepath.Join(t.TempDir(), "sample.cspkg")}
}

func (s *sampleRun) emulator() *emulator.Emulator { return s.universe.Stage().Emulator() }

// must runs the program in this process and returns all its output.
func (s *sampleRun) must(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	got := cli.Run(context.WithoutCancel(t.Context()), args, cli.World{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		LookupEnv: func(name string) (string, bool) { v, ok := s.env[name]; return v, ok },
		ConfigDir: func() (string, error) { return t.TempDir(), nil },
		WorkDir:   func() (string, error) { return cmp.Or(s.dir, t.TempDir()), nil },
	})
	if got != code {
		t.Fatalf("vipswap %s: exit code %d, want %d: %s", strings.Join(args, " "), got, code, out.String())
	}
	return out.String()
}

// story deploys the package to both slots, swaps them and deletes everything. With
// words the first deployment is refused with them.
func (s *sampleRun) story(t *testing.T, config, words string) {
	t.Helper()
	deploy := func(slot, label string) []string {
		return []string{"deploy", "--service", stage.ServiceName, "--slot", slot, "--package", s.pkg, "--config", config, "--label", label}
	}
	if words != "" {
		if got := s.must(t, 3, deploy("production", "1.0.0")...); !strings.Contains(got, words) {
			t.Errorf("the refusal does not say %q: %s", words, got)
		}
		return
	}
	s.must(t, 0, deploy("production", "1.0.0")...)
	s.must(t, 0, deploy("staging", "1.1.0")...)
	if got := s.must(t, 0, "swap", "--service", stage.ServiceName); !strings.Contains(got, "they are swapped") {
		t.Errorf("the slots were not swapped: %s", got)
	}
	s.must(t, 0, "delete", "staging", "--service", stage.ServiceName)
	s.must(t, 0, "delete", "production", "--service", stage.ServiceName, "--yes")
	s.must(t, 0, "service", "delete", stage.ServiceName)
}

// packRoles returns a --role for each role of a definition, with a folder that holds
// one file.
func packRoles(t *testing.T, definition string) []string {
	t.Helper()
	data, err := os.ReadFile(definition)
	if err != nil {
		t.Fatal(err)
	}
	d, err := servicepackage.ParseDefinition(data)
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	for _, role := range d.Roles {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "role.txt"), []byte(role.Name), 0o600); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, "--role", role.Name+"="+dir)
	}
	return flags
}

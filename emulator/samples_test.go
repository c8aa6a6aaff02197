package emulator_test

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// samples is the folder with files of real projects; they are not part of this
// one.
const samples = "../../shared/samples"

// needsSamples skips the test when there are none.
func needsSamples(t *testing.T) fs.FS {
	t.Helper()
	if _, err := os.Stat(samples); err != nil {
		t.Skipf("skipped, because the samples are not there: %v", err)
	}
	return os.DirFS(samples)
}

// brokenSamples are the configurations that do not fit their definitions, and in
// which words they are refused. The one gives a subnet to a role that it calls by
// another name than the definition does.
var brokenSamples = map[string]string{
	"SignalR-SignalR/src/Microsoft.AspNet.SignalR.CrankWorker.Azure/ServiceConfiguration.Cloud.cscfg": "Validation Errors: Error validating the .cscfg file against the .csdef file. Severity:Error, " +
		"message:Role 'ClientWorkerRole' named in the network configuration of the service configuration file is not declared in the service definition file. The long running operation tracking ID was: ",
}

// TestSamples packs, uploads, deploys, swaps and deletes each definition among
// the samples with each of its configurations.
func TestSamples(t *testing.T) {
	files := needsSamples(t)
	s := newSession(t)
	pairs := 0
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.EqualFold(path.Ext(name), ".csdef") {
			return err
		}
		configurations, err := fs.Glob(files, path.Dir(name)+"/*.cscfg")
		if err != nil {
			return err
		}
		v1 := s.upload(fmt.Sprintf("%d-v1.cspkg", pairs), pack(t, read(t, files, name), "1"))
		v2 := s.upload(fmt.Sprintf("%d-v2.cspkg", pairs), pack(t, read(t, files, name), "2"))
		for _, configuration := range configurations {
			pairs++
			t.Run(configuration, func(t *testing.T) {
				s.on(t).story(fmt.Sprintf("sample-%d", pairs), v1, v2, read(t, files, configuration), brokenSamples[configuration])
			})
		}
		return nil
	})
	if err != nil || pairs < 30 {
		t.Errorf("tried %d pairs: %v", pairs, err)
	}
}

// TestRealPackage deploys a package that the real packager wrote.
func TestRealPackage(t *testing.T) {
	files := needsSamples(t)
	const folder = "OctopusDeploy-Calamari/"
	s := newSession(t)
	address := s.upload("real.cspkg", read(t, files, folder+"SampleCloudService.cspkg"))
	s.story("real", address, address, read(t, files, folder+"ServiceConfiguration.Cloud.cscfg"), "")

	s.done("POST", "/services/hostedservices", createService("again"))
	s.done("POST", "/services/hostedservices/again/deploymentslots/staging", createDeployment("v1", address, read(t, files, folder+"ServiceConfiguration.Cloud.cscfg")))
	var d struct {
		SdkVersion string
		Sizes      []string `xml:"RoleInstanceList>RoleInstance>InstanceSize"`
	}
	s.read("/services/hostedservices/again/deploymentslots/staging", &d)
	if d.SdkVersion != "2.9.8699.20" || len(d.Sizes) == 0 || d.Sizes[0] != "ExtraSmall" {
		t.Errorf("the deployment is of SDK %s with %v", d.SdkVersion, d.Sizes)
	}
}

func read(t testing.TB, files fs.FS, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// on returns the session for another test.
func (s *session) on(t testing.TB) *session { return &session{t, s.Emulator, s.files} }

// story deploys two packages with a configuration, swaps and deletes; or, when
// broken says how, is refused.
func (s *session) story(service, v1, v2 string, configuration []byte, broken string) {
	s.Helper()
	at := "/services/hostedservices/" + service
	s.done("POST", "/services/hostedservices", createService(service))
	configuration = s.withCertificate(at, configuration)
	op := s.ask("POST", at+"/deploymentslots/staging", createDeployment("v1", v1, configuration))
	if broken != "" {
		if op.Status != "Failed" || op.Error.Code != "BadRequest" || !strings.Contains(op.Error.Message, broken) {
			s.Errorf("ended as %+v, want %q", op, broken)
		}
		if status := s.status(at + "/deploymentslots/staging"); status != 404 {
			s.Errorf("a failed create leaves something behind: %d", status)
		}
		return
	}
	if op.Status != "Succeeded" {
		s.Fatalf("ended as %s: %s", op.Status, op.Error.Message)
	}
	s.done("POST", at, swap("", "v1"))
	s.done("POST", at+"/deploymentslots/staging", createDeployment("v2", v2, configuration))
	s.done("POST", at, swap("v1", "v2"))
	s.holds(at, "production", "v2")
	s.holds(at, "staging", "v1")
	s.done("DELETE", at+"/deploymentslots/staging", "")
	s.done("DELETE", at+"/deployments/v2", "")
	s.done("DELETE", at, "")
}

func (s *session) holds(at, slot, name string) {
	s.Helper()
	var d struct{ Name string }
	s.read(at+"/deploymentslots/"+slot, &d)
	if d.Name != name {
		s.Errorf("%s holds %s, want %s", slot, d.Name, name)
	}
}

// certificateElements matches the certificates that a configuration names.
var certificateElements = regexp.MustCompile(`(<Certificate\b[^>]*\bthumbprint=")[^"]*"`)

// withCertificate uploads a certificate to the service and puts it in place of
// those that the configuration names: theirs are not among the samples.
func (s *session) withCertificate(at string, configuration []byte) []byte {
	s.Helper()
	if !certificateElements.Match(configuration) {
		return configuration
	}
	der := s.Management().Certificate.Certificate[0]
	s.done("POST", at+"/certificates", message("CertificateFile", "<Data>"+base64.StdEncoding.EncodeToString(der)+"</Data><CertificateFormat>cer</CertificateFormat>"))
	return certificateElements.ReplaceAll(configuration, fmt.Appendf(nil, `${1}%X"`, sha1.Sum(der)))
}

// TestMissingCertificate deploys a sample that names a certificate which nobody
// uploaded.
func TestMissingCertificate(t *testing.T) {
	files := needsSamples(t)
	const folder = "Azure-Samples-cloud-services-extended-support/101-cses-singlerole-certificate/"
	s := newSession(t)
	address := s.upload("certificate.cspkg", pack(t, read(t, files, folder+"ServiceDefinition.csdef"), "1"))
	configuration := read(t, files, folder+"ServiceConfiguration.Cloud.cscfg")
	s.done("POST", "/services/hostedservices", createService("secure"))
	op := s.ask("POST", "/services/hostedservices/secure/deploymentslots/production", createDeployment("v1", address, configuration))
	if op.Status != "Failed" || !strings.HasPrefix(op.Error.Message, "The certificate with thumbprint ") || !strings.HasSuffix(op.Error.Message, " was not found.") {
		t.Errorf("ended as %+v", op)
	}
}

package cli

import (
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// TestQuota finds beforehand that the subscription has no cores left.
func TestQuota(t *testing.T) {
	quotas := cloud.DefaultQuotas()
	quotas.Cores = 4
	u, _ := withEmulator(t, emulator.WithQuotas(quotas))
	deploy := func(code int, slot string, more ...string) outcome {
		args := []string{"deploy", "--service", "shop", "--slot", slot, "--package", u.path(samplePackage("1.0.0")),
			"--config", u.path(sampleConfiguration), "--label", "1.0.0", "--account", "packages"}
		return u.must(t, code, append(args, more...)...)
	}
	u.must(t, exitDone, "service", "create", "shop")
	deploy(exitDone, "production")
	before := u.must(t, exitDone, "slots", "shop", "--output", "json").stdout
	got := deploy(exitRefused, "staging")
	for _, want := range []string{"refused: it needs", "of the subscription's 4", "run fewer or smaller instances"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("it says %q, want %q", got.stderr, want)
		}
	}
	deploy(exitDone, "production") // an upgrade takes the cores of what it replaces
	if after := u.must(t, exitDone, "slots", "shop", "--output", "json").stdout; !strings.Contains(after, `"staging": null`) {
		t.Errorf("the slots were %s and are %s", before, after)
	}
}

// TestPlanFileRefusals reads files that are no plans.
func TestPlanFileRefusals(t *testing.T) {
	u, _ := withEmulator(t)
	for name, content := range map[string]string{
		"empty.json": "", "list.json": "[]", "other.json": `{"format":1}`, "newer.json": `{"format":99,"plan":{"service":"shop"}}`,
		"text.json": "swap the slots of shop", "cut.json": `{"format":1,"plan":{"service":"sh`,
	} {
		if err := os.WriteFile(u.path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		u.must(t, exitUsage, "apply", u.path(name))
	}
	u.must(t, exitUsage, "apply", u.path("missing.json"))
	other := `{"format":1,"subscription":"x","plan":{"service":"shop"}}`
	if err := os.WriteFile(u.path("other.json"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := u.must(t, exitRefused, "apply", u.path("other.json")); !strings.Contains(got.stderr, "the plan is for subscription x") {
		t.Errorf("it says %s", got.stderr)
	}
}

func TestCoresOf(t *testing.T) {
	for _, test := range []struct {
		deployment *management.Deployment
		want       int
	}{
		{nil, 0},
		{&management.Deployment{Instances: []management.Instance{{Size: "Small"}, {Size: "ExtraLarge"}}}, 9},
		{&management.Deployment{Instances: []management.Instance{{Size: "Unheard"}, {Size: "Medium"}}}, 2},
	} {
		if got := coresOf(test.deployment); got != test.want {
			t.Errorf("coresOf(%+v) = %d, want %d", test.deployment, got, test.want)
		}
	}
}

// TestCertificates compares a configuration with the service, before and after
// the certificate is uploaded.
func TestCertificates(t *testing.T) {
	_, e, conn, _ := lockable(t)
	cert := e.Management().Certificate
	sum := sha1.Sum(cert.Certificate[0])
	configured := func(thumbprints ...string) *servicepackage.Configuration {
		role := servicepackage.RoleConfiguration{Name: "Web"}
		for _, thumbprint := range thumbprints {
			role.Certificates = append(role.Certificates, servicepackage.CertificateValue{Name: "Ssl", Thumbprint: thumbprint})
		}
		return &servicepackage.Configuration{Roles: []servicepackage.RoleConfiguration{role}}
	}
	check := func(name, service string, cfg *servicepackage.Configuration, refused bool) {
		t.Helper()
		refusal, err := conn.checkCertificates(t.Context(), service, cfg)
		if err != nil || (refusal != nil) != refused {
			t.Errorf("%s: %+v, %v, want refused %v", name, refusal, err, refused)
		}
	}
	thumbprint := hex.EncodeToString(sum[:])
	check("none needed", "shop", configured(), false)
	check("missing", "shop", configured(thumbprint), true)
	check("no service yet", "nothing", configured(thumbprint), true)

	body := `<CertificateFile xmlns="http://schemas.microsoft.com/windowsazure"><Data>` + base64.StdEncoding.EncodeToString(cert.Certificate[0]) +
		`</Data><CertificateFormat>cer</CertificateFormat></CertificateFile>`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.ManagementURL()+"/"+e.Subscription()+"/services/hostedservices/shop/certificates", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("x-ms-version", "2015-04-01")
	req.Header.Set("Content-Type", "application/xml")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: e.CertPool(), Certificates: []tls.Certificate{cert}}}}
	t.Cleanup(client.CloseIdleConnections)
	answer, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		t.Fatalf("the certificate was answered with %s", answer.Status)
	}
	if err := conn.WaitOperation(t.Context(), answer.Header.Get("x-ms-request-id")); err != nil {
		t.Fatal(err)
	}
	check("there", "shop", configured(thumbprint), false)
	check("there, written otherwise", "shop", configured(strings.ToUpper(thumbprint)), false)
	check("one of two", "shop", configured(thumbprint, strings.Repeat("0", 40)), true)
}

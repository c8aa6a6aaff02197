package emulator_test

import (
	"crypto/tls"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
)

// A management certificate works from the moment in which it was added, and no
// longer than it is there, also on a connection that is open already.
func TestManagementCertificatesOverTLS(t *testing.T) {
	authority, err := credentials.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	other, err := authority.Management(emulator.DefaultSubscription)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	e, err := emulator.New(emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: e.CertPool(), Certificates: []tls.Certificate{other.Certificate}}}}
	defer client.CloseIdleConnections()
	status := func(method, path string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, e.ManagementURL()+"/"+e.Subscription()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("x-ms-version", "2014-10-01")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if got := status("GET", ""); got != http.StatusForbidden {
		t.Errorf("before it was added the certificate is answered %d", got)
	}
	body := `<SubscriptionCertificate xmlns="http://schemas.microsoft.com/windowsazure"><SubscriptionCertificateData>` +
		base64.StdEncoding.EncodeToString(other.Certificate.Certificate[0]) + `</SubscriptionCertificateData></SubscriptionCertificate>`
	if resp, answer := call(t, e, "POST", "/certificates", body); resp.StatusCode != http.StatusOK {
		t.Fatalf("add: %s %s", resp.Status, answer)
	}
	if got := status("GET", ""); got != http.StatusOK {
		t.Errorf("after it was added the certificate is answered %d", got)
	}
	client.CloseIdleConnections()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = emulator.Start(t, emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1))
	if got := status("GET", "/certificates/"+other.Thumbprint()); got != http.StatusOK {
		t.Errorf("after a restart the certificate is answered %d", got)
	}
	if got := status("DELETE", "/certificates/"+other.Thumbprint()); got != http.StatusOK {
		t.Errorf("the delete is answered %d", got)
	}
	if got := status("GET", ""); got != http.StatusForbidden {
		t.Errorf("after it was deleted the certificate is answered %d", got)
	}
}

package credentials

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestManagementCertificate(t *testing.T) {
	m := mustManagement(t, ephemeral(t))
	leaf := m.Certificate.Leaf
	if err := leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature); err != nil {
		t.Errorf("not self-signed: %v", err)
	}
	sum := sha1.Sum(leaf.Raw)
	if want := strings.ToUpper(hex.EncodeToString(sum[:])); m.Thumbprint() != want {
		t.Errorf("thumbprint %s, want %s", m.Thumbprint(), want)
	}
	if again := mustManagement(t, ephemeral(t)); again != m {
		t.Error("a second call made another one")
	}
	other, err := ephemeral(t).Management(strings.ToUpper(subscription))
	if err != nil || other != m {
		t.Errorf("the id in upper case: %v, %v", other, err)
	}
}

func TestManagementOfSeveralSubscriptions(t *testing.T) {
	a := mustOpen(t, filled(t))
	second, err := a.Management("second")
	if err != nil {
		t.Fatal(err)
	}
	if second.Thumbprint() == mustManagement(t, a).Thumbprint() {
		t.Error("two subscriptions share a certificate")
	}
	reopened, err := mustOpen(t, filepath.Dir(a.CAFile())).Management("second")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(second.String(), reopened.String()); diff != "" {
		t.Errorf("mismatch (-first +reopened):\n%s", diff)
	}
}

func TestSubscriptionIDs(t *testing.T) {
	for _, id := range []string{"", ".", "..", "../x", "a/b", `a\b`, "a b", "-a", "é", strings.Repeat("a", 65)} {
		if _, err := ephemeral(t).Management(id); err == nil || !strings.Contains(err.Error(), "not a subscription id") {
			t.Errorf("id %q: error %v", id, err)
		}
		if _, err := Open(t.TempDir(), WithSubscriptions(id)); err == nil {
			t.Errorf("Open with id %q: no error", id)
		}
	}
}

func TestManagementIsRenewed(t *testing.T) {
	dir := filled(t)
	first := mustManagement(t, mustOpen(t, dir))
	if err := first.WritePublishSettings("https://127.0.0.1:8443", "Emulator"); err != nil {
		t.Fatal(err)
	}
	late := time.Now().Add(managementLife - day)
	second := mustManagement(t, mustOpen(t, dir, at(late)))
	if first.Thumbprint() == second.Thumbprint() || !bytes.Equal(first.KeyPEM, second.KeyPEM) {
		t.Error("want a new certificate for the same key")
	}
	if got := readBack(t, second.PFX); !bytes.Equal(got.Raw, second.Certificate.Leaf.Raw) {
		t.Error("the container still has the old certificate")
	}
	if _, err := os.Stat(second.PublishSettingsFile); err == nil {
		t.Error("the publish settings still have the old certificate")
	}
}

// A process can die between any two writes.
func TestUnfinishedFolders(t *testing.T) {
	home := subscription + "/management"
	for _, missing := range [][]string{
		{home + ".pfx"},
		{home + ".pfx", home + ".pem"},
		{home + ".pfx", home + ".pem", home + ".key"},
		{home + ".pfx", home + ".pem", "server.pem", "ca.pem"},
	} {
		dir := filled(t, missing...)
		put(t, dir, home+".key.tmp", []byte("half a k"))
		if err := openAll(dir); err != nil {
			t.Errorf("without %q: %v", missing, err)
		}
		m := mustManagement(t, mustOpen(t, dir))
		if got := readBack(t, m.PFX); !bytes.Equal(got.Raw, m.Certificate.Leaf.Raw) {
			t.Errorf("without %q: the container has another certificate", missing)
		}
	}
}

func TestPublishSettings(t *testing.T) {
	m := mustManagement(t, ephemeral(t))
	settings := m.PublishSettings("https://127.0.0.1:8443/", `Blue & "Green"`)
	type subscriptionElement struct {
		URL         string `xml:"ServiceManagementUrl,attr"`
		ID          string `xml:"Id,attr"`
		Name        string `xml:"Name,attr"`
		Certificate string `xml:"ManagementCertificate,attr"`
	}
	type document struct {
		XMLName xml.Name
		Profile struct {
			Version       string                `xml:"SchemaVersion,attr"`
			Method        string                `xml:"PublishMethod,attr"`
			Attributes    []xml.Attr            `xml:",any,attr"`
			Subscriptions []subscriptionElement `xml:"Subscription"`
		} `xml:"PublishProfile"`
	}
	var got, want document
	if err := xml.Unmarshal(settings, &got); err != nil {
		t.Fatal(err)
	}
	want.XMLName.Local = "PublishData"
	want.Profile.Version, want.Profile.Method = "2.0", "AzureServiceManagementAPI"
	want.Profile.Subscriptions = []subscriptionElement{{
		URL: "https://127.0.0.1:8443", ID: subscription, Name: `Blue & "Green"`,
		Certificate: base64.StdEncoding.EncodeToString(m.PFX),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestWritePublishSettings(t *testing.T) {
	m := mustManagement(t, mustOpen(t, filled(t)))
	for _, url := range []string{"https://127.0.0.1:1", "https://127.0.0.1:2", "https://127.0.0.1:2"} {
		if err := m.WritePublishSettings(url, "Emulator"); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(m.PublishSettingsFile)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(m.PublishSettings(url, "Emulator")), string(got)); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
	if err := mustManagement(t, ephemeral(t)).WritePublishSettings("https://127.0.0.1:1", "Emulator"); err == nil {
		t.Error("no error for credentials in memory")
	}
}

func TestKeyStaysOutOfLogs(t *testing.T) {
	m := mustManagement(t, ephemeral(t))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("ready", "management", m)
	slog.New(slog.NewTextHandler(&log, nil)).Info("ready", "management", m)
	fmt.Fprintf(&log, "%v %+v %s", m, m, m)
	if strings.Contains(log.String(), "PRIVATE KEY") || strings.Contains(log.String(), "folder") || !strings.Contains(log.String(), m.Thumbprint()) {
		t.Errorf("the log holds more than the thumbprint: %s", log.String())
	}
}

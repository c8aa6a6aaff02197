package credentials

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFirstStartMakesFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "credentials")
	a := mustOpen(t, dir, WithSubscriptions(subscription))
	if _, err := a.ServerCertificate(); err != nil {
		t.Fatal(err)
	}
	m := mustManagement(t, a)
	if err := m.WritePublishSettings("https://127.0.0.1:8443/", "Emulator"); err != nil {
		t.Fatal(err)
	}
	home := subscription + "/management"
	want := []string{home + ".key", home + ".pem", home + ".pfx", home + ".publishsettings", "ca.key", "ca.pem", "server.key", "server.pem"}
	if diff := cmp.Diff(want, changed(nil, contents(t, dir))); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	checkModes(t, dir)
	for _, file := range []string{a.CAFile(), m.CertFile, m.KeyFile, m.PFXFile, m.PublishSettingsFile} {
		if _, err := os.Stat(file); err != nil || !filepath.IsAbs(file) {
			t.Errorf("file %q: %v", file, err)
		}
	}
}

func checkModes(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(fileMode)
		if entry.IsDir() {
			want = folderMode
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLaterStartsChangeNothing(t *testing.T) {
	dir := filled(t)
	before := contents(t, dir)
	a := mustOpen(t, dir, WithSubscriptions(subscription))
	if _, err := a.ServerCertificate("127.0.0.1", "LOCALHOST", "[::1]", "0.0.0.0"); err != nil {
		t.Fatal(err)
	}
	mustManagement(t, a)
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("mismatch (-before +after):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err == nil {
		t.Error("a start that has nothing to make took the lock")
	}
}

func TestAuthorityCertificate(t *testing.T) {
	ca := ephemeral(t).ca.cert
	if !ca.IsCA || !ca.BasicConstraintsValid || ca.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		t.Errorf("CA %v, key usage %b", ca.IsCA, ca.KeyUsage)
	}
	if got := ephemeral(t).ca.key.N.BitLen(); got != 2048 {
		t.Errorf("key of %d bits", got)
	}
	if ephemeral(t).CAFile() != "" || !bytes.Contains(ephemeral(t).CAPEM(), []byte("BEGIN CERTIFICATE")) {
		t.Error("credentials in memory want PEM and no file")
	}
}

func TestServerCertificateNames(t *testing.T) {
	a := mustOpen(t, filled(t))
	certificate, err := a.ServerCertificate("Build.Example.com", "*.blob.test", "10.1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		host string
		ok   bool
	}{
		{"127.0.0.1", true}, {"::1", true}, {"localhost", true}, {"a.localhost", true}, {"account.blob.localhost", true},
		{"management.core.windows.net", true}, {"account.blob.core.windows.net", true},
		{"build.example.com", true}, {"x.blob.test", true}, {"10.1.2.3", true},
		{"example.com", false}, {"10.1.2.4", false}, {"core.windows.net", false},
	}
	for _, test := range tests {
		_, err := certificate.Leaf.Verify(x509.VerifyOptions{Roots: a.Pool(), DNSName: test.host})
		if (err == nil) != test.ok {
			t.Errorf("%s: %v, want ok: %v", test.host, err, test.ok)
		}
	}
	if certificate.Leaf.IsCA || bytes.Equal(certificate.Leaf.Raw, a.ca.cert.Raw) {
		t.Error("server and authority must be two certificates")
	}
}

func TestServerCertificateIsReissued(t *testing.T) {
	now := time.Now()
	otherCA := []string{"ca.pem", "ca.key"}
	tests := []struct {
		name    string
		without []string
		at      time.Time
		hosts   []string
		changes []string
	}{
		{"same hosts", nil, now, nil, nil},
		{"another host", nil, now, []string{"build.example.com"}, []string{"server.pem"}},
		{"soon to expire", nil, now.Add(serverLife - renewBefore + time.Minute), nil, []string{"server.pem"}},
		{"with time left", nil, now.Add(serverLife - renewBefore - day), nil, nil},
		{"clock was ahead", nil, now.Add(-2 * day), nil, []string{"ca.pem", "server.pem"}},
		{"made before certificates were", []string{"server.pem"}, now, nil, []string{"server.pem"}},
		{"another authority", otherCA, now, nil, []string{"ca.key", "ca.pem", "server.pem"}},
		{"authority soon to expire", nil, now.Add(authorityLife - day), nil, []string{"ca.pem", "server.pem"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filled(t, test.without...)
			before := contents(t, dir)
			a := mustOpen(t, dir, at(test.at))
			certificate, err := a.ServerCertificate(test.hosts...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.changes, changed(before, contents(t, dir))); diff != "" {
				t.Errorf("changed files: mismatch (-want +got):\n%s", diff)
			}
			if _, err := certificate.Leaf.Verify(x509.VerifyOptions{Roots: a.Pool(), CurrentTime: test.at}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHostsThatAreNone(t *testing.T) {
	for _, host := range []string{"", "a b", "127.0.0.1:8443", "http://x", "a..b", "*", "*.*.x", "x.*", strings.Repeat("a", 64) + ".x"} {
		if _, err := ephemeral(t).ServerCertificate(host); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", host)) {
			t.Errorf("host %q: error %v, want one that names it", host, err)
		}
	}
}

func TestDamagedFilesAreNamedAndKept(t *testing.T) {
	home := subscription + "/management"
	files := ephemeral(t).folder.(*memory).snapshot()
	pfx := slices.Clone(files[home+".pfx"])
	pfx[len(pfx)/2] ^= 1
	tests := []struct {
		name, file string
		content    []byte // nil: the file is missing
		want       string
	}{
		{"empty", "ca.pem", []byte{}, "PEM block of type CERTIFICATE"},
		{"cut off", "ca.key", files["ca.key"][:900], "PEM block of type PRIVATE KEY"},
		{"not PEM", "ca.key", []byte("hello"), "PEM block of type PRIVATE KEY"},
		{"certificate for key", "ca.key", files["ca.pem"], "PEM block of type PRIVATE KEY"},
		{"not a key", "ca.key", encodePEM(keyType, []byte("x")), "cannot be read"},
		{"not a certificate", "ca.pem", encodePEM(certType, []byte("x")), "damaged"},
		{"no authority", "ca.pem", files["server.pem"], "does not belong to"},
		{"another key", "ca.key", files["server.key"], "does not belong to"},
		{"key missing", "ca.key", nil, "is missing"},
		{"server key missing", "server.key", nil, "is missing"},
		{"server key", "server.key", []byte("hello"), "PEM block of type PRIVATE KEY"},
		{"management key", home + ".key", []byte("hello"), "PEM block of type PRIVATE KEY"},
		{"management certificate", home + ".pem", []byte{}, "PEM block of type CERTIFICATE"},
		{"container empty", home + ".pfx", []byte{}, "not a PKCS #12 container"},
		{"container with one wrong bit", home + ".pfx", pfx, "MAC is wrong"},
		{"container cut off", home + ".pfx", pfx[:len(pfx)-9], "not a PKCS #12 container"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filled(t, test.file)
			if test.content != nil {
				put(t, dir, test.file, test.content)
			}
			before := contents(t, dir)
			err := openAll(dir)
			path := filepath.Join(dir, filepath.FromSlash(test.file))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "hint: ") {
				t.Errorf("error %v, want one with %q, a hint and %s", err, test.want, path)
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("files changed (-before +after):\n%s", diff)
			}
		})
	}
}

func openAll(dir string) error {
	a, err := Open(dir, WithSubscriptions(subscription))
	if err != nil {
		return err
	}
	_, err = a.ServerCertificate()
	return err
}

func TestAuthorityThatIsNone(t *testing.T) {
	files := ephemeral(t).folder.(*memory).snapshot()
	dir := filled(t)
	put(t, dir, "ca.pem", files["server.pem"])
	put(t, dir, "ca.key", files["server.key"])
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "not the certificate of an authority") {
		t.Errorf("error %v", err)
	}
}

func TestFoldersThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	put(t, filepath.Dir(file), "file", nil)
	for _, dir := range []string{"", file, filepath.Join(file, "below")} {
		if _, err := Open(dir); err == nil || !strings.HasPrefix(err.Error(), "credentials: ") {
			t.Errorf("Open(%q): error %v", dir, err)
		}
	}
}

func TestOpenAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "credentials")
	var all sync.WaitGroup
	seen := make([]string, 4)
	for i := range seen {
		all.Go(func() { seen[i] = identities(t, dir) })
	}
	all.Wait()
	if len(slices.Compact(seen)) != 1 {
		t.Errorf("goroutines see different credentials: %q", seen)
	}
}

// identities opens a folder and returns what must be the same for all who do.
func identities(t *testing.T, dir string) string {
	a, err := Open(dir, WithSubscriptions(subscription))
	if err != nil {
		t.Error(err)
		return ""
	}
	certificate, err := a.ServerCertificate()
	if err != nil {
		t.Error(err)
		return ""
	}
	m, err := a.Management(subscription)
	if err != nil {
		t.Error(err)
		return ""
	}
	return fmt.Sprintf("%x %x %s %x\n", a.ca.cert.SerialNumber, certificate.Leaf.SerialNumber, m.Thumbprint(), m.PFX[len(m.PFX)-30:])
}

// folderVariable tells a copy of the test program to be one of several processes.
const folderVariable = "VIPSWAP_TEST_CREDENTIALS"

func TestProcessesAtOnce(t *testing.T) {
	if dir := os.Getenv(folderVariable); dir != "" {
		fmt.Printf("identities %s", identities(t, dir))
		return
	}
	dir := filepath.Join(t.TempDir(), "credentials")
	var all sync.WaitGroup
	seen := make([]string, 3)
	for i := range seen {
		all.Go(func() { seen[i] = runCopy(t, dir) })
	}
	all.Wait()
	want := "identities " + identities(t, dir)
	for _, got := range seen {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
}

func runCopy(t *testing.T, dir string) string {
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcessesAtOnce$")
	command.Env = append(os.Environ(), folderVariable+"="+dir)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line + "\n"
}

func BenchmarkOpen(b *testing.B) {
	dir := filled(b)
	for b.Loop() {
		a := mustOpen(b, dir, WithSubscriptions(subscription))
		if _, err := a.ServerCertificate(); err != nil {
			b.Fatal(err)
		}
	}
}

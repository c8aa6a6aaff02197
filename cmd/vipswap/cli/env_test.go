package cli

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuoting(t *testing.T) {
	tests := []struct{ value, sh, fish, powershell string }{
		{"", `''`, `''`, `''`},
		{"/home/a user/ca.pem", `'/home/a user/ca.pem'`, `'/home/a user/ca.pem'`, `'/home/a user/ca.pem'`},
		{"it's", `'it'\''s'`, `'it\'s'`, `'it''s'`},
		{`a\b`, `'a\b'`, `'a\\b'`, `'a\b'`},
		{"$(rm)`x`\"", "'$(rm)`x`\"'", "'$(rm)`x`\"'", "'$(rm)`x`\"'"},
		{"a\nb", "'a\nb'", "'a\nb'", "'a\nb'"},
		{"typo\u2019s", "'typo\u2019s'", "'typo\u2019s'", "'typo\u2019\u2019s'"},
	}
	for _, tt := range tests {
		got := []string{quoteSh(tt.value), quoteFish(tt.value), quotePowerShell(tt.value)}
		if diff := cmp.Diff([]string{tt.sh, tt.fish, tt.powershell}, got); diff != "" {
			t.Errorf("%q: mismatch (-want +got):\n%s", tt.value, diff)
		}
	}
}

// FuzzQuoteSh lets a real shell read what was quoted.
func FuzzQuoteSh(f *testing.F) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("skipped, because there is no sh")
	}
	for _, seed := range []string{"", "it's", "a\nb", `$(x)\`, "'''", "\t ;&|"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsRune(value, 0) {
			return // no environment variable can hold it
		}
		out, err := exec.Command(sh, "-c", shells["sh"]("VALUE", value)+"\nprintf %s. \"$VALUE\"").Output()
		if err != nil || string(out) != value+"." {
			t.Errorf("%q became %q (%v)", value, out, err)
		}
	})
}

func TestEnv(t *testing.T) {
	u := newUser(t)
	now := serving{
		ManagementURL: "https://127.0.0.1:8443", SubscriptionID: "5ae1c0de-0b1e-4e9e-8a5e-b10e9ee75afe",
		CAFile: "/it's/ca.pem", CertFile: "/c.pem", KeyFile: "/k.pem",
		ControlURL: "http://127.0.0.1:8444", PID: os.Getpid(),
	}
	if err := now.write(u.path("ready.json")); err != nil {
		t.Fatal(err)
	}
	golden(t, "env.sh", u.must(t, exitDone, "env", "--ready-file", u.path("ready.json")).stdout)
	golden(t, "env.fish", u.must(t, exitDone, "env", "--ready-file", u.path("ready.json"), "--shell", "fish").stdout)
	golden(t, "env.ps1", u.must(t, exitDone, "env", "--ready-file", u.path("ready.json"), "--shell", "powershell").stdout)
	golden(t, "env.json", u.must(t, exitDone, "env", "--ready-file", u.path("ready.json"), "--output", "json").stdout)
}

func TestReadyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ready.json")
	want := serving{ManagementURL: "https://127.0.0.1:1", PID: os.Getpid()}
	if err := want.write(path); err != nil {
		t.Fatal(err)
	}
	got, err := readServing(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if !got.alive() {
		t.Error("this process counts as dead")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(data, &keys); err != nil {
		t.Fatal(err)
	}
	documented := []string{
		"blobURL", "caFile", "certFile", "controlURL", "keyFile", "managementURL",
		"pfxFile", "pid", "publishSettingsFile", "subscriptionID",
	}
	if diff := cmp.Diff(documented, slices.Sorted(maps.Keys(keys))); diff != "" {
		t.Errorf("keys: mismatch (-want +got):\n%s", diff)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %d entries, want the file alone (%v)", len(entries), err)
	}
}

func TestReadServingRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "not JSON": "hello", "another document": `{"a": 1}`, "too large": strings.Repeat(" ", maxServing+1),
	} {
		path := filepath.Join(t.TempDir(), "ready.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readServing(path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if (serving{PID: 0}).alive() || (serving{PID: 999999999}).alive() {
		t.Error("no process counts as alive")
	}
}

package control_test

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/journal"
)

func managementClient(e *emulator.Emulator) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: e.CertPool(), Certificates: []tls.Certificate{e.Management().Certificate},
	}}}
}

func TestJournalForms(t *testing.T) {
	w := newWorld(t, control.Config{})
	provoke(t, w.Emulator, w.Subscription())
	own := "/v1/universes/" + w.Subscription() + "/journal"
	var list control.Entries
	w.get("GET", own+"?refused", "", &list)
	if len(list.Entries) != 1 || list.Entries[0].Operation != "Create Cloud Service" || list.Entries[0].Wall.IsZero() {
		t.Errorf("entries %+v", list.Entries)
	}
	w.get("GET", own+"?format=json&operation=Swap*", "", &list)
	if list.Entries == nil || len(list.Entries) != 0 {
		t.Errorf("entries of no such operation: %+v", list.Entries)
	}
	var line journal.Entry
	w.get("GET", own+"?format=jsonl&reproducible", "", &line)
	if line.Code != "InvalidXmlRequest" || !line.Wall.IsZero() {
		t.Errorf("line %+v", line)
	}
	status, body := w.ask("GET", own+"?format=har&reproducible=true", "")
	var archive struct {
		Log struct{ Entries []json.RawMessage }
	}
	if err := json.Unmarshal([]byte(body), &archive); err != nil || status != 200 || len(archive.Log.Entries) != 1 {
		t.Errorf("archive: %d %v %s", status, err, body)
	}
	if strings.Contains(body, "127.0.0.1:") {
		t.Errorf("the reproducible archive has a port: %s", body)
	}
}

func TestMetrics(t *testing.T) {
	w := newWorld(t, control.Config{}, emulator.WithVersion(`v1 "beta"`))
	provoke(t, w.Emulator, w.Subscription())
	status, body := w.ask("GET", "/metrics", "")
	if status != 200 {
		t.Fatal(status, body)
	}
	for _, want := range []string{
		"# TYPE vipswap_requests_total counter\n",
		`vipswap_requests_total{endpoint="management",operation="Create Cloud Service",code="400"} 1` + "\n",
		"vipswap_universes 1\n",
		"vipswap_operations_in_progress 0\n",
		`vipswap_build_info{version="v1 \"beta\""} 1` + "\n",
		"# TYPE vipswap_faults_struck_total counter\n",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

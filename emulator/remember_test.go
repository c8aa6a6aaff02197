package emulator

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
	"github.com/vipswap/vipswap/emulator/management"
)

// What is polled again and again is in the journal once; what is used again after
// an answer is copied, and of what is long only as much as is told.
func TestRememberedBodies(t *testing.T) {
	xml := http.Header{"Content-Type": {"application/xml"}}
	tests := map[string]struct {
		header  http.Header
		body    string
		lasting bool
		shared  bool
		want    int // bytes
	}{
		"lasting":           {xml, "<a/>", true, true, 4},
		"written over":      {xml, "<a/>", false, false, 4},
		"long and lasting":  {xml, strings.Repeat("a", journal.MaxBody+1), true, false, journal.MaxBody},
		"long":              {xml, strings.Repeat("a", journal.MaxBody+1), false, false, journal.MaxBody},
		"lasting, but none": {xml, "", true, false, 0},
		"no text":           {http.Header{"Content-Type": {"image/png"}}, "PNG", true, false, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := []byte(test.body)
			r := remember(&management.Exchange{Request: &http.Request{Method: "GET"}, Header: test.header, Answer: body, Lasting: test.lasting})
			if got := len(r.told.body); got != test.want {
				t.Fatalf("remembered %d bytes, want %d", got, test.want)
			}
			if shared := test.want > 0 && &r.told.body[0] == &body[0]; shared != test.shared {
				t.Errorf("shared: %v, want %v", shared, test.shared)
			}
			if !test.shared {
				clear(body)
			}
			if got := r.Entry().Answer; got.Body != test.body[:test.want] || got.Size != int64(len(body)) {
				t.Errorf("told of %d bytes of %d", len(got.Body), got.Size)
			}
			if r.Bytes() < test.want {
				t.Errorf("it counts as %d bytes, less than it takes", r.Bytes())
			}
		})
	}
}

// The journal has an answer as the platform gave it, whatever a fault makes of its
// headers on the way.
func TestRememberedHeaderIsNotThatOfAFault(t *testing.T) {
	e := Start(t, WithFaults(faults.Plan{Rules: []faults.Rule{{Name: "half", Kind: faults.Truncate, Match: faults.Match{Operation: "Create Cloud Service"}}}}))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: e.CertPool(), Certificates: []tls.Certificate{e.Management().Certificate}}}}
	defer client.CloseIdleConnections()
	r, err := http.NewRequest("POST", e.ManagementURL()+"/"+e.Subscription()+"/services/hostedservices",
		strings.NewReader(`<CreateHostedService xmlns="http://schemas.microsoft.com/windowsazure"><ServiceName>store</ServiceName><Label>c3RvcmU=</Label><Location>West US</Location></CreateHostedService>`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Ms-Version", "2014-10-01")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	j, err := e.Journal(e.Subscription())
	if err != nil {
		t.Fatal(err)
	}
	got := j.Entries(journal.Filter{Fault: "truncate"})
	if len(got) != 1 {
		t.Fatalf("the journal has %v", got)
	}
	told := []string{answer.Header.Get("Content-Length"), got[0].Answer.Header.Get("Content-Length")}
	if diff := cmp.Diff([]string{"1", "0"}, told); diff != "" {
		t.Errorf("length on the wire and in the journal (-want +got):\n%s", diff)
	}
}

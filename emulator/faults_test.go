package emulator_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/management"
)

// once is a plan that strikes once.
func once(rule faults.Rule) faults.Plan {
	rule.Count = 1
	return faults.Plan{Rules: []faults.Rule{rule}}
}

func (s *session) befall(plan faults.Plan) {
	s.Helper()
	if err := s.SetFaults(s.Subscription(), plan); err != nil {
		s.Fatal(err)
	}
}

// impatient is a client of the session's storage account that never tries again.
func (s *session) impatient() *azblob.Client {
	s.Helper()
	_, body := call(s.TB, s.Emulator, "GET", "/services/storageservices/files/keys", "")
	credential, err := azblob.NewSharedKeyCredential("files", keysIn(s.TB, body).Primary)
	if err != nil {
		s.Fatal(err)
	}
	options := &azblob.ClientOptions{ClientOptions: policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: -1}}}
	client, err := azblob.NewClientWithSharedKeyCredential(s.BlobURL()+"/files", credential, options)
	if err != nil {
		s.Fatal(err)
	}
	return client
}

// Faults of blobs are those of the subscription that the account belongs to, and
// take its time.
func TestFaultsOfBlobs(t *testing.T) {
	s := newSession(t)
	client := s.impatient()
	put := func(name string) error {
		_, err := client.UploadBuffer(context.Background(), "packages", name, make([]byte, 1<<20), nil)
		return err
	}
	s.befall(once(faults.Rule{Kind: faults.CutUpload, Match: faults.Match{Service: "files"}}))
	if err := put("a"); err == nil {
		t.Error("an upload that was cut succeeded")
	}
	if err := put("a"); err != nil {
		t.Error(err)
	}
	s.befall(once(faults.Rule{Kind: faults.SlowBlob, Delay: faults.Duration(time.Hour)}))
	before := s.Now(s.Subscription())
	if err := put("b"); err != nil || s.Now(s.Subscription()).Sub(before) != time.Hour {
		t.Errorf("it took %s, %v", s.Now(s.Subscription()).Sub(before), err)
	}
}

// Faults are a subscription's own.
func TestFaultsStayInTheirSubscription(t *testing.T) {
	const other = "11111111-2222-3333-4444-555555555555"
	e := emulator.Start(t, emulator.WithSubscription(emulator.DefaultSubscription, other), emulator.WithClock(cloud.AutoTime, 1),
		emulator.WithAuthentication(management.Authentication{Anyone: true}))
	if err := e.SetFaults(other, once(faults.Rule{Kind: faults.ServerError})); err != nil {
		t.Fatal(err)
	}
	for subscription, want := range map[string]int{e.Subscription(): http.StatusOK, other: http.StatusInternalServerError} {
		if got := locations(t, e, subscription); got != want {
			t.Errorf("%s: %d, want %d", subscription, got, want)
		}
	}
}

// locations asks for the locations of a subscription and returns the status.
func locations(t *testing.T, e *emulator.Emulator, subscription string) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: e.CertPool()}}}
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), "GET", e.ManagementURL()+"/"+subscription+"/locations", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("x-ms-version", "2014-10-01")
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestFaultsOfNoSubscription(t *testing.T) {
	e := emulator.Start(t)
	_, show := e.Faults("none")
	_, showPaces := e.Progression("none")
	for what, err := range map[string]error{
		"set": e.SetFaults("none", faults.Plan{}), "show": show, "set paces": e.SetProgression("none", nil), "show paces": showPaces,
	} {
		if err == nil || !strings.Contains(err.Error(), "there is no universe none") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Plans and paces survive a restart, with what plans have done so far.
func TestFaultsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	e, err := emulator.New(emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1))
	if err != nil {
		t.Fatal(err)
	}
	plan := faults.Plan{Rules: []faults.Rule{{Kind: faults.ServerError, Count: 3, Match: faults.Match{Operation: "List *"}}}}
	paces := map[cloud.Kind]cloud.Progression{cloud.SwapDeployment: {Pace: cloud.AfterPolls, Polls: 7}}
	if err := e.SetFaults(e.Subscription(), plan); err != nil {
		t.Fatal(err)
	}
	if err := e.SetProgression(e.Subscription(), paces); err != nil {
		t.Fatal(err)
	}
	var got []int
	ask := func(e *emulator.Emulator) {
		resp, _ := call(t, e, "GET", "/locations", "")
		got = append(got, resp.StatusCode)
	}
	ask(e)
	ask(e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = emulator.Start(t, emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1))
	ask(e)
	ask(e)
	if diff := cmp.Diff([]int{500, 500, 500, 200}, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	kept, err := e.Progression(e.Subscription())
	if diff := cmp.Diff(paces, kept); diff != "" || err != nil {
		t.Errorf("paces, %v (-want +got):\n%s", err, diff)
	}
	state, err := e.Faults(e.Subscription())
	if err != nil || state.Strikes != 3 {
		t.Errorf("the engine is %+v, %v", state, err)
	}
}

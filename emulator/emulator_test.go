package emulator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
)

// call sends one request as the emulator's management certificate allows.
func call(t testing.TB, e *emulator.Emulator, method, path, body string) (*http.Response, string) {
	t.Helper()
	return callIn(t, e, e.Subscription(), method, path, body)
}

// callIn sends one request to a subscription.
func callIn(t testing.TB, e *emulator.Emulator, subscription, method, path, body string) (*http.Response, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: e.CertPool(), Certificates: []tls.Certificate{e.Management().Certificate},
	}}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(context.Background(), method, e.ManagementURL()+"/"+subscription+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("x-ms-version", "2014-10-01")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(answer)
}

const createShop = `<CreateHostedService xmlns="http://schemas.microsoft.com/windowsazure"><ServiceName>shop</ServiceName><Label>c2hvcA==</Label><Location>West US</Location></CreateHostedService>`

func TestStateSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	e, err := emulator.New(emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1))
	if err != nil {
		t.Fatal(err)
	}
	if resp, body := call(t, e, "POST", "/services/hostedservices", createShop); resp.StatusCode != http.StatusCreated {
		t.Fatalf("create: %s %s", resp.Status, body)
	}
	_, before := call(t, e, "GET", "/services/hostedservices/shop", "")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = emulator.Start(t, emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1))
	resp, after := call(t, e, "GET", "/services/hostedservices/SHOP", "")
	if resp.StatusCode != http.StatusOK || len(after) != len(before) {
		t.Errorf("after the restart %s\n%s\nwant\n%s", resp.Status, after, before)
	}
}

func TestDataFolderHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	emulator.Start(t, emulator.WithData(dir))
	if e, err := emulator.New(emulator.WithData(dir)); err == nil {
		e.Close()
		t.Error("a second emulator opened the same folder")
	}
}

func TestSubscriptionsDoNotMeet(t *testing.T) {
	e := emulator.Start(t)
	const other = "11111111-2222-3333-4444-555555555555"
	if err := e.AddSubscription(other); err != nil {
		t.Fatal(err)
	}
	if err := e.AddSubscription(other); err == nil {
		t.Error("the same subscription was added twice")
	}
	if resp, _ := call(t, e, "POST", "/services/hostedservices", createShop); resp.StatusCode != http.StatusCreated {
		t.Fatal(resp.Status)
	}
	if resp, _ := call(t, e, "GET", "/../"+other+"/services/hostedservices/shop", ""); resp.StatusCode == http.StatusOK {
		t.Error("another subscription shows the service")
	}
}

func ExampleNew() {
	e, err := emulator.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	resp, err := http.Get(e.ControlURL() + "/healthz")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	fmt.Println(resp.Status)
	// Output: 200 OK
}

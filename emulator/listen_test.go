package emulator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
)

// Blobs come and go unharmed, in the clear and over TLS, from memory and from files.
func TestBlobsOverBothWires(t *testing.T) {
	data := make([]byte, 3<<20)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	for name, options := range map[string][]emulator.Option{"memory": nil, "files": {emulator.WithData(t.TempDir())}} {
		s := newSession(t, options...)
		_, body := call(t, s.Emulator, "GET", "/services/storageservices/files/keys", "")
		credential, err := azblob.NewSharedKeyCredential("files", keysIn(t, body).Primary)
		must(t, err)
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.CertPool()}}
		defer transport.CloseIdleConnections()
		for _, scheme := range []string{"http", "https"} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				address := strings.Replace(s.BlobURL(), "http:", scheme+":", 1) + "/files"
				client, err := azblob.NewClientWithSharedKeyCredential(address, credential,
					&azblob.ClientOptions{ClientOptions: policy.ClientOptions{Transport: &http.Client{Transport: transport}}})
				must(t, err)
				_, err = client.UploadBuffer(context.Background(), "packages", scheme, data, nil)
				must(t, err)
				for _, part := range []azblob.HTTPRange{{}, {Offset: 1 << 20, Count: 1<<20 + 1}} {
					count := part.Count
					if count == 0 {
						count = int64(len(data))
					}
					got := make([]byte, count)
					_, err := client.DownloadBuffer(context.Background(), "packages", scheme, got, &azblob.DownloadBufferOptions{Range: part})
					must(t, err)
					if !bytes.Equal(got, data[part.Offset:part.Offset+count]) {
						t.Errorf("%d bytes from %d on are others", count, part.Offset)
					}
				}
			})
		}
	}
}

// A subscription that is added again stays as it is; one that an emulator is started
// with is as that was told, whatever it was before.
func TestAddedAgain(t *testing.T) {
	dir, flaky := t.TempDir(), emulator.WithFaults(faults.Plan{Rules: []faults.Rule{{Kind: faults.Drop, Count: 1}}})
	e, err := emulator.New(emulator.WithData(dir), emulator.WithQuotas(cloud.Quotas{Cores: 7}))
	must(t, err)
	wantUnharmed(t, e, 7)
	must(t, e.Close())
	e = emulator.Start(t, emulator.WithData(dir), emulator.WithQuotas(cloud.Quotas{Cores: 9}), flaky)
	must(t, e.SetFaults(e.Subscription(), faults.Plan{}))
	if err := e.AddSubscription(e.Subscription()); err == nil {
		t.Error("it was added again")
	}
	wantUnharmed(t, e, 9)
}

// wantUnharmed wants a subscription without faults that may have so many cores.
func wantUnharmed(t *testing.T, e *emulator.Emulator, cores int) {
	t.Helper()
	engine, err := e.Faults(e.Subscription())
	must(t, err)
	if engine != nil {
		t.Error("faults befall it")
	}
	_, body := call(t, e, "GET", "", "")
	if want := fmt.Sprintf("<MaxCoreCount>%d</MaxCoreCount>", cores); !strings.Contains(body, want) {
		t.Errorf("there is no %s in %s", want, body)
	}
}

package emulator_test

import (
	"context"
	"encoding/xml"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
)

// accountKeys are the keys in an answer.
type accountKeys struct {
	Primary   string `xml:"StorageServiceKeys>Primary"`
	Secondary string `xml:"StorageServiceKeys>Secondary"`
}

func keysIn(t testing.TB, body string) (k accountKeys) {
	t.Helper()
	if err := xml.Unmarshal([]byte(body), &k); err != nil {
		t.Fatal(err)
	}
	return k
}

// create makes a container with an access key, and returns why not.
func create(t testing.TB, e *emulator.Emulator, key, container string) error {
	t.Helper()
	credential, err := azblob.NewSharedKeyCredential("files", key)
	if err != nil {
		t.Fatal(err)
	}
	client, err := azblob.NewClientWithSharedKeyCredential(e.BlobURL()+"/files", credential, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateContainer(context.Background(), container, nil)
	return err
}

func TestRegeneratedKeyShutsOutTheOldOne(t *testing.T) {
	e := emulator.Start(t, emulator.WithClock(cloud.AutoTime, 1))
	const accounts = "/services/storageservices"
	resp, body := call(t, e, "POST", accounts, `<CreateStorageServiceInput xmlns="http://schemas.microsoft.com/windowsazure"><ServiceName>files</ServiceName><Label>ZmlsZXM=</Label><Location>West US</Location></CreateStorageServiceInput>`)
	if resp.StatusCode != http.StatusAccepted {
		t.Fatal(resp.Status, body)
	}
	call(t, e, "GET", "/operations/"+resp.Header.Get("x-ms-request-id"), "")
	_, body = call(t, e, "GET", accounts+"/files/keys", "")
	old := keysIn(t, body)
	if err := create(t, e, old.Primary, "first"); err != nil {
		t.Fatal(err)
	}
	resp, body = call(t, e, "POST", accounts+"/files/keys?action=regenerate", `<RegenerateKeys xmlns="http://schemas.microsoft.com/windowsazure"><KeyType>Primary</KeyType></RegenerateKeys>`)
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status, body)
	}
	renewed := keysIn(t, body)
	if err := create(t, e, old.Primary, "second"); !bloberror.HasCode(err, bloberror.AuthenticationFailed) {
		t.Errorf("with the old key: %v, want AuthenticationFailed", err)
	}
	for name, key := range map[string]string{"renewed": renewed.Primary, "other": old.Secondary} {
		if err := create(t, e, key, name); err != nil {
			t.Errorf("with the %s key: %v", name, err)
		}
	}
}

package emulator_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// session is an emulator whose time steps when somebody looks, with a storage
// account for packages.
type session struct {
	testing.TB
	*emulator.Emulator
	files *azblob.Client
}

func newSession(t testing.TB, options ...emulator.Option) *session {
	t.Helper()
	s := &session{TB: t, Emulator: emulator.Start(t, append(options, emulator.WithClock(cloud.AutoTime, 1))...)}
	s.done("POST", "/services/storageservices", message("CreateStorageServiceInput",
		"<ServiceName>files</ServiceName><Label>"+b64("files")+"</Label><Location>West US</Location><AccountType>Standard_LRS</AccountType>"))
	s.connect()
	if _, err := s.files.CreateContainer(context.Background(), "packages", nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// reopen starts an emulator with the data folder of a session that was closed.
func reopen(t testing.TB, dir string) *session {
	t.Helper()
	e, err := emulator.New(emulator.WithData(dir), emulator.WithClock(cloud.AutoTime, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() }) // again, if the test has
	s := &session{TB: t, Emulator: e}
	s.connect()
	return s
}

// connect makes the client of the storage account.
func (s *session) connect() {
	s.Helper()
	var keys struct {
		Primary string `xml:"StorageServiceKeys>Primary"`
	}
	s.read("/services/storageservices/files/keys", &keys)
	credential, err := azblob.NewSharedKeyCredential("files", keys.Primary)
	if err != nil {
		s.Fatal(err)
	}
	if s.files, err = azblob.NewClientWithSharedKeyCredential(s.BlobURL()+"/files", credential, nil); err != nil {
		s.Fatal(err)
	}
}

// upload stores a package and returns the address that the real service would
// know it by.
func (s *session) upload(name string, data []byte) string {
	s.Helper()
	if _, err := s.files.UploadBuffer(context.Background(), "packages", name, data, nil); err != nil {
		s.Fatal(err)
	}
	return "https://files.blob.core.windows.net/packages/" + name
}

// operation is how an operation ended.
type operation struct {
	Status string
	Error  struct{ Code, Message string }
}

// ask sends a change that has to be accepted and returns how it ended.
func (s *session) ask(method, path, body string) (op operation) {
	s.Helper()
	resp, text := call(s.TB, s.Emulator, method, path, body)
	if resp.StatusCode >= 300 {
		s.Fatalf("%s %s: %s %s", method, path, resp.Status, text)
	}
	for range 100 {
		s.read("/operations/"+resp.Header.Get("x-ms-request-id"), &op)
		if op.Status != "InProgress" {
			return op
		}
	}
	s.Fatalf("%s %s does not end", method, path)
	return op
}

// done sends a change that has to succeed.
func (s *session) done(method, path, body string) {
	s.Helper()
	if op := s.ask(method, path, body); op.Status != "Succeeded" {
		s.Fatalf("%s %s ended as %+v", method, path, op)
	}
}

// read reads a document.
func (s *session) read(path string, into any) {
	s.Helper()
	resp, text := call(s.TB, s.Emulator, "GET", path, "")
	if resp.StatusCode != http.StatusOK {
		s.Fatalf("GET %s: %s %s", path, resp.Status, text)
	}
	if err := xml.Unmarshal([]byte(text), into); err != nil {
		s.Fatal(err)
	}
}

// status returns the status of a request that reads something.
func (s *session) status(path string) int {
	s.Helper()
	resp, _ := call(s.TB, s.Emulator, "GET", path, "")
	return resp.StatusCode
}

func message(root, elements string) string {
	return `<` + root + ` xmlns="http://schemas.microsoft.com/windowsazure">` + elements + `</` + root + `>`
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func createService(name string) string {
	return message("CreateHostedService", "<ServiceName>"+name+"</ServiceName><Label>"+b64(name)+"</Label><Location>West US</Location>")
}

func createDeployment(name, address string, configuration []byte) string {
	return message("CreateDeployment", fmt.Sprintf("<Name>%s</Name><PackageUrl>%s</PackageUrl><Label>%s</Label><Configuration>%s</Configuration><StartDeployment>true</StartDeployment>",
		name, address, b64(name), base64.StdEncoding.EncodeToString(configuration)))
}

func swap(production, source string) string {
	return message("Swap", "<Production>"+production+"</Production><SourceDeployment>"+source+"</SourceDeployment>")
}

// pack makes a package of a definition, with one file in each role.
func pack(t testing.TB, definition []byte, version string) []byte {
	t.Helper()
	def, err := servicepackage.ParseDefinition(definition)
	if err != nil {
		t.Fatal(err)
	}
	opts := servicepackage.PackOptions{Definition: definition, Roles: map[string]fs.FS{}}
	for _, r := range def.Roles {
		opts.Roles[r.Name] = fstest.MapFS{strings.ToLower(r.Name) + ".txt": {Data: []byte(version)}}
	}
	var b bytes.Buffer
	if err := servicepackage.Pack(&b, opts); err != nil {
		t.Fatalf("pack: %v", err)
	}
	return b.Bytes()
}

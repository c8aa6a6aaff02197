package durability

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/vipswap/vipswap/emulator/credentials"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// An endpoint is where a running emulator is.
type endpoint struct {
	Management, Blob, Subscription string
}

// An api talks to the management API of a subscription.
type api struct {
	endpoint
	http *http.Client
}

func newAPI(at endpoint, authority *credentials.Authority) (*api, error) {
	m, err := authority.Management(at.Subscription)
	if err != nil {
		return nil, err
	}
	return &api{at, &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: authority.Pool(), Certificates: []tls.Certificate{m.Certificate},
	}}}}, nil
}

// An answer is what came back for a request.
type answer struct {
	status    int
	operation string // its x-ms-request-id
	body      []byte
}

// do sends a request. An error says that no answer came.
func (a *api) do(method, path, body string) (answer, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, a.Management+"/"+a.Subscription+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("x-ms-version", "2014-10-01")
	req.Header.Set("Content-Type", "application/xml")
	resp, err := a.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header.Get("x-ms-request-id"), data}, err
}

// get reads a document into v. It is an error when it is not there.
func (a *api) get(path string, v any) error {
	got, err := a.do("GET", path, "")
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("GET %s: %d %s", path, got.status, got.body)
	}
	if err != nil {
		return err
	}
	return xml.Unmarshal(got.body, v)
}

func document(root, inner string) string {
	return `<` + root + ` xmlns="http://schemas.microsoft.com/windowsazure">` + inner + `</` + root + `>`
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func createServiceBody(name string) string {
	return document("CreateHostedService", "<ServiceName>"+name+"</ServiceName><Label>"+b64(name)+"</Label><Location>West US</Location>")
}

func createAccountBody(name string) string {
	return document("CreateStorageServiceInput", "<ServiceName>"+name+"</ServiceName><Label>"+b64(name)+"</Label><Location>West US</Location>")
}

func createDeploymentBody(name, packageURL string) string {
	return document("CreateDeployment", "<Name>"+name+"</Name><PackageUrl>"+packageURL+"</PackageUrl><Label>"+b64(name)+"</Label><Configuration>"+
		b64(shopConfiguration)+"</Configuration><StartDeployment>true</StartDeployment>")
}

func swapBody(production, staging string) string {
	inner := "<SourceDeployment>" + staging + "</SourceDeployment>"
	if production != "" {
		inner = "<Production>" + production + "</Production>" + inner
	}
	return document("Swap", inner)
}

const (
	shopDefinition = `<ServiceDefinition name="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">` +
		`<WorkerRole name="Web" vmsize="Small"><Endpoints><InputEndpoint name="Http" protocol="tcp" port="80"/></Endpoints></WorkerRole></ServiceDefinition>`
	shopConfiguration = `<ServiceConfiguration serviceName="Shop" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">` +
		`<Role name="Web"><Instances count="2"/></Role></ServiceConfiguration>`
)

// shopPackage makes the package of the service that is deployed.
func shopPackage(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	err := servicepackage.Pack(&b, servicepackage.PackOptions{Definition: []byte(shopDefinition), Roles: map[string]fs.FS{
		"Web": fstest.MapFS{"Web.dll": {Data: []byte("code")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// operation reads how an operation stands.
func (a *api) operation(id string) (status string, err error) {
	got, err := a.do("GET", "/operations/"+id, "")
	if err != nil {
		return "", err
	}
	return operationStatus(got)
}

// operationStatus reads the answer to a question for an operation.
func operationStatus(got answer) (string, error) {
	if got.status != http.StatusOK {
		return "", fmt.Errorf("%d %s", got.status, got.body)
	}
	var op struct{ Status string }
	err := xml.Unmarshal(got.body, &op)
	return op.Status, err
}

// await asks until an operation has ended. Time is automatic: asking moves it.
func (a *api) await(id string) (status string, err error) {
	for range 1000 {
		if status, err = a.operation(id); err != nil || status != "InProgress" {
			return status, err
		}
	}
	return "", fmt.Errorf("operation %s does not end", id)
}

// A deployment is what a service's document says of one.
type deployment struct {
	Name      string
	Slot      string `xml:"DeploymentSlot"`
	Status    string
	Instances []struct {
		Status string `xml:"InstanceStatus"`
	} `xml:"RoleInstanceList>RoleInstance"`
}

// deployments reads what is in the slots of a service.
func (a *api) deployments(service string) ([]deployment, error) {
	var s struct {
		Deployments []deployment `xml:"Deployments>Deployment"`
	}
	err := a.get("/services/hostedservices/"+service+"?embed-detail=true", &s)
	return s.Deployments, err
}

// services lists the names of all hosted services.
func (a *api) services() ([]string, error) {
	var list struct {
		Services []struct{ ServiceName string } `xml:"HostedService"`
	}
	err := a.get("/services/hostedservices", &list)
	var names []string
	for _, s := range list.Services {
		names = append(names, s.ServiceName)
	}
	return names, err
}

// storage returns a client of the blobs of an account, with the account's key as
// the management API tells it. It tries nothing twice.
func (a *api) storage(account string) (*azblob.Client, error) {
	var keys struct {
		Primary string `xml:"StorageServiceKeys>Primary"`
	}
	if err := a.get("/services/storageservices/"+account+"/keys", &keys); err != nil {
		return nil, err
	}
	credential, err := azblob.NewSharedKeyCredential(account, keys.Primary)
	if err != nil {
		return nil, err
	}
	return azblob.NewClientWithSharedKeyCredential(a.Blob+"/"+account, credential, &azblob.ClientOptions{ClientOptions: policy.ClientOptions{
		Retry: policy.RetryOptions{MaxRetries: -1}, Transport: a.http,
	}})
}

// must sends a request and waits for its operation, which has to succeed.
func (a *api) must(t testing.TB, method, path, body string) {
	t.Helper()
	got, err := a.do(method, path, body)
	if err != nil || got.status >= 300 {
		t.Fatalf("%s %s: %v %d %s", method, path, err, got.status, got.body)
	}
	if got.status == http.StatusAccepted {
		if status, err := a.await(got.operation); err != nil || status != "Succeeded" {
			t.Fatalf("%s %s: %s %v", method, path, status, err)
		}
	}
}

const (
	servicesPath = "/services/hostedservices"
	accountsPath = "/services/storageservices"
	account      = "packages"
	container    = "releases"
	packageName  = "shop.cspkg"
)

func (e endpoint) packageURL() string {
	return e.Blob + "/" + account + "/" + container + "/" + packageName
}

// furnish makes the storage account with the package in it.
func (a *api) furnish(t testing.TB) {
	t.Helper()
	a.must(t, "POST", accountsPath, createAccountBody(account))
	blobs, err := a.storage(account)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := blobs.CreateContainer(ctx, container, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.UploadBuffer(ctx, container, packageName, shopPackage(t), nil); err != nil {
		t.Fatal(err)
	}
}

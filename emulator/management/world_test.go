package management_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
	"github.com/vipswap/vipswap/emulator/packages"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

const (
	subscription = "5ae1c0de-0b1e-4e9e-8a5e-b10e9ee75afe"
	host         = "management.core.windows.net"
	usualVersion = "2014-10-01"
	certificate  = "the management certificate, which here is any bytes"
)

// world is the API without a socket: one subscription, whose time the test
// moves, and a hosted service "shop" in it.
type world struct {
	testing.TB
	*cloud.Universe
	server http.Handler
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOf(t, cloud.ManualTime, packagesReader())
}

// worldOf makes a world with a clock and a reader of packages of the test's own.
func worldOf(t testing.TB, mode cloud.ClockMode, reader management.Packages, options ...management.Option) *world {
	t.Helper()
	return worldAt(t, cloud.NewClock(mode, 1, cloud.Epoch, func() time.Time { return cloud.Epoch }), reader, options...)
}

// worldAt is worldOf, whose clock is running.
func worldAt(t testing.TB, clock cloud.Clock, reader management.Packages, options ...management.Option) *world {
	t.Helper()
	w := &world{TB: t, Universe: cloud.NewUniverse(subscription, 7, clock)}
	w.server = management.New(subscriptions{w.Universe}, reader, storage{}, options...)
	sum := sha1.Sum([]byte(certificate))
	id := w.RequestID()
	w.change(func(st *cloud.State) *cloud.Error {
		st.Authorize(cloud.ManagementCertificate{Thumbprint: hex.EncodeToString(sum[:])})
		return st.CreateService(id, cloud.ServiceSpec{Name: "shop", Label: "Shop", Location: "West US"})
	})
	return w
}

// change makes a change beside the API.
func (w *world) change(f func(*cloud.State) *cloud.Error) {
	w.Helper()
	if err := w.Update(f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) advance(d time.Duration) {
	w.Helper()
	if err := w.Advance(d); err != nil {
		w.Fatal(err)
	}
}

// subscriptions is a list of universes.
type subscriptions []*cloud.Universe

func (s subscriptions) Universes() []*cloud.Universe { return s }

func (s subscriptions) Universe(id string) *cloud.Universe {
	i := slices.IndexFunc(s, func(u *cloud.Universe) bool { return strings.EqualFold(u.ID(), id) })
	if i < 0 {
		return nil
	}
	return s[i]
}

// storage is a blob endpoint that only has addresses.
type storage struct{}

func (storage) Endpoints(account string) []string {
	return []string{"https://" + account + ".blob.test/", "https://" + account + ".queue.test/", "https://" + account + ".table.test/"}
}

func (storage) DeleteAccount(string, string) error { return nil }

// call is one request. What is left out is what a client usually sends.
type call struct {
	method, path, body string
	version            string // usualVersion when "", no header when "-"
	contentType        string
	stranger           bool   // with a certificate that nobody knows
	anonymous          bool   // without a certificate
	subscription       string // in the path; subscription when "", none when "-"
}

// request makes the request as net/http would hand it to the server.
func (c call) request() *http.Request {
	prefix := "/" + subscription
	switch c.subscription {
	case "":
	case "-":
		prefix = ""
	default:
		prefix = "/" + c.subscription
	}
	r := httptest.NewRequest(c.method, "https://"+host+prefix+c.path, strings.NewReader(c.body))
	switch c.version {
	case "":
		r.Header.Set("x-ms-version", usualVersion)
	case "-":
	default:
		r.Header.Set("x-ms-version", c.version)
	}
	if c.contentType != "" {
		r.Header.Set("Content-Type", c.contentType)
	}
	r.TLS = &tls.ConnectionState{PeerCertificates: c.certificates()}
	return r
}

var (
	known   = []*x509.Certificate{{Raw: []byte(certificate)}}
	unknown = []*x509.Certificate{{Raw: []byte("another certificate")}}
)

func (c call) certificates() []*x509.Certificate {
	switch {
	case c.anonymous:
		return nil
	case c.stranger:
		return unknown
	}
	return known
}

// do sends a request and returns the answer.
func (w *world) do(c call) *httptest.ResponseRecorder { return recorded(w, c.request()) }

func recorded(w *world, r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	return recorder
}

// must sends a request that has to be accepted, and returns its id.
func (w *world) must(c call) string {
	w.Helper()
	answer := w.do(c)
	if answer.Code >= 300 {
		w.Fatalf("%s %s: %d %s", c.method, c.path, answer.Code, answer.Body)
	}
	return answer.Header().Get("x-ms-request-id")
}

// done sends a request that has to be accepted, and lets the operation end.
func (w *world) done(c call) {
	w.Helper()
	id := w.must(c)
	w.advance(time.Hour)
	if answer := w.do(call{method: "GET", path: "/operations/" + id}); !strings.Contains(answer.Body.String(), "<Status>Succeeded</Status>") {
		w.Fatalf("%s %s: %s", c.method, c.path, answer.Body)
	}
}

// refusal is what a client reads of an error: the status and the document.
type refusal struct {
	Status  int
	Code    string
	Message string
}

// refused reads an error answer.
func refused(t testing.TB, answer *httptest.ResponseRecorder) refusal {
	t.Helper()
	var document struct {
		XMLName xml.Name `xml:"http://schemas.microsoft.com/windowsazure Error"`
		Code    string   `xml:"Code"`
		Message string   `xml:"Message"`
	}
	if err := xml.Unmarshal(answer.Body.Bytes(), &document); err != nil {
		t.Fatalf("%d is not answered with an Error document but with %q: %v", answer.Code, answer.Body, err)
	}
	return refusal{answer.Code, document.Code, document.Message}
}

// dump returns all that the universe holds, without the count of requests.
func (w *world) dump() string {
	w.Helper()
	w.advance(0)
	var all dumper
	if err := w.SaveTo(&all); err != nil {
		w.Fatal(err)
	}
	slices.Sort(all.records)
	return strings.Join(all.records, "\n")
}

// dumper is a cloud.Saver that lists what it is given.
type dumper struct{ records []string }

func (d *dumper) Save(c cloud.Changes) error {
	c.Universe.Requests = cloud.Source{}
	c.Records = append(c.Records, cloud.Record{Kind: "universe", Value: c.Universe})
	for _, r := range c.Records {
		data, err := json.Marshal(r.Value)
		if err != nil {
			return err
		}
		d.records = append(d.records, fmt.Sprintf("%s %s %s", r.Kind, r.Key, data))
	}
	return nil
}

// document writes a request's body.
func document(root, inner string) string {
	return `<` + root + ` xmlns="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">` + inner + `</` + root + `>`
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// The sample service: a web role with endpoints of every public kind and a role
// without any. In the second definition the web role has an endpoint more.
const (
	shopDefinition = `<ServiceDefinition name="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">
<WorkerRole name="Web" vmsize="Small"><ConfigurationSettings><Setting name="Greeting"/></ConfigurationSettings><Endpoints>
<InputEndpoint name="Http" protocol="http" port="80"/><InputEndpoint name="Admin" protocol="tcp" port="8080" localPort="8081"/>
<InstanceInputEndpoint name="Direct" protocol="tcp" localPort="9000"><AllocatePublicPortFrom><FixedPortRange min="9100" max="9110"/></AllocatePublicPortFrom></InstanceInputEndpoint>
</Endpoints></WorkerRole>
<WorkerRole name="Work" vmsize="ExtraSmall"/>
</ServiceDefinition>`
	plainDefinition = `<ServiceDefinition name="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">
<WorkerRole name="Work" vmsize="ExtraSmall"/>
</ServiceDefinition>`
)

// shopConfiguration is a configuration for shopDefinition.
func shopConfiguration(greeting string, instances int, network string) string {
	return fmt.Sprintf(`<ServiceConfiguration serviceName="Shop" osFamily="4" osVersion="*" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">`+
		`<Role name="Web"><Instances count="%d"/><ConfigurationSettings><Setting name="Greeting" value="%s"/></ConfigurationSettings></Role>`+
		`<Role name="Work"><Instances count="1"/></Role>%s</ServiceConfiguration>`, instances, greeting, network)
}

const (
	plainConfiguration = `<ServiceConfiguration serviceName="Shop" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration"><Role name="Work"><Instances count="1"/></Role></ServiceConfiguration>`
	shopURL            = "https://files.blob.core.windows.net/packages/shop.cspkg"
	plainURL           = "https://files.blob.core.windows.net/packages/plain.cspkg"
)

// packagesReader reads the packages of the sample service.
func packagesReader() *packages.Reader {
	return packages.NewReader(blobs{"shop.cspkg": shopPackage(), "plain.cspkg": plainPackage()})
}

var (
	shopPackage  = sync.OnceValue(func() []byte { return pack(shopDefinition) })
	plainPackage = sync.OnceValue(func() []byte { return pack(plainDefinition) })
)

// pack makes a package whose roles have one file each.
func pack(definition string) []byte {
	opts := servicepackage.PackOptions{Definition: []byte(definition), Roles: map[string]fs.FS{}}
	for _, role := range []string{"Web", "Work"} {
		if strings.Contains(definition, `"`+role+`"`) {
			opts.Roles[role] = fstest.MapFS{role + ".dll": {Data: []byte("code")}}
		}
	}
	var b bytes.Buffer
	if err := servicepackage.Pack(&b, opts); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// blobs are packages by name, in any account and container.
type blobs map[string][]byte

func (b blobs) OpenBlob(_, _, _, name, _ string) (packages.Blob, error) {
	data, ok := b[name]
	if !ok {
		return nil, packages.ErrNotFound
	}
	return memoryBlob{bytes.NewReader(data)}, nil
}

// PutBlob writes a blob; there is one container.
func (b blobs) PutBlob(_, _, container, name string, r io.Reader) error {
	if container != "packages" {
		return packages.ErrNotFound
	}
	data, err := io.ReadAll(r)
	b[name] = data
	return err
}

type memoryBlob struct{ *bytes.Reader }

func (memoryBlob) Close() error { return nil }
func (memoryBlob) ETag() string { return "1" }

// createBody is the body of a Create Deployment of the sample service.
func createBody(name, label string, start bool) string {
	return document("CreateDeployment", "<Name>"+name+"</Name><PackageUrl>"+shopURL+"</PackageUrl><Label>"+b64(label)+"</Label><Configuration>"+
		b64(shopConfiguration("hello", 2, ""))+fmt.Sprintf("</Configuration><StartDeployment>%v</StartDeployment>", start))
}

// deploy puts a running deployment of the sample service into a slot.
func (w *world) deploy(slot, name string) {
	w.Helper()
	w.done(call{method: "POST", path: shop + "/deploymentslots/" + slot, body: createBody(name, name+" label", true)})
}

const shop = "/services/hostedservices/shop"

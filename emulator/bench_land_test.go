package emulator

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// land is an emulator whose subscription has so many hosted services. Some, as
// far apart as can be, have a running deployment in production.
type land struct {
	*Emulator
	names []string // of the services
}

// filled is how many services of a land have a deployment, if there are so many.
const filled = 10

func newLand(t testing.TB, services int) *land {
	t.Helper()
	l := &land{Emulator: Start(t)}
	for i := range services {
		name := fmt.Sprintf("service%06d", i)
		l.names = append(l.names, name)
		l.update(t, func(st *cloud.State) *cloud.Error {
			return st.CreateService(fmt.Sprintf("%032x", i), cloud.ServiceSpec{Name: name, Label: name, Location: "West US"})
		})
	}
	for place := range min(filled, services) {
		l.update(t, func(st *cloud.State) *cloud.Error {
			return st.CreateDeployment(operationID(place), l.filledName(place), cloud.Production, shopSpec())
		})
	}
	if err := l.Advance(l.Subscription(), time.Hour); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *land) update(t testing.TB, f func(*cloud.State) *cloud.Error) {
	t.Helper()
	if err := l.universes.Universe(l.Subscription()).Update(f); err != nil {
		t.Fatal(err)
	}
}

// shopSpec is a deployment of two roles of two instances each. Describing it
// takes about 3 KB.
func shopSpec() cloud.DeploymentSpec {
	roles := []cloud.Role{
		{Name: "Web", Size: "Small", Cores: 1, Instances: 2, Inputs: []cloud.Input{{Name: "Http", Protocol: "tcp", Port: 80, LocalPort: 80}}},
		{Name: "Worker", Size: "Small", Cores: 1, Instances: 2},
	}
	return cloud.DeploymentSpec{Name: "shop-1", Label: "shop 1.0.0", Start: true, Model: &cloud.Model{
		Digest: "shop", Package: &cloud.Package{Digest: "shop", SDKVersion: "2.9.6496.3", UpgradeDomains: 5},
		Configuration: `<ServiceConfiguration>` + strings.Repeat(`<Setting name="Colour" value="blue" />`, 10) + `</ServiceConfiguration>`,
		ServiceName:   "Shop", OSFamily: "4", OSVersion: "*", Roles: roles,
	}}
}

func operationID(place int) string { return fmt.Sprintf("%032x", 1<<40+place) }

// filledName returns the name of a service that has a deployment.
func (l *land) filledName(place int) string {
	count := min(filled, len(l.names))
	return l.names[place%count*len(l.names)/count]
}

const servicesPath = "/services/hostedservices/"

// service returns the address of a service.
func (l *land) service(place int) string { return servicesPath + l.names[place] }

// deployment returns the address of a deployment.
func (l *land) deployment(place int) string {
	return servicesPath + l.filledName(place) + "/deploymentslots/production"
}

// operation returns the address of the operation that made a deployment.
func (l *land) operation(place int) string {
	return "/operations/" + operationID(place%min(filled, len(l.names)))
}

// read returns a function that reads n things over plain connections.
func (l *land) read(t testing.TB, path func(l *land, place int) string) func(n int) {
	t.Helper()
	const stride = 7919 // a prime, so that all have their turn
	return newClients(t, servePlain(t, l.Emulator, l.servers[0].Handler), func(i int) func([]byte) []byte {
		place := len(l.names) * i / connections
		return func(dst []byte) []byte {
			place = (place + stride) % len(l.names)
			return l.appendGet(dst, path(l, place))
		}
	}).run(t)
}

// list returns a function that lists the services n times, without a socket.
func (l *land) list(t testing.TB) func(n int) {
	t.Helper()
	request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(l.appendGet(nil, "/services/hostedservices"))))
	if err != nil {
		t.Fatal(err)
	}
	request.TLS = clientState(t, l.Emulator)
	return func(n int) {
		for range n {
			answer := nowhere{header: http.Header{}}
			l.servers[0].Handler.ServeHTTP(&answer, request)
			if answer.status != http.StatusOK {
				t.Fatalf("the list is answered with %d", answer.status)
			}
		}
	}
}

// nowhere is a response writer that keeps the status only.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(status int)      { n.status = status }

// appendGet appends a GET as a client sends it.
func (l *land) appendGet(dst []byte, path string) []byte {
	return fmt.Appendf(dst, "GET /%s%s HTTP/1.1\r\nHost: 127.0.0.1\r\n"+
		"User-Agent: benchmark\r\nx-ms-version: 2014-10-01\r\nAccept-Encoding: gzip\r\n\r\n", l.Subscription(), path)
}

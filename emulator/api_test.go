package emulator_test

import (
	"strings"
	"testing"

	"github.com/vipswap/vipswap/emulator/management/managementtest"
)

// The service that the suite deploys: one role that the public reaches.
const (
	suiteDefinition = `<ServiceDefinition name="Suite" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">
<WorkerRole name="Web" vmsize="Small"><Endpoints><InputEndpoint name="Http" protocol="http" port="80"/></Endpoints></WorkerRole></ServiceDefinition>`
	suiteConfiguration = `<ServiceConfiguration serviceName="Suite" osFamily="4" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
<Role name="Web"><Instances count="2"/></Role></ServiceConfiguration>`
)

// TestManagementAPI takes the suite that any implementation of the API can take.
func TestManagementAPI(t *testing.T) {
	s := newSession(t)
	managementtest.Run(t, managementtest.Target{
		URL: s.ManagementURL(), Subscription: s.Subscription(), Certificate: s.Management().Certificate, Authorities: s.CertPool(),
		Service: "Suite-1",
		Packages: [2]string{
			s.upload("v1.cspkg", pack(t, []byte(suiteDefinition), "1")),
			s.upload("v2.cspkg", pack(t, []byte(suiteDefinition), "2")),
		},
		Configuration: []byte(suiteConfiguration),
		Scaled:        []byte(strings.Replace(suiteConfiguration, `count="2"`, `count="3"`, 1)),
	})
}

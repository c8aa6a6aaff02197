package managementtest

import (
	"slices"
	"strings"
	"testing"
)

// Run tests a target. It stops at the first step of the story that fails, since
// the next ones stand on it; the hosted service is then left as it is, to be
// looked at.
func Run(t *testing.T, target Target) {
	c := newClient(t, target)
	for _, step := range []struct {
		name string
		run  func(*client)
	}{
		{"subscription", (*client).subscription},
		{"create service", (*client).createService},
		{"nothing is deployed", (*client).nothingDeployed},
		{"deploy to staging", (*client).deployToStaging},
		{"move into empty production", (*client).moveIntoProduction},
		{"deploy the next version", (*client).deployNext},
		{"refused swaps", (*client).refusedSwaps},
		{"swap", (*client).swap},
		{"swap back", (*client).swapBack},
		{"change configuration", (*client).changeConfiguration},
		{"suspend and start", (*client).suspendAndStart},
		{"upgrade in place", (*client).upgrade},
		{"one operation at a time", (*client).oneAtATime},
		{"a package that is missing", (*client).missingPackage},
		{"delete service in use", (*client).deleteServiceInUse},
		{"delete deployments", (*client).deleteDeployments},
		{"delete service", (*client).deleteService},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(c.on(t)) }) {
			t.Fatalf("%s failed; the rest of the story is left out", step.name)
		}
	}
}

const services = "/services/hostedservices"

func (c *client) service() string { return services + "/" + c.target.Service }

func (c *client) slot(name string) string { return c.service() + "/deploymentslots/" + name }

// in reads the deployment in a slot.
func (c *client) in(slot string) *deployment {
	c.Helper()
	d := &deployment{}
	c.read(c.slot(slot), d)
	if !strings.EqualFold(d.DeploymentSlot, slot) {
		c.Fatalf("the deployment in %s says that it is in %s", slot, d.DeploymentSlot)
	}
	return d
}

// ready waits until the deployment in a slot runs.
func (c *client) ready(slot string) *deployment {
	c.Helper()
	for range c.target.Looks {
		if d := c.in(slot); d.ready() {
			return d
		}
		c.target.Wait()
	}
	c.Fatalf("the deployment in %s does not get ready: %+v", slot, c.in(slot))
	return nil
}

func (c *client) isEmpty(slot string) {
	c.Helper()
	if message := c.refuse(404, "ResourceNotFound", "GET", c.slot(slot), ""); message != "No deployments were found." {
		c.Errorf("an empty slot is answered with %q", message)
	}
}

func (c *client) subscription() {
	var s subscription
	c.read("", &s)
	if !strings.EqualFold(s.SubscriptionID, c.target.Subscription) {
		c.Errorf("the subscription says that it is %q", s.SubscriptionID)
	}
	var l locations
	c.read("/locations", &l)
	if len(l.Location) == 0 {
		c.Fatal("there are no locations")
	}
}

func (c *client) createService() {
	var l locations
	c.read("/locations", &l)
	available := func() bool {
		var a availability
		c.read(services+"/operations/isavailable/"+c.target.Service, &a)
		return a.Result
	}
	if !available() {
		c.Fatalf("the name %s is not available", c.target.Service)
	}
	body := document("CreateHostedService", element("ServiceName", c.target.Service), encoded("Label", "Größe <1>"),
		element("Description", "a & b"), element("Location", l.Location[0].Name))
	id := c.accept(201, "POST", services, body)
	if op := c.ended(id); op.Status != "Succeeded" {
		c.Errorf("the operation of a change that is done at once is %+v", op)
	}
	if available() {
		c.Error("the name is still available")
	}
	c.refuse(409, "ConflictError", "POST", services, body)
	c.refuse(409, "ConflictError", "POST", services, strings.Replace(body, c.target.Service, strings.ToUpper(c.target.Service), 1))

	var s hostedService
	c.read(c.service(), &s)
	p := s.HostedServiceProperties
	if decoded(p.Label) != "Größe <1>" || p.Description != "a & b" || p.Location != l.Location[0].Name || p.Status != "Created" || s.Deployments != nil {
		c.Errorf("the service is %+v", s)
	}
	c.change(200, "PUT", c.service(), document("UpdateHostedService", encoded("Label", "another")))
	c.read(c.service(), &s)
	if p := s.HostedServiceProperties; decoded(p.Label) != "another" || p.Description != "a & b" {
		c.Errorf("after a change of the label alone the service is %+v", s)
	}
	var all hostedServices
	c.read(services, &all)
	if !slices.ContainsFunc(all.HostedService, func(s struct{ ServiceName string }) bool { return s.ServiceName == c.target.Service }) {
		c.Errorf("the service is not in the list %+v", all)
	}
}

func (c *client) nothingDeployed() {
	c.isEmpty("staging")
	c.isEmpty("Production")
	c.refuse(404, "ResourceNotFound", "DELETE", c.slot("staging"), "")
	c.refuse(404, "ResourceNotFound", "POST", c.service(), swapDocument("", "v1"))
	c.refuse(404, "ResourceNotFound", "POST", c.service()+"/deployments/v1/?comp=status", statusDocument("Running"))
	c.refuse(400, "InvalidXmlRequest", "POST", c.slot("staging"), "<CreateDeployment")
	var s hostedService
	c.read(c.service()+"?embed-detail=true", &s)
	if s.Deployments == nil || len(s.Deployments.Deployment) != 0 {
		c.Errorf("the details of a service without deployments are %+v", s)
	}
}

// createDocument asks for a deployment of the n-th package.
func (c *client) createDocument(name string, n int, start string) string {
	return document("CreateDeployment", element("Name", name), element("PackageUrl", c.target.Packages[n]), encoded("Label", "label of "+name),
		encoded("Configuration", string(c.target.Configuration)), element("StartDeployment", start))
}

func swapDocument(production, source string) string {
	return document("Swap", element("Production", production), element("SourceDeployment", source))
}

func statusDocument(status string) string {
	return document("UpdateDeploymentStatus", element("Status", status))
}

func (c *client) deployToStaging() {
	c.change(202, "POST", c.slot("staging"), c.createDocument("v1", 0, "true"))
	d := c.in("staging")
	if d.Status != "Running" {
		c.Errorf("a deployment that was started is %s", d.Status)
	}
	d = c.ready("Staging")
	if d.Name != "v1" || d.label() != "label of v1" || d.address() == "" || !requestID.MatchString(d.PrivateID) || !strings.HasPrefix(d.URL, "http://") {
		c.Errorf("the deployment is %+v", d)
	}
	if want := strings.ReplaceAll(string(c.target.Configuration), "\r\n", "\n"); strings.ReplaceAll(decoded(d.Configuration), "\r\n", "\n") != want {
		c.Errorf("the configuration came back as %q", decoded(d.Configuration))
	}
	c.refuse(409, "ConflictError", "POST", c.slot("staging"), c.createDocument("v2", 1, "true"))
	c.refuse(409, "ConflictError", "POST", c.slot("production"), c.createDocument("V1", 1, "true"))
}

func (c *client) moveIntoProduction() {
	before := c.in("staging")
	c.change(202, "POST", c.service(), document("Swap", element("SourceDeployment", "v1")))
	c.isEmpty("staging")
	after := c.in("production")
	if after.travels() != before.travels() {
		c.Errorf("the deployment changed on its way: %s, before %s", after.travels(), before.travels())
	}
	if want := "http://" + strings.ToLower(c.target.Service) + "."; !strings.HasPrefix(after.URL, want) {
		c.Errorf("in production the address is %s, want %s...", after.URL, want)
	}
}

func (c *client) deployNext() {
	c.change(202, "POST", c.slot("Staging"), c.createDocument("v2", 1, "true"))
	staged, live := c.ready("staging"), c.ready("production")
	if staged.address() == live.address() || staged.URL == live.URL || staged.PrivateID == live.PrivateID {
		c.Errorf("two deployments share something: %+v and %+v", staged, live)
	}
	var s hostedService
	c.read(c.service()+"?embed-detail=true", &s)
	if s.Deployments == nil || len(s.Deployments.Deployment) != 2 || s.Deployments.Deployment[0].Name != "v1" {
		c.Errorf("the details of the service are %+v, want production first", s.Deployments)
	}
}

func (c *client) refusedSwaps() {
	before := []string{c.in("production").travels(), c.in("staging").travels()}
	c.refuse(409, "ConflictError", "POST", c.service(), swapDocument("v1", "v9"))
	c.refuse(409, "ConflictError", "POST", c.service(), swapDocument("v9", "v2"))
	c.refuse(409, "ConflictError", "POST", c.service(), swapDocument("v2", "v1"))
	c.refuse(400, "BadRequest", "POST", c.service(), swapDocument("v1", ""))
	c.refuse(400, "InvalidXmlRequest", "POST", c.service(), document("Exchange", element("SourceDeployment", "v2")))
	c.refuse(404, "ResourceNotFound", "POST", c.service()+"-none", swapDocument("v1", "v2"))
	c.refuse(400, "InvalidHttpVerb", "PATCH", c.service(), swapDocument("v1", "v2"))
	if after := []string{c.in("production").travels(), c.in("staging").travels()}; !slices.Equal(before, after) {
		c.Errorf("refused swaps changed the slots from %q to %q", before, after)
	}
}

func (c *client) swap()     { c.exchange("v1", "v2") }
func (c *client) swapBack() { c.exchange("v2", "v1") }

// exchange swaps and checks what travels and what stays.
func (c *client) exchange(live, staged string) {
	production, staging := c.in("production"), c.in("staging")
	c.change(202, "POST", c.service(), swapDocument(live, staged))
	nowProduction, nowStaging := c.in("production"), c.in("staging")
	if nowProduction.Name != staged || nowProduction.travels() != staging.travels() || nowStaging.travels() != production.travels() {
		c.Errorf("production is %s and staging %s, want them exchanged: %s and %s", nowProduction.travels(), nowStaging.travels(), staging.travels(), production.travels())
	}
	if nowProduction.address() != production.address() || nowProduction.URL != production.URL || nowStaging.address() != staging.address() {
		c.Errorf("the addresses moved: production %s to %s, staging %s to %s", production.address(), nowProduction.address(), staging.address(), nowStaging.address())
	}
}

func (c *client) changeConfiguration() {
	before := len(c.in("staging").RoleInstanceList.RoleInstance)
	c.change(202, "POST", c.slot("staging")+"/?comp=config", document("ChangeConfiguration", encoded("Configuration", string(c.target.Scaled)), element("Mode", "Auto")))
	d := c.ready("staging")
	if got := len(d.RoleInstanceList.RoleInstance); got != before+1 || d.Name != "v2" {
		c.Errorf("%s has %d instances, want %d", d.Name, got, before+1)
	}
	c.refuse(400, "BadRequest", "POST", c.slot("staging")+"/?comp=config", document("ChangeConfiguration", element("Configuration", "{}")))
}

func (c *client) suspendAndStart() {
	path := c.service() + "/deployments/v2/?comp=status"
	c.change(202, "POST", path, statusDocument("Suspended"))
	if d := c.in("staging"); d.Status != "Suspended" {
		c.Errorf("a deployment that was suspended is %s", d.Status)
	}
	c.change(202, "POST", path, statusDocument("Running"))
	c.ready("staging")
	c.refuse(400, "BadRequest", "POST", path, statusDocument("Broken"))
	c.refuse(400, "MissingOrInvalidRequiredQueryParameter", "POST", c.service()+"/deployments/v2?comp=explode", "")
}

func (c *client) upgrade() {
	before := c.in("staging")
	c.change(202, "POST", c.service()+"/deployments/v2?comp=upgrade", document("UpgradeDeployment", element("Mode", "Auto"), element("PackageUrl", c.target.Packages[0]),
		encoded("Configuration", string(c.target.Configuration)), encoded("Label", "upgraded"), element("Force", "true")))
	if d := c.in("staging"); d.label() != "upgraded" || d.Name != "v2" || d.PrivateID != before.PrivateID || d.address() != before.address() {
		c.Errorf("after the upgrade was taken the deployment is %+v, before it was %+v", d, before)
	}
	c.ready("staging")
}

// oneAtATime asks for a second change while the first is in progress. The text
// names the operation that runs: clients cut the id out of it.
func (c *client) oneAtATime() {
	id := c.accept(202, "POST", c.slot("staging")+"?comp=status", statusDocument("Suspended"))
	message := c.refuse(409, "ConflictError", "DELETE", c.slot("staging"), "")
	if !strings.Contains(message, "x-ms-requestid "+id+" ") {
		c.Errorf("the refusal does not name the operation %s: %s", id, message)
	}
	if op := c.ended(id); op.Status != "Succeeded" {
		c.Errorf("the first operation ended as %+v", op)
	}
	c.change(202, "POST", c.slot("staging")+"?comp=status", statusDocument("Running"))
	c.ready("staging")
}

// missingPackage is accepted and then fails, and leaves nothing behind.
func (c *client) missingPackage() {
	c.change(202, "DELETE", c.slot("staging"), "")
	body := strings.Replace(c.createDocument("v3", 0, "true"), c.target.Packages[0], c.target.Packages[0]+".not-there", 1)
	op := c.ended(c.accept(202, "POST", c.slot("staging"), body))
	if op.Status != "Failed" || op.HTTPStatusCode != 400 || op.Error == nil || op.Error.Code != "BadRequest" {
		c.Errorf("the operation ended as %+v", op)
	}
	c.isEmpty("staging")
}

func (c *client) deleteServiceInUse() {
	c.refuse(400, "BadRequest", "DELETE", c.service(), "")
	c.ready("production")
}

func (c *client) deleteDeployments() {
	c.change(202, "DELETE", c.service()+"/deployments/v1", "")
	c.isEmpty("production")
	c.refuse(404, "ResourceNotFound", "GET", c.service()+"/deployments/v1", "")
}

func (c *client) deleteService() {
	c.change(200, "DELETE", c.service(), "")
	if message := c.refuse(404, "ResourceNotFound", "GET", c.service(), ""); message != "The hosted service does not exist." {
		c.Errorf("a service that is gone is answered with %q", message)
	}
}

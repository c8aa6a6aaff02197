package nearmiss

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
)

// newUniverse returns a universe with a service whose production slot is filled,
// an operation running on it if busy, and some other services.
func newUniverse(t *testing.T, busy bool) *cloud.Universe {
	t.Helper()
	u := cloud.NewUniverse("sub", 1, cloud.NewClock(cloud.ManualTime, 1, cloud.Epoch, func() time.Time { return cloud.Epoch }))
	m := &cloud.Model{Digest: "m", Package: &cloud.Package{}, Roles: []cloud.Role{{Name: "Web", Cores: 1, Instances: 2}}}
	update := func(f func(*cloud.State) *cloud.Error) {
		t.Helper()
		if err := u.Update(f); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"shop", "shipping", "bakery"} {
		update(func(st *cloud.State) *cloud.Error {
			return st.CreateService(string(rune('a'+i)), cloud.ServiceSpec{Name: name, Label: name, Location: "West US"})
		})
	}
	update(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment("0123", "shop", cloud.Production, cloud.DeploymentSpec{Name: "v1", Label: "v1", Start: true, Model: m})
	})
	update(func(st *cloud.State) *cloud.Error {
		return st.CreateAccount("4567", cloud.AccountSpec{Name: "packages", Label: "p", Location: "West US"})
	})
	if !busy {
		if err := u.Advance(time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	return u
}

func TestFor(t *testing.T) {
	idle, busy := newUniverse(t, false), newUniverse(t, true)
	running := busy.Update(func(st *cloud.State) *cloud.Error {
		return st.DeleteDeployment("89ab", "shop", cloud.Selector{Slot: cloud.Production})
	}).(*cloud.Error)
	type vars = map[string]string
	tests := map[string]struct {
		universe  *cloud.Universe
		operation string
		method    string
		path      string
		vars      vars
		err       *cloud.Error
		want      []string
	}{
		"no error":      {idle, "Get Deployment", "GET", "/sub", nil, nil, nil},
		"no universe":   {nil, "", "GET", "/sub", nil, cloud.NewError(cloud.ForbiddenError), nil},
		"misspelt":      {idle, "Get Deployment", "GET", "/sub", vars{"service": "Shpo"}, cloud.NewError(cloud.ResourceNotFound), []string{"there is no cloud service Shpo; did you mean shop?"}},
		"quite another": {idle, "Get Deployment", "GET", "/sub", vars{"service": "warehouse"}, cloud.NewError(cloud.ResourceNotFound), []string{"there is no cloud service warehouse; there is bakery, shop, shipping"}},
		"busy":          {busy, "Delete Deployment", "DELETE", "/sub", vars{"service": "shop", "slot": "production"}, running, []string{"Create Deployment 0123 is in progress until 2015-07-01 00:00:30", "production holds v1 (Deploying), staging is empty"}},
		"occupied":      {idle, "Create Deployment", "POST", "/sub", vars{"service": "shop", "slot": "production"}, cloud.NewError(cloud.ConflictError), []string{"staging is free", "production holds v1 (Running), staging is empty"}},
		"swap":          {idle, "Swap Deployment", "POST", "/sub", vars{"service": "shop"}, cloud.NewError(cloud.ConflictError), []string{"production holds v1 (Running), staging is empty"}},
		"instance":      {idle, "Reboot Role Instance", "POST", "/sub", vars{"service": "shop", "slot": "production", "instance": "Web_IN_9"}, cloud.NewError(cloud.ResourceNotFound), []string{"role instances are Web_IN_0, Web_IN_1"}},
		"account":       {idle, "Get Storage Account Keys", "GET", "/sub", vars{"account": "package"}, cloud.NewError(cloud.ResourceNotFound), []string{"did you mean packages?"}},
		"operation":     {idle, "Get Operation Status", "GET", "/sub", vars{"operation": "x"}, cloud.NewError(cloud.ResourceNotFound), []string{"the newest operations are c (Create Cloud Service), 0123 (Create Deployment), 4567 (Create Storage Account)"}},
		"slot":          {idle, "Get Deployment", "GET", "/sub", vars{"slot": "test"}, cloud.NewError(cloud.BadRequest), []string{"a slot is production or staging"}},
		"address":       {idle, "unknown", "GET", "/sub/services/hostedservice", nil, cloud.NewError(cloud.ResourceNotFound), []string{"the nearest address is /{subscription}/services/hostedservices"}},
		"method":        {idle, "unknown", "PATCH", "/sub/locations", nil, cloud.NewError(cloud.InvalidHTTPVerb), []string{"here one can GET (List Locations)"}},
		"parameter":     {idle, "unknown", "POST", "/sub/services/hostedservices/shop/deployments/v1/roleinstances", nil, cloud.NewError(cloud.MissingOrInvalidRequiredQueryParameter), []string{"here one can POST ?comp=delete (Delete Role Instances)"}},
		"stranger":      {idle, "", "GET", "/sub", nil, cloud.NewError(cloud.ForbiddenError), []string{"no client certificate was shown; the subscription's are none"}},
		"quota":         {idle, "Create Cloud Service", "POST", "/sub", nil, cloud.NewError(cloud.ForbiddenError), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := For(&management.Exchange{
				Universe: test.universe, Operation: test.operation, Vars: test.vars, Error: test.err,
				Request: &http.Request{Method: test.method, URL: &url.URL{Path: test.path}},
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersionsAreNamed(t *testing.T) {
	got := For(&management.Exchange{Universe: newUniverse(t, false), Error: cloud.NewError(cloud.MissingOrIncorrectVersionHeader), Request: &http.Request{URL: &url.URL{}}})
	if len(got) != 1 || len(got[0]) < 100 {
		t.Errorf("got %q", got)
	}
}

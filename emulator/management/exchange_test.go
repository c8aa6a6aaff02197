package management_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
)

// The observer sees every request once, with its answer.
func TestObserver(t *testing.T) {
	var seen []string
	w := worldOf(t, cloud.ManualTime, packagesReader(), management.WithObserver(func(x *management.Exchange) {
		code := cloud.Code("-")
		if x.Error != nil {
			code = x.Error.Code
		}
		seen = append(seen, fmt.Sprint(x.Operation, " ", x.Vars["service"], " ", x.Version, " ", x.Status, " ", code, " ", len(x.Client), " ", x.Universe != nil, " ", len(x.Body) > 0, " ", len(x.Answer) > 0, " ", x.RequestID == x.Header.Get("x-ms-request-id")))
		if x.Universe != nil && x.CloudEnded.IsZero() {
			t.Error("no time of the universe")
		}
	}))
	for _, c := range []call{
		{method: "GET", path: "/services/hostedservices/shop"},
		{method: "GET", path: "/services/hostedservices/none"},
		{method: "POST", path: "/services/hostedservices", body: "<"},
		{method: "GET", path: "/nothing/here"},
		{method: "GET", path: "/services/hostedservices/shop", version: "-"},
		{method: "GET", path: "/services/hostedservices/shop", stranger: true},
	} {
		w.do(c)
	}
	want := []string{
		"Get Cloud Service Properties shop 2014-10-01 200 - 40 true false true true",
		"Get Cloud Service Properties none 2014-10-01 404 ResourceNotFound 40 true false true true",
		"Create Cloud Service  2014-10-01 400 InvalidXmlRequest 40 true true true true",
		"unknown  2014-10-01 404 ResourceNotFound 40 true false true true",
		"   400 MissingOrIncorrectVersionHeader 40 true false true true",
		"   403 ForbiddenError 40 true false true true",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

package cloud_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

const (
	certificateA = "AA00000000000000000000000000000000000001"
	certificateB = "BB00000000000000000000000000000000000002"
)

// refused makes a change that must be refused, and compares code and message.
func (w *world) refused(code cloud.Code, message string, f func(*cloud.State) *cloud.Error) {
	w.Helper()
	err := w.Update(f)
	want := (&cloud.Error{Code: code, Message: message}).Error()
	if err == nil || err.Error() != want {
		w.Errorf("refused with %v, want %s", err, want)
	}
}

// failed returns code and message of what an operation failed with.
func (w *world) failed(id string) string {
	w.Helper()
	status, err := w.status(id)
	if status != cloud.Failed {
		w.Errorf("operation is %s, want Failed", status)
		return ""
	}
	return err.Error()
}

func (w *world) addCertificate(thumbprint string) {
	w.Helper()
	w.must(func(st *cloud.State) *cloud.Error {
		return st.AddServiceCertificate(w.next(), "Shop", strings.ToLower(thumbprint), []byte(thumbprint))
	})
	w.advance(time.Minute)
}

func (w *world) certificates() (thumbprints []string) {
	w.View(func(st *cloud.State) *cloud.Error {
		s, err := st.Service("shop")
		if err != nil {
			return err
		}
		for c := range st.ServiceCertificates(s) {
			thumbprints = append(thumbprints, c.Thumbprint)
		}
		return nil
	})
	return thumbprints
}

func securedRole(name string, thumbprints ...string) cloud.Role {
	r := role(name, 1)
	r.Certificates = thumbprints
	return r
}

func TestServiceCertificatesAreAddedAndDeleted(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateService(w.next(), cloud.ServiceSpec{Name: "shop-2", Label: "l", Location: "West US"})
	})
	w.addCertificate(certificateB)
	w.addCertificate(certificateA)
	w.addCertificate(certificateA)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.AddServiceCertificate(w.next(), "shop-2", certificateB, nil)
	})
	w.advance(time.Minute)
	if diff := cmp.Diff([]string{certificateA, certificateB}, w.certificates()); diff != "" {
		t.Errorf("certificates mismatch (-want +got):\n%s", diff)
	}
	w.must(func(st *cloud.State) *cloud.Error {
		return st.DeleteServiceCertificate(w.next(), "shop", strings.ToLower(certificateA))
	})
	w.advance(time.Minute)
	if diff := cmp.Diff([]string{certificateB}, w.certificates()); diff != "" {
		t.Errorf("certificates mismatch (-want +got):\n%s", diff)
	}
	w.refused(cloud.ResourceNotFound, "The certificate was not found.", func(st *cloud.State) *cloud.Error {
		return st.DeleteServiceCertificate(w.next(), "shop", certificateA)
	})
	w.refused(cloud.ResourceNotFound, "The hosted service does not exist.", func(st *cloud.State) *cloud.Error {
		return st.AddServiceCertificate(w.next(), "none", certificateA, nil)
	})
}

func TestCertificatesHoldTheirService(t *testing.T) {
	w := newWorld(t)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.AddServiceCertificate(w.next(), "shop", certificateA, nil)
	})
	const busy = "Windows Azure is currently performing an operation on this hosted service that requires exclusive access."
	for name, change := range map[string]func(*cloud.State) *cloud.Error{
		"another": func(st *cloud.State) *cloud.Error {
			return st.AddServiceCertificate(w.next(), "shop", certificateB, nil)
		},
		"delete": func(st *cloud.State) *cloud.Error { return st.DeleteService(w.next(), "shop") },
		"deploy": func(st *cloud.State) *cloud.Error {
			return st.CreateDeployment(w.next(), "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Model: model(role("Web", 1))})
		},
	} {
		err := w.Update(change)
		if err == nil || err.Error() != "ConflictError: "+busy || !cloud.Busy(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.advance(time.Minute)
	if got := w.certificates(); len(got) != 1 {
		t.Errorf("certificates %v", got)
	}
}

func TestCertificatesGoWithTheirService(t *testing.T) {
	w := newWorld(t)
	w.addCertificate(certificateA)
	w.must(func(st *cloud.State) *cloud.Error { return st.DeleteService(w.next(), "shop") })
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateService(w.next(), cloud.ServiceSpec{Name: "shop", Label: "l", Location: "West US"})
	})
	if got := w.certificates(); got != nil {
		t.Errorf("a new service has the certificates %v", got)
	}
}

func TestDeploymentsNeedTheirCertificates(t *testing.T) {
	const missingA = "The certificate with thumbprint aa00000000000000000000000000000000000001 was not found."
	const missingB = "The certificate with thumbprint bb00000000000000000000000000000000000002 was not found."
	w := newWorld(t)
	create := func(m *cloud.Model) string {
		id := w.next()
		w.must(func(st *cloud.State) *cloud.Error {
			return st.CreateDeployment(id, "shop", cloud.Staging, cloud.DeploymentSpec{Name: "v1", Label: "v1", Start: true, Model: m})
		})
		w.advance(time.Hour)
		return id
	}
	for _, test := range []struct {
		roles []cloud.Role
		want  string
	}{
		{[]cloud.Role{securedRole("Web", certificateA)}, missingA},
		{[]cloud.Role{securedRole("Web", certificateA, certificateB), securedRole("Work", certificateA)}, missingA + " " + missingB},
		{[]cloud.Role{securedRole("Web", "")}, "The certificate with thumbprint  was not found."},
	} {
		if got := w.failed(create(model(test.roles...))); got != "BadRequest: "+test.want {
			t.Errorf("create failed with %q, want %q", got, test.want)
		}
	}
	w.addCertificate(certificateA)
	if status, err := w.status(create(model(securedRole("Web", certificateA)))); status != cloud.Succeeded {
		t.Fatalf("create %s: %v", status, err)
	}
	for _, kind := range []string{"config", "upgrade"} {
		id := w.next()
		w.must(func(st *cloud.State) *cloud.Error {
			u := cloud.Update{Label: "v2", Model: model(securedRole("Web", certificateB))}
			if kind == "config" {
				return st.ChangeConfiguration(id, "shop", cloud.Selector{Slot: cloud.Staging}, u)
			}
			return st.Upgrade(id, "shop", cloud.Selector{Slot: cloud.Staging}, u)
		})
		w.advance(time.Hour)
		if got := w.failed(id); got != "BadRequest: "+missingB {
			t.Errorf("%s failed with %q, want %q", kind, got, missingB)
		}
	}
}

// A certificate is in use by what a deployment is, may be put back to, or is
// about to become.
func TestCertificatesInUseAreKept(t *testing.T) {
	w := newWorld(t)
	w.addCertificate(certificateA)
	w.addCertificate(certificateB)
	w.deploy(cloud.Staging, "v1", model(cloud.Role{Name: "Web", Size: "Small", Cores: 1, Instances: 2, Certificates: []string{certificateA}}))
	inUse := func(thumbprint string) {
		t.Helper()
		w.refused(cloud.ConflictError, "The certificate with thumbprint "+strings.ToLower(thumbprint)+" is in use by a deployment and cannot be deleted.",
			func(st *cloud.State) *cloud.Error { return st.DeleteServiceCertificate(w.next(), "shop", thumbprint) })
	}
	inUse(certificateA)
	w.must(func(st *cloud.State) *cloud.Error {
		m := model(cloud.Role{Name: "Web", Size: "Small", Cores: 1, Instances: 2, Certificates: []string{certificateB}})
		return st.Upgrade(w.next(), "shop", cloud.Selector{Slot: cloud.Staging}, cloud.Update{Label: "v2", Model: m, Mode: cloud.Auto})
	})
	inUse(certificateA)
	inUse(certificateB)
	w.advance(time.Minute)
	inUse(certificateA)
	inUse(certificateB)
	w.advance(time.Hour)
	inUse(certificateB)
	w.must(func(st *cloud.State) *cloud.Error { return st.DeleteServiceCertificate(w.next(), "shop", certificateA) })
}

func TestManagementCertificates(t *testing.T) {
	w := newWorld(t)
	add := func(thumbprint string) func(*cloud.State) *cloud.Error {
		return func(st *cloud.State) *cloud.Error {
			return st.AddManagementCertificate(w.next(), cloud.ManagementCertificate{Thumbprint: thumbprint, Data: []byte("der"), PublicKey: []byte("key")})
		}
	}
	authorized := func(thumbprint string) (ok bool) {
		w.View(func(st *cloud.State) *cloud.Error { ok = st.Authorized(thumbprint); return nil })
		return ok
	}
	if authorized(certificateA) || authorized("") {
		t.Error("a stranger may manage the subscription")
	}
	w.must(add(strings.ToLower(certificateA)))
	w.advance(time.Hour)
	w.must(add(certificateA))
	var got []cloud.ManagementCertificate
	w.View(func(st *cloud.State) *cloud.Error {
		for c := range st.ManagementCertificates {
			got = append(got, *c)
		}
		return nil
	})
	want := []cloud.ManagementCertificate{{Thumbprint: certificateA, Data: []byte("der"), PublicKey: []byte("key"), Created: cloud.Epoch}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("certificates mismatch (-want +got):\n%s", diff)
	}
	w.must(func(st *cloud.State) *cloud.Error { st.Quotas.ManagementCertificates = 1; return nil })
	w.must(add(certificateA))
	w.refused(cloud.ForbiddenError, "The subscription policy limit for resource type 'management certificate count' was exceeded. The limit for resource type 'management certificate count' is 1 per subscription, the current count is 1, and the requested increment is 1.", add(certificateB))
	remove := func(st *cloud.State) *cloud.Error {
		return st.DeleteManagementCertificate(w.next(), strings.ToLower(certificateA))
	}
	w.must(remove)
	if authorized(certificateA) {
		t.Error("a deleted certificate may still manage the subscription")
	}
	w.refused(cloud.ResourceNotFound, "The certificate was not found.", remove)
}

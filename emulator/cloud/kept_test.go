package cloud_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// keep is a saver in memory.
type keep struct{ cloud.Saved }

func (k *keep) Save(c cloud.Changes) error {
	k.Universe = c.Universe
	for _, r := range c.Records {
		if k.Records[r.Kind] == nil {
			k.Records[r.Kind] = map[string]json.RawMessage{}
		}
		if r.Value == nil {
			delete(k.Records[r.Kind], r.Key)
			continue
		}
		data, err := json.Marshal(r.Value)
		if err != nil {
			return err
		}
		k.Records[r.Kind][r.Key] = data
	}
	return nil
}

// Certificates, extensions and migrations, also those in the middle of a change,
// go on where they were kept.
func TestCertificatesExtensionsAndMigrationsAreKept(t *testing.T) {
	w, kept := newWorld(t), &keep{cloud.Saved{Records: map[string]map[string]json.RawMessage{}}}
	w.addCertificate(certificateA)
	if err := w.SaveTo(kept); err != nil {
		t.Fatal(err)
	}
	w.must(func(st *cloud.State) *cloud.Error {
		st.Authorize(cloud.ManagementCertificate{Thumbprint: certificateB})
		return st.CreateAccount(w.next(), cloud.AccountSpec{Name: "files", Label: "f", Location: "West US"})
	})
	w.addExtension("Rdp-0")
	w.addExtension("Rdp-1")
	w.must(func(st *cloud.State) *cloud.Error { return st.DeleteExtension(w.next(), "shop", "Rdp-1") })
	w.advance(time.Minute)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.CreateDeployment(w.next(), "shop", cloud.Production, cloud.DeploymentSpec{Name: "v1", Label: "v1", Model: model(securedRole("Web", certificateA)), Extensions: allRoles("", "Rdp-0")})
	})
	w.advance(time.Hour)
	w.must(func(st *cloud.State) *cloud.Error {
		return st.AddServiceCertificate(w.next(), "shop", certificateB, []byte("b"))
	})
	w.must(func(st *cloud.State) *cloud.Error {
		return st.MigrateResource(w.next(), cloud.MigratableStorage, "files", cloud.PrepareMigration)
	})
	clock := cloud.NewClock(cloud.ManualTime, 1, kept.Universe.Now, func() time.Time { return cloud.Epoch })
	restored, err := cloud.Restore(kept.Saved, clock)
	if err != nil {
		t.Fatal(err)
	}
	again := &world{TB: t, Universe: restored, requests: w.requests}
	for _, world := range []*world{w, again} {
		world.advance(time.Hour)
		world.migrate(cloud.PrepareMigration, intoNew)
	}
	if diff := cmp.Diff(w.look(), again.look()); diff != "" {
		t.Errorf("restored mismatch (-want +got):\n%s", diff)
	}
	if got := again.look(); len(got.Certificates) != 2 || len(got.Extensions) != 1 || !got.Manager || got.Storage != cloud.Prepared || got.Deployment != cloud.Preparing || got.Applied.Empty() {
		t.Errorf("kept %+v", got)
	}
}

// holdings is what the test of keeping compares.
type holdings struct {
	Certificates, Extensions []string
	Manager                  bool
	Storage, Deployment      cloud.MigrationState
	Applied                  *cloud.ExtensionSet
}

func (w *world) look() holdings {
	h := holdings{
		Certificates: w.certificates(), Extensions: w.extensions(), Storage: w.resourceState(cloud.MigratableStorage, "files"),
		Deployment: w.migration(), Applied: w.applied(cloud.Production),
	}
	w.View(func(st *cloud.State) *cloud.Error { h.Manager = st.Authorized(certificateB); return nil })
	return h
}

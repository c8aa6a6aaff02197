package provision_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/provision"
)

const created, deleting = "Created", "Deleting"

// TestCreateService makes changes whose answers leave open what happened.
func TestCreateService(t *testing.T) {
	for _, test := range []struct {
		name  string
		sent  []error
		looks []string
		want  error
	}{
		{name: "made at once", sent: []error{nil}},
		{name: "refused", sent: []error{errRefused}, want: errRefused},
		{name: "the answer was lost, and it was made", sent: []error{errLost}, looks: []string{created}},
		{name: "the request was lost", sent: []error{errLost, nil}, looks: []string{absent}},
		{name: "the request was lost, and it is refused", sent: []error{errLost, errRefused}, looks: []string{absent, absent}, want: errRefused},
		{name: "it was made after the look, and cannot be made again", sent: []error{errLost, errRefused}, looks: []string{absent, created}},
		{name: "nobody can look", sent: []error{errLost}, looks: []string{broken}, want: errBroken},
		{name: "refused, and nobody can look", sent: []error{errLost, errRefused}, looks: []string{absent, broken}, want: errRefused},
		{name: "lost again and again", sent: []error{errLost, errLost, errLost, errLost, errLost, errLost}, looks: []string{absent, absent, absent, absent, absent, absent}, want: errLost},
		{name: "lost again and again, and made by the last", sent: []error{errLost, errLost, errLost, errLost, errLost, errLost}, looks: []string{absent, absent, absent, absent, absent, created}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{sent: test.sent, looks: test.looks}
				err := provision.Provider{Cloud: c}.CreateService(t.Context(), management.NewService{Name: "shop", Location: "East US"})
				if !errors.Is(err, test.want) || test.want == nil && err != nil || len(c.sent)+len(c.looks) > 0 {
					t.Errorf("it ended with %v, want %v; %d tries and %d looks are left", err, test.want, len(c.sent), len(c.looks))
				}
				if i := slices.IndexFunc(c.changes, func(s string) bool { return s != "create service shop in East US" }); i >= 0 || len(c.waited) > 0 {
					t.Errorf("it sent %q and waited for %q", c.changes, c.waited)
				}
			})
		})
	}
}

// TestPauses waits longer and longer before a change is sent again, and as long as the
// service asks for.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := &management.UnknownOutcomeError{Err: errBroken, RetryAfter: time.Minute}
		c := &cloud{sent: []error{errLost, errLost, busy, nil}, looks: []string{absent, absent, absent}}
		begun := time.Now()
		if err := (provision.Provider{Cloud: c}).CreateService(t.Context(), management.NewService{Name: "shop"}); err != nil {
			t.Fatal(err)
		}
		if got, want := time.Since(begun), 4*50*time.Millisecond+8*50*time.Millisecond+time.Minute; got != want {
			t.Errorf("it took %s, want %s", got, want)
		}
	})
}

// TestSettlingIsStopped says what is not known when it has to stop.
func TestSettlingIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := &cloud{sent: []error{errLost}}
	err := provision.Provider{Cloud: c}.CreateService(ctx, management.NewService{Name: "shop"})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, errLost) {
		t.Errorf("it ended with %v", err)
	}
}

func TestDeleteService(t *testing.T) {
	for _, test := range []struct {
		name  string
		slots bool
		sent  []error
		looks []string
		fails map[string]error
		want  error
	}{
		{name: "deleted", sent: []error{nil}},
		{name: "with its slots", slots: true, sent: []error{nil}},
		{name: "the operation failed", sent: []error{nil}, fails: map[string]error{"WaitOperation": errBroken}, want: errBroken},
		{name: "the answer was lost, and it is gone", sent: []error{errLost}, looks: []string{absent}},
		{name: "the answer was lost, and it goes", sent: []error{errLost}, looks: []string{deleting, deleting, absent}},
		{name: "the request was lost", sent: []error{errLost, nil}, looks: []string{created}},
		{name: "it went after the look, and cannot be deleted again", sent: []error{errLost, errMissing}, looks: []string{created, absent}},
		{name: "nobody can look", sent: []error{errLost}, looks: []string{broken}, want: errBroken},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{sent: test.sent, looks: test.looks, fails: test.fails}
				err := provision.Provider{Cloud: c}.DeleteService(t.Context(), "shop", test.slots)
				if !errors.Is(err, test.want) || test.want == nil && err != nil || len(c.sent)+len(c.looks) > 0 {
					t.Errorf("it ended with %v, want %v; %d tries and %d looks are left", err, test.want, len(c.sent), len(c.looks))
				}
				words := map[bool]string{false: "delete service shop", true: "delete service shop with its slots"}[test.slots]
				if c.changes[0] != words || slices.ContainsFunc(c.waited, func(id string) bool { return id != "op" }) {
					t.Errorf("it sent %q and waited for %q", c.changes, c.waited)
				}
			})
		})
	}
}

func TestLocation(t *testing.T) {
	for _, test := range []struct {
		name  string
		named string
		cloud cloud
		want  string
		err   error
	}{
		{name: "named", named: "Mars", want: "Mars"},
		{name: "the first", cloud: cloud{locations: []management.Location{{Name: "East US"}, {Name: "West Europe"}}}, want: "East US"},
		{name: "none", err: provision.ErrNoLocation},
		{name: "not known", cloud: cloud{fails: map[string]error{"Locations": errBroken}}, err: errBroken},
	} {
		got, err := provision.Provider{Cloud: &test.cloud}.Location(t.Context(), test.named)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %q, %v, want %q, %v", test.name, got, err, test.want, test.err)
		}
	}
}

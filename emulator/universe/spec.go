package universe

import (
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// A Spec is what a universe is to be made of. The zero Spec takes everything
// from the emulator's own settings, and a new id.
type Spec struct {
	// ID is the subscription's id, a GUID. The default is one that follows from
	// the emulator's seed.
	ID string `json:"id,omitempty"`
	// Name is the subscription's name for people; the default is "vipswap".
	Name string `json:"name,omitempty"`
	// Seed decides all identifiers, faults and jitter. The default follows from
	// the emulator's seed and the id, so that universes differ.
	Seed *uint64 `json:"seed,omitempty"`
	// Clock is how time passes: real, auto or manual.
	Clock cloud.ClockMode `json:"clock,omitempty"`
	// Speed is how many cloud seconds a real clock makes of one; 0 stands for 1.
	Speed float64 `json:"speed,omitempty"`
	// Quotas are limits that differ from the emulator's.
	Quotas *Quotas `json:"quotas,omitempty"`
	// Strict enforces rules that are documented but were not enforced.
	Strict *bool `json:"strict,omitempty"`
	// Authentication is who is let in besides the holders of the management
	// certificate: certificate (nobody), token (BearerToken) or none (everyone).
	Authentication cloud.AccessMode `json:"authentication,omitempty"`
	// BearerToken is the one token that is let in, with token authentication.
	BearerToken string `json:"bearerToken,omitempty"`
}

// Quotas are the limits of a subscription; nil fields are as the emulator has them.
type Quotas struct {
	Cores                  *int `json:"cores,omitempty"`
	Services               *int `json:"services,omitempty"`
	StorageAccounts        *int `json:"storageAccounts,omitempty"`
	ReservedIPs            *int `json:"reservedIPs,omitempty"`
	ManagementCertificates *int `json:"managementCertificates,omitempty"`
	// Requests is how many requests are answered in five minutes; 0 is any number.
	Requests *int `json:"requests,omitempty"`
}

// apply returns base with what q says.
func (q *Quotas) apply(base cloud.Quotas) cloud.Quotas {
	if q == nil {
		return base
	}
	for _, f := range []struct {
		to   *int
		from *int
	}{
		{&base.Cores, q.Cores}, {&base.Services, q.Services}, {&base.StorageAccounts, q.StorageAccounts},
		{&base.ReservedIPs, q.ReservedIPs}, {&base.ManagementCertificates, q.ManagementCertificates}, {&base.Requests, q.Requests},
	} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	return base
}

func (q *Quotas) negative() bool {
	if q == nil {
		return false
	}
	for _, n := range []*int{q.Cores, q.Services, q.StorageAccounts, q.ReservedIPs, q.ManagementCertificates, q.Requests} {
		if n != nil && *n < 0 {
			return true
		}
	}
	return false
}

var guid = lazyregexp.New(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// maxName bounds the name of a subscription, in bytes.
const maxName = 256

// Check refuses what no universe can be made of: an id that is no GUID, an
// unknown clock or authentication, a negative quota. The error is an *Error.
func (s *Spec) Check() error {
	_, access := cloud.NewAccess(s.Authentication, s.BearerToken)
	clock := s.Setting().Check()
	switch {
	case s.ID != "" && !guid().MatchString(s.ID):
		return Errorf(Invalid, "%q is no subscription id", s.ID).WithHint("an example is 5ae1c0de-0b1e-4e9e-8a5e-b10e9ee75afe")
	case len(s.Name) > maxName:
		return Errorf(Invalid, "the name has %d bytes; %d are allowed", len(s.Name), maxName)
	case clock != nil:
		return Errorf(Invalid, "%v", clock)
	case s.Quotas.negative():
		return Errorf(Invalid, "a quota is negative")
	case access != nil:
		return Errorf(Invalid, "%v", access)
	}
	return nil
}

// Setting returns the clock that the Spec asks for; a mode that is not given is
// real.
func (s *Spec) Setting() cloud.ClockSetting {
	mode := s.Clock
	if mode == "" {
		mode = cloud.RealTime
	}
	return cloud.ClockSetting{Mode: mode, Speed: s.Speed}
}

// Furnish sets up the state of a new universe as the Spec says.
func (s *Spec) Furnish(st *cloud.State) {
	if s.Name != "" {
		st.Name = s.Name
	}
	st.Quotas = s.Quotas.apply(st.Quotas)
	if s.Strict != nil {
		st.Strict = *s.Strict
	}
	// Check has refused what NewAccess refuses.
	st.Access, _ = cloud.NewAccess(s.Authentication, s.BearerToken)
}

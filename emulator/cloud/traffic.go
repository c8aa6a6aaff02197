package cloud

import (
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// A TrafficProfile is a name in the DNS of Traffic Manager. No names are
// resolved here: the profile is remembered and told again.
type TrafficProfile struct {
	Name       string
	Domain     string // under trafficmanager.net
	Enabled    bool
	Definition *TrafficDefinition `json:",omitempty"` // the only one there can be, version 1
	Created    time.Time
}

// A TrafficDefinition says where a profile leads and how its endpoints are
// watched.
type TrafficDefinition struct {
	TTL       int // seconds
	Monitors  []TrafficMonitor
	Method    string // Performance, Failover or RoundRobin
	Endpoints []TrafficEndpoint
}

// A TrafficMonitor is how endpoints are watched. Times are in seconds.
type TrafficMonitor struct {
	Interval, Timeout, Tolerated int
	Protocol                     string
	Port                         int
	Verb, Path                   string
	ExpectedStatus               int
}

// A TrafficEndpoint is one place that a profile leads to.
type TrafficEndpoint struct {
	Domain   string
	Enabled  bool
	Type     string // CloudService, AzureWebsite, Any or TrafficManager
	Location string `json:",omitempty"`
	Weight   int    `json:",omitempty"`
	MinChild int    `json:",omitempty"`
}

// trafficDomain is where all profiles are.
const trafficDomain = ".trafficmanager.net"

var profileName = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9-]{0,254}[A-Za-z0-9])?$`)

// Profile finds a Traffic Manager profile by name, in any casing.
func (st *State) Profile(name string) (*TrafficProfile, *Error) {
	if p, ok := st.profiles.get(name); ok {
		return p, nil
	}
	return nil, Errorf(ResourceNotFound, "The profile '%s' does not exist.", name)
}

// Profiles yields the Traffic Manager profiles in order of name.
func (st *State) Profiles(yield func(*TrafficProfile) bool) { st.profiles.all(yield) }

// CreateProfile makes a profile without a definition, at once.
func (st *State) CreateProfile(id, name, domain string) *Error {
	if !profileName().MatchString(name) {
		return Errorf(BadRequest, "The profile name is invalid.")
	}
	if !validTrafficDomain(domain) {
		return Errorf(BadRequest, "The domain name '%s' is invalid; it must be a name under trafficmanager.net.", domain)
	}
	if _, taken := st.profiles.get(name); taken {
		return Errorf(ConflictError, "A profile named '%s' already exists.", name)
	}
	if st.trafficDomainTaken(domain) {
		return Errorf(ConflictError, "The domain name '%s' is already taken.", domain)
	}
	st.profiles.put(name, &TrafficProfile{Name: name, Domain: domain, Created: st.Now})
	st.changes.mark(keptProfiles, key(name))
	st.Done(id, "Create Profile", name)
	return nil
}

func validTrafficDomain(domain string) bool {
	labels, ok := strings.CutSuffix(key(domain), trafficDomain)
	if !ok || len(domain) > 253 {
		return false
	}
	return !slices.ContainsFunc(strings.Split(labels, "."), func(l string) bool { return len(l) > 63 || !dnsLabel().MatchString(l) })
}

func (st *State) trafficDomainTaken(domain string) bool {
	for p := range st.profiles.all {
		if key(p.Domain) == key(domain) {
			return true
		}
	}
	return false
}

// TrafficDomainAvailable reports whether a profile may have this domain name.
func (st *State) TrafficDomainAvailable(domain string) bool {
	return validTrafficDomain(domain) && !st.trafficDomainTaken(domain)
}

// EnableProfile enables or disables a profile, at once. Only one that has a
// definition, which has version 1, can be enabled.
func (st *State) EnableProfile(id, name string, enabled bool, version int) *Error {
	p, err := st.Profile(name)
	if err != nil {
		return err
	}
	if enabled && (p.Definition == nil || version != 1) {
		return Errorf(BadRequest, "The profile '%s' has no definition of version %d.", p.Name, version)
	}
	p.Enabled = enabled
	st.changes.mark(keptProfiles, key(p.Name))
	st.Done(id, "Update Profile", p.Name)
	return nil
}

// DeleteProfile removes a profile, at once.
func (st *State) DeleteProfile(id, name string) *Error {
	p, err := st.Profile(name)
	if err != nil {
		return err
	}
	st.profiles.remove(p.Name)
	st.changes.mark(keptProfiles, key(p.Name))
	st.Done(id, "Delete Profile", p.Name)
	return nil
}

// Define gives a profile its definition, at once, in place of the one that it
// had. The profile stays enabled or disabled.
func (st *State) Define(id, name string, def TrafficDefinition) *Error {
	p, err := st.Profile(name)
	if err != nil {
		return err
	}
	if err := checkDefinition(&def); err != nil {
		return err
	}
	p.Definition = &def
	st.changes.mark(keptProfiles, key(p.Name))
	st.Done(id, "Create Definition", p.Name)
	return nil
}

// Definition returns the definition of a profile; version must be 1.
func (st *State) Definition(name string, version string) (*TrafficProfile, *Error) {
	p, err := st.Profile(name)
	if err != nil {
		return nil, err
	}
	if p.Definition == nil || version != "1" {
		return nil, Errorf(ResourceNotFound, "The profile '%s' has no definition of version %s.", p.Name, version)
	}
	return p, nil
}

// Words that a definition can hold.
var (
	trafficMethods   = []string{"Performance", "Failover", "RoundRobin"}
	trafficTypes     = []string{"CloudService", "AzureWebsite", "Any", "TrafficManager"}
	trafficProtocols = []string{"HTTP", "HTTPS"}
)

// maxTrafficEndpoints is the most endpoints of a definition; the number is ours.
const maxTrafficEndpoints = 200

// checkDefinition refuses a definition with words or numbers that mean nothing,
// and spells its words as the API does.
func checkDefinition(def *TrafficDefinition) *Error {
	if def.TTL < 30 || def.TTL > 999999 {
		return Errorf(BadRequest, "TimeToLiveInSeconds must be from 30 to 999999.")
	}
	if len(def.Monitors) != 1 {
		return Errorf(BadRequest, "A definition must have one monitor; this one has %d.", len(def.Monitors))
	}
	if len(def.Endpoints) > maxTrafficEndpoints {
		return Errorf(BadRequest, "A definition can have at most %d endpoints; this one has %d.", maxTrafficEndpoints, len(def.Endpoints))
	}
	err := firstError(spell("LoadBalancingMethod", &def.Method, trafficMethods), checkMonitor(&def.Monitors[0]))
	seen := map[string]bool{}
	for i := range def.Endpoints {
		e := &def.Endpoints[i]
		err = firstError(err, spell("Type", &e.Type, trafficTypes))
		if e.Domain == "" || seen[key(e.Domain)] {
			err = firstError(err, Errorf(BadRequest, "The endpoint '%s' is given twice or has no domain name.", e.Domain))
		}
		seen[key(e.Domain)] = true
	}
	return err
}

func checkMonitor(m *TrafficMonitor) *Error {
	if err := spell("Protocol", &m.Protocol, trafficProtocols); err != nil {
		return err
	}
	if m.Port < 1 || m.Port > 65535 || !strings.HasPrefix(m.Path, "/") {
		return Errorf(BadRequest, "A monitor must have a port from 1 to 65535 and a relative path that begins with a slash.")
	}
	return nil
}

// spell gives a word the API's own casing, or refuses one that is not in list.
func spell(element string, word *string, list []string) *Error {
	known, ok := foldIn(list, *word)
	if !ok {
		return Errorf(BadRequest, "%s '%s' is invalid; it must be one of %s.", element, *word, strings.Join(list, ", "))
	}
	*word = known
	return nil
}

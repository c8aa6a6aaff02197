package servicepackage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Problem is a reason why the service refuses a configuration, a definition,
// or the two together.
type Problem struct {
	Role    string // empty when it concerns the whole service
	Message string // one sentence, in the service's words where they are known
}

// ValidationMessage puts problems into the message of the service's BadRequest
// error, as recorded from it: one wrapper per problem, joined by commas. The
// service appends a space and "The long running operation tracking ID was: ",
// which is for the caller to do. Without problems it is empty.
func ValidationMessage(problems []Problem) string {
	if len(problems) == 0 {
		return ""
	}
	var wrapped []string
	for _, p := range problems {
		wrapped = append(wrapped, "Error validating the .cscfg file against the .csdef file. Severity:Error, message:"+p.Message)
	}
	return "Validation Errors: " + strings.Join(wrapped, ",")
}

// checker collects problems.
type checker struct{ problems []Problem }

func (c *checker) add(role, format string, args ...any) {
	c.problems = append(c.problems, Problem{Role: role, Message: fmt.Sprintf(format, args...)})
}

// Check returns everything for which the service would refuse to deploy def
// with cfg; an empty result means that they fit. The definition is flattened
// first, so an author's file may be given. The order is fixed: the service, its
// roles in the order of the definition, then the network.
//
// The words for undeclared and missing settings and for clashing ports are the
// service's, as reported by its users; the others are ours, in the same manner.
// Whether certificates were uploaded, and whether the subscription has enough
// cores, is not known here.
func Check(def *Definition, cfg *Configuration) []Problem {
	flat := def.Flatten()
	c := &checker{}
	if c.absurd(flat, cfg) {
		return c.problems
	}
	if cfg.ServiceName != flat.Name {
		c.add("", "The service name '%s' in the service configuration file does not match the service name '%s' in the service definition file.", cfg.ServiceName, flat.Name)
	}
	c.definition(flat)
	c.siteBindings(def)
	c.guestOS(cfg)
	c.roles(flat, cfg)
	if cfg.Network != nil {
		c.network(flat, cfg.Network)
	}
	c.loadBalancers(flat, cfg.Network)
	return c.problems
}

// absurd refuses documents with so many roles or imports that comparing them
// would only burn time.
func (c *checker) absurd(def *Definition, cfg *Configuration) bool {
	const most = 10 * maxRoles
	tooMany := len(def.Roles) > most || len(cfg.Roles) > most
	for _, r := range def.Roles {
		tooMany = tooMany || len(r.endpointNames()) > most || len(r.Imports) > most
	}
	if tooMany {
		c.add("", "The service definition file or the service configuration file declares more than %d roles, endpoints or imports.", most)
	}
	return tooMany
}

// guestFamilies are the guest OS families, from 1 (Windows Server 2008 SP2) to
// 6 (2019) as Microsoft's matrix lists them; 7 (2022) came after it.
var guestFamilies = []string{"1", "2", "3", "4", "5", "6", "7"}

// guestRelease is how a release of the guest OS is named, with its family, as
// Microsoft's matrix of releases has it: WA-GUEST-OS-4.75_202002-01.
var guestRelease = regexp.MustCompile(`^WA-GUEST-OS-(\d+)\.\d+_\d{6}-\d{2}$`)

// guestOS checks family and release. The words about releases are ours.
func (c *checker) guestOS(cfg *Configuration) {
	family := cfg.GuestOSFamily()
	release := guestRelease.FindStringSubmatch(cfg.OSVersion)
	switch {
	case cfg.OSVersion != "*" && release == nil:
		c.add("", "The OS version '%s' specified in the service configuration file is not valid. It must be * or a name such as WA-GUEST-OS-4.75_202002-01.", cfg.OSVersion)
	case !slices.Contains(guestFamilies, family):
		c.add("", "The OS family '%s' specified in the service configuration file is not known. The OS families are %s.", family, strings.Join(guestFamilies, ", "))
	case release != nil && release[1] != family:
		c.add("", "The OS version '%s' specified in the service configuration file does not belong to the OS family '%s'.", cfg.OSVersion, family)
	}
}

// badCount is said of an instance count that is not positive. Unverified words.
const badCount = "The specified configuration settings for Settings are invalid. Verify that the service configuration file is a valid XML file, and that role instance counts are specified as positive integers."

// roles compares the roles of both files.
func (c *checker) roles(def *Definition, cfg *Configuration) {
	for _, r := range cfg.Roles {
		if def.Role(r.Name) == nil {
			c.add(r.Name, "Role '%s' specified in the service configuration file is not declared in the service definition file.", r.Name)
		}
	}
	if slices.ContainsFunc(cfg.Roles, func(r RoleConfiguration) bool { return r.Instances < 1 }) {
		c.add("", badCount)
	}
	for i := range def.Roles {
		declared := &def.Roles[i]
		given := cfg.Role(declared.Name)
		if given == nil {
			c.add(declared.Name, "Role '%s' declared in the service definition file is not specified in the service configuration file.", declared.Name)
			continue
		}
		c.settings(declared, given)
		c.certificates(declared, given)
		c.instances(declared, given)
	}
}

func (c *checker) settings(declared *Role, given *RoleConfiguration) {
	names := setOf(declared.Settings, func(s string) string { return s })
	for _, s := range given.Settings {
		if !names[s.Name] && !declared.allows(s.Name) {
			c.add(declared.Name, "Setting '%s' for role '%s' specified in the service configuration file is not declared in the service definition file.", s.Name, declared.Name)
		}
	}
	values := setOf(given.Settings, func(s SettingValue) string { return s.Name })
	var missing []string
	for _, name := range declared.Settings {
		if !values[name] {
			missing = append(missing, "'"+name+"'")
		}
	}
	if len(missing) > 0 {
		c.add(declared.Name, "One or more configuration settings defined in the service definition file are not specified in the service configuration file. Missing for role '%s': %s.", declared.Name, strings.Join(missing, ", "))
	}
}

func (c *checker) certificates(declared *Role, given *RoleConfiguration) {
	wanted := setOf(declared.Certificates, func(cert Certificate) string { return cert.Name })
	for _, have := range given.Certificates {
		if !wanted[have.Name] && !declared.allows(have.Name) {
			c.add(declared.Name, "Certificate '%s' for role '%s' specified in the service configuration file is not declared in the service definition file.", have.Name, declared.Name)
		}
	}
	had := setOf(given.Certificates, func(cert CertificateValue) string { return cert.Name })
	for _, want := range declared.Certificates {
		if !had[want.Name] {
			c.add(declared.Name, "Certificate '%s' for role '%s' declared in the service definition file is not specified in the service configuration file.", want.Name, declared.Name)
		}
	}
}

// setOf returns the names of what is in list.
func setOf[T any](list []T, name func(T) string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, v := range list {
		set[name(v)] = true
	}
	return set
}

// instances checks what depends on a role's count: every instance takes one
// public port of each instance input endpoint.
func (c *checker) instances(declared *Role, given *RoleConfiguration) {
	for _, e := range declared.InstanceInputEndpoints {
		if given.Instances > e.PublicPorts.Size() {
			c.add(declared.Name, "Role '%s' has %d instances, but its instance input endpoint '%s' has only %d public ports.", declared.Name, given.Instances, e.Name, e.PublicPorts.Size())
		}
	}
	if len(given.VMName) > 10 {
		c.add(declared.Name, "The vmName '%s' of role '%s' is longer than 10 characters.", given.VMName, declared.Name)
	}
}

// Cores returns how many cores the instances of cfg take in the sizes of def,
// to be compared with the subscription's quota. Roles without a known size or a
// configuration count nothing.
func Cores(def *Definition, cfg *Configuration) int {
	total := 0
	for _, r := range def.Roles {
		size, known := LookupSize(r.VMSize)
		given := cfg.Role(r.Name)
		if known && given != nil && given.Instances > 0 {
			total += size.Cores * given.Instances
		}
	}
	return total
}

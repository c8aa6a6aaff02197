package cloud

// An OSFamily is a family of guest operating systems.
type OSFamily struct {
	Name     string // "1", "2", ...
	Label    string
	Releases []OSRelease // sorted as text, so 1.10 precedes 1.2 (recorded)
}

// An OSRelease is one release of a guest operating system.
type OSRelease struct {
	Version string // WA-GUEST-OS-4.75_202002-01
	Label   string
	Default bool // what a deployment with osVersion "*" gets; one in each family
	Active  bool // a deployment may name it
}

// OSFamilies returns the families of guest operating systems, oldest first.
// Forms and labels are recorded for families 1 and 2.
func OSFamilies() []OSFamily {
	families := make([]OSFamily, len(guestOS))
	for i, f := range guestOS {
		families[i] = OSFamily{Name: f.name, Label: f.label}
		for _, r := range f.releases {
			families[i].Releases = append(families[i].Releases, OSRelease{
				Version: "WA-GUEST-OS-" + r.number + "_" + r.date,
				Label:   "Windows Azure Guest OS " + r.number + " (Release " + r.date + ")",
				Default: r.number == f.newest,
				Active:  r.active,
			})
		}
		families[i].Releases = sortedBy(families[i].Releases, func(r OSRelease) string { return r.Version })
	}
	return families
}

// release is a release of a family; number and date make its name.
type release struct {
	number, date string
	active       bool
}

// guestOS is the table of families. The newest release of each is the one that
// Microsoft's page "Azure Guest OS releases and SDK compatibility matrix" ended
// with, as far as we know.
var guestOS = []struct {
	name, label, newest string
	releases            []release
}{
	{"1", "Windows Server 2008 SP2", "1.48", []release{{"1.46", "201504-01", false}, {"1.47", "201505-01", true}, {"1.48", "201506-01", true}}},
	{"2", "Windows Server 2008 R2", "2.94", []release{{"2.92", "201910-01", false}, {"2.93", "201911-01", true}, {"2.94", "201912-01", true}}},
	{"3", "Windows Server 2012", "3.81", []release{{"3.79", "201912-01", false}, {"3.80", "202001-01", true}, {"3.81", "202002-01", true}}},
	{"4", "Windows Server 2012 R2", "4.75", []release{{"4.73", "201912-01", false}, {"4.74", "202001-01", true}, {"4.75", "202002-01", true}}},
	{"5", "Windows Server 2016", "5.40", []release{{"5.38", "201912-01", false}, {"5.39", "202001-01", true}, {"5.40", "202002-01", true}}},
	{"6", "Windows Server 2019", "6.15", []release{{"6.13", "201912-01", false}, {"6.14", "202001-01", true}, {"6.15", "202002-01", true}}},
	{"7", "Windows Server 2022", "7.10", []release{{"7.8", "202204-01", false}, {"7.9", "202205-01", true}, {"7.10", "202206-01", true}}},
}

// CheckOSVersion says why a configuration cannot name this release of the guest
// operating system: the service has none of the name, or no longer deploys it.
// Microsoft's page on the support and retirement policy of guest operating systems
// says so of retired ones; the words are ours. "" and "*" name none.
func CheckOSVersion(version string) *Error {
	if version == "" || version == "*" {
		return nil
	}
	for _, f := range OSFamilies() {
		for _, r := range f.Releases {
			if r.Version == version && r.Active {
				return nil
			}
		}
	}
	return Errorf(BadRequest, "The OS version '%s' specified in the service configuration file is not available.", version)
}

// OSRelease returns the guest operating system that a model's roles run: the
// release that it names, or the newest of its family. A family that is not in
// the table is taken for the first.
func (m *Model) OSRelease() string {
	if m.OSVersion != "" && m.OSVersion != "*" {
		return m.OSVersion
	}
	at := 0
	for i, f := range guestOS {
		if f.name == m.OSFamily {
			at = i
		}
	}
	f := guestOS[at]
	return "WA-GUEST-OS-" + f.newest + "_" + f.releases[len(f.releases)-1].date
}

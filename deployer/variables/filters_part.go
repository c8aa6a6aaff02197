package variables

import (
	"net/url"
	"strings"

	"github.com/vipswap/vipswap/deployer/release/version"
)

var partFilters = []filter{
	{name: "UriPart", min: 1, max: 1, apply: uriPart},
	{name: "VersionMajor", apply: versionPart(func(v version.Version) string { return itoa(v.Major) })},
	{name: "VersionMinor", apply: versionPart(func(v version.Version) string { return itoa(v.Minor) })},
	{name: "VersionPatch", apply: versionPart(func(v version.Version) string { return itoa(v.Patch) })},
	{name: "VersionRevision", apply: versionPart(func(v version.Version) string { return itoa(v.Revision) })},
	{name: "VersionPreRelease", apply: versionPart(func(v version.Version) string { return v.PreRelease })},
	{name: "VersionPreReleasePrefix", apply: versionPart(version.Version.PreReleasePrefix)},
	{name: "VersionPreReleaseCounter", apply: versionPart(version.Version.PreReleaseCounter)},
	{name: "VersionMetadata", apply: versionPart(func(v version.Version) string { return v.Metadata })},
}

func versionPart(part func(version.Version) string) func(input) (string, bool) {
	return func(in input) (string, bool) {
		v, err := version.Parse(in.value)
		return part(v), err == nil
	}
}

// defaultPorts are the ports that an address of a scheme need not name.
var defaultPorts = map[string]string{"http": "80", "https": "443", "ftp": "21"}

// uriParts are the options of UriPart, in lower case.
var uriParts = map[string]func(u *url.URL) string{
	"absolutepath":    func(u *url.URL) string { return uriPath(u) },
	"absoluteuri":     func(u *url.URL) string { return absoluteURI(u) },
	"authority":       func(u *url.URL) string { return authority(u) },
	"dnssafehost":     func(u *url.URL) string { return u.Hostname() },
	"fragment":        func(u *url.URL) string { return prefixed("#", u.EscapedFragment()) },
	"host":            func(u *url.URL) string { return u.Hostname() },
	"hostandport":     func(u *url.URL) string { return u.Hostname() + prefixed(":", port(u)) },
	"hostnametype":    func(u *url.URL) string { return hostNameType(u.Hostname()) },
	"isabsoluteuri":   func(u *url.URL) string { return titleBool(u.IsAbs()) },
	"isdefaultport":   func(u *url.URL) string { return titleBool(port(u) == defaultPorts[u.Scheme]) },
	"isfile":          func(u *url.URL) string { return titleBool(u.Scheme == "file") },
	"isloopback":      func(u *url.URL) string { return titleBool(isLoopback(u.Hostname())) },
	"isunc":           func(u *url.URL) string { return titleBool(u.Scheme == "file" && u.Host != "") },
	"path":            func(u *url.URL) string { return uriPath(u) },
	"pathandquery":    func(u *url.URL) string { return uriPath(u) + prefixed("?", u.RawQuery) },
	"port":            func(u *url.URL) string { return port(u) },
	"query":           func(u *url.URL) string { return prefixed("?", u.RawQuery) },
	"scheme":          func(u *url.URL) string { return u.Scheme },
	"schemeandserver": func(u *url.URL) string { return u.Scheme + "://" + authority(u) },
	"userinfo":        userInfo,
}

// uriPart takes an address apart. As in the original, trouble shows in the
// output instead of leaving the expression unresolved, and what is no address
// comes back as it is.
func uriPart(in input) (string, bool) {
	u, err := url.Parse(in.value)
	if err != nil {
		return in.value, true
	}
	name := in.options[0]
	part, known := uriParts[strings.ToLower(name)]
	switch {
	case !known:
		return "[UriPart " + name + " error: unknown part]", true
	case !u.IsAbs() && !strings.EqualFold(name, "IsAbsoluteUri"):
		return "[UriPart " + name + " error: the address is relative]", true
	}
	return part(u), true
}

func uriPath(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

func absoluteURI(u *url.URL) string {
	full := *u
	if full.Path == "" && full.Opaque == "" {
		full.Path = "/"
	}
	return full.String()
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return defaultPorts[u.Scheme]
}

// authority leaves the port out where it is the default.
func authority(u *url.URL) string {
	if port(u) == defaultPorts[u.Scheme] {
		return strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Host
}

func userInfo(u *url.URL) string {
	if u.User == nil {
		return ""
	}
	return u.User.String()
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

package credentials

import (
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"
)

// standardHosts are the names that every server certificate has. The last two are
// for those who let the real names lead to this machine.
var standardHosts = []string{
	"127.0.0.1", "::1", "localhost", "*.localhost", "*.blob.localhost",
	"management.core.windows.net", "*.blob.core.windows.net",
}

// hostNames are the names of a server certificate, sorted and each once.
type hostNames struct {
	dns []string
	ips []net.IP
}

// parseHosts adds hosts to the standard ones. Addresses may be in brackets; an
// unspecified address such as 0.0.0.0 is nobody's name and left out.
func parseHosts(hosts []string) (hostNames, error) {
	var names hostNames
	for _, host := range slices.Concat(standardHosts, hosts) {
		host = strings.ToLower(strings.Trim(host, "[]"))
		if ip := net.ParseIP(host); ip == nil {
			if !isDNSName(host) {
				return hostNames{}, fmt.Errorf("credentials: %q is neither a host name nor an address", host)
			}
			names.dns = append(names.dns, host)
		} else if !ip.IsUnspecified() {
			names.ips = append(names.ips, ip)
		}
	}
	slices.Sort(names.dns)
	names.dns = slices.Compact(names.dns)
	slices.SortFunc(names.ips, func(a, b net.IP) int { return strings.Compare(a.String(), b.String()) })
	names.ips = slices.CompactFunc(names.ips, net.IP.Equal)
	return names, nil
}

// isDNSName reports whether a certificate can hold the lower-case name.
func isDNSName(name string) bool {
	name = strings.TrimPrefix(name, "*.")
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// areOf reports whether the certificate has these names and no others.
func (n hostNames) areOf(cert *x509.Certificate) bool {
	return slices.Equal(n.dns, cert.DNSNames) && slices.EqualFunc(n.ips, cert.IPAddresses, net.IP.Equal)
}

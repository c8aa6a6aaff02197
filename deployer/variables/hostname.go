package variables

import (
	"net/netip"
	"strconv"
	"strings"
)

// hostNameType names what kind of host an address has, as .NET does.
func hostNameType(host string) string {
	if host == "" {
		return "Basic"
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return "Dns"
	case ip.Is4():
		return "IPv4"
	}
	return "IPv6"
}

func isLoopback(host string) bool {
	if host == "" || strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func itoa(i int) string { return strconv.Itoa(i) }

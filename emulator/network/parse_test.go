package network_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/network"
)

// file writes a network configuration around what is inside.
func file(inside string) string {
	return "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<NetworkConfiguration xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns=\"" +
		network.Namespace + "\">\r\n  <VirtualNetworkConfiguration>" + inside + "</VirtualNetworkConfiguration>\r\n</NetworkConfiguration>"
}

const (
	servers = `<Dns><DnsServers><DnsServer name="ns" IPAddress="10.0.0.4"/></DnsServers></Dns>`
	office  = `<VirtualNetworkSite name="office" Location="West US"><AddressSpace><AddressPrefix>10.0.0.0/16</AddressPrefix></AddressSpace>` +
		`<Subnets><Subnet name="front"><AddressPrefix>10.0.1.0/24</AddressPrefix></Subnet><Subnet name="back"><AddressPrefix> 10.0.2.0/24 </AddressPrefix></Subnet></Subnets>` +
		`<DnsServersRef><DnsServerRef name="NS"/></DnsServersRef><Gateway profile="Small"><ConnectionsToLocalNetwork/></Gateway></VirtualNetworkSite>`
)

func sites(inside string) string {
	return file(servers + `<VirtualNetworkSites>` + inside + `</VirtualNetworkSites>`)
}

func TestParse(t *testing.T) {
	got, err := network.Parse([]byte(sites(office + `<VirtualNetworkSite name="bare" AffinityGroup="group"><AddressSpace><AddressPrefix>192.168.0.0/24</AddressPrefix></AddressSpace></VirtualNetworkSite>`)))
	if err != nil {
		t.Fatal(err)
	}
	want := []cloud.VirtualNetworkSite{
		{
			Name: "office", Location: "West US", Prefixes: []string{"10.0.0.0/16"},
			Subnets:    []cloud.Subnet{{Name: "front", Prefix: "10.0.1.0/24"}, {Name: "back", Prefix: "10.0.2.0/24"}},
			DNSServers: []cloud.DNSServer{{Name: "ns", Address: "10.0.0.4"}},
		},
		{Name: "bare", AffinityGroup: "group", Prefixes: []string{"192.168.0.0/24"}},
	}
	if diff := cmp.Diff(want, got.Sites); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(string(got.Document), "<?xml") || !strings.HasSuffix(string(got.Document), "</NetworkConfiguration>") {
		t.Errorf("the document is kept as %q", got.Document)
	}
}

func TestParseAcceptsAnEmptyConfiguration(t *testing.T) {
	for _, text := range []string{file(""), `<NetworkConfiguration xmlns="` + network.Namespace + `"/>`, strings.Replace(file(""), "utf-8", "utf-16", 1)} {
		n, err := network.Parse([]byte(text))
		if err != nil || len(n.Sites) != 0 {
			t.Errorf("%q: %v, %v", text, n, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	space := `<AddressSpace><AddressPrefix>10.0.0.0/16</AddressPrefix></AddressSpace>`
	tests := []struct{ name, text, want string }{
		{"nothing", "", "no root element"},
		{"text", "VPN", "no root element"},
		{"another root", `<Network xmlns="` + network.Namespace + `"/>`, "must be NetworkConfiguration"},
		{"another namespace", `<NetworkConfiguration xmlns="http://schemas.microsoft.com/windowsazure"/>`, "must be NetworkConfiguration"},
		{"two roots", file("") + "<a/>", "more than one root"},
		{"cut off", file("")[:80], "line 2 is not well-formed"},
		{"document type", "<!DOCTYPE a>" + file(""), "document type"},
		{"too deep", file(strings.Repeat("<a>", 20) + strings.Repeat("</a>", 20)), "nested deeper than 16"},
		{"too many", file(strings.Repeat("<a/>", 20001)), "more than 20000 elements"},
		{"too large", file(strings.Repeat(" ", 1<<20)), "larger than 1048576 bytes"},
		{"no name", sites(`<VirtualNetworkSite Location="West US">` + space + `</VirtualNetworkSite>`), "a virtual network site has no name"},
		{"long name", sites(`<VirtualNetworkSite name="` + strings.Repeat("a", 257) + `" Location="West US">` + space + `</VirtualNetworkSite>`), "longer than 256"},
		{"site twice", sites(office + strings.Replace(office, "office", "OFFICE", 1)), "'OFFICE' is given twice"},
		{"no place", sites(`<VirtualNetworkSite name="a">` + space + `</VirtualNetworkSite>`), "a Location or an AffinityGroup"},
		{"two places", sites(`<VirtualNetworkSite name="a" Location="West US" AffinityGroup="g">` + space + `</VirtualNetworkSite>`), "not both"},
		{"no space", sites(`<VirtualNetworkSite name="a" Location="West US"/>`), "no address space"},
		{"no prefix", sites(strings.Replace(office, "10.0.0.0/16", "10.0.0.0", 1)), "not in the form"},
		{"subnet outside", sites(strings.Replace(office, "10.0.1.0/24", "10.1.1.0/24", 1)), "not within the address space"},
		{"subnet too wide", sites(strings.Replace(office, "10.0.1.0/24", "10.0.0.0/8", 1)), "not within the address space"},
		{"subnets overlap", sites(strings.Replace(office, "10.0.2.0/24", "10.0.1.128/25", 1)), "overlaps"},
		{"subnet twice", sites(strings.Replace(office, `"back"`, `"Front"`, 1)), "'Front' is given twice"},
		{"subnet without prefix", sites(strings.Replace(office, "<AddressPrefix>10.0.1.0/24</AddressPrefix>", "", 1)), "one address prefix"},
		{"unknown server", sites(strings.Replace(office, `"NS"`, `"other"`, 1)), "'other', which is not defined"},
		{"server address", file(strings.Replace(servers, "10.0.0.4", "ten", 1)), "not an IP address"},
		{"server twice", file(strings.Replace(servers, "</DnsServers>", `<DnsServer name="NS" IPAddress="10.0.0.5"/></DnsServers>`, 1)), "'NS' is given twice"},
		{"local site without name", file(`<LocalNetworkSites><LocalNetworkSite/></LocalNetworkSites>`), "a local network site has no name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, err := network.Parse([]byte(test.text))
			var wrong *network.Error
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v and %v, want an *Error", n, err)
			}
			if !strings.Contains(wrong.Error(), test.want) {
				t.Errorf("says %q, want %q in it", wrong, test.want)
			}
		})
	}
}

// FuzzParse checks that whatever is accepted keeps the promises of Parse, and is
// accepted again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", file(""), sites(office), sites(strings.Replace(office, "10.0.1.0/24", "fd00::/8", 1)), `<NetworkConfiguration xmlns="` + network.Namespace + `"/>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := network.Parse(data)
		if err != nil {
			var wrong *network.Error
			if !errors.As(err, &wrong) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for _, site := range n.Sites {
			if site.Name == "" || len(site.Prefixes) == 0 || (site.Location == "") == (site.AffinityGroup == "") {
				t.Errorf("accepted %+v", site)
			}
			for _, sub := range site.Subnets {
				if _, err := netip.ParsePrefix(sub.Prefix); err != nil {
					t.Errorf("accepted the subnet %+v", sub)
				}
			}
		}
		again, err := network.Parse(n.Document)
		if diff := cmp.Diff(n, again); err != nil || diff != "" {
			t.Errorf("a second time: %v, mismatch (-want +got):\n%s", err, diff)
		}
	})
}

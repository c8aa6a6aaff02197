// Package network reads network configurations: the files (.netcfg) that say
// which virtual networks a subscription has.
//
// A client has put such a file and the emulator wants to know what is in it:
//
//	n, err := network.Parse(body)
//	if err != nil {
//		return err // a *network.Error says what is wrong, in words for the client
//	}
//	for _, site := range n.Sites {
//		fmt.Println(site.Name, site.Prefixes)
//	}
//
// What a virtual network site, its subnets and its name servers must be is
// checked. Gateways and local network sites are checked to be XML and to have
// names, and kept in the file only: nothing here connects networks.
package network

package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// reservedIn returns the reserved address that a configuration names, or "". It may
// name one.
func reservedIn(cfg *servicepackage.Configuration) string {
	if cfg == nil || cfg.Network == nil || len(cfg.Network.ReservedIPs) == 0 {
		return ""
	}
	return cfg.Network.ReservedIPs[0]
}

// keepsReserved reports whether what would be replaced has the address, or names it as
// well: after a swap the address has stayed with the other slot.
func (f preflight) keepsReserved(name string) bool {
	if f.there == nil {
		return false
	}
	before, err := servicepackage.ParseConfiguration(f.there.Configuration)
	return equalFold(f.there.ReservedIPName, name) || err == nil && equalFold(reservedIn(before), name)
}

// checkReserved looks for the reserved address that a configuration names: whether it is
// there, in the service's region, and free.
func checkReserved(ctx context.Context, f preflight) (*deployer.Refusal, error) {
	name := reservedIn(f.cfg)
	if name == "" || f.keepsReserved(name) {
		return nil, nil
	}
	all, err := f.conn.ReservedIPs(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(ip management.ReservedIP) bool { return equalFold(ip.Name, name) })
	switch {
	case at < 0:
		return noAddress("reserve it first (Create Reserved IP Address), or name another one", "the subscription has no reserved address %s, which the configuration names", name), nil
	case all[at].InUse:
		return noAddress("name another one, or take it away from there first", "the reserved address %s, which the configuration names, is in use by deployment %s of %s", name, all[at].Deployment, all[at].Service), nil
	}
	return f.checkRegion(ctx, all[at])
}

// checkRegion compares where a reserved address is with where the service is. One that
// is missing yet, or in an affinity group, is not judged.
func (f preflight) checkRegion(ctx context.Context, ip management.ReservedIP) (*deployer.Refusal, error) {
	service, err := f.conn.Service(ctx, f.service)
	if management.IsNotFound(err) || err == nil && (service.Location == "" || equalFold(service.Location, ip.Location)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return noAddress("name one in the service's region", "the reserved address %s, which the configuration names, is in %s, and %s is in %s", ip.Name, ip.Location, f.service, service.Location), nil
}

func noAddress(hint, text string, args ...any) *deployer.Refusal {
	return &deployer.Refusal{Code: addressUnavailable, Hint: hint, Text: fmt.Sprintf(text, args...)}
}

// errNoNetworks is why a virtual network is not looked for: the emulator accepts any
// in a subscription that has none, so that configurations of others can be rehearsed.
var errNoNetworks = errors.New("the subscription has no virtual network at all")

// checkNetwork looks for the virtual network that a configuration names, and for the
// subnets of its roles.
func checkNetwork(ctx context.Context, f preflight) (*deployer.Refusal, error) {
	if f.cfg.Network == nil || f.cfg.Network.VirtualNetworkSite == "" {
		return nil, nil
	}
	name := f.cfg.Network.VirtualNetworkSite
	all, err := f.conn.VirtualNetworks(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, fmt.Errorf("the configuration names the virtual network %s: %w", name, errNoNetworks)
	}
	at := slices.IndexFunc(all, func(n management.VirtualNetwork) bool { return equalFold(n.Name, name) })
	if at < 0 {
		return noNetwork("the subscription has no virtual network %s, which the configuration names", name), nil
	}
	for _, role := range f.cfg.Network.InstanceAddresses {
		for _, subnet := range role.Subnets {
			if !slices.ContainsFunc(all[at].Subnets, func(s string) bool { return equalFold(s, subnet) }) {
				return noNetwork("the virtual network %s has no subnet %s, which the configuration names for role %s", name, subnet, role.RoleName), nil
			}
		}
	}
	return nil, nil
}

func noNetwork(text string, args ...any) *deployer.Refusal {
	return &deployer.Refusal{Code: missingNetwork, Hint: "define it first (Set Network Configuration), or name another one", Text: fmt.Sprintf(text, args...)}
}

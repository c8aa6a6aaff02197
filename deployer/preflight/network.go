package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
func (s subject) keepsReserved(name string) bool {
	if s.Replaces == nil {
		return false
	}
	before, err := servicepackage.ParseConfiguration(s.Replaces.Configuration)
	return strings.EqualFold(s.Replaces.ReservedIPName, name) || err == nil && strings.EqualFold(reservedIn(before), name)
}

// checkReserved looks for the reserved address that a configuration names: whether it is
// there, in the service's region, and free.
func (s subject) checkReserved(ctx context.Context) (*deployer.Refusal, error) {
	name := reservedIn(s.Configuration)
	if name == "" || s.keepsReserved(name) {
		return nil, nil
	}
	all, err := s.cloud.ReservedIPs(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(ip management.ReservedIP) bool { return strings.EqualFold(ip.Name, name) })
	switch {
	case at < 0:
		return noAddress("reserve it first (Create Reserved IP Address), or name another one", "the subscription has no reserved address %s, which the configuration names", name), nil
	case all[at].InUse:
		return noAddress("name another one, or take it away from there first", "the reserved address %s, which the configuration names, is in use by deployment %s of %s", name, all[at].Deployment, all[at].Service), nil
	}
	return s.checkRegion(ctx, all[at])
}

// checkRegion compares where a reserved address is with where the service is. One that
// is missing yet, or in an affinity group, is not judged.
func (s subject) checkRegion(ctx context.Context, ip management.ReservedIP) (*deployer.Refusal, error) {
	service, err := s.cloud.Service(ctx, s.service)
	if management.IsNotFound(err) || err == nil && (service.Location == "" || strings.EqualFold(service.Location, ip.Location)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return noAddress("name one in the service's region", "the reserved address %s, which the configuration names, is in %s, and %s is in %s", ip.Name, ip.Location, s.service, service.Location), nil
}

func noAddress(hint, text string, args ...any) *deployer.Refusal {
	return &deployer.Refusal{Code: AddressUnavailable, Hint: hint, Text: fmt.Sprintf(text, args...)}
}

// errNoNetworks is why a virtual network is not looked for: the emulator accepts any
// in a subscription that has none, so that configurations of others can be rehearsed.
var errNoNetworks = errors.New("the subscription has no virtual network at all")

// checkNetwork looks for the virtual network that a configuration names, and for the
// subnets of its roles.
func (s subject) checkNetwork(ctx context.Context) (*deployer.Refusal, error) {
	if s.Configuration.Network == nil || s.Configuration.Network.VirtualNetworkSite == "" {
		return nil, nil
	}
	name := s.Configuration.Network.VirtualNetworkSite
	all, err := s.cloud.VirtualNetworks(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, fmt.Errorf("the configuration names the virtual network %s: %w", name, errNoNetworks)
	}
	at := slices.IndexFunc(all, func(n management.VirtualNetwork) bool { return strings.EqualFold(n.Name, name) })
	if at < 0 {
		return noNetwork("the subscription has no virtual network %s, which the configuration names", name), nil
	}
	for _, role := range s.Configuration.Network.InstanceAddresses {
		for _, subnet := range role.Subnets {
			if !slices.ContainsFunc(all[at].Subnets, func(name string) bool { return strings.EqualFold(name, subnet) }) {
				return noNetwork("the virtual network %s has no subnet %s, which the configuration names for role %s", name, subnet, role.RoleName), nil
			}
		}
	}
	return nil, nil
}

func noNetwork(text string, args ...any) *deployer.Refusal {
	return &deployer.Refusal{Code: MissingNetwork, Hint: "define it first (Set Network Configuration), or name another one", Text: fmt.Sprintf(text, args...)}
}

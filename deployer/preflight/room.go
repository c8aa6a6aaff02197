package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// checkSystem looks for the release of the guest operating system that a
// configuration names; * names none.
func (s subject) checkSystem(ctx context.Context) (*deployer.Refusal, error) {
	version := s.Configuration.OSVersion
	if version == "*" {
		return nil, nil
	}
	releases, err := s.cloud.OperatingSystems(ctx)
	if err != nil || slices.Contains(releases, version) {
		return nil, err
	}
	return &deployer.Refusal{
		Code: SystemUnavailable, Hint: `write osVersion="*" for the newest one of the family`,
		Text: fmt.Sprintf("the configuration names the guest operating system %s, which the service does not deploy (any more)", version),
	}, nil
}

// checkCertificates compares the certificates in a configuration with those of the
// service.
func (s subject) checkCertificates(ctx context.Context) (*deployer.Refusal, error) {
	wanted := map[string]string{}
	for _, role := range s.Configuration.Roles {
		for _, cert := range role.Certificates {
			wanted[strings.ToUpper(cert.Thumbprint)] = fmt.Sprintf("%s of role %s (%s)", cert.Name, role.Name, cert.Thumbprint)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	there, err := s.cloud.ServiceCertificates(ctx, s.service)
	if err != nil && !management.IsNotFound(err) {
		return nil, err
	}
	for _, thumbprint := range there {
		delete(wanted, strings.ToUpper(thumbprint))
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	return &deployer.Refusal{
		Code: MissingCertificate, Hint: "upload them to the service (Add Service Certificate) first",
		Text: fmt.Sprintf("%s does not have the certificates that the configuration names: %s", s.service, strings.Join(slices.Sorted(maps.Values(wanted)), ", ")),
	}, nil
}

// checkCores compares the cores that a deployment needs, beyond those that it
// replaces, with what the subscription has left.
func (s subject) checkCores(ctx context.Context) (*deployer.Refusal, error) {
	needs, frees := servicepackage.Cores(s.Definition, s.Configuration), coresOf(s.Replaces)
	room, err := s.cloud.Subscription(ctx)
	if err != nil || room.MaxCores == 0 || room.CurrentCores-frees+needs <= room.MaxCores {
		return nil, err
	}
	return &deployer.Refusal{
		Code: QuotaExceeded, Hint: "run fewer or smaller instances (--instances ROLE=N), or delete what is not needed",
		Text: fmt.Sprintf("it needs %d cores; of the subscription's %d, %d are in use and %d of these become free", needs, room.MaxCores, room.CurrentCores, frees),
	}, nil
}

// coresOf counts the cores of a deployment that would be replaced.
func coresOf(d *management.Deployment) int {
	if d == nil {
		return 0
	}
	total := 0
	for _, i := range d.Instances {
		if size, known := servicepackage.LookupSize(i.Size); known {
			total += size.Cores
		}
	}
	return total
}

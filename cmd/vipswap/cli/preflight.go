package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// Codes of what preflight finds.
const (
	missingCertificate deployer.Code = "missing-certificate"
	quotaExceeded      deployer.Code = "quota-exceeded"
	systemUnavailable  deployer.Code = "system-unavailable"
	addressUnavailable deployer.Code = "address-unavailable"
	nameUnavailable    deployer.Code = "name-unavailable"
	missingNetwork     deployer.Code = "missing-network"
	notChecked         deployer.Code = "not-checked"
)

// configurationMissed is a warning: the configuration that the project names is not
// there, and another one is used, as in the guide's step.
const configurationMissed deployer.Code = "configuration-missed"

// careFlags say which warnings are refusals.
type careFlags struct{ keepPrevious, careful bool }

func (f *careFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.keepPrevious, "keep-previous", false, "refuse to replace the only deployment that production could be swapped back to")
	flags.BoolVar(&f.careful, "careful", false, "refuse what is only warned of otherwise: production getting an older, suspended or unready deployment, fewer instances or the settings of staging, an upgrade of the live slot, the loss of the rollback copy")
}

// codes lists the warnings that are refusals.
func (f careFlags) codes() []deployer.Code {
	switch {
	case f.careful:
		return deployer.Careful()
	case f.keepPrevious:
		return []deployer.Code{deployer.RollbackCopyLost}
	}
	return nil
}

// A preflight is what is looked at before anything is changed.
type preflight struct {
	conn       *connection
	service    string
	definition *servicepackage.Definition
	cfg        *servicepackage.Configuration
	there      *management.Deployment // what would be replaced, nil for nothing
}

// preflightChecks find what the service would only refuse in the middle of a
// deployment.
var preflightChecks = []func(context.Context, preflight) (*deployer.Refusal, error){
	func(ctx context.Context, f preflight) (*deployer.Refusal, error) {
		return f.conn.checkCertificates(ctx, f.service, f.cfg)
	},
	func(ctx context.Context, f preflight) (*deployer.Refusal, error) {
		return f.conn.checkCores(ctx, servicepackage.Cores(f.definition, f.cfg), coresOf(f.there))
	},
	func(ctx context.Context, f preflight) (*deployer.Refusal, error) {
		return f.conn.checkSystem(ctx, f.cfg.OSVersion)
	},
	checkReserved,
	checkNetwork,
}

// preflight finds, before anything is changed, what the service would only refuse
// in the middle of a deployment: certificates and networks that are not there, cores
// that the subscription does not have, and a guest operating system or a reserved
// address that is not to be had.
func (p *program) preflight(ctx context.Context, conn *connection, plan *deployer.Plan, def *servicepackage.Definition, configuration []byte, seen deployer.Observed) error {
	cfg, err := servicepackage.ParseConfiguration(configuration)
	if err != nil {
		return usage("", "%w", err)
	}
	f := preflight{conn: conn, service: plan.Service, definition: def, cfg: cfg, there: seen.In(plan.Slot)}
	for _, check := range preflightChecks {
		refusal, err := check(ctx, f)
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil:
			plan.Decisions = append(plan.Decisions, deployer.Decision{Code: notChecked, Warning: true, Text: fmt.Sprintf("not checked beforehand: %v", err)})
		case refusal != nil:
			plan.Refusals, plan.Steps = append(plan.Refusals, *refusal), []deployer.Step{}
		}
	}
	return nil
}

// checkSystem looks for the release of the guest operating system that a
// configuration names; * names none.
func (c *connection) checkSystem(ctx context.Context, version string) (*deployer.Refusal, error) {
	if version == "*" {
		return nil, nil
	}
	releases, err := c.OperatingSystems(ctx)
	if err != nil || slices.Contains(releases, version) {
		return nil, err
	}
	return &deployer.Refusal{
		Code: systemUnavailable, Hint: `write osVersion="*" for the newest one of the family`,
		Text: fmt.Sprintf("the configuration names the guest operating system %s, which the service does not deploy (any more)", version),
	}, nil
}

// checkCertificates compares the certificates in a configuration with those of the
// service.
func (c *connection) checkCertificates(ctx context.Context, service string, cfg *servicepackage.Configuration) (*deployer.Refusal, error) {
	wanted := map[string]string{}
	for _, role := range cfg.Roles {
		for _, cert := range role.Certificates {
			wanted[strings.ToUpper(cert.Thumbprint)] = fmt.Sprintf("%s of role %s (%s)", cert.Name, role.Name, cert.Thumbprint)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	there, err := c.ServiceCertificates(ctx, service)
	if err != nil && !management.IsNotFound(err) {
		return nil, err
	}
	for _, thumbprint := range there {
		delete(wanted, strings.ToUpper(thumbprint))
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	var names []string
	for _, name := range wanted {
		names = append(names, name)
	}
	slices.Sort(names)
	return &deployer.Refusal{
		Code: missingCertificate, Hint: "upload them to the service (Add Service Certificate) first",
		Text: fmt.Sprintf("%s does not have the certificates that the configuration names: %s", service, strings.Join(names, ", ")),
	}, nil
}

// checkCores compares the cores that a deployment needs, beyond those that it
// replaces, with what the subscription has left.
func (c *connection) checkCores(ctx context.Context, needs, frees int) (*deployer.Refusal, error) {
	s, err := c.Subscription(ctx)
	if err != nil || s.MaxCores == 0 || s.CurrentCores-frees+needs <= s.MaxCores {
		return nil, err
	}
	return &deployer.Refusal{
		Code: quotaExceeded, Hint: "run fewer or smaller instances (--instances ROLE=N), or delete what is not needed",
		Text: fmt.Sprintf("it needs %d cores; of the subscription's %d, %d are in use and %d of these become free", needs, s.MaxCores, s.CurrentCores, frees),
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

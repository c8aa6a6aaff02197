package preflight

import (
	"context"
	"fmt"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

// Codes of what is found.
const (
	MissingCertificate deployer.Code = "missing-certificate"
	QuotaExceeded      deployer.Code = "quota-exceeded"
	SystemUnavailable  deployer.Code = "system-unavailable"
	AddressUnavailable deployer.Code = "address-unavailable"
	NameUnavailable    deployer.Code = "name-unavailable"
	MissingNetwork     deployer.Code = "missing-network"
	NotChecked         deployer.Code = "not-checked" // a warning: the service did not answer
)

// Cloud is what is asked of the Service Management API. *management.Client has these
// methods, and says what each returns.
type Cloud interface {
	Subscription(ctx context.Context) (management.Subscription, error)
	OperatingSystems(ctx context.Context) ([]string, error)
	Service(ctx context.Context, name string) (management.Service, error)
	ServiceCertificates(ctx context.Context, service string) (thumbprints []string, err error)
	ReservedIPs(ctx context.Context) ([]management.ReservedIP, error)
	VirtualNetworks(ctx context.Context) ([]management.VirtualNetwork, error)
}

// Names is what is asked about a service that is missing. *management.Client is one.
type Names interface {
	// ServiceNameAvailable asks whether a service can be made under a name; reason is
	// why not.
	ServiceNameAvailable(ctx context.Context, name string) (available bool, reason string, err error)
}

// A Deployment is what a plan would create or upgrade.
type Deployment struct {
	Definition    *servicepackage.Definition
	Configuration *servicepackage.Configuration
	Replaces      *management.Deployment // what the slot holds, nil for nothing
}

// A subject is what is looked at.
type subject struct {
	Deployment
	cloud   Cloud
	service string
}

// checks look for one thing each. A refusal says that it is not to be had, an error
// that it could not be looked at.
var checks = []func(subject, context.Context) (*deployer.Refusal, error){
	subject.checkCertificates,
	subject.checkCores,
	subject.checkSystem,
	subject.checkReserved,
	subject.checkNetwork,
}

// Check looks for all that a deployment to the plan's service and slot needs, and adds
// refusals, which leave the plan without steps, and warnings of what could not be looked
// at. The error is the one with which a look ended when ctx was over.
func (d Deployment) Check(ctx context.Context, c Cloud, plan *deployer.Plan) error {
	s := subject{d, c, plan.Service}
	for _, check := range checks {
		refusal, err := check(s, ctx)
		if ctx.Err() != nil {
			return err
		}
		note(plan, refusal, err)
	}
	return nil
}

// CheckName asks whether the plan's service, which is missing, can be made under its
// name. Refusals, warnings and the error are as in [Deployment.Check].
func CheckName(ctx context.Context, c Names, plan *deployer.Plan) error {
	available, reason, err := c.ServiceNameAvailable(ctx, plan.Service)
	if ctx.Err() != nil {
		return err
	}
	var refusal *deployer.Refusal
	if !available {
		refusal = &deployer.Refusal{
			Code: NameUnavailable, Hint: "choose another name for the service in the project, and create a new release",
			Text: fmt.Sprintf("cloud service %s is not there and cannot be created: %s", plan.Service, reason),
		}
	}
	note(plan, refusal, err)
	return nil
}

// note adds to a plan what a look came to.
func note(plan *deployer.Plan, refusal *deployer.Refusal, err error) {
	switch {
	case err != nil:
		plan.Decisions = append(plan.Decisions, deployer.Decision{Code: NotChecked, Warning: true, Text: fmt.Sprintf("not checked beforehand: %v", err)})
	case refusal != nil:
		plan.Refusals, plan.Steps = append(plan.Refusals, *refusal), []deployer.Step{}
	}
}

// Package preflight looks, before anything is changed, for what the service would
// only refuse in the middle of a deployment, and puts what it finds into the plan:
//
//	what := preflight.Deployment{Definition: pkg.Definition, Configuration: cfg, Replaces: seen.In(plan.Slot)}
//	err := what.Check(ctx, client, &plan)
//
// [Deployment.Check] looks for certificates, cores, the release of the guest operating system,
// reserved addresses and virtual networks; [CheckName] asks whether a cloud service
// that is missing can be made. What is not to be had is a refusal. What cannot be
// looked at, since the service answers with an error, is a warning: the deployment
// may go well all the same.
package preflight

// Package deployer brings a release into a slot of a cloud service, and says
// beforehand what it will do.
//
// A deployment is three calls:
//
//	seen, err := deployer.Observe(ctx, cloud, "shop")
//	plan, err := deployer.MakePlan(deployer.Deploy{Service: "shop", Slot: management.Production, ...}, seen)
//	result, err := deployer.Run(ctx, ports, plan)
//
// Observe reads both slots. MakePlan is pure: it compares what is wanted with
// what was seen and returns decisions (one line each: what was seen, what
// follows), steps (plain data that can be printed, stored and read back), and
// refusals. Run carries the steps out. A plan with refusals is never carried
// out, and printing a plan changes nothing.
//
// # Swap or deploy
//
// The decision is the one of the VIP-swap guide for Octopus Deploy. A release
// that goes to Production with "swap if possible" is swapped in when production
// is occupied and staging holds a deployment with the very same label; otherwise
// it is deployed: created in an empty slot, upgraded in place in an occupied one.
// [Options] has the later behaviour of that step and stricter ones.
//
// # Being killed
//
// Run may be killed between any two of its calls and called again with the same
// plan. It writes an intent to the [Journal] before each step. Each step looks at
// the slots before it acts, and acts on deployments by name, so that a swap that
// was carried out is not carried out again. An upgrade leaves its name alone, so
// it is recognised by an extended property ([MarkProperty]) that it sets on the
// deployment. When an answer was lost or leaves open what happened, the run settles
// the matter by looking, and sends a change again only if it was not carried out.
// When the slots no longer hold what the plan saw, it stops with a [MovedError].
//
// # Choosing and configuring the input
//
// [OpenInput] finds the service package and its configuration in a folder or in
// an outer package (.zip, .nupkg). [Configure] sets instance counts and settings
// and reports each change.
//
// The package starts no goroutines and reads no wall clock: everything outside
// comes through the interfaces in [Ports].
package deployer

// Package journal writes down in a project's history how far a deployment came, and
// reads there what is left of it when its process died:
//
//	err := journal.RecordPlan(history, d.ID, plan)
//	result, err := deployer.Run(ctx, deployer.Ports{Journal: journal.Steps{History: history, ID: d.ID}, ...}, plan)
//
//	plan, planned, err := journal.PlanOf(d)
//	result, err := deployer.Run(ctx, ports, journal.Left(plan, d.Journal))
//
// A history keeps entries of steps by name (see [release.Entry]) and knows no more of
// them. Here it is said what they mean: "lock" is how the deployment locks its service,
// "plan" is the plan, "process/..." are the steps of the project around the plan, and all
// others are the steps of the plan.
package journal

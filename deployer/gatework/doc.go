// Package gatework does what the gates of a plan ask for: it asks web addresses, runs
// hooks on this machine, and puts questions to people. Its types are ports of a run:
//
//	question := &gatework.Question{Desk: desk, ID: "shop-1", Words: words, Now: time.Now}
//	ports.Checks = gatework.Checker{Checks: probe.Asker{Client: probe.Client, Now: time.Now}, Words: words}
//	ports.Hooks = gatework.Hooks{Scripts: process.Machine{Environ: os.Environ()}, Words: words}
//	ports.Approver = question
//	result, err := deployer.Run(ctx, ports, plan)
//	err = errors.Join(err, question.Forget())
//
// Texts of gates may have expressions of a project's variables. They are evaluated here,
// right before use, so that no plan and no history holds a secret; what comes back is
// masked.
package gatework

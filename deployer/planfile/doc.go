// Package planfile keeps a plan in a file until somebody carries it out, and says then
// whether it still fits:
//
//	file := planfile.File{Made: now, Subscription: id, Digest: seen.Digest(), Plan: plan}
//	err := file.Write("swap.json")
//
//	file, err := planfile.Read("swap.json")
//	seen, err := deployer.Observe(ctx, client, file.Plan.Service)
//	err = file.StillHolds(seen)
//	result, err := deployer.Run(ctx, ports, file.Plan)
//
// What the slots held when the plan was made is in the file twice: as a digest, which
// decides, and in words for people. So [File.StillHolds] can tell slots that have moved
// ([*MovedError]) from a file that was changed by hand ([*AlteredError]). Whoever may
// write the file may of course change both: it is no signature.
package planfile

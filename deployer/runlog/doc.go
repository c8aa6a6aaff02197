// Package runlog remembers on disk what runs were begun for a cloud service, how
// far each came, and what the last swap left behind.
//
// Before its first call a run is begun with everything that it takes to go on
// with it: the plan, the configuration, and where the package is. Its [Journal]
// then writes an intent before each step and a note after it. A process that is
// killed leaves an unfinished run, which the next one finds:
//
//	log, err := runlog.Open(dir, "shop", runlog.Options{Now: time.Now})
//	run, err := log.Unfinished()
//	result, err := deployer.Run(ctx, ports, run.Remaining())
//	err = log.Finish(run.ID, runlog.Ending{State: runlog.Succeeded, Result: &result})
//
// Each service has a file of its own, which one process at a time can have open.
// The files hold configurations, so only their owner can read them.
package runlog

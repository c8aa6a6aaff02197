// Package release knows what is deployed where, in which order, and what was.
//
// Start from a project folder. [LoadProject] reads its vipswap.yaml: the
// service, the environments and the slot that each is bound to, the
// lifecycle, the step that deploys, and the variables. [OpenHistory] opens
// what has happened in that folder: releases, which are snapshots of a
// package, its configurations and the project, and their deployments.
//
//	project, err := release.LoadProject("vipswap.yaml")
//	history, err := release.OpenHistory(".", release.Options{Now: time.Now})
//	defer history.Close()
//	created, queued, err := history.CreateRelease(release.NewRelease{Number: "1.0.0", Package: "app.cspkg", ...})
//	err = history.Hold("my deployer") // one process at a time deploys
//	deployment, err := history.QueueDeployment(release.NewDeployment{Release: "1.0.0", Environment: "Staging", ...})
//	deployment, err = history.StartDeployment(deployment.ID)
//	// carry it out; RecordIntent before and RecordDone after each step
//	queued, err = history.FinishDeployment(deployment.ID, release.Ending{State: release.Success, Project: project})
//
// Where a release may go next is decided by [Lifecycle.Progress], a function
// of the lifecycle and of what succeeded; QueueDeployment refuses the rest.
// The words and rules are those of Octopus: its documentation of lifecycles,
// releases and variables, and its public client library.
package release

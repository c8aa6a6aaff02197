// Package octopus takes a project over from Octopus, and gives it back.
//
// Octopus can keep a project's process, variables and settings in files beside
// the code ("configuration as code"), in a folder .octopus. [Import] reads
// those and writes a vipswap.yaml for the step that deploys a cloud service,
// with the scripts and manual interventions around it; [Export] writes the
// same back into files of that kind.
//
//	result, err := octopus.Import(os.DirFS("shop"), octopus.Options{Name: "Shop"})
//	os.WriteFile("vipswap.yaml", result.Project, 0o666)
//	for _, note := range result.Notes {
//		fmt.Println(note) // deployment_process.ocl:31: left out: step "Tell the team" ...
//	}
//
// Nothing is lost in silence: whatever of the files has no counterpart is in
// the notes, with its line. Octopus keeps the lifecycle, the environments,
// channels, tenants, feeds, accounts and secrets elsewhere, so that a project
// that uses them needs a look afterwards; the notes say at what.
//
// The files are as Octopus' reference of its configuration language and the
// public library that writes it describe them; the settings of the step are
// those of its page on system variables.
package octopus

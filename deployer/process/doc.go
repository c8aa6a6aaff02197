// Package process runs the steps of a deployment around the one that deploys the
// cloud service: scripts, HTTP checks, manual interventions and webhooks.
//
// A [Step] says what to do and when. A [Runner] runs steps in order:
//
//	state := process.State{Environment: "Production"}
//	runner.Run(ctx, "before", steps, &state)
//	// deploy, unless state.Err is set; note what went wrong in state.Err
//	runner.Run(ctx, "after", more, &state)
//	return state.Err
//
// A step that fails does not end the run: steps whose condition is failure, always
// or an expression still run, as in Octopus. The first error stays in the state.
//
// # Output variables
//
// A line that a script writes in the form
//
//	##octopus[setVariable name='QQ==' value='Qg==']
//
// with name and value in base64 sets the variable Octopus.Action[STEP].Output.NAME
// for the steps that follow; sensitive='VHJ1ZQ==' hides its value. In sh scripts
// the functions set_octopusvariable and get_octopusvariable do this and read
// variables. Other service messages are understood as such and not printed.
//
// Words and rules are those of Octopus' pages on run conditions, script steps,
// output variables, manual intervention and retries.
package process

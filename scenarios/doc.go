// Package scenarios tells blue/green stories in scripts, and runs them: the real
// program, with the real deployer in it, against the emulator over HTTPS.
//
// To write one, put a file NAME.txtar into a folder and run
//
//	go test ./scenarios -run 'TestScenarios/bluegreen/NAME'
//
// A script is in the language of github.com/rogpeppe/go-internal/testscript, with
// a # comment for each phase of its story: a failure shows its own phase only.
// Every script has a subscription of its own on one emulator, whose clock is
// automatic: when a client looks at something unfinished, time steps to when the
// next thing happens. So minutes in the cloud pass without waiting.
//
// # What a script begins with
//
// Its home is the working folder. The subscription has an empty cloud service named shop and a storage account
// named packages. The working folder has a project for them (vipswap.yaml), with
// environments Staging and Production, unless the script brings its own. In the
// environment are a connection for the program, and
//
//	$V1, $V2     packages of the shop, versions 1.0.0 and 1.1.0
//	$ADMIN       a package of the shop with one endpoint more
//	$CONFIG      the configuration of all of them (2 instances of Web, 1 of Orders)
//	$DEFINITION  the service definition, and $FILES the folder with the roles' files
//
// # Commands
//
// Beside those of testscript there are
//
//	slots production=LABEL staging=LABEL
//		Checks what the slots of shop hold, by label; "-" is an empty slot. A
//		deployment that is not Running with all instances ready has its status
//		behind the label, as in staging='Shop v1.0.0 (Suspended)'. $PRODUCTION and
//		$STAGING are then the names of the deployments.
//
//	exits CODE PROGRAM [ARGUMENT...]
//		Runs a program like exec, and checks its exit code.
//
//	call STATUS METHOD PATH [FILE]
//		Sends a request to the Service Management API, with the contents of FILE
//		after replacing variables such as $STAGING, and checks the status of the
//		answer. PATH is below the subscription. The answer's body is the standard
//		output for commands that follow.
//
//	advance DURATION
//		Moves the time of the script's subscription forward, as in advance 20m.
//
//	killed before|after N PROGRAM [ARGUMENT...]
//		Runs the program, and kills it with SIGKILL before its N-th request that
//		changes something arrives, or after that request took effect and before
//		its answer.
//
//	outer PACKAGE FILE...
//		Zips files into an outer package, each under its own name alone.
//
//	lastline VARIABLE
//		Takes the last line of the standard output into a variable.
//
// # Conditions
//
// Beside those of testscript there is
//
//	[driver:go-classic], [driver:node-asm]
//		Whether the driver of that real client lies beside the project and can be
//		made ready; it is then in $DRIVERS/NAME.
package scenarios

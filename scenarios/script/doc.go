// Package script is the language of scenario scripts: what a script begins with,
// and its commands beside those of testscript.
//
// A script is a file NAME.txtar in the language of
// github.com/rogpeppe/go-internal/testscript, with a # comment for each phase of
// its story: a failure shows its own phase only.
//
//	# release 1.1.0 is brought up beside 1.0.0
//	exec vipswap deploy --slot production --package $V1 --config $CONFIG --label 1.0.0
//	exec vipswap deploy --slot staging --package $V2 --config $CONFIG --label 1.1.0
//	slots production=1.0.0 staging=1.1.0
//
//	# the swap fails; production does not move
//	fault fail-operation 'Swap Deployment' count=1
//	! exec vipswap swap
//	slots production=1.0.0 staging=1.1.0
//
// The commands are in one table. The following is generated from it.
//
//	emulator [empty] [strict] [clock=auto|manual|real] [speed=N] [seed=N] [cores=N] [services=N] [accounts=N] [requests=N]
//		Makes the script's universe anew, in another way than usual: empty has no cloud
//		service and storage account, strict enforces what is documented but was not
//		enforced, cores, services and accounts are quotas, and requests is how many are
//		answered in five minutes. Faults that the script has asked for stay, and begin anew;
//		`fault clear` takes them away.
//
//	advance DURATION|next
//		Moves the universe's time forward, by a duration or to when the next pending thing
//		happens, and lets happen what is due until then.
//
//	clock [auto|manual|real [SPEED]]
//		Changes how time passes from now on. Prints how it passes and how much time has
//		passed since the script began, as in "auto 1h20m0s", for stdout to look at.
//
//	eventually [DURATION] COMMAND [ARGUMENT...]
//		Repeats a command of this list, or exec, until it holds, and makes time step to the
//		next pending thing in between. It fails when nothing is pending any more, or after
//		so much of the universe's time (24h unless given). Waiting costs no time on the
//		wall.
//
//	fault KIND [OPERATION] [FIELD=VALUE...] | plan FILE|PRESET | budget [inARow=N] [total=N] | clear
//		Makes something go wrong from now on, beside what does already. KIND, and the fields
//		code, message, status, delay, retryAfter, count, probability, operation, service,
//		slot, role, instance, client and nth, are those of a rule of a fault plan; nth
//		counts the calls from now on. plan takes all rules of a file or of a preset (none,
//		flaky, hostile), budget bounds the misfortune, clear ends all of it.
//
//	slots [service=NAME] [production=LABEL] [staging=LABEL]
//		Checks what both slots of a cloud service hold, by label; "-" is an empty slot, and
//		the service is shop unless named. A deployment that is not Running with all
//		instances ready has its status behind the label. $PRODUCTION and $STAGING are then
//		the names of the deployments. No time passes by looking, with this command and the
//		next three.
//
//	instances [service=NAME] SLOT [ROLE=STATUS[,STATUS...]...]
//		Checks the role instances of a slot: one status for all instances of a role, or one
//		for each in order.
//
//	operations [KIND=STATUS[ CODE]|KIND=-...]
//		Checks how the last operation of each kind stands: InProgress, Succeeded or Failed,
//		the last one with its code if you like; "-" is no operation of the kind. Without
//		arguments it checks that no operation is in progress. Prints all operations, a line
//		each.
//
//	journal [FIELD=PATTERN...] [count=N]
//		Checks that some request fits, or that exactly N do, since the universe began.
//		Fields are endpoint, operation, service, slot, method, status, code, client and
//		fault; * in a pattern stands for any text. Prints the requests that fit, a line
//		each.
//
//	request [-version VERSION] [-header 'NAME: VALUE'] STATUS[/CODE] METHOD PATH [FILE]
//		Sends a request to the Service Management API, and checks the status of the answer
//		and the code of its error. PATH is below the subscription. The body is the contents
//		of FILE after replacing variables such as $STAGING. The answer's body is what stdout
//		looks at, and $REQUEST_ID the id of the request, which is that of the operation.
//
//	crash [before|after] [change] N PROGRAM [ARGUMENT...]
//		Runs a program and kills it, with all that it started, at its Nth management
//		request: before that is carried out (as it is without a word), or after but before
//		the answer arrives. With change only requests that can change something are counted.
//		A program that ends before is an error.
//
//	exits CODE PROGRAM [ARGUMENT...]
//		Runs a program like exec, and checks its exit code.
//
//	snapshot save NAME | restore NAME | export FILE | import FILE | diff NAME [NAME]
//		Saves the universe under a name and goes back to that, with blobs and time; writes
//		it to a file and goes on from one; or checks that a snapshot differs from another
//		one or from now, and prints in what. With ! nothing may differ. The journal and the
//		faults that are left go on.
//
//	progression KIND PACE
//		Sets how operations of a kind that begin from now on come to their end, * for all
//		kinds: immediate, after a duration, perhaps with jitter as in 2m+30s, after so many
//		looks at them, as in 3polls, or usual.
//
//	compare FILE FILE
//		Compares two files as cmp does, after replacing what differs from run to run:
//		identifiers, times and addresses become words such as ID-1, TIME and MANAGEMENT.
//		With "vipswap test --update" the second file is rewritten, in that form, if it is
//		one of the script's own.
//
//	outer PACKAGE FILE...
//		Zips files into an outer package (.zip or .nupkg), each under its own name alone.
//
//	app KEY=ANSWER[,ANSWER...]... | requests
//		Serves an HTTP application in place of what runs in the cloud, at the address in
//		$APP, until the script ends: in a check, --resolve "*:80:$APP" leads there. KEY is a
//		label or a slot, by the public name that a request is for, or a path, or *; the
//		first that fits answers, and 404 what nothing fits. ANSWER is a status, behind it
//		~DELAY for a slow answer, @FILE for one with a body, or xN for N of them; the last
//		answer stays. Given again, other answers begin. requests prints what was asked:
//		method, host and path, slot and status.
//
//	lastline VARIABLE
//		Takes the last line of the standard output into a variable.
//
//	invariants
//		From now on checks, at every request and at the script's end, that production is
//		never empty once it was filled (production-filled), that the way back is never
//		destroyed (way-back-kept), that no deployment goes to production that is not ready,
//		and none back that serves nothing (swap-ready), and that no operation is left behind
//		(nothing-left). With names, only what they stand for.
//
// # Conditions
//
// Beside those of testscript, which ask for the operating system and for programs
// ([exec:node]), there are
//
//	[clients]
//		Whether the drivers of real, unmodified clients are there.
//
//	[driver:go-classic], [driver:node-asm]
//		Whether the driver of that client is there and can be made ready; it is then
//		in $DRIVERS/NAME.
package script

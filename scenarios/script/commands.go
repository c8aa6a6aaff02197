package script

// A command is one of the commands of our own.
type command struct {
	name      string
	usage     string // its arguments
	min       int    // how many there are at least
	text      string // what it does, for the reference
	example   []string
	negatable bool // "!" turns it around
	looks     bool // looks at what the universe holds
	run       func(s *Script, args []string) error
}

// commands returns the table of all commands. The reference is made of it.
func commands() []command {
	return []command{
		{
			name: "emulator", usage: "[empty] [strict] [clock=auto|manual|real] [speed=N] [seed=N] [cores=N] [services=N] [accounts=N] [requests=N]",
			text:    "Makes the script's universe anew, in another way than usual: empty has no cloud service and storage account, strict enforces what is documented but was not enforced, cores, services and accounts are quotas, and requests is how many are answered in five minutes. Faults that the script has asked for stay, and begin anew; `fault clear` takes them away.",
			example: []string{"emulator strict clock=manual", "emulator empty cores=20 seed=7"}, run: (*Script).emulator,
		},
		{
			name: "advance", usage: "DURATION|next", min: 1,
			text:    "Moves the universe's time forward, by a duration or to when the next pending thing happens, and lets happen what is due until then.",
			example: []string{"advance 20m", "advance next"}, run: (*Script).advance,
		},
		{
			name: "clock", usage: "[auto|manual|real [SPEED]]",
			text:    "Changes how time passes from now on. Prints how it passes and how much time has passed since the script began, as in \"auto 1h20m0s\", for stdout to look at.",
			example: []string{"clock manual", "clock real 60", "clock"}, run: (*Script).clock,
		},
		{
			name: "eventually", usage: "[DURATION] COMMAND [ARGUMENT...]", min: 1,
			text:    "Repeats a command of this list, or exec, until it holds, and makes time step to the next pending thing in between. It fails when nothing is pending any more, or after so much of the universe's time (24h unless given). Waiting costs no time on the wall.",
			example: []string{"eventually slots production=1.0.0 staging=-", "eventually 30m operations 'Create Deployment=Succeeded'"}, run: (*Script).eventually, looks: true,
		},
		{
			name: "fault", usage: "KIND [OPERATION] [FIELD=VALUE...] | plan FILE|PRESET | budget [inARow=N] [total=N] | clear", min: 1,
			text:    "Makes something go wrong from now on, beside what does already. KIND, and the fields code, message, status, delay, retryAfter, count, probability, operation, service, slot, role, instance, client and nth, are those of a rule of a fault plan; nth counts the calls from now on. plan takes all rules of a file or of a preset (none, flaky, hostile), budget bounds the misfortune, clear ends all of it.",
			example: []string{"fault fail-operation 'Swap Deployment' code=InternalError count=1", "fault lose-answer nth=3", "fault plan flaky", "fault clear"}, run: (*Script).fault,
		},
		{
			name: "slots", usage: "[service=NAME] [production=LABEL] [staging=LABEL]", negatable: true,
			text:    "Checks what both slots of a cloud service hold, by label; \"-\" is an empty slot, and the service is shop unless named. A deployment that is not Running with all instances ready has its status behind the label. $PRODUCTION and $STAGING are then the names of the deployments. No time passes by looking, with this command and the next three.",
			example: []string{"slots production=1.0.0 staging=-", "slots 'staging=Shop v1.1.0 (Suspended)'"}, run: (*Script).slots, looks: true,
		},
		{
			name: "instances", usage: "[service=NAME] SLOT [ROLE=STATUS[,STATUS...]...]", min: 1, negatable: true,
			text:    "Checks the role instances of a slot: one status for all instances of a role, or one for each in order.",
			example: []string{"instances production Web=ReadyRole Orders=ReadyRole", "instances staging Web=ReadyRole,BusyRole"}, run: (*Script).instances, looks: true,
		},
		{
			name: "operations", usage: "[KIND=STATUS[ CODE]|KIND=-...]", negatable: true,
			text:    "Checks how the last operation of each kind stands: InProgress, Succeeded or Failed, the last one with its code if you like; \"-\" is no operation of the kind. Without arguments it checks that no operation is in progress. Prints all operations, a line each.",
			example: []string{"operations 'Swap Deployment=Succeeded'", "operations 'Swap Deployment=Failed InternalError' 'Delete Deployment=-'", "operations"}, run: (*Script).operations, looks: true,
		},
		{
			name: "journal", usage: "[FIELD=PATTERN...] [count=N]", negatable: true,
			text:    "Checks that some request fits, or that exactly N do, since the universe began. Fields are endpoint, operation, service, slot, method, status, code, client and fault; * in a pattern stands for any text. Prints the requests that fit, a line each.",
			example: []string{"journal operation='Swap Deployment' count=1", "! journal operation='Delete*' status=200", "journal fault=lose-answer"}, run: (*Script).journal,
		},
		{
			name: "request", usage: "[-version VERSION] [-header 'NAME: VALUE'] STATUS[/CODE] METHOD PATH [FILE]", min: 3,
			text:    "Sends a request to the Service Management API, and checks the status of the answer and the code of its error. PATH is below the subscription. The body is the contents of FILE after replacing variables such as $STAGING. The answer's body is what stdout looks at, and $REQUEST_ID the id of the request, which is that of the operation.",
			example: []string{"request 200 GET services/hostedservices/shop", "request 409/ConflictError POST services/hostedservices/shop swap.xml"}, run: (*Script).request,
		},
		{
			name: "crash", usage: "[before|after] [change] N PROGRAM [ARGUMENT...]", min: 2,
			text:    "Runs a program and kills it, with all that it started, at its Nth management request: before that is carried out (as it is without a word), or after but before the answer arrives. With change only requests that can change something are counted. A program that ends before is an error.",
			example: []string{"crash 7 vipswap deploy --slot production --package $V2 --config $CONFIG --label 1.1.0 --swap", "crash after change 1 vipswap swap"}, run: (*Script).crash,
		},
		{
			name: "exits", usage: "CODE PROGRAM [ARGUMENT...]", min: 2,
			text:    "Runs a program like exec, and checks its exit code.",
			example: []string{"exits 3 vipswap swap --expect 1.1.0"}, run: (*Script).exits,
		},
		{
			name: "snapshot", usage: "save NAME | restore NAME | export FILE | import FILE | diff NAME [NAME]", min: 2, negatable: true,
			text:    "Saves the universe under a name and goes back to that, with blobs and time; writes it to a file and goes on from one; or checks that a snapshot differs from another one or from now, and prints in what. With ! nothing may differ. The journal and the faults that are left go on.",
			example: []string{"snapshot save before", "snapshot restore before", "snapshot import both_slots.universe", "! snapshot diff before"}, run: (*Script).snapshot,
		},
		{
			name: "progression", usage: "KIND PACE", min: 2,
			text:    "Sets how operations of a kind that begin from now on come to their end, * for all kinds: immediate, after a duration, perhaps with jitter as in 2m+30s, after so many looks at them, as in 3polls, or usual.",
			example: []string{"progression * immediate", "progression 'Swap Deployment' 2m+30s", "progression 'Create Deployment' 3polls"}, run: (*Script).progression,
		},
		{
			name: "compare", usage: "FILE FILE", min: 2, negatable: true,
			text:    "Compares two files as cmp does, after replacing what differs from run to run: identifiers, times and addresses become words such as ID-1, TIME and MANAGEMENT. With \"vipswap test --update\" the second file is rewritten, in that form, if it is one of the script's own.",
			example: []string{"compare stdout golden.txt"}, run: (*Script).compare,
		},
		{
			name: "outer", usage: "PACKAGE FILE...", min: 2,
			text:    "Zips files into an outer package (.zip or .nupkg), each under its own name alone.",
			example: []string{"outer shop.zip shop.cspkg ServiceConfiguration.Cloud.cscfg PreDeploy.sh"}, run: (*Script).outer,
		},
		{
			name: "app", usage: "KEY=ANSWER[,ANSWER...]... | requests",
			text:    "Serves an HTTP application in place of what runs in the cloud, at the address in $APP, until the script ends: in a check, --resolve \"*:80:$APP\" leads there. KEY is a label or a slot, by the public name that a request is for, or a path, or *; the first that fits answers, and 404 what nothing fits. ANSWER is a status, behind it ~DELAY for a slow answer, @FILE for one with a body, or xN for N of them; the last answer stays. Given again, other answers begin. requests prints what was asked: method, host and path, slot and status.",
			example: []string{"app 1.1.0=200x3,500 1.0.0=200", "app /health=200@healthy.json staging=200~50ms", "app requests"}, run: (*Script).app,
		},
		{
			name: "lastline", usage: "VARIABLE", min: 1,
			text:    "Takes the last line of the standard output into a variable.",
			example: []string{"lastline PACKAGE_URL"}, run: (*Script).lastLine,
		},
		{
			name:    "invariants",
			text:    "From now on checks, at every request and at the script's end, that production is never empty once it was filled (production-filled), that the way back is never destroyed (way-back-kept), that no deployment goes to production that is not ready, and none back that serves nothing (swap-ready), and that no operation is left behind (nothing-left). With names, only what they stand for.",
			example: []string{"invariants", "invariants production-filled swap-ready"}, run: (*Script).invariants,
		},
	}
}

// find returns the command of a name.
func find(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// Package robustness finds out which misfortunes a script does not survive. It plays
// the script once without faults and takes down its calls, then once more for each
// call and each kind of fault that can befall it ([Explore]).
//
// # What a combination has to show
//
// In every cell of the resulting [Matrix] the standing invariants hold (package
// invariants) that held without faults: what the script breaks on purpose it does
// then, too. Production does not go back to what it held before more often than
// without faults, as it does when a swap is carried out twice ([SwapOnce]). And in
// the end the slots hold the same releases as without the fault.
//
// What passes (a connection that is cut, an answer that is lost, late, throttled or
// an internal error, somebody else's operation, an operation that takes long) the
// script's programs survive unnoticed: all of the script's own checks hold.
//
// What lasts, no program can make good: a refusal, an operation that ends Failed, a role
// instance that does not get ready or falls ill. There somebody attends to the
// script ([script.Script.Attend]), as a person does to a deployment. A program may
// fail, with an exit code above 0, if it says why; the person reboots instances that
// are ill, and runs the same command once more, or the one that the program's hint
// named. That must do. From then on the course is another than the script tells:
// what programs print of it is not compared, nor are requests counted; nor what is
// said of instances while they are ill. Exit codes, why programs refuse something, and
// what the slots, instances and operations are, are checked as ever, the last once ill
// instances were rebooted.
//
// What a script that runs programs asks by itself, with the command request, is not
// struck: there the script is somebody else. One that runs none is its own client.
//
// What a program changes that the script then kills is not kept from being made, nor
// does it end Failed: nobody is left to say so or to ask again, and the script's story
// is another from there.
//
// Nothing lasting is added to a program that the script wants to fail: one failure
// would take the place of the other. For the same reason nothing is added to what the
// script itself makes go wrong. A program that fails as wanted, but not for the reason
// that the script looks for right behind it, is attended to as any other.
//
// A program that runs beside the script is nobody's to attend to: instances that are ill
// are rebooted before it begins, and nothing lasting is added while it runs. And where the script holds the clock, nothing is tried
// that is over only when time passes.
//
// # What keeps it short
//
// What passes and befalls requests that change nothing is tried together first: one
// play that survives a dozen of these, some calls apart, tells as much of each. Only
// where it does not, or where one did not strike the call that it was meant for, each
// is played alone. Scripts of a suite that begin alike share what befalls their
// beginnings ([Beginnings]).
//
// Each failing cell can be written as a script of its own ([Matrix.Save]).
package robustness

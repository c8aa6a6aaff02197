// Package cloud is the platform that the emulator pretends to be: hosted
// services with their two slots, deployments, role instances, virtual IPs,
// storage accounts and the operations that change them.
//
// It is a deterministic state machine. Nothing in it knows HTTP, XML, the wall
// clock, a goroutine or global state: time comes from a [Clock], identifiers
// from a seed. The same seed and the same calls at the same times give the same
// state, byte for byte.
//
// A [Universe] is one subscription. Its [State] is reached through
// [Universe.View] and [Universe.Update] alone, which hold the universe's one
// lock and first bring the state to the present: whatever is due in the queue of
// pending work happens then, in order of time and of asking. Pending work is
// data ([Due]), never a closure, so a state can be saved in the middle of a swap
// and go on elsewhere.
//
// Every change has the same shape: a method of State checks whether it may begin
// and refuses with an [*Error] that changes nothing, or it records an
// [Operation] and when that is due. What the end of an operation does is looked
// up in one table by the operation's kind.
package cloud

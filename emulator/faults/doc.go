// Package faults decides when a simulated platform fails its clients, and how.
//
// To see how a client behaves when things go wrong, write a [Plan]: rules that
// say which calls are meant and what befalls them, and a budget that keeps the
// misfortune within bounds. An [Engine] made from the plan and a seed is asked
// about every [Call], in order, and answers with the [Strike] that hits it or
// with nil. The same plan, seed and calls give the same strikes.
//
// Everything here is plain data and decisions. An Engine is saved and restored
// with the universe that it belongs to, as JSON; what a strike does is up to
// whoever asked. Plans in files are read by the package faultfile.
package faults

// Package store keeps universes in a file, so that a stopped emulator goes on
// where it was: with every change that it has answered, and with the pending
// work of operations that were in progress.
//
// The file is an embedded database. Each universe has a bucket of its own, and
// in it a record for each hosted service, storage account, operation and piece
// of pending work; a change writes the records that it touched, in one
// transaction that is on disk before the change is answered, unless the store
// was opened with [Relaxed]. Snapshots are kept beside the universes.
//
// [Open] gives a store to run with; [Check] looks into one that is not running
// and changes nothing.
package store

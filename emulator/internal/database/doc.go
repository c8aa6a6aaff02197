// Package database opens the embedded databases that the emulator keeps its
// state in, with what all of them need beyond the library: a choice of how
// durable a change is, an error instead of a crash when the file is damaged, and
// a check of the whole file.
//
// A file that cannot be opened or read is left as it is, byte for byte.
package database

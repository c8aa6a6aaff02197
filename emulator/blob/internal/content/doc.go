// Package content keeps byte strings that never change once they are written:
// the blocks that blobs are made of.
//
// A caller that has bytes to keep calls [Store.Write] and gets a [Content],
// which it holds by reference: Retain adds a reference, Release gives one back,
// and the bytes go away with the last one. So a reader keeps what it reads
// while others overwrite or delete it.
//
// A store with a folder writes every content to a file of its own: to a
// temporary name first, flushed, then renamed, so that a file with a final name
// is whole. A store without a folder keeps small contents in memory, within a
// budget, and the others in a temporary folder that Close removes.
package content

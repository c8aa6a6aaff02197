// Package snapshot reads and writes universes as files, and tells two of them
// apart.
//
// A file holds all of one universe: its state in the middle of whatever is in
// progress, and the contents of its storage accounts. It is meant to be kept
// beside the tests that begin with it: the same universe gives the same bytes,
// and it can be looked into with any unzip:
//
//	unzip -p shop.vipswap snapshot.json
//
// # The format
//
// The file is a zip archive. Its first entry is snapshot.json: the number of the
// format, then what the universe holds, by kind of record and by key, then the
// records of its storage accounts by name. All other entries are the contents
// that those records name, each once, as contents/ and their SHA-256 in hex.
// Nothing is compressed: packages are already, and version control compresses
// the rest better when it can see it.
//
// A file of a newer format is refused.
package snapshot

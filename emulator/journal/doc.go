// Package journal remembers what was asked of a universe and what came of it:
// every request on the management and the blob endpoint with its answer, what
// the platform decided, which fault struck, and, for a refused request, what
// would have been accepted.
//
// To see what a deploy script did, read the journal of its universe:
//
//	for _, e := range j.Entries(journal.Filter{Refused: true}) {
//		fmt.Println(e)
//	}
//
// A journal is bounded: the oldest entries make room. What is secret is masked
// whenever an entry leaves the journal: access keys, signatures, tokens,
// certificates with their passwords, private configurations of extensions, and
// settings whose names sound like a secret.
//
// [Reproducible] takes from entries what differs between two runs of the same
// requests (wall times, ports, random ids), so that two journals can be compared
// byte for byte.
package journal

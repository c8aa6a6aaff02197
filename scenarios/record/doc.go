// Package record runs a command against a fresh universe and writes down what
// came of it, as a scenario script that replays: the command, how it ended, which
// changes it asked for and what the slots held in the end. As comments the script has
// everything that was asked.
//
// The command is replayed, not its requests: a script that somebody wrote polls and
// retries, and a list of requests would hold it to what it did once.
package record

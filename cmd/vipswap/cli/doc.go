// Package cli is the vipswap program: its commands, flags, environment and what
// it prints.
//
// A main calls [Main]. A test calls [Run] with its own arguments, streams and
// environment, and looks at the exit code:
//
//	0  done
//	1  failed; what has been done so far is said
//	2  usage or configuration: a wrong flag, a missing setting, an unusable file
//	3  refused; nothing was changed
//
// Rules that all output follows:
//
//   - What a command is for goes to the standard output: in text, or as one JSON
//     document with --output json. In text, progress goes there, too; with JSON
//     it goes to the standard error.
//   - Errors go to the standard error as "vipswap: what was tried: what happened",
//     and a line "hint: ..." says what to do where that is known.
//   - Colour and moving progress appear on a terminal only, and no colour when
//     NO_COLOR is set. Elsewhere every line is plain and stays.
//
// Only this package reads flags and the environment. The packages below it get
// values.
package cli

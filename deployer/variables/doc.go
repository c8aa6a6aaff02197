// Package variables holds a project's variables and the language that refers
// to them: #{Name}, filters, conditions, loops and calculations.
//
// Build a [Set] from everything a project defines, ask it with [Set.Resolve]
// for the values that hold in one place (an environment, a step, a role), and
// let the [Dictionary] that comes back evaluate text:
//
//	set := variables.NewSet(
//		variables.Variable{Name: "Banner", Value: "Welcome"},
//		variables.Variable{Name: "Banner", Value: "Welcome to #{Octopus.Environment.Name}",
//			Scope: variables.Scope{variables.Environment: {"Production"}}},
//	)
//	dictionary := set.Resolve(variables.Scope{variables.Environment: {"Production"}})
//	result, err := dictionary.Evaluate("#{Banner | ToUpper}")
//
// # The language
//
// It is the one that Octopus uses, after its public library Octostache and
// the tests of it.
//
//	#{Name}  #{A.B}  #{A[index].B}  #{A[#{B}].C}  #{A[*].B}   a value
//	#{A | Filter option "an option" #{B} | Filter}            a value, changed
//	#{if X}..#{elseif Y}..#{else}..#{/if}                     a choice; also unless,
//	#{if X == "text"}  #{if X != Y}  #{if X == \"text\"}      and comparisons
//	#{each item in Collection}..#{/each}                      a loop
//	#{calc A + 2 * (B - 1)}                                   arithmetic
//	##{x}                                                     the text #{x}
//
// Names are case-insensitive and consist of letters, digits, blanks and
// _ - : / ~ ( ) @. Values are text and may refer to other values. A value
// that is JSON can be walked: with A = {"b":[1,2]}, #{A.b[1]} is 2. The case of names
// in it counts, what is not there is empty text, and values are written as .NET writes
// them: True, 1.5.
//
// An expression that cannot be resolved stays in the text as it is and is
// listed in [Result.Unresolved]; so does one whose filter is unknown or
// refuses its input. In a condition an undefined name counts as empty text.
// False are: undefined, empty text, 0, no and false.
//
// # Differences from the original
//
//   - A path into a number, a truth or quoted text leaves the expression
//     unresolved, and dates in JSON stay as they are written; [*] finds the
//     first item of JSON, too.
//   - Markdown and MarkdownToHtml use another library than Octopus does; the
//     HTML may differ in details.
//   - ToLower, ToUpper and Format use the invariant culture, and Format has
//     no currency.
//   - Nested options (#{B}) may stand anywhere among the options of a filter.
//   - A division by zero leaves the expression unresolved.
//   - Sizes are limited, see [Limits].
package variables

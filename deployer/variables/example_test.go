package variables_test

import (
	"fmt"

	"github.com/vipswap/vipswap/deployer/variables"
)

// A project greets differently in each environment.
func Example() {
	set := variables.NewSet(
		variables.Variable{Name: "Banner", Value: "Welcome"},
		variables.Variable{Name: "Banner", Value: "Welcome to #{Octopus.Environment.Name}",
			Scope: variables.Scope{variables.Environment: {"Production"}}},
		variables.Variable{Name: "Octopus.Environment.Name", Value: "Production"},
	)
	dictionary := set.Resolve(variables.Scope{variables.Environment: {"Production"}})
	result, err := dictionary.Evaluate("#{Banner | ToUpper} #{Missing}")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(result.Text)
	fmt.Println("unresolved:", result.Unresolved)
	for _, candidate := range dictionary.Explain("Banner") {
		fmt.Printf("%s (%s): %s\n", candidate.Value, candidate.Scope, candidate.Reason)
	}
	// Output:
	// WELCOME TO PRODUCTION #{Missing}
	// unresolved: [#{Missing}]
	// Welcome (everywhere): is less specific: rank 0 against 100
	// Welcome to #{Octopus.Environment.Name} (environment Production): wins with rank 100
}

// Package faultfile reads plans of faults that people write, as YAML or JSON.
//
// What is wrong with a file comes all at once, each with its line and column and
// with what was probably meant:
//
//	faults.yaml:4:7: unknown key "slots"
//	hint: did you mean slot?
//
// A plan looks like this; package faults says what the fields mean:
//
//	budget: {inARow: 2}
//	rules:
//	  - name: somebody else is at it
//	    match: {operation: Swap Deployment, nth: 2}
//	    kind: conflict
//	    delay: 1m
package faultfile

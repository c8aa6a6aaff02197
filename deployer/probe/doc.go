// Package probe asks a web address whether a release serves, and judges the
// answer.
//
// A [Check] is plain data: the address, and what a right answer has (status, text
// in the body, a value in its JSON, a time). [Asker.Ask] asks once and says what is
// wrong; [Loop.Until] asks until enough answers in a row are right:
//
//	asker := probe.Asker{Client: probe.Client, Now: time.Now}
//	loop := probe.Loop{Ask: asker.Ask, Now: time.Now, Sleep: wait.System.Sleep}
//	err := loop.Until(ctx, probe.Check{URL: "http://shop.cloudapp.net/health", InARow: 3})
//
// Names that no DNS knows, such as those of a staging slot, are resolved by the
// check itself, in the form of curl's --resolve. Each request has a connection of
// its own: one that is kept would go on speaking to the deployment that was behind
// the address before a swap.
package probe

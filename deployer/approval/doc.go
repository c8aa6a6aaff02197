// Package approval lets one process ask and another one, or a person on the
// terminal, answer: may this go on?
//
// The process that asks writes the question into a folder and looks there for the
// answer:
//
//	desk := approval.Open(filepath.Join(project, ".vipswap", "approvals"))
//	err := desk.Ask(approval.Request{ID: "Deployments-4-1", Title: "Approve", Text: "Go live?"})
//	answer, answered, err := desk.Answered("Deployments-4-1")
//
// Whoever answers lists the questions with [Desk.Pending] and calls [Desk.Answer].
// A question is answered once; the first answer holds. Both sides may be killed at
// any time: question and answer are files that appear whole or not at all.
package approval

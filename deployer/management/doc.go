// Package management talks to Azure's Service Management API, the classic
// XML-over-HTTPS interface to cloud services, their two deployment slots, and
// storage accounts.
//
// To see what a slot holds and to swap it into production:
//
//	c, err := management.New(management.Config{
//		URL:            "https://management.core.windows.net",
//		SubscriptionID: "0f3b...",
//		Certificate:    certificate, // see ReadPublishSettings and LoadPEM
//	})
//	staged, err := c.Deployment(ctx, "shop", management.Staging) // nil when empty
//	id, err := c.Swap(ctx, "shop", "", staged.Name)
//	err = c.WaitOperation(ctx, id)
//
// # Changes, operations, outcomes
//
// Most changes are asynchronous: the call returns the id of an operation as soon
// as the service has accepted it, and [Client.WaitOperation] waits for its end.
// A refusal is an [*Error] with the service's own code and message, both at once
// and as the end of an operation.
//
// Requests are sent again only where that is safe. Reads always are. A change is
// sent again when the service said that it did not carry it out (429 and 503),
// or when it provably never left this machine. When a change was sent and no
// answer came, or one that leaves open what happened (500, 502, 504), the result
// is an [*UnknownOutcomeError], and the caller looks at the cloud to settle that.
//
// While an operation runs, the service refuses other changes to the same thing
// with a conflict that names the operation. [Client.WaitConflict] waits for it;
// with Config.ConflictRetries the client does so on its own and sends the change
// again.
//
// Changes of deployments are more careful still: what they mean depends on what
// the slots hold, so that after a conflict and after a 503, too, the caller looks
// before anything is sent again.
//
// # Who may use what
//
// A Client is safe for use by several goroutines. It starts none, keeps no time
// of its own (Config.Clock) and writes no log unless given a logger, to which it
// never hands bodies, keys or queries.
package management

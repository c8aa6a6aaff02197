// Package locking lets one deployer at a time change a cloud service, over all
// storage accounts of a subscription:
//
//	locker := locking.Locker{Accounts: client, Leases: locking.Blobs{Uploader: uploader}, Warn: warn, Now: time.Now}
//	held, err := locker.Lock(ctx, locking.Wish{Service: "shop", ID: storage.LockID(plan.ID), Who: "build 7", Command: "swap"})
//	defer held.Release(ctx)
//	result, err := deployer.Run(ctx, deployer.Ports{Lock: held, ...}, plan)
//
// A lock is a lease on a blob (see [storage.Lock]) in one of the accounts: the one that
// is named, else the first by name, else the one that packages need, which is made.
// Accounts come and go, and others may have chosen another one: so the lock is taken
// first, and then all other accounts are looked into. Of two that begin at once at
// least one sees the other's lock.
//
// A lock is taken under an id. A process that knows the id takes the lock over from
// one that died, wherever that one had it; [Locker.GiveUp] only gives it up.
// [Locker.State] and [Locker.Break] are for people, who may know better.
package locking

package store

import (
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// snapshots holds a bucket for each subscription that has any, and in it a
// record for each snapshot, by name.
var snapshots = []byte("snapshots")

// PutSnapshot keeps a snapshot of a subscription under a name, in the place of
// any that has the name.
func (s *Store) PutSnapshot(subscription, name string, saved cloud.Saved) error {
	data, err := json.Marshal(saved)
	if err == nil {
		err = s.db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.Bucket(rootBucket).Bucket(snapshots).CreateBucketIfNotExists([]byte(subscription))
			if err != nil {
				return err
			}
			return b.Put([]byte(name), data)
		})
	}
	if err != nil {
		return fmt.Errorf("keep snapshot %q: %w", name, err)
	}
	return nil
}

// Snapshot reads a snapshot; false when there is none of that name.
func (s *Store) Snapshot(subscription, name string) (saved cloud.Saved, ok bool, err error) {
	err = s.eachSnapshot(subscription, func(have string, data []byte) error {
		if have != name {
			return nil
		}
		ok = true
		return json.Unmarshal(data, &saved)
	})
	if err != nil {
		err = fmt.Errorf("read snapshot %q: %w", name, err)
	}
	return saved, ok, err
}

// DeleteSnapshot removes a snapshot. One that is not there is no error.
func (s *Store) DeleteSnapshot(subscription, name string) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(rootBucket).Bucket(snapshots).Bucket([]byte(subscription))
		if b == nil {
			return nil
		}
		return b.Delete([]byte(name))
	})
	if err != nil {
		return fmt.Errorf("delete snapshot %q: %w", name, err)
	}
	return nil
}

// eachSnapshot calls f for all snapshots of a subscription, in order of name.
func (s *Store) eachSnapshot(subscription string, f func(name string, data []byte) error) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		all := tx.Bucket(rootBucket).Bucket(snapshots)
		if all == nil { // a file of format 1
			return nil
		}
		b := all.Bucket([]byte(subscription))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error { return f(string(k), v) })
	})
}

// snapshotOwners lists the subscriptions that have snapshots.
func (s *Store) snapshotOwners() (owners []string, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		all := tx.Bucket(rootBucket).Bucket(snapshots)
		if all == nil {
			return nil
		}
		return all.ForEachBucket(func(k []byte) error {
			owners = append(owners, string(k))
			return nil
		})
	})
	return owners, err
}

package database

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// mostFindings is how many findings of one file are told.
const mostFindings = 100

// Check reads the whole file and returns what is wrong with its structure, at
// most a hundred findings; nil when all is well. What the records mean it does
// not know.
func (db *DB) Check() (findings []string) {
	// Walk it first, where a fault is caught: the library checks elsewhere.
	if err := db.View(walk); err != nil {
		return []string{err.Error()}
	}
	err := db.View(func(tx *bbolt.Tx) error {
		more := 0
		for err := range tx.Check() {
			if len(findings) == mostFindings {
				more++
				continue
			}
			findings = append(findings, err.Error())
		}
		if more > 0 {
			findings = append(findings, fmt.Sprintf("and %d more", more))
		}
		return nil
	})
	if err != nil {
		findings = append(findings, err.Error())
	}
	return findings
}

// walk touches every byte that is reachable.
func walk(tx *bbolt.Tx) error {
	return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return walkBucket(b) })
}

func walkBucket(b *bbolt.Bucket) error {
	sum := byte(0)
	return b.ForEach(func(k, v []byte) error {
		if v == nil {
			return walkBucket(b.Bucket(k))
		}
		for _, c := range v {
			sum ^= c
		}
		return nil
	})
}

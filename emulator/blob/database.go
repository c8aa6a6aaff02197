package blob

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"

	dbfile "github.com/vipswap/vipswap/emulator/internal/database"
)

// The buckets of the database: kinds of records, each under the names that lead
// to it, joined with zero bytes.
const (
	accountsBucket   = "accounts"   // account: accountRecord
	containersBucket = "containers" // account, container: containerRecord
	blobsBucket      = "blobs"      // account, container, blob: blobRecord
	blocksBucket     = "blocks"     // account, container, blob, block: block
)

// aboutBucket holds the format of the database under formatKey. Databases of
// format 1 have none.
const (
	aboutBucket = "about"
	formatKey   = "format"
)

// format is the version of the layout. Older ones are read, and become this one;
// a newer one is refused.
//
//	1  no format is written
//	2  copies of accounts under IDs of their own
const format = 2

// recordBuckets are the buckets that hold records.
var recordBuckets = []string{accountsBucket, containersBucket, blobsBucket, blocksBucket}

// A database keeps the records over a restart. A nil database keeps nothing.
type database struct{ file *dbfile.DB }

// databaseFile is where the database of a folder is.
func databaseFile(dir string) string { return filepath.Join(dir, "records.db") }

// openDatabase opens the database in a folder and makes it when missing.
func openDatabase(dir string, d dbfile.Durability) (*database, error) {
	file, err := dbfile.Open(databaseFile(dir), d)
	if err != nil {
		return nil, fmt.Errorf("open blob store: %w", err)
	}
	db := &database{file}
	have, err := db.format()
	if err == nil && have != format {
		err = file.Update(prepare)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open blob store: open %s: %w", databaseFile(dir), err), file.Close())
	}
	return db, nil
}

// format reads the format of the database; 0 for one that is new.
func (d *database) format() (have int, err error) {
	err = d.file.View(func(tx *bolt.Tx) error {
		about := tx.Bucket([]byte(aboutBucket))
		switch {
		case about == nil && tx.Bucket([]byte(accountsBucket)) == nil:
			return nil
		case about == nil:
			have = 1
			return nil
		}
		text := string(about.Get([]byte(formatKey)))
		have, err = strconv.Atoi(text)
		if err != nil || have < 1 {
			return fmt.Errorf("%w: its format is %q", dbfile.ErrDamaged, text)
		}
		if have > format {
			return fmt.Errorf("its format is %d, this program knows up to %d; a newer vipswap wrote it", have, format)
		}
		return nil
	})
	return have, err
}

// prepare makes the buckets and writes the format.
func prepare(tx *bolt.Tx) error {
	for _, name := range append([]string{aboutBucket}, recordBuckets...) {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return tx.Bucket([]byte(aboutBucket)).Put([]byte(formatKey), []byte(strconv.Itoa(format)))
}

// close gives the database free for other processes.
func (d *database) close() error {
	if d == nil {
		return nil
	}
	return d.file.Close()
}

// write makes changes durable, all or none.
func (d *database) write(changes []change) error {
	if d == nil || len(changes) == 0 {
		return nil
	}
	err := d.file.Update(func(tx *bolt.Tx) error {
		for _, c := range changes {
			if err := writeChange(tx.Bucket([]byte(c.bucket)), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write to blob store: %w", err)
	}
	return nil
}

func writeChange(bucket *bolt.Bucket, c change) error {
	switch {
	case c.all:
		return deletePrefix(bucket, []byte(c.key))
	case c.record == nil:
		return bucket.Delete([]byte(c.key))
	}
	record, err := json.Marshal(c.record)
	if err != nil {
		return err
	}
	return bucket.Put([]byte(c.key), record)
}

// deletePrefix deletes all keys that start with prefix.
func deletePrefix(bucket *bolt.Bucket, prefix []byte) error {
	cursor := bucket.Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cursor.Seek(prefix) {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	return nil
}

// load returns the state that was last written. The contents of blocks are not
// there yet.
func (d *database) load() (state, error) {
	s := state{}
	if d == nil {
		return s, nil
	}
	err := d.file.View(func(tx *bolt.Tx) error {
		for _, bucket := range []struct {
			name string
			add  func(names []string, record []byte) error
		}{
			{accountsBucket, s.loadAccount},
			{containersBucket, s.loadContainer},
			{blobsBucket, s.loadBlob},
			{blocksBucket, s.loadBlock},
		} {
			b := tx.Bucket([]byte(bucket.name))
			if b == nil {
				return fmt.Errorf("%w: it has no %s", dbfile.ErrDamaged, bucket.name)
			}
			err := b.ForEach(func(k, v []byte) error {
				return bucket.add(strings.Split(string(k), "\x00"), v)
			})
			if err != nil {
				return fmt.Errorf("read %s of blob store: %w", bucket.name, err)
			}
		}
		return nil
	})
	return s, err
}

func (s state) loadAccount(names []string, record []byte) error {
	r := &accountRecord{}
	s[names[0]] = &account{record: r, containers: map[string]*container{}}
	return json.Unmarshal(record, r)
}

func (s state) loadContainer(names []string, record []byte) error {
	a := s[names[0]]
	if a == nil || len(names) != 2 {
		return fmt.Errorf("container %q has no account", names)
	}
	r := &containerRecord{}
	a.container(names[1]).record = r
	return json.Unmarshal(record, r)
}

func (s state) loadBlob(names []string, record []byte) error {
	if len(names) != 3 || s.anyContainer(names[0], names[1]) == nil {
		return fmt.Errorf("blob %q has no container", names)
	}
	r := &blobRecord{}
	s.anyContainer(names[0], names[1]).blobs[names[2]] = r
	return json.Unmarshal(record, r)
}

func (s state) loadBlock(names []string, record []byte) error {
	if len(names) != 4 || s.anyContainer(names[0], names[1]) == nil {
		return fmt.Errorf("block %q has no container", names)
	}
	b := &block{}
	c := s.anyContainer(names[0], names[1])
	if c.waiting[names[2]] == nil {
		c.waiting[names[2]] = map[string]*block{}
	}
	c.waiting[names[2]][names[3]] = b
	return json.Unmarshal(record, b)
}

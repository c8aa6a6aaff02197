package blob

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/vipswap/vipswap/emulator/blob/internal/content"
	dbfile "github.com/vipswap/vipswap/emulator/internal/database"
)

// A Report says what is in the folder of a store, and what is wrong with it.
type Report struct {
	Accounts []string // their IDs
	Blobs    int
	Bytes    int64    // of all contents together
	Findings []string // what is wrong; none when all is well
}

// Check reads the whole folder of a store that is not open: the structure of its
// database, all records, and all contents with their lengths and hashes. It
// changes nothing. The error says why the folder cannot be looked into at all;
// it wraps fs.ErrNotExist when there is none.
func Check(dir string) (Report, error) {
	file, err := dbfile.OpenToRead(databaseFile(dir))
	if err != nil {
		return Report{}, fmt.Errorf("open blob store: %w", err)
	}
	defer file.Close()
	r := Report{Findings: file.Check()}
	db := &database{file}
	if _, err := db.format(); err != nil {
		r.find("blob store: %v", err)
	}
	if len(r.Findings) > 0 {
		return r, nil
	}
	s, err := db.load()
	if err != nil {
		r.find("%v", err)
		return r, nil
	}
	contents, err := content.OpenToRead(filepath.Join(dir, contentsFolder))
	if err != nil {
		r.find("%v", err)
		return r, nil
	}
	r.check(s, contents)
	return r, nil
}

func (r *Report) find(format string, args ...any) {
	r.Findings = append(r.Findings, fmt.Sprintf(format, args...))
}

// check looks into every container.
func (r *Report) check(s state, contents *content.Store) {
	files := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(s)) {
		r.Accounts = append(r.Accounts, id)
		for _, name := range slices.Sorted(maps.Keys(s[id].containers)) {
			c := s[id].containers[name]
			if c.record == nil {
				r.find("account %s: container %s has no record", id, name)
				continue
			}
			r.checkContainer(fmt.Sprintf("blob %s/%s/", id, name), c, contents, files)
		}
	}
}

// checkContainer looks into all blobs of a container, and into the blocks that
// wait to become parts of one.
func (r *Report) checkContainer(where string, c *container, contents *content.Store, seen map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(c.blobs)) {
		r.Blobs++
		b, size := c.blobs[name], int64(0)
		for i := range b.Parts {
			size += b.Parts[i].Size
			r.checkBlock(where+name, &b.Parts[i], contents, seen)
		}
		if size != b.Size {
			r.find("%s%s: its parts have %d bytes, not %d", where, name, size, b.Size)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.waiting)) {
		for _, id := range slices.Sorted(maps.Keys(c.waiting[name])) {
			r.checkBlock(where+name, c.waiting[name][id], contents, seen)
		}
	}
}

// checkBlock reads a content to its end, once.
func (r *Report) checkBlock(where string, b *block, contents *content.Store, seen map[string]bool) {
	if seen[b.File] {
		return
	}
	seen[b.File] = true
	r.Bytes += b.Size
	if err := verify(b, contents); err != nil {
		r.find("%s: %v", where, err)
	}
}

func verify(b *block, contents *content.Store) error {
	c, err := contents.Reopen(b.File, b.Size)
	if err != nil {
		return err
	}
	sum := content.NewSum()
	if err := c.CopyTo(sum, 0, b.Size); err != nil {
		return err
	}
	if b.Sum != 0 && sum.Sum32() != b.Sum {
		return fmt.Errorf("blob contents %s: not the bytes that were stored", b.File)
	}
	return nil
}

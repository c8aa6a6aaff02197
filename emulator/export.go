package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vipswap/vipswap/emulator/snapshot"
	"github.com/vipswap/vipswap/emulator/universe"
)

// maxImport is how large a file is imported at most, in bytes.
const maxImport = 16 << 30

// Export writes a universe as it is now to one file, in the format of package
// snapshot: to be imported elsewhere, or kept beside the tests that begin with
// it. The same universe gives the same bytes.
func (e *Emulator) Export(id string, w io.Writer) error { return e.ExportSnapshot(id, "", w) }

// ExportSnapshot writes a snapshot of a universe as Export does. One that is not
// there is a *universe.Error.
func (e *Emulator) ExportSnapshot(id, name string, w io.Writer) error {
	e.snapshots.Lock()
	subscription, saved, drop, err := e.state(id, name)
	e.snapshots.Unlock()
	if err != nil {
		return err
	}
	defer drop()
	u := snapshot.Universe{State: saved, Accounts: map[string]json.RawMessage{}}
	var contents []snapshot.Content
	for account := range saved.Records["accounts"] {
		u.Accounts[account], err = e.blobs.Archive(accountID(subscription, account, saved.Universe.Contents), func(sum string, size int64, open func() (io.ReadCloser, error)) error {
			contents = append(contents, snapshot.Content{Sum: sum, Size: size, Open: open})
			return nil
		})
		if err != nil {
			return fmt.Errorf("export universe %s: %w", subscription, err)
		}
	}
	u.State.Universe.Contents, u.State.Universe.Copied = 0, nil
	return snapshot.Write(w, u, contents)
}

// Import makes a universe of a file that Export wrote: of the one that has the
// id, in the place of all that it holds, or a new one; with the id "" a new one
// whose id is made. A file that is no such file is a *universe.Error; then nothing
// has changed.
func (e *Emulator) Import(r io.Reader, id string) (universe.Info, error) {
	file, size, err := spool(r)
	if err != nil {
		return universe.Info{}, fmt.Errorf("import: %w", err)
	}
	defer func() {
		file.Close()
		os.Remove(file.Name())
	}()
	f, err := snapshot.Open(file, size)
	if err == nil {
		err = snapshot.Validate(f.State)
	}
	if err != nil {
		return universe.Info{}, universe.Errorf(universe.Invalid, "import: %v", err)
	}
	return e.importFile(f, id)
}

func (e *Emulator) importFile(f *snapshot.File, id string) (universe.Info, error) {
	e.snapshots.Lock()
	defer e.snapshots.Unlock()
	known := e.universes.Universe(id)
	if known == nil {
		var err error
		if id, err = e.freeID(id); err != nil {
			return universe.Info{}, err
		}
	}
	contents := e.freshContents(id)
	if err := e.unarchive(id, f, contents); err != nil {
		return universe.Info{}, universe.Errorf(universe.Invalid, "import: %v", err)
	}
	if known == nil {
		return e.found(id, f.State, contents)
	}
	if err := e.replace(known, f.State, contents); err != nil {
		return universe.Info{}, fmt.Errorf("import: %w", err)
	}
	return e.Universe(id)
}

// unarchive stores the blobs of a file, all or none.
func (e *Emulator) unarchive(id string, f *snapshot.File, contents uint64) error {
	var done []string
	for account := range f.State.Records["accounts"] {
		records := f.Accounts[account]
		if records == nil {
			records = json.RawMessage("null")
		}
		to := accountID(id, account, contents)
		if err := e.blobs.Unarchive(to, records, f.Content); err != nil {
			return errors.Join(err, e.blobs.DeleteAccount(done...))
		}
		done = append(done, to)
	}
	return nil
}

// spool copies r to a temporary file: reading an archive begins at its end.
func spool(r io.Reader) (file *os.File, size int64, err error) {
	file, err = os.CreateTemp("", "vipswap-import-*")
	if err != nil {
		return nil, 0, err
	}
	size, err = io.Copy(file, io.LimitReader(r, maxImport+1))
	if err == nil && size > maxImport {
		err = fmt.Errorf("%w: it has more than %d bytes", snapshot.ErrFormat, int64(maxImport))
	}
	if err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, 0, err
	}
	return file, size, nil
}

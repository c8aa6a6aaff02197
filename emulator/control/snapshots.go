package control

import (
	"io"
	"net/http"

	"github.com/vipswap/vipswap/emulator/universe"
)

// Snapshots is the answer to a list of snapshots.
type Snapshots struct {
	Snapshots []universe.Snapshot `json:"snapshots"`
}

// A Fork says which universe to make of another.
type Fork struct {
	ID string `json:"id,omitempty"` // of the new universe; "" has one made
}

func (s *server) listSnapshots(r *http.Request) (any, error) {
	all, err := s.emulator.Snapshots(r.PathValue("id"))
	return given(Snapshots{all}, err)
}

func (s *server) saveSnapshot(r *http.Request) (any, error) {
	return given(s.emulator.Snapshot(r.PathValue("id"), r.PathValue("name")))
}

func (s *server) deleteSnapshot(r *http.Request) (any, error) {
	return nil, s.emulator.DeleteSnapshot(r.PathValue("id"), r.PathValue("name"))
}

func (s *server) restore(r *http.Request) (any, error) {
	if err := s.emulator.Restore(r.PathValue("id"), r.PathValue("name")); err != nil {
		return nil, err
	}
	return s.showUniverse(r)
}

// fork makes a universe of a snapshot, or of the universe as it is now where the
// address names no snapshot.
func (s *server) fork(r *http.Request) (any, error) {
	var fork Fork
	if err := decode(r, &fork); err != nil {
		return nil, err
	}
	return given(s.emulator.Fork(r.PathValue("id"), r.PathValue("name"), fork.ID))
}

func (s *server) diff(r *http.Request) (any, error) {
	query := r.URL.Query()
	return given(s.emulator.Diff(r.PathValue("id"), query.Get("from"), query.Get("to")))
}

// exportType is that of an exported universe, which is a ZIP archive.
const exportType = "application/zip"

// export writes a snapshot, or the universe as it is now, as one file.
func (s *server) export(w http.ResponseWriter, r *http.Request) error {
	id, name := r.PathValue("id"), r.PathValue("name")
	begun := &beginning{ResponseWriter: w}
	h := w.Header()
	h.Set("Content-Type", exportType)
	h.Set("Cache-Control", "no-store")
	err := s.emulator.ExportSnapshot(id, name, begun)
	if err == nil {
		return nil
	}
	if begun.written {
		panic(http.ErrAbortHandler) // all that is left is to let the client see that it is not whole
	}
	return err
}

// beginning remembers whether something was written.
type beginning struct {
	http.ResponseWriter
	written bool
}

func (b *beginning) Write(p []byte) (int, error) {
	b.written = true
	return b.ResponseWriter.Write(p)
}

// importUniverse makes a universe of an exported file: of the one that ?id= names,
// or a new one.
func (s *server) importUniverse(r *http.Request) (any, error) {
	defer io.Copy(io.Discard, io.LimitReader(r.Body, maxBody))
	return given(s.emulator.Import(r.Body, r.URL.Query().Get("id")))
}

package management

import (
	"net/http"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

// send writes an answer. The error says that its document cannot be encoded, in
// which case nothing was written.
func (s *Server) send(w http.ResponseWriter, r *request, a answer) error {
	a.announce(w.Header())
	if a.body == nil {
		write(w, r.id, a.status, a.location, a.encoded)
		return nil
	}
	buffer := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(buffer)
	out := sender{w: w, id: r.id, answer: a}
	rest, err := wire.AppendPieces((*buffer)[:0], a.body, r.version, out.flush)
	*buffer = rest
	switch {
	case out.begun && err != nil: // the client has gone
		return nil
	case out.begun:
		w.Write(rest)
	case err == nil:
		write(w, r.id, a.status, a.location, rest)
	}
	return err
}

// A sender writes an answer that is too long to be held in memory: a list of many
// hundred things. It goes out in pieces and without a Content-Length; that no
// shorter answer does is what clients are used to.
type sender struct {
	w     http.ResponseWriter
	id    string
	begun bool
	answer
}

// flush sends a piece and returns its memory to be used again.
func (s *sender) flush(piece []byte) ([]byte, error) {
	if !s.begun {
		writeHead(s.w, s.id, s.status, s.location, unknownLength)
		s.begun = true
	}
	_, err := s.w.Write(piece)
	return piece[:0], err
}

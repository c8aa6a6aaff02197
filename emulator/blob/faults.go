package blob

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/pause"
)

// Faults decides what befalls requests.
type Faults interface {
	// Strike says what befalls a call to the account with an ID; nil for
	// nothing. The error is one of keeping that.
	Strike(account string, c faults.Call) (*faults.Strike, error)
	// Linger lets d pass by the account's clock, and returns how long the
	// request has to wait by the wall.
	Linger(account string, d time.Duration) (time.Duration, error)
}

// WithFaults sets what befalls requests that are authenticated. The default is
// nothing.
func WithFaults(f Faults) Option { return func(s *Server) { s.faults = f } }

// WithPause sets how requests wait that a fault makes late. The default is
// pause.For.
func WithPause(wait pause.Func) Option { return func(s *Server) { s.pause = wait } }

// effects is the table of what faults do to requests, before these are carried
// out. False ends the connection instead.
var effects = map[faults.Kind]func(*Server, *request, *faults.Strike) (goOn bool, err error){
	faults.CutUpload: cutUpload,
	faults.SlowBlob:  late,
}

// suffer lets happen what befalls a request; false ends the connection.
func (s *Server) suffer(q *request) (goOn bool, err error) {
	if s.faults == nil {
		return true, nil
	}
	strike, err := s.faults.Strike(q.account.ID, faults.Call{
		Point: faults.AtBlob, Operation: q.operation.name, Service: q.location.account, Clients: []string{q.UserAgent()},
	})
	if err != nil || strike == nil {
		return true, err
	}
	q.struck = append(q.struck, *strike)
	s.log.Info("struck", "fault", strike.Kind, "rule", strike.Rule, "subject", strike.Subject, "id", q.id)
	return effects[strike.Kind](s, q, strike)
}

// cutUpload reads half of the body; of one without a length, the beginning.
func cutUpload(_ *Server, q *request, _ *faults.Strike) (bool, error) {
	half := q.ContentLength / 2
	if half < 0 {
		half = 1 << 10
	}
	io.CopyN(io.Discard, q.Body, half)
	return false, nil
}

// late lets the request wait, and carries it out also when the client has gone
// by then.
func late(s *Server, q *request, strike *faults.Strike) (bool, error) {
	wait, err := s.faults.Linger(q.account.ID, time.Duration(strike.Delay))
	if err == nil && wait > 0 {
		s.pause(q.Context(), wait)
	}
	return true, err
}

// errCut says that the connection is to end without an answer.
var errCut = errors.New("the connection ends without an answer")

// cutOff ends the connection of a request.
func (s *Server) cutOff(q *request) {
	s.observe(q, &response{}, http.Header{})
	panic(http.ErrAbortHandler)
}

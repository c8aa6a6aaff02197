package management

import (
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/pause"
)

// An effect is what a fault does to a request.
type effect struct {
	// before comes before the operation. An answer takes the operation's place;
	// nil lets it go on.
	before func(*sender, *faults.Strike) *reply
	// deliver takes the place of sending the answer, which was announced; nil
	// sends it.
	deliver func(*sender, *faults.Strike, *reply)
}

// effects is the table of what faults do to requests, whatever the operation.
var effects = map[faults.Kind]effect{
	faults.Refuse:      {before: refuseWith(cloud.InternalError)},
	faults.ServerError: {before: serverError},
	faults.Throttle:    {before: throttle},
	faults.Conflict:    {before: conflict},
	faults.Delay:       {before: delay},
	faults.Drop:        {before: func(*sender, *faults.Strike) *reply { return &reply{} }, deliver: cutOff},
	faults.LoseAnswer:  {deliver: cutOff},
	faults.Truncate:    {deliver: truncate},
	faults.Slow:        {deliver: trickle},
}

// WithPause sets how requests wait that a fault makes late, in universes whose
// clock cannot step instead. The default is pause.For.
func WithPause(wait pause.Func) Option { return func(s *Server) { s.pause = wait } }

// answer carries out the request's operation, or what befalls it.
func (s *Server) answer(o *sender) reply {
	strike, err := o.r.struckBy(o.op)
	if err != nil {
		return s.refuse(err)
	}
	if strike == nil {
		return s.run(o.r, o)
	}
	o.r.struck = append(o.r.struck, *strike)
	e := effects[strike.Kind]
	if e.deliver != nil {
		o.deliver = func(a *reply) { e.deliver(o, strike, a) }
	}
	if e.before != nil {
		if a := e.before(o, strike); a != nil {
			return *a
		}
	}
	return s.run(o.r, o)
}

// struckBy asks the universe what befalls a request; nil for nothing. What is no
// operation of the API is refused in any case.
func (r *request) struckBy(op *operation) (*faults.Strike, error) {
	if op.name == UnknownOperation {
		return nil, nil
	}
	r.names = [...]string{r.client.shown, r.http.UserAgent()}
	return r.universe.Strike(faults.Call{
		Point: faults.AtRequest, Operation: op.name, Service: r.subject(), Slot: r.vars["slot"], Instance: r.vars["instance"],
		Clients: r.names[:],
	}, r.vars["deployment"])
}

// subject is the hosted service or storage account that the path names.
func (r *request) subject() string {
	if account, ok := r.vars["account"]; ok {
		return account
	}
	return r.vars["service"]
}

// refuseWith returns the effect of a refusal with a code, unless the strike has
// one of its own.
func refuseWith(usual cloud.Code) func(*sender, *faults.Strike) *reply {
	return func(o *sender, s *faults.Strike) *reply {
		a := o.s.refuse(cloud.StrikeError(s, usual))
		return &a
	}
}

func serverError(o *sender, s *faults.Strike) *reply {
	if s.Status == http.StatusServiceUnavailable {
		return refuseWith(cloud.ServerBusy)(o, s)
	}
	return refuseWith(cloud.InternalError)(o, s)
}

// usualRetryAfter is what a throttled client is told unless the strike says so.
const usualRetryAfter = time.Second

func throttle(o *sender, s *faults.Strike) *reply {
	e := cloud.StrikeError(s, cloud.TooManyRequests)
	if e.RetryAfter == 0 {
		e.RetryAfter = usualRetryAfter
	}
	a := o.s.refuse(e)
	return &a
}

// conflict refuses because of an operation of somebody else.
func conflict(o *sender, s *faults.Strike) *reply {
	a := o.s.refuse(o.r.universe.Phantom(s, o.r.vars["service"]))
	return &a
}

// delay carries out the request later, also when the client has gone by then.
func delay(o *sender, s *faults.Strike) *reply {
	wait, err := o.r.universe.Linger(time.Duration(s.Delay))
	if err != nil {
		a := o.s.refuse(err)
		return &a
	}
	if wait > 0 {
		o.s.pause(o.r.http.Context(), wait)
	}
	return nil
}

// cutOff ends the connection without an answer.
func cutOff(*sender, *faults.Strike, *reply) { panic(http.ErrAbortHandler) }

// truncate sends half of an answer and ends the connection. One without a body
// seems to have one, of which nothing comes.
func truncate(o *sender, _ *faults.Strike, a *reply) {
	if len(a.body) == 0 {
		o.w.Header().Set("Content-Length", "1")
	}
	o.w.WriteHeader(a.status)
	o.w.Write(a.body[:len(a.body)/2])
	http.NewResponseController(o.w).Flush()
	panic(http.ErrAbortHandler)
}

// drops is in how many pieces a slow answer comes.
const drops = 8

// trickle sends an answer bit by bit.
func trickle(o *sender, s *faults.Strike, a *reply) {
	wait, err := o.r.universe.Linger(time.Duration(s.Delay))
	if err != nil {
		o.s.log.Error("slow answer", "error", err, "id", o.r.id)
	}
	o.w.WriteHeader(a.status)
	for n := range drops {
		if wait > 0 {
			http.NewResponseController(o.w).Flush()
			if o.s.pause(o.r.http.Context(), wait/drops) != nil {
				return
			}
		}
		o.w.Write(a.body[len(a.body)*n/drops : len(a.body)*(n+1)/drops])
	}
}

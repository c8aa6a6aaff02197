package faults

import (
	"maps"
	"slices"
)

// A Kind is a way in which something fails.
type Kind string

// The kinds of faults. Those of the first group befall a management request, as
// such; of the second, the operation that it begins; of the third, a role
// instance that starts; of the last, a blob request.
const (
	Refuse      Kind = "refuse"       // refused with a code, before any effect
	LoseAnswer  Kind = "lose-answer"  // carried out, but the connection ends without an answer
	Drop        Kind = "drop"         // the connection ends before any effect
	Delay       Kind = "delay"        // carried out after a while
	Conflict    Kind = "conflict"     // 409 because of an operation of somebody else, which goes on for a while
	Throttle    Kind = "throttle"     // 429 with Retry-After
	ServerError Kind = "server-error" // 500 or 503, before any effect
	Truncate    Kind = "truncate"     // carried out, but half of the answer arrives
	Slow        Kind = "slow"         // carried out, and the answer trickles

	FailOperation  Kind = "fail-operation"  // ends Failed when it would have succeeded, and changes nothing
	StuckOperation Kind = "stuck-operation" // stays InProgress
	GuestOSUpdate  Kind = "guest-os-update" // a swap fails because the instances' operating system is updated

	InstanceNeverReady   Kind = "instance-never-ready"  // hangs while its role starts
	InstanceCycling      Kind = "instance-cycling"      // starts its role again and again
	InstanceUnresponsive Kind = "instance-unresponsive" // is ready, then answers no more
	InstanceFailsLater   Kind = "instance-fails-later"  // is ready, then starts its role again and again

	CutUpload Kind = "cut-upload" // the connection ends within the body of an upload; nothing is stored
	SlowBlob  Kind = "slow-blob"  // answered after a while
)

// A Point is where a call can be struck.
type Point string

// The points. A request has one decision at AtRequest, and one more at
// AtOperation when it begins an operation; an instance has one each time it
// starts; a request to the blob endpoint has one.
const (
	AtRequest   Point = "request"
	AtOperation Point = "operation"
	AtInstance  Point = "instance"
	AtBlob      Point = "blob"
)

// trait is what there is to know about a kind.
type trait struct {
	point Point
	only  []string        // the operations that it befalls; nil for any
	uses  map[string]bool // fields of a rule that mean something to it
	needs string          // field that a rule must have; "" for none
}

func fields(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// traits is the table of kinds.
var traits = map[Kind]trait{
	Refuse:               {AtRequest, nil, fields("code", "message", "status", "retryAfter"), "code"},
	LoseAnswer:           {AtRequest, nil, nil, ""},
	Drop:                 {AtRequest, nil, nil, ""},
	Delay:                {AtRequest, nil, fields("delay"), "delay"},
	Conflict:             {AtRequest, nil, fields("delay"), ""},
	Throttle:             {AtRequest, nil, fields("message", "retryAfter"), ""},
	ServerError:          {AtRequest, nil, fields("code", "message", "status", "retryAfter"), ""},
	Truncate:             {AtRequest, nil, nil, ""},
	Slow:                 {AtRequest, nil, fields("delay"), "delay"},
	FailOperation:        {AtOperation, nil, fields("code", "message"), ""},
	StuckOperation:       {AtOperation, nil, fields("delay"), ""},
	GuestOSUpdate:        {AtOperation, []string{"Swap Deployment"}, fields("code", "message"), ""},
	InstanceNeverReady:   {AtInstance, nil, nil, ""},
	InstanceCycling:      {AtInstance, nil, nil, ""},
	InstanceUnresponsive: {AtInstance, nil, fields("delay"), ""},
	InstanceFailsLater:   {AtInstance, nil, fields("delay"), ""},
	CutUpload:            {AtBlob, []string{"Put Blob", "Put Block"}, nil, ""},
	SlowBlob:             {AtBlob, nil, fields("delay"), "delay"},
}

// matchable is the table of what calls at each point can be matched by, besides
// nth.
var matchable = map[Point]map[string]bool{
	AtRequest:   fields("operation", "service", "slot", "instance", "client"),
	AtOperation: fields("operation", "service", "slot", "client"),
	AtInstance:  fields("service", "slot", "role", "instance"),
	AtBlob:      fields("operation", "service", "client"),
}

// Kinds lists all kinds, sorted.
func Kinds() []Kind { return slices.Sorted(maps.Keys(traits)) }

// Point returns where the kind strikes; "" for one that there is not.
func (k Kind) Point() Point { return traits[k].point }

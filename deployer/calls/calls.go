// Package calls says what was asked of a service and what came of it, one call at a
// time, for logs and summaries.
//
// The clients of the Service Management API and of blob storage tell an [Observer]
// of each call once it is over, however often its request had to be sent:
//
//	client, err := management.New(management.Config{..., Observer: observer})
//	uploader := storage.New(storage.Config{Observer: observer})
//
// A [Call] holds no secret: no query, no header, no body.
package calls

import (
	"fmt"
	"time"
)

// A Service is whom a call was made to.
type Service string

// The services.
const (
	Management Service = "management" // the Service Management API
	Blob       Service = "blob"       // blob storage
)

// A Call is one request, as often as it was sent, and its last answer.
type Call struct {
	Service   Service       `json:"service"`
	Method    string        `json:"method"`
	Path      string        `json:"path"`                // without a query
	Operation string        `json:"operation"`           // as the service's reference calls it, such as Swap Deployment
	Status    int           `json:"status,omitempty"`    // 0 when no answer came
	RequestID string        `json:"requestID,omitempty"` // x-ms-request-id, "" when no answer came
	Tries     int           `json:"tries"`               // how often it was sent
	Took      time.Duration `json:"took"`                // nanoseconds, pauses before sending again included
	Error     string        `json:"error,omitempty"`     // the service's code, or why no answer came
}

// String tells of the call in one line.
func (c Call) String() string {
	outcome := fmt.Sprint(c.Status)
	if c.Status == 0 {
		outcome = "no answer"
	}
	if c.Error != "" {
		outcome += " (" + c.Error + ")"
	}
	line := fmt.Sprintf("%s %s %s: %s in %s", c.Method, c.Path, c.Operation, outcome, c.Took.Round(time.Millisecond))
	if c.Tries > 1 {
		line += fmt.Sprintf(", sent %d times", c.Tries)
	}
	if c.RequestID != "" {
		line += ", request " + c.RequestID
	}
	return line
}

// An Observer hears of calls, each when it is over, from the goroutine that made
// it.
type Observer interface{ Called(Call) }

// Unobserved is an Observer that listens to nothing.
type Unobserved struct{}

// Called ignores the call.
func (Unobserved) Called(Call) {}

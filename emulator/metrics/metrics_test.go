package metrics

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrite(t *testing.T) {
	c := NewCounter("calls_total", "Calls\nby name, with \\.", "name", "code")
	c.Inc("b", "200")
	c.Inc("a \"quoted\"\n\\", "404")
	c.Inc("b", "200")
	none := NewCounter("none_total", "Nothing.")
	none.Inc()
	var b bytes.Buffer
	err := errors.Join(c.Write(&b), none.Write(&b), WriteGauge(&b, "open", "Open.", 1.5, "version", "v1"), WriteGauge(&b, "shut", "Shut.", 0))
	if err != nil {
		t.Fatal(err)
	}
	const want = `# HELP calls_total Calls\nby name, with \\.
# TYPE calls_total counter
calls_total{name="a \"quoted\"\n\\",code="404"} 1
calls_total{name="b",code="200"} 2
# HELP none_total Nothing.
# TYPE none_total counter
none_total 1
# HELP open Open.
# TYPE open gauge
open{version="v1"} 1.5
# HELP shut Shut.
# TYPE shut gauge
shut 0
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestCountsOfMany(t *testing.T) {
	c := NewCounter("calls_total", "Calls.")
	var busy sync.WaitGroup
	for range 8 {
		busy.Go(func() {
			for range 1000 {
				c.Inc()
			}
		})
	}
	busy.Wait()
	var b bytes.Buffer
	if err := c.Write(&b); err != nil || !bytes.Contains(b.Bytes(), []byte("calls_total 8000\n")) {
		t.Errorf("%v, %s", err, b.Bytes())
	}
}

package cli

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
)

// An outlet is the standard output, and remembers when it could not be written to: a
// result that nobody gets is a failure, whatever the command. A reader that goes away,
// as "head" does, has had enough.
type outlet struct {
	io.Writer

	mu  sync.Mutex // guards err
	err error      // of the first write that failed
}

// Write writes to the output.
func (o *outlet) Write(data []byte) (int, error) {
	n, err := o.Writer.Write(data)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil && o.err == nil && !errors.Is(err, syscall.EPIPE) {
		o.err = err
	}
	return n, err
}

// failure returns what kept something from being written, nil when all was.
func (o *outlet) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		return nil
	}
	return failed("what was to be done is done", "not all of the output could be written: %w", o.err)
}

// fileOf returns the file that a writer is or writes to, nil when there is none.
func fileOf(w io.Writer) *os.File {
	if o, ok := w.(*outlet); ok {
		w = o.Writer
	}
	f, _ := w.(*os.File)
	return f
}

package emulator

import "testing"

// Start starts an emulator for a test, on free ports of 127.0.0.1, and closes it
// when the test is over. It fails the test when it cannot.
func Start(t testing.TB, options ...Option) *Emulator {
	t.Helper()
	e, err := New(options...)
	if err != nil {
		t.Fatalf("start the emulator: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close the emulator: %v", err)
		}
	})
	return e
}

package emulator

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
)

// dialer opens a connection to a server.
type dialer func() (net.Conn, error)

// connections is how many connections are kept alive at once: enough that the
// server always has something to do.
const connections = 8

// clients send requests one after the other, each over a connection of its own
// that is kept alive. They do as little as they can, so that what is measured is
// the server.
type clients []*client

// client is one connection.
type client struct {
	conn    net.Conn
	answers *bufio.Reader
	request []byte                  // what was sent last
	next    func(dst []byte) []byte // appends the next request
}

// newClients makes clients. Where the requests of the i-th come from, next(i) says.
func newClients(t testing.TB, dial dialer, next func(i int) func(dst []byte) []byte) clients {
	t.Helper()
	all := make(clients, connections)
	for i := range all {
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		all[i] = &client{conn: conn, answers: bufio.NewReaderSize(conn, 16<<10), next: next(i)}
	}
	return all
}

// first sends the request once and returns the whole answer, which must be 200.
func (cs clients) first(t testing.TB) *http.Response {
	t.Helper()
	c := cs[0]
	if err := c.send(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the answer is %s", answer.Status)
	}
	return answer
}

// run returns a function that has n requests answered, by all connections
// together.
func (cs clients) run(t testing.TB) func(n int) {
	return func(n int) {
		var busy sync.WaitGroup
		for i, c := range cs {
			busy.Go(func() {
				for range (n + i) / len(cs) {
					if err := c.roundTrip(); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		busy.Wait()
	}
}

// send sends the next request.
func (c *client) send() error {
	c.request = c.next(c.request[:0])
	_, err := c.conn.Write(c.request)
	return err
}

// roundTrip sends the request and reads past the answer, which must be 200.
func (c *client) roundTrip() error {
	if err := c.send(); err != nil {
		return err
	}
	status, err := c.answers.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("the answer is %s", status)
	}
	length, err := c.readHeader()
	if err != nil {
		return err
	}
	_, err = c.answers.Discard(length)
	return err
}

var contentLength = []byte("Content-Length: ")

// readHeader reads past the header and returns the body's length.
func (c *client) readHeader() (int, error) {
	length := 0
	for {
		line, err := c.answers.ReadSlice('\n')
		if err != nil || len(line) == 2 {
			return length, err
		}
		if digits, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(digits))); err != nil {
				return 0, err
			}
		}
	}
}

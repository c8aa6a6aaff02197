package emulator

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"sync"
)

// managementTLS is how the management endpoint speaks TLS. It asks for a client
// certificate in the first handshake and judges it later: management
// certificates are self-signed. HTTP/1.1 alone and the old protocol versions are
// what clients of the time know.
func managementTLS(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{cert},
		ClientAuth:   tls.RequestClientCert,
		MinVersion:   tls.VersionTLS10,
		NextProtos:   []string{"http/1.1"},
	}
}

// blobTLS is how the blob endpoint speaks TLS, when a client does.
func blobTLS(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, NextProtos: []string{"http/1.1"}}
}

// eitherListener accepts plain and TLS connections on one port.
type eitherListener struct {
	net.Listener
	config *tls.Config
}

// Accept returns a connection that finds out what it is when it is first read.
func (l eitherListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &eitherConn{Conn: c, config: l.config}, nil
}

// eitherConn looks at its first byte: a TLS handshake begins with 22, no HTTP
// request does. Reading and writing go through what it then is; everything else
// concerns the connection itself.
type eitherConn struct {
	net.Conn
	config *tls.Config
	once   sync.Once
	speaks net.Conn // set by once
	plain  bool     // set by once: it speaks no TLS
}

const tlsHandshake = 22

// Read decides on the first call.
func (c *eitherConn) Read(p []byte) (int, error) {
	c.once.Do(c.decide)
	return c.speaks.Read(p)
}

// Write decides on the first call, too, which never comes before the first Read
// of an HTTP server.
func (c *eitherConn) Write(p []byte) (int, error) {
	c.once.Do(c.decide)
	return c.speaks.Write(p)
}

// ReadFrom writes all of r. On a plain connection a file goes to the network by
// itself, where the system can do that: TLS reads it.
func (c *eitherConn) ReadFrom(r io.Reader) (int64, error) {
	c.once.Do(c.decide)
	if direct, ok := c.Conn.(io.ReaderFrom); ok && c.plain {
		return direct.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{c.speaks}, r)
}

func (c *eitherConn) decide() {
	buffered := &bufferedConn{c.Conn, bufio.NewReader(c.Conn)}
	c.speaks, c.plain = buffered, true
	if first, err := buffered.r.Peek(1); err == nil && first[0] == tlsHandshake {
		c.speaks, c.plain = tls.Server(buffered, c.config), false
	}
}

// bufferedConn reads through a buffer, so that what was looked at is not lost.
type bufferedConn struct {
	net.Conn
	r *bufio.Reader
}

// Read reads what was looked at first.
func (c *bufferedConn) Read(p []byte) (int, error) { return c.r.Read(p) }

package management_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/deployer/management"
)

// TestNotSent checks that a change that cannot have left this machine is sent
// again, and is never reported as an unknown outcome.
func TestNotSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "https://" + listener.Addr().String()
	listener.Close()

	t.Run("nobody listens", func(t *testing.T) {
		s := newStub(t)
		c, clock := s.client(func(c *management.Config) { c.URL, c.MaxAttempts = nobody, 3 })
		err := change(t.Context(), c)
		if got := outcome(err); got != failed || !strings.Contains(err.Error(), "no answer from the service: dial tcp") {
			t.Errorf("outcome is %q (%v), want %q with the dial error", got, err, failed)
		}
		if len(clock.slept) != 2 {
			t.Errorf("sent again %d times, want 2", len(clock.slept))
		}
	})
	t.Run("cut in the handshake", func(t *testing.T) {
		s := newStub(t, accepted())
		front := hangUpFirst(t, s.server.Listener.Addr().String(), 2)
		c, clock := s.client(func(c *management.Config) { c.URL = "https://" + front })
		if err := change(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if len(clock.slept) != 2 {
			t.Errorf("sent again %d times, want 2", len(clock.slept))
		}
	})
	t.Run("server not trusted", func(t *testing.T) {
		s := newStub(t)
		c, clock := s.client(func(c *management.Config) { c.RootCAs = x509.NewCertPool() })
		err := change(t.Context(), c)
		if outcome(err) != failed || !strings.Contains(err.Error(), "hint: the server's certificate is not trusted") {
			t.Errorf("error is %v, want the hint about trust", err)
		}
		if len(clock.slept) != 0 {
			t.Errorf("sent again %d times, want none", len(clock.slept))
		}
	})
	t.Run("not TLS", func(t *testing.T) {
		plain := httptest.NewServer(http.NotFoundHandler())
		defer plain.Close()
		s := newStub(t)
		c, _ := s.client(func(c *management.Config) {
			c.URL, c.MaxAttempts = strings.Replace(plain.URL, "http:", "https:", 1), 1
		})
		if err := change(t.Context(), c); outcome(err) != failed {
			t.Errorf("outcome is %q (%v), want %q", outcome(err), err, failed)
		}
	})
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run("certificate not accepted, "+name, func(t *testing.T) {
			s := newStub(t)
			strict := httptest.NewUnstartedServer(s)
			strict.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MaxVersion: version}
			strict.Config.ErrorLog = log.New(io.Discard, "", 0)
			strict.StartTLS()
			defer strict.Close()
			c, clock := s.client(func(c *management.Config) { c.URL = strict.URL })
			err := change(t.Context(), c)
			if outcome(err) == unknown {
				t.Fatalf("outcome is unknown (%v), though the server refused the handshake", err)
			}
			if !strings.Contains(err.Error(), "hint: the server does not accept the management certificate") || len(clock.slept) != 0 {
				t.Errorf("error is %v after %d pauses, want the hint at once", err, len(clock.slept))
			}
		})
	}
}

// hangUpFirst listens in front of a server. It closes the first n connections at
// once and passes the others on.
func hangUpFirst(t *testing.T, backend string, n int) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for i := 0; ; i++ {
			in, err := l.Accept()
			if err != nil {
				return
			}
			if i < n {
				in.Close()
				continue
			}
			go passOn(in, backend)
		}
	}()
	return l.Addr().String()
}

func passOn(in net.Conn, backend string) {
	defer in.Close()
	out, err := net.Dial("tcp", backend)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		io.Copy(out, in)
		out.Close()
	}()
	io.Copy(in, out)
}

// TestCertificateAlwaysPresented: the server names an authority that did not
// issue the management certificate, and gets it all the same.
func TestCertificateAlwaysPresented(t *testing.T) {
	s := newStub(t, document(t, "subscription"))
	other := x509.NewCertPool()
	other.AddCert(s.server.Certificate())
	named := httptest.NewUnstartedServer(s)
	named.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, ClientCAs: other}
	named.StartTLS()
	defer named.Close()
	c, _ := s.client(func(c *management.Config) { c.URL = named.URL })
	if _, err := c.Subscription(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked := s.asked(); len(asked) != 1 || !strings.Contains(asked[0], "client certificate: management certificate") {
		t.Errorf("requests are %q, want one with the management certificate", asked)
	}
}

// TestContextEnds checks what a caller learns who gives up, before and while
// something is under way.
func TestContextEnds(t *testing.T) {
	t.Run("before sending", func(t *testing.T) {
		s := newStub(t)
		c, _ := s.client()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := change(ctx, c); !errors.Is(err, context.Canceled) || outcome(err) != failed {
			t.Errorf("error is %v, want the plain context's end", err)
		}
	})
	t.Run("between attempts", func(t *testing.T) {
		s := newStub(t, refusal(t, 503, "error-busy-server"))
		c, clock := s.client()
		ctx, cancel := context.WithCancel(t.Context())
		clock.wake = func(int) { cancel() }
		err := other(ctx, c)
		if !errors.Is(err, context.Canceled) || outcome(err) != refused {
			t.Errorf("error is %v, want the refusal and the context's end", err)
		}
	})
	for name, tt := range map[string]struct {
		call func(context.Context, *management.Client) error
		want string
	}{"read under way": {read, failed}, "change under way": {change, unknown}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			silent := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				cancel()
				<-r.Context().Done()
				panic(http.ErrAbortHandler) // an empty answer could still arrive
			}))
			s := newStub(t)
			silent.TLS = s.server.TLS.Clone()
			silent.StartTLS()
			defer silent.Close()
			c, _ := s.client(func(c *management.Config) { c.URL = silent.URL })
			if err := tt.call(ctx, c); !errors.Is(err, context.Canceled) || outcome(err) != tt.want {
				t.Errorf("outcome is %q (%v), want %q", outcome(err), err, tt.want)
			}
		})
	}
}

// TestRequestTimeout: an attempt that takes too long is a lost one.
func TestRequestTimeout(t *testing.T) {
	silent := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // an empty answer could still arrive
	}))
	s := newStub(t)
	silent.TLS = s.server.TLS.Clone()
	silent.StartTLS()
	defer silent.Close()
	c, clock := s.client(func(c *management.Config) {
		c.URL, c.RequestTimeout, c.MaxAttempts = silent.URL, 50*time.Millisecond, 2
	})
	if err := read(t.Context(), c); outcome(err) != failed || !errors.Is(err, context.DeadlineExceeded) || len(clock.slept) != 1 {
		t.Errorf("error is %v after %d pauses, want a deadline after 1", err, len(clock.slept))
	}
	if err := change(t.Context(), c); outcome(err) != unknown {
		t.Errorf("error is %v, want an unknown outcome", err)
	}
}

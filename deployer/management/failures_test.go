package management_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/management"
)

// What a call came to.
const (
	fine    = "fine"
	refused = "refused"         // *management.Error
	unknown = "unknown outcome" // *management.UnknownOutcomeError
	failed  = "failed"          // any other error
)

func outcome(err error) string {
	var lost *management.UnknownOutcomeError
	var refusal *management.Error
	switch {
	case err == nil:
		return fine
	case errors.As(err, &lost):
		return unknown
	case errors.As(err, &refusal):
		return refused
	}
	return failed
}

func read(ctx context.Context, c *management.Client) error {
	_, err := c.Deployment(ctx, "shop", management.Production)
	return err
}

func change(ctx context.Context, c *management.Client) error {
	_, err := c.Swap(ctx, "shop", "blue", "green")
	return err
}

// TestFailures pins which failures are made good by sending again, for reads and
// for changes, and what the others are reported as.
func TestFailures(t *testing.T) {
	got := document(t, "deployment")
	throttled := refusal(t, 429, "error-throttled")
	busy := refusal(t, 503, "error-busy-server")
	internal := refusal(t, 500, "error-internal")
	ms := time.Millisecond
	tests := map[string]struct {
		call    func(context.Context, *management.Client) error
		replies []reply
		want    string
		message string
		pauses  []time.Duration
	}{
		"read, no answer":         {read, []reply{{cut: beforeAnswer}, got}, fine, "", []time.Duration{200 * ms}},
		"read, cut in headers":    {read, []reply{{status: 200, cut: inHeaders}, got}, fine, "", []time.Duration{200 * ms}},
		"read, cut in body":       {read, []reply{{status: 200, cut: inBody}, got}, fine, "", []time.Duration{200 * ms}},
		"read, cut for good":      {read, slices.Repeat([]reply{{cut: beforeAnswer}}, 4), failed, "read Production of shop: no answer from the service: EOF", []time.Duration{200 * ms, 400 * ms, 800 * ms}},
		"change, no answer":       {change, []reply{{cut: beforeAnswer}}, unknown, "not known whether it was carried out", nil},
		"change, cut in headers":  {change, []reply{{status: 202, cut: inHeaders}}, unknown, "not known whether it was carried out", nil},
		"change, cut in body":     {change, []reply{{status: 202, cut: inBody}}, fine, "", nil},
		"refusal, cut in body":    {change, []reply{{status: 400, cut: inBody}}, refused, "swap the slots of shop: BadRequest: the answer has status 400 and no readable body", nil},
		"change without an id":    {change, []reply{accepted().with("x-ms-request-id", "")}, unknown, "no x-ms-request-id", nil},
		"read, throttled":         {read, []reply{throttled, got}, fine, "", []time.Duration{200 * ms}},
		"change, throttled":       {change, []reply{throttled, busy, accepted()}, fine, "", []time.Duration{200 * ms, 400 * ms}},
		"retry after seconds":     {change, []reply{throttled.with("Retry-After", "7"), accepted()}, fine, "", []time.Duration{7 * time.Second}},
		"retry after a date":      {change, []reply{busy.with("Retry-After", "Thu, 02 Jul 2015 12:00:30 GMT"), accepted()}, fine, "", []time.Duration{30 * time.Second}},
		"retry after the past":    {read, []reply{busy.with("Retry-After", "Thu, 02 Jul 2014 12:00:30 GMT"), got}, fine, "", []time.Duration{200 * ms}},
		"retry after nonsense":    {read, []reply{busy.with("Retry-After", "soon"), got}, fine, "", []time.Duration{200 * ms}},
		"retry after an hour":     {change, []reply{throttled.with("Retry-After", "3600")}, refused, "TooManyRequests: Too many requests received.", nil},
		"throttled for good":      {change, slices.Repeat([]reply{throttled}, 4), refused, "swap the slots of shop: TooManyRequests", []time.Duration{200 * ms, 400 * ms, 800 * ms}},
		"read, internal error":    {read, []reply{internal, got}, fine, "", []time.Duration{200 * ms}},
		"change, internal error":  {change, []reply{internal}, refused, "InternalError: The server encountered an internal error.", nil},
		"read, bad gateway":       {read, []reply{{status: 502, body: "<html>"}, {status: 504}, got}, fine, "", []time.Duration{200 * ms, 400 * ms}},
		"change, gateway timeout": {change, []reply{{status: 504}}, unknown, "GatewayTimeout: the answer has status 504", nil},
		"forbidden":               {read, []reply{refusal(t, 403, "error-forbidden")}, refused, "ForbiddenError: The server failed to authenticate the request.", nil},
		"error without namespace": {read, []reply{refusal(t, 400, "error-without-namespace")}, refused, "BadRequest: A parameter was incorrect.", nil},
		"empty error":             {read, []reply{{status: 403}}, refused, "ForbiddenError: the answer has status 403 and no readable body", nil},
		"404 that is not ours":    {read, []reply{{status: 404, body: "<html><body>Not here</body></html>"}}, refused, "NotFound: the answer has status 404 and no Error document (34 bytes", nil},
		"empty 404":               {read, []reply{{status: 404}}, refused, "NotFound: the answer has status 404 and no readable body", nil},
		"unheard status":          {read, []reply{{status: 499}}, refused, "Status499", nil},
		"html with 200":           {read, []reply{{status: 200, body: "<html><body>Welcome</body></html>"}}, failed, "read Production of shop: the answer (request " + operationID + ") cannot be read: expected element type <Deployment> but have <html>", nil},
		"empty 200":               {read, []reply{{status: 200}}, failed, "cannot be read: it is empty", nil},
		"wrong namespace":         {read, []reply{{status: 200, body: `<Deployment xmlns="urn:other"/>`}}, failed, "cannot be read: expected element <Deployment> in name space http://schemas.microsoft.com/windowsazure", nil},
		"half a document":         {read, []reply{{status: 200, body: `<Deployment xmlns="http://schemas.microsoft.com/windowsazure"><Name>`}}, failed, "unexpected EOF", nil},
		"two documents":           {read, []reply{{status: 200, body: got.body + "<a/>"}}, failed, "there is more than one document", nil},
		"text after":              {read, []reply{{status: 200, body: got.body + "and so on"}}, failed, "there is text after the document", nil},
		"comment after":           {read, []reply{{status: 200, body: got.body + "<!-- made by hand -->\n"}}, fine, "", nil},
		"document type":           {read, []reply{{status: 200, body: `<!DOCTYPE a [<!ENTITY b "c">]>` + got.body}}, failed, "it has a document type declaration", nil},
		"too deep":                {read, []reply{{status: 200, body: strings.Repeat("<a>", 70)}}, failed, "", nil},
		"label not base64":        {read, []reply{{status: 200, body: `<Deployment xmlns="http://schemas.microsoft.com/windowsazure"><Label>v1.0!</Label></Deployment>`}}, failed, "is not base64", nil},
		"time not a time":         {read, []reply{{status: 200, body: `<Deployment xmlns="http://schemas.microsoft.com/windowsazure"><CreatedTime>yesterday</CreatedTime></Deployment>`}}, failed, `"yesterday" is not a time`, nil},
		"huge body":               {read, []reply{{status: 200, body: strings.Repeat(" ", 16<<20+1)}}, failed, "the answer is larger than 16 MiB", nil},
		"huge refusal":            {change, []reply{{status: 400, body: strings.Repeat(" ", 16<<20+1)}}, refused, "BadRequest", nil},
		"redirect within host":    {change, []reply{{status: 307, header: map[string]string{"Location": "/elsewhere?comp=x"}}, accepted()}, fine, "", nil},
		"redirect to other host":  {change, []reply{{status: 307, header: map[string]string{"Location": "https://other.example.com/"}}}, refused, "TemporaryRedirect: the answer has status 307 and leads to another place", nil},
		"redirect to plain http":  {read, []reply{{status: 307, header: map[string]string{"Location": "http://127.0.0.1/"}}}, refused, "TemporaryRedirect", nil},
		"redirect without end":    {read, slices.Repeat([]reply{{status: 307, header: map[string]string{"Location": "/"}}}, 4), refused, "TemporaryRedirect", nil},
		"moved for good":          {read, []reply{{status: 301, header: map[string]string{"Location": "/"}}}, refused, "MovedPermanently", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, tt.replies...)
			c, clock := s.client(func(c *management.Config) { c.MaxAttempts = 4 })
			err := tt.call(t.Context(), c)
			if got := outcome(err); got != tt.want {
				t.Fatalf("outcome is %q (%v), want %q", got, err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), tt.message) {
				t.Errorf("error is %q, want %q in it", err, tt.message)
			}
			if diff := cmp.Diff(tt.pauses, clock.slept); diff != "" {
				t.Errorf("pauses mismatch (-want +got):\n%s", diff)
			}
			if got, want := len(s.asked()), len(tt.replies); got != want {
				t.Errorf("%d requests were sent, want %d", got, want)
			}
		})
	}
}

// TestErrorFields checks that nothing of a refusal is lost.
func TestErrorFields(t *testing.T) {
	s := newStub(t, refusal(t, 409, "error-occupied"))
	c, _ := s.client()
	_, err := c.CreateDeployment(t.Context(), "shop", management.Staging, management.NewDeployment{Name: "green"})
	want := &management.Error{
		HTTPStatus: 409, Code: management.CodeConflict, Message: "The specified deployment slot Staging is occupied.",
		RequestID: operationID, Action: "create deployment green in Staging of shop",
	}
	if diff := cmp.Diff(want, refusalOf(t, err)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if !management.IsConflict(err) || management.IsNotFound(err) {
		t.Errorf("IsConflict and IsNotFound are %v and %v", management.IsConflict(err), management.IsNotFound(err))
	}
}

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
		err := change(ctx, c)
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

// TestLogHasNoSecrets: the log tells what was called, and neither bodies nor keys.
func TestLogHasNoSecrets(t *testing.T) {
	var text bytes.Buffer
	s := newStub(t, refusal(t, 503, "error-busy-server"), document(t, "storage-keys"), accepted())
	c, _ := s.client(func(c *management.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	keys, err := c.StorageKeys(t.Context(), "packages")
	if err != nil {
		t.Fatal(err)
	}
	secret := management.NewDeployment{Name: "green", PackageURL: "https://x/y?sig=signature", Configuration: []byte("password=hunter2")}
	if _, err := c.CreateDeployment(t.Context(), "shop", management.Staging, secret); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&text, nil)).Info("by accident", "keys", keys)
	for _, want := range []string{"/services/storageservices/packages/keys", "status=503", "status=200", "sending again", operationID} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &text)
		}
	}
	for _, secret := range []string{keys.Primary, keys.Secondary, "signature", "hunter2", "cGFzc3dvcmQ9aHVudGVyMg"} {
		if strings.Contains(text.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, &text)
		}
	}
}

func TestNamesThatCannotBeSent(t *testing.T) {
	s := newStub(t)
	c, _ := s.client()
	for _, name := range []string{"", ".", ".."} {
		if _, err := c.DeleteService(t.Context(), name, true); err == nil {
			t.Errorf("DeleteService(%q) was sent", name)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := management.Config{URL: "https://management.example.com", SubscriptionID: subscription, Certificate: testCertificate()}
	tests := map[string]struct {
		change func(*management.Config)
		want   string
	}{
		"no URL":          {func(c *management.Config) { c.URL = "" }, "does not begin with https"},
		"plain HTTP":      {func(c *management.Config) { c.URL = "http://127.0.0.1:8443" }, "does not begin with https"},
		"not a URL":       {func(c *management.Config) { c.URL = "https://%zz" }, "cannot be read as a URL"},
		"password in URL": {func(c *management.Config) { c.URL = "https://a:hunter2@b" }, "has more than a host"},
		"query in URL":    {func(c *management.Config) { c.URL = "https://b?c" }, "has more than a host"},
		"no subscription": {func(c *management.Config) { c.SubscriptionID = "" }, "subscription id"},
		"slash in it":     {func(c *management.Config) { c.SubscriptionID = "../" + subscription }, "subscription id"},
		"no certificate":  {func(c *management.Config) { c.Certificate = tls.Certificate{} }, "no management certificate"},
	}
	for name, tt := range tests {
		c := good
		tt.change(&c)
		_, err := management.New(c)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q in it", name, err, tt.want)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error shows the password: %v", name, err)
		}
	}
	if _, err := management.New(good); err != nil {
		t.Errorf("the good configuration was refused: %v", err)
	}
}

package management_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
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

// change is a change of deployments: its caller looks before it is sent again.
func change(ctx context.Context, c *management.Client) error {
	_, err := c.Swap(ctx, "shop", "blue", "green")
	return err
}

// other is a change of another kind.
func other(ctx context.Context, c *management.Client) error {
	_, err := c.DeleteService(ctx, "shop", true)
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
		"change, throttled":       {change, []reply{throttled, accepted()}, fine, "", []time.Duration{200 * ms}},
		"change, busy":            {change, []reply{busy}, unknown, "not known whether it was carried out: ServerBusy: The server", nil},
		"other change, busy":      {other, []reply{throttled, busy, accepted()}, fine, "", []time.Duration{200 * ms, 400 * ms}},
		"retry after seconds":     {change, []reply{throttled.with("Retry-After", "7"), accepted()}, fine, "", []time.Duration{7 * time.Second}},
		"retry after a date":      {other, []reply{busy.with("Retry-After", "Thu, 02 Jul 2015 12:00:30 GMT"), accepted()}, fine, "", []time.Duration{30 * time.Second}},
		"retry after the past":    {read, []reply{busy.with("Retry-After", "Thu, 02 Jul 2014 12:00:30 GMT"), got}, fine, "", []time.Duration{200 * ms}},
		"retry after nonsense":    {read, []reply{busy.with("Retry-After", "soon"), got}, fine, "", []time.Duration{200 * ms}},
		"retry after an hour":     {change, []reply{throttled.with("Retry-After", "3600")}, refused, "TooManyRequests: Too many requests received.", nil},
		"throttled for good":      {change, slices.Repeat([]reply{throttled}, 4), refused, "swap the slots of shop: TooManyRequests", []time.Duration{200 * ms, 400 * ms, 800 * ms}},
		"read, internal error":    {read, []reply{internal, got}, fine, "", []time.Duration{200 * ms}},
		"change, internal error":  {change, []reply{internal}, unknown, "swap the slots of shop: no clear answer came back, so it is not known whether it was carried out: InternalError: The server encountered an internal error.", nil},
		"other, internal error":   {other, []reply{internal}, unknown, "not known whether it was carried out: InternalError", nil},
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

// TestRetryAfterShare waits a part of what is asked for, and still not beyond what is
// too long.
func TestRetryAfterShare(t *testing.T) {
	throttled := refusal(t, 429, "error-throttled")
	for asked, want := range map[string][]time.Duration{
		"7": {700 * time.Millisecond}, "1": {200 * time.Millisecond}, "3600": nil,
	} {
		s := newStub(t, throttled.with("Retry-After", asked), accepted())
		c, clock := s.client(func(c *management.Config) { c.RetryAfterShare = 0.1 })
		if err := change(t.Context(), c); (err == nil) != (want != nil) {
			t.Errorf("Retry-After: %s: %v", asked, err)
		}
		if diff := cmp.Diff(want, clock.slept); diff != "" {
			t.Errorf("Retry-After: %s: pauses mismatch (-want +got):\n%s", asked, diff)
		}
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

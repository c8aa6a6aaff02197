package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/provision"
	"github.com/vipswap/vipswap/deployer/storage"
	"github.com/vipswap/vipswap/deployer/wait"
)

// The environment variables of a connection, in the order in which "vipswap env"
// prints them.
const (
	envURL          = "VIPSWAP_MANAGEMENT_URL"
	envSubscription = "VIPSWAP_SUBSCRIPTION_ID"
	envCert         = "VIPSWAP_CERT"
	envKey          = "VIPSWAP_KEY"
	envCA           = "VIPSWAP_CA"
	envPoll         = "VIPSWAP_POLL_INTERVAL"
)

const connectionHelp = `

Connection: --publish-settings FILE, or the environment variables
VIPSWAP_MANAGEMENT_URL, VIPSWAP_SUBSCRIPTION_ID, VIPSWAP_CERT, VIPSWAP_KEY and
VIPSWAP_CA. For a running emulator: eval "$(vipswap env)".`

const noConnectionHint = `eval "$(vipswap env)" sets it for a running emulator; --publish-settings FILE names a connection, too`

// connectionFlags say which subscription to talk to, and how.
type connectionFlags struct {
	publishSettings string
	subscription    string
	ca              string
	poll            time.Duration
}

func (c *connectionFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&c.publishSettings, "publish-settings", "", "connect as this `FILE` (.publishsettings) says")
	flags.StringVar(&c.subscription, "subscription", "", "the `ID` of the subscription, where the publish settings have several")
	flags.StringVar(&c.ca, "ca", "", "PEM `FILE` with the authority to trust; default "+envCA+", else the system's")
	flags.DurationVar(&c.poll, "poll-interval", 0, "shortest pause between two looks at what is going on; default "+envPoll+", else 50ms; below that all other pauses shrink alike")
}

// A connection is a subscription that commands work on.
type connection struct {
	*management.Client
	uploader     *storage.Uploader
	subscription string
	poll         time.Duration
}

// usualPoll is the shortest pause between two looks unless told otherwise.
const usualPoll = 50 * time.Millisecond

// haste returns what part of other pauses is waited. Whoever looks more often than
// usual has an emulator whose time is not the wall's: all pauses shrink alike.
func haste(poll time.Duration) float64 {
	if poll <= 0 || poll >= usualPoll {
		return 1
	}
	return float64(poll) / float64(usualPoll)
}

// hurried returns the part of a pause that is waited.
func (c *connection) hurried(pause time.Duration) time.Duration {
	return time.Duration(float64(pause) * haste(c.poll))
}

// provider makes and deletes services and storage accounts.
func (c *connection) provider() provision.Provider {
	return provision.Provider{Cloud: c, Poll: wait.Poll{Min: c.poll}}
}

// retryPolls is how many poll intervals a request waits that is sent again.
const retryPolls = 4

// connect prepares the connection; it calls nothing.
func (p *program) connect(c connectionFlags) (*connection, error) {
	who, err := p.credentials(c)
	if err != nil {
		return nil, err
	}
	roots, err := p.roots(c, who.URL)
	if err != nil {
		return nil, err
	}
	if c.poll, err = p.pollInterval(c.poll); err != nil {
		return nil, err
	}
	observer, err := p.watch()
	if err != nil {
		return nil, err
	}
	client, err := management.New(management.Config{
		URL: who.URL, SubscriptionID: who.SubscriptionID, Certificate: who.Certificate,
		RootCAs: roots, UserAgent: "vipswap/" + buildVersion(), PollMin: c.poll, RetryMin: retryPolls * c.poll, RetryAfterShare: haste(c.poll), ConflictRetries: 10,
		Proxy: http.ProxyFromEnvironment, Observer: observer,
	})
	if err != nil {
		return nil, usage("", "connect: %w", err)
	}
	conn := &connection{Client: client, subscription: who.SubscriptionID, poll: c.poll}
	conn.uploader = storage.New(storage.Config{
		RootCAs: roots, Proxy: http.ProxyFromEnvironment, Observer: observer, RetryDelay: conn.hurried(storage.DefaultRetryDelay),
	})
	return conn, nil
}

func (p *program) pollInterval(flag time.Duration) (time.Duration, error) {
	value := p.Getenv(envPoll)
	if flag != 0 || value == "" {
		if flag < 0 {
			return 0, usage("", "--poll-interval %s: it must be longer than nothing", flag)
		}
		return flag, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return 0, usage("it is a duration such as 500ms", "%s: %q is no pause", envPoll, value)
	}
	return d, nil
}

// credentials finds out who connects where.
func (p *program) credentials(c connectionFlags) (management.Credentials, error) {
	if c.publishSettings != "" {
		return readCredentials(c.publishSettings, c.subscription)
	}
	for _, name := range []string{envURL, envSubscription, envCert, envKey} {
		if p.Getenv(name) == "" && (name != envSubscription || c.subscription == "") {
			return management.Credentials{}, usage(noConnectionHint, "connect: %s is not set", name)
		}
	}
	cert, err := loadCertificate(p.Getenv(envCert), p.Getenv(envKey))
	if err != nil {
		return management.Credentials{}, err
	}
	id := c.subscription
	if id == "" {
		id = p.Getenv(envSubscription)
	}
	return management.Credentials{SubscriptionID: id, URL: p.Getenv(envURL), Certificate: cert}, nil
}

// readCredentials takes one subscription from a publish settings file.
func readCredentials(file, subscription string) (management.Credentials, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return management.Credentials{}, usage("", "connect: read the publish settings: %w", err)
	}
	all, err := management.ReadPublishSettings(data)
	if err != nil {
		return management.Credentials{}, usage("", "connect: %s: %w", file, err)
	}
	var ids []string
	for _, one := range all {
		if strings.EqualFold(one.SubscriptionID, subscription) || subscription == "" && len(all) == 1 {
			return one, nil
		}
		ids = append(ids, one.SubscriptionID)
	}
	hint := "it has " + strings.Join(ids, ", ")
	if subscription == "" {
		return management.Credentials{}, usage(hint, "connect: %s has several subscriptions; choose one with --subscription", file)
	}
	return management.Credentials{}, usage(hint, "connect: %s has no subscription %s", file, subscription)
}

func loadCertificate(certFile, keyFile string) (tls.Certificate, error) {
	certPEM, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, usage("", "connect: %s: %w", envCert, err)
	}
	keyPEM, err := os.ReadFile(keyFile)
	if err != nil {
		return tls.Certificate{}, usage("", "connect: %s: %w", envKey, err)
	}
	cert, err := management.LoadPEM(certPEM, keyPEM)
	if err != nil {
		return tls.Certificate{}, usage("", "connect: %s and %s: %w", envCert, envKey, err)
	}
	return cert, nil
}

// roots returns the authorities to trust, nil for those of the system.
func (p *program) roots(c connectionFlags, address string) (*x509.CertPool, error) {
	file := c.ca
	if file == "" {
		file = p.Getenv(envCA)
	}
	if file == "" && c.publishSettings != "" {
		file = neighbourCA(c.publishSettings, address)
	}
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("", "connect: read the authority to trust: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, usage("", "connect: %s holds no certificate in PEM", file)
	}
	return pool, nil
}

// neighbourCA returns the authority that an emulator keeps one folder above its
// publish settings, so that these are enough to connect to it. Only addresses of
// this machine are trusted that way.
func neighbourCA(publishSettings, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ""
	}
	file := filepath.Join(filepath.Dir(publishSettings), "..", "ca.pem")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// requireService refuses a service that does not exist: the slots of such a one
// look empty.
func (c *connection) requireService(ctx context.Context, name string) error {
	_, err := c.Service(ctx, name)
	if err == nil || !management.IsNotFound(err) {
		return err
	}
	hint := "vipswap service create " + name
	if all, listErr := c.Services(ctx); listErr == nil && len(all) > 0 {
		var names []string
		for _, s := range all {
			names = append(names, s.Name)
		}
		hint = "the subscription has " + strings.Join(names, ", ") + "; " + hint + " makes it"
	}
	return refused(hint, "there is no cloud service %s", name)
}

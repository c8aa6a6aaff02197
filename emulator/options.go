package emulator

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/faults/pause"
	"github.com/vipswap/vipswap/emulator/management"
)

// DefaultSubscription is the subscription of an emulator that was told no other.
const DefaultSubscription = "5ae1c0de-0b1e-4e9e-8a5e-b10e9ee75afe"

// config is what options change.
type config struct {
	subscriptions  []string
	managementAddr string
	blobAddr       string
	controlAddr    string
	dataDir        string
	durability     Durability
	authority      *credentials.Authority
	clockMode      cloud.ClockMode
	speed          float64
	seed           uint64
	durations      cloud.Durations
	quotas         cloud.Quotas
	strict         bool
	authentication management.Authentication
	azureBlobNames bool
	version        string
	around         func(http.Handler) http.Handler
	log            *slog.Logger
	journalEntries int
	journalBytes   int
	controlToken   string
	faults         faults.Plan
	wall           func() time.Time
	pause          pause.Func
}

func defaultConfig() config {
	return config{
		managementAddr: "127.0.0.1:0",
		blobAddr:       "127.0.0.1:0",
		controlAddr:    "127.0.0.1:0",
		durability:     SyncDurability,
		clockMode:      cloud.RealTime,
		speed:          1,
		durations:      cloud.DefaultDurations(),
		quotas:         cloud.DefaultQuotas(),
		version:        "devel",
		around:         func(h http.Handler) http.Handler { return h },
		log:            slog.New(slog.DiscardHandler),
		wall:           time.Now,
		pause:          pause.For,
	}
}

// An Option changes an emulator from its defaults.
type Option func(*config)

// WithSubscription adds a subscription, by its GUID. The default is
// DefaultSubscription alone.
func WithSubscription(ids ...string) Option {
	return func(c *config) { c.subscriptions = append(c.subscriptions, ids...) }
}

// WithAddresses sets where to listen, each as host:port; port 0 picks a free one
// and "" keeps the default, a free port of 127.0.0.1.
func WithAddresses(management, blob, control string) Option {
	return func(c *config) {
		keep := func(to *string, addr string) {
			if addr != "" {
				*to = addr
			}
		}
		keep(&c.managementAddr, management)
		keep(&c.blobAddr, blob)
		keep(&c.controlAddr, control)
	}
}

// WithData keeps the state in a folder, so that the next emulator with the same
// folder goes on where this one stopped. The default is memory.
func WithData(dir string) Option { return func(c *config) { c.dataDir = dir } }

// WithAuthority sets where certificates come from. The default makes ones that
// live as long as the process.
func WithAuthority(a *credentials.Authority) Option { return func(c *config) { c.authority = a } }

// WithClock sets how time passes; the default is real time at speed 1. Auto and
// manual clocks begin at cloud.Epoch.
func WithClock(mode cloud.ClockMode, speed float64) Option {
	return func(c *config) { c.clockMode, c.speed = mode, speed }
}

// WithSeed sets the seed of identifiers; the default is 0. The same seed and the
// same requests give the same answers.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithDurations sets how long the platform takes for things; the default is
// cloud.DefaultDurations.
func WithDurations(d cloud.Durations) Option { return func(c *config) { c.durations = d } }

// WithQuotas sets the limits of each subscription; the default is
// cloud.DefaultQuotas, which nobody meets.
func WithQuotas(q cloud.Quotas) Option { return func(c *config) { c.quotas = q } }

// WithStrict enforces rules that are documented but were not enforced by the
// real service, such as that all instances run before a swap.
func WithStrict() Option { return func(c *config) { c.strict = true } }

// WithAuthentication sets who is let in besides the holders of management
// certificates; the default is whoever shows a well-formed bearer token.
func WithAuthentication(a management.Authentication) Option {
	return func(c *config) { c.authentication = a }
}

// WithJournal bounds the journal of each universe: how many entries it remembers
// and about how many bytes they take. 0 stands for the defaults of package journal.
func WithJournal(entries, bytes int) Option {
	return func(c *config) { c.journalEntries, c.journalBytes = entries, bytes }
}

// WithFaults makes a plan of faults befall every subscription, those too that are
// made later. The default lets all go well. A plan with problems keeps the emulator
// from starting.
func WithFaults(plan faults.Plan) Option { return func(c *config) { c.faults = plan } }

// WithControlToken makes the control interface ask for this bearer token. The
// default asks for none, and then answers only on the loopback.
func WithControlToken(token string) Option { return func(c *config) { c.controlToken = token } }

// WithAzureBlobNames makes storage accounts publish the names of the real
// service (https://ACCOUNT.blob.core.windows.net/) instead of addresses that
// reach the emulator: for clients whose name resolution is redirected.
func WithAzureBlobNames() Option { return func(c *config) { c.azureBlobNames = true } }

// WithLogger makes the emulator log what it is asked. The default logs nothing.
func WithLogger(log *slog.Logger) Option { return func(c *config) { c.log = log } }

// WithVersion sets the version that the control interface tells.
func WithVersion(version string) Option { return func(c *config) { c.version = version } }

// WithManagementHandler lets every request to the management endpoint pass through
// around's handler, which calls next to have it answered: for tests that look at a
// universe between requests, or stop a client at one. The journal knows a request
// once next was called. The default calls next.
func WithManagementHandler(around func(next http.Handler) http.Handler) Option {
	return func(c *config) { c.around = around }
}

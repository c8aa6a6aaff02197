package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/store"
)

const serveLong = `Serve emulates Azure's Service Management API for classic cloud services, and the
blob storage that packages are uploaded to, until it is interrupted.

It listens on three addresses: the management API (HTTPS with a client
certificate), the blob endpoint (HTTP and HTTPS on one port) and a control
interface of its own. Port 0 picks a free one. The first start makes an
authority, a server certificate, a management certificate and a
.publishsettings file; later starts use them again. With --data everything is
there again after a restart, otherwise it is in memory. What was answered is on
disk then, also when the emulator is killed; --durability relaxed is faster and
may lose the last second when the machine loses power.

How time passes is a choice. "real" is the clock on the wall, faster with
--speed. "auto" stands still until a client looks at something unfinished, and
then steps to when the next thing happens: deployments that take minutes are
done in moments. "manual" moves when it is told to.

Who is let in: the holders of a management certificate, and whoever shows a
well-formed bearer token. --bearer-token lets in that token alone, --auth none
everyone. On addresses that other machines reach, no token is accepted but the
one of --bearer-token, and the control interface asks for a token, which is made
and printed unless --control-token gives one.`

// serveFlags are the flags of serve.
type serveFlags struct {
	data, management, blob, control, credentials, readyFile string
	subscriptions                                           []string
	clock, durability, blobNames, logLevel                  choice
	accessFlags
	speed float64
	seed  uint64
}

func (p *program) serveCommand() *cobra.Command {
	f := serveFlags{
		clock:      choice{"real", []string{"real", "auto", "manual"}},
		durability: choice{string(emulator.SyncDurability), []string{string(emulator.SyncDurability), string(emulator.RelaxedDurability)}},
		blobNames:  choice{"local", []string{"local", "azure"}},
		logLevel:   choice{"warn", []string{"debug", "info", "warn", "error"}},

		accessFlags: accessFlags{auth: choice{authCertificate, []string{authCertificate, authNone}}},
	}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Emulate the Service Management API on this machine",
		Long:  serveLong,
		Example: `  vipswap serve
  vipswap serve --clock auto --management 127.0.0.1:0 --blob 127.0.0.1:0 --control 127.0.0.1:0 --ready-file ready.json
  vipswap serve --data ~/vipswap-data --speed 60
  vipswap serve --clock auto --faults flaky --throttle 600 --strict`,
		Args: takes(),
	}
	flags := c.Flags()
	flags.StringVar(&f.data, "data", "", "keep the state in `DIR`; without it the state is in memory")
	flags.Var(&f.durability, "durability", "with --data: have every change on disk before it is answered, or about a second later")
	flags.StringVar(&f.management, "management", "127.0.0.1:8443", "`ADDR` of the management API")
	flags.StringVar(&f.blob, "blob", "127.0.0.1:10000", "`ADDR` of the blob endpoint")
	flags.StringVar(&f.control, "control", "127.0.0.1:8444", "`ADDR` of the control interface")
	flags.Var(&f.clock, "clock", "how time passes")
	flags.Float64Var(&f.speed, "speed", 1, "with the real clock: seconds in the cloud for one here")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of identifiers; the same seed and requests give the same answers")
	flags.StringVar(&f.credentials, "credentials", "", "keep certificates in `DIR`; default: vipswap in the user's configuration directory")
	flags.StringArrayVar(&f.subscriptions, "subscription", nil, "serve the subscription with this `ID`; may be repeated; default "+emulator.DefaultSubscription)
	flags.StringVar(&f.readyFile, "ready-file", "", "when ready, write the endpoints and files to `FILE` as JSON")
	flags.Var(&f.blobNames, "blob-names", "addresses that storage accounts publish: ones that reach the emulator, or the real names")
	f.accessFlags.register(flags)
	flags.Var(&f.logLevel, "log-level", "what to log on the standard error")
	c.RunE = p.action(func(ctx context.Context, _ []string) error { return p.serve(ctx, c.Flags().Changed("speed"), f) })
	return c
}

// serve runs the emulator until ctx ends. What keeps it from starting is a matter
// of configuration.
func (p *program) serve(ctx context.Context, speedSet bool, f serveFlags) error {
	if err := f.check(speedSet); err != nil {
		return err
	}
	if err := f.checkAccess(); err != nil {
		return err
	}
	plan, err := f.faultsPlan()
	if err != nil {
		return err
	}
	f.secure()
	authority, dir, err := p.openCredentials(f)
	if err != nil {
		return err
	}
	files := p.servingFiles(dir, f.readyFile)
	if err := files.prepare(); err != nil {
		return err
	}
	e, err := emulator.New(p.emulatorOptions(f, authority, plan)...)
	if err != nil {
		return cannotServe(err)
	}
	now, err := describeServing(e)
	if err == nil {
		p.warn(&f, now)
		err = files.write(now)
	}
	if err == nil {
		err = p.show(now, func(w io.Writer) { p.greet(w, f, now) })
	}
	if err != nil {
		return errors.Join(fmt.Errorf("serve: %w", err), e.Close())
	}
	<-ctx.Done()
	files.remove()
	if err := e.Close(); err != nil {
		return fmt.Errorf("serve: stop: %w", err)
	}
	return nil
}

var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func (f serveFlags) check(speedSet bool) error {
	switch {
	case !(f.speed > 0) || math.IsInf(f.speed, 0):
		return usage("", "serve: --speed %v: it must be a number above 0", f.speed)
	case f.durability.value != string(emulator.SyncDurability) && f.data == "":
		return usage("--data DIR names the folder", "serve: --durability %s: without --data nothing is kept", f.durability.value)
	case speedSet && f.clock.value != "real":
		return usage("", "serve: --speed is for the real clock, not for --clock %s", f.clock.value)
	}
	for _, id := range f.subscriptions {
		if !guid.MatchString(id) {
			return usage("an example is "+emulator.DefaultSubscription, "serve: --subscription %q is no subscription id", id)
		}
	}
	return nil
}

// openCredentials opens the folder of certificates, and returns it, too.
func (p *program) openCredentials(f serveFlags) (*credentials.Authority, string, error) {
	dir, err := p.credentialsDir(f.credentials)
	if err != nil {
		return nil, "", err
	}
	ids := f.subscriptions
	if len(ids) == 0 {
		ids = []string{emulator.DefaultSubscription}
	}
	authority, err := credentials.Open(dir, credentials.WithSubscriptions(ids[0]))
	if err != nil {
		return nil, "", usage("--credentials DIR names another folder", "serve: %w", err)
	}
	return authority, dir, nil
}

// credentialsDir returns the folder of certificates: the one named, else the
// default.
func (p *program) credentialsDir(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	dir, err := p.ConfigDir()
	if err != nil {
		return "", usage("--credentials DIR names a folder", "find the user's configuration directory: %w", err)
	}
	return filepath.Join(dir, "vipswap"), nil
}

func (p *program) emulatorOptions(f serveFlags, authority *credentials.Authority, plan faults.Plan) []emulator.Option {
	var level slog.Level
	// The flag admits only names of levels.
	_ = level.UnmarshalText([]byte(f.logLevel.value))
	options := []emulator.Option{
		emulator.WithAddresses(f.management, f.blob, f.control),
		emulator.WithAuthority(authority),
		emulator.WithClock(cloud.ClockMode(f.clock.value), f.speed),
		emulator.WithSeed(f.seed),
		emulator.WithVersion(buildVersion()),
		emulator.WithLogger(slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: level}))),
		emulator.WithSubscription(f.subscriptions...),
	}
	options = append(options, f.accessFlags.options(plan)...)
	if f.data != "" {
		options = append(options, emulator.WithData(f.data), emulator.WithDurability(emulator.Durability(f.durability.value)))
	}
	if f.blobNames.value == "azure" {
		options = append(options, emulator.WithAzureBlobNames())
	}
	return options
}

// cannotServe makes one line of why the emulator does not start.
func cannotServe(err error) error {
	hint := ""
	switch {
	case strings.HasPrefix(err.Error(), "listen "):
		hint = "is another emulator running? A port of 0, as in --management 127.0.0.1:0, picks a free one"
	case errors.Is(err, store.ErrInUse):
		hint = "--data DIR names another folder"
	case errors.Is(err, store.ErrDamaged):
		hint = "nothing was changed; \"vipswap data check DIR\" says more about the folder"
	}
	return usage(hint, "serve: %w", err)
}

// greet says that the emulator is ready and how to point a client at it.
func (p *program) greet(w io.Writer, f serveFlags, now serving) {
	s := p.style(w)
	state := "in memory"
	if f.data != "" {
		state = "in " + f.data
	}
	fmt.Fprintf(w, "%s (clock %s, state %s)\n\n", s.bold("The emulator is ready"), f.clock.value, state)
	t := table{indent: "  "}
	t.add(plain("management API"), plain(now.ManagementURL))
	t.add(plain("blob endpoint"), plain(now.BlobURL+"/ACCOUNT/"))
	t.add(plain("control"), plain(now.ControlURL))
	if now.ControlToken != "" {
		t.add(plain("control token"), plain(now.ControlToken))
	}
	t.add(plain("subscription"), plain(now.SubscriptionID))
	t.add(plain("authority"), plain(now.CAFile))
	t.add(plain("certificate"), plain(now.CertFile))
	t.add(plain("key"), plain(now.KeyFile))
	t.add(plain("publish settings"), plain(now.PublishSettingsFile))
	t.write(w)
	env := "vipswap env"
	if f.credentials != "" {
		env += " --credentials " + quoteSh(filepath.Dir(now.CAFile))
	}
	fmt.Fprintf(w, pointing, env)
}

// pointing says how to point clients at the emulator; its verb takes the command
// that prints the connection.
const pointing = `
Point vipswap at it, in another terminal:

  eval "$(%s)"
  vipswap service create shop

Point anything else at it by importing the publish settings. With curl, after the
line above:

  curl --cacert "$VIPSWAP_CA" --cert "$VIPSWAP_CERT" --key "$VIPSWAP_KEY" \
    -H 'x-ms-version: 2015-09-01' \
    "$VIPSWAP_MANAGEMENT_URL/$VIPSWAP_SUBSCRIPTION_ID/services/hostedservices"

Ctrl-C stops it.
`

// servingFiles are where a running emulator says how to reach it.
type servingFiles struct {
	credentials string // the folder, which may not be there yet
	paths       []string
}

// servingName is the file in the credentials folder that "vipswap env" reads.
const servingName = "serving.json"

func (p *program) servingFiles(dir, readyFile string) servingFiles {
	paths := []string{filepath.Join(dir, servingName)}
	if readyFile != "" {
		paths = append(paths, readyFile)
	}
	return servingFiles{credentials: dir, paths: paths}
}

// prepare removes a ready file that an earlier emulator left, so that nobody takes
// it for this one's, and finds out whether one can be written.
func (s servingFiles) prepare() error {
	for _, path := range s.paths[1:] {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return usage("", "serve: --ready-file: %w", err)
		}
		if err := writeFile(path, nil); err != nil {
			return usage("", "serve: --ready-file: %w", err)
		}
		if err := os.Remove(path); err != nil {
			return usage("", "serve: --ready-file: %w", err)
		}
	}
	return nil
}

func (s servingFiles) write(now serving) error {
	for _, path := range s.paths {
		if err := now.write(path); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the files that still tell of this process.
func (s servingFiles) remove() {
	for _, path := range s.paths {
		if there, err := readServing(path); err == nil && there.PID == os.Getpid() {
			os.Remove(path)
		}
	}
}

package cli

import (
	"crypto/rand"
	"fmt"
	"net"

	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/management"
)

// The ways to let clients in.
const (
	authCertificate = "certificate"
	authNone        = "none"
)

// accessFlags are the flags of serve that say who may do what, how much of it, and
// what goes wrong.
type accessFlags struct {
	auth                                choice
	bearerToken, controlToken, faults   string
	cores, services, accounts, throttle int
	strict, force                       bool
	certificatesOnly                    bool // no bearer token is let in; not a flag
}

// noQuota is the value of a quota that was not given.
const noQuota = -1

func (f *accessFlags) register(flags *pflag.FlagSet) {
	flags.Var(&f.auth, "auth", "who is let in: holders of certificates and tokens, or everyone")
	flags.StringVar(&f.bearerToken, "bearer-token", "", "let in this bearer `TOKEN` and no other")
	flags.StringVar(&f.controlToken, "control-token", "", "make the control interface ask for this `TOKEN`")
	flags.BoolVar(&f.strict, "strict", false, "enforce rules that are documented but were not enforced")
	flags.IntVar(&f.cores, "quota-cores", noQuota, "how many cores a subscription may use; -1 is more than anybody needs")
	flags.IntVar(&f.services, "quota-services", noQuota, "how many cloud services a subscription may have; -1 likewise")
	flags.IntVar(&f.accounts, "quota-storage-accounts", noQuota, "how many storage accounts a subscription may have; -1 likewise")
	flags.IntVar(&f.throttle, "throttle", 0, "how many requests of a subscription are answered in five minutes; 0 is any number")
	flags.StringVar(&f.faults, "faults", "", "fail as this `FILE` or preset (none, flaky, hostile) says")
	flags.BoolVar(&f.force, "force", false, "with --auth none: serve other machines all the same")
}

// checkAccess refuses what does not fit together, and to open the emulator to
// other machines by oversight.
func (f *serveFlags) checkAccess() error {
	for name, n := range map[string]int{"quota-cores": f.cores, "quota-services": f.services, "quota-storage-accounts": f.accounts} {
		if n < noQuota {
			return usage("", "serve: --%s %d: it must not be negative", name, n)
		}
	}
	switch {
	case f.throttle < 0:
		return usage("", "serve: --throttle %d: it must not be negative", f.throttle)
	case f.auth.value == authNone && f.bearerToken != "":
		return usage("", "serve: --bearer-token does not go with --auth none, which lets everyone in")
	case f.auth.value == authNone && f.public() != "" && !f.force:
		return usage("leave out --auth none, or give --force if everyone who reaches this machine may manage the emulator",
			"serve: --auth none on %s would let other machines in without authentication", f.public())
	}
	return nil
}

// public returns an address of the emulated APIs that other machines reach, "" for
// none.
func (f *serveFlags) public() string {
	for _, addr := range []string{f.management, f.blob} {
		if reachable(addr) {
			return addr
		}
	}
	return ""
}

// reachable reports whether other machines may reach an address that is listened
// on. A name other than localhost may be anywhere.
func reachable(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false // listening refuses it
	}
	if ip := net.ParseIP(host); ip != nil {
		return !ip.IsLoopback()
	}
	return host != "localhost"
}

// secure makes safe what other machines reach.
func (f *serveFlags) secure() {
	f.certificatesOnly = f.public() != "" && f.auth.value == authCertificate && f.bearerToken == ""
	if f.controlToken == "" && reachable(f.control) {
		f.controlToken = rand.Text()
	}
}

// faultsPlan reads the plan of --faults.
func (f *accessFlags) faultsPlan() (faults.Plan, error) {
	if f.faults == "" {
		return faults.Plan{}, nil
	}
	return readFaults(f.faults)
}

func (f *accessFlags) options(plan faults.Plan) []emulator.Option {
	quotas := cloud.DefaultQuotas()
	quotas.Requests = f.throttle
	for _, q := range []struct {
		to   *int
		from int
	}{{&quotas.Cores, f.cores}, {&quotas.Services, f.services}, {&quotas.StorageAccounts, f.accounts}} {
		if q.from != noQuota {
			*q.to = q.from
		}
	}
	options := []emulator.Option{
		emulator.WithQuotas(quotas),
		emulator.WithFaults(plan),
		emulator.WithControlToken(f.controlToken),
		emulator.WithAuthentication(management.Authentication{
			Anyone: f.auth.value == authNone, Token: f.bearerToken, CertificatesOnly: f.certificatesOnly,
		}),
	}
	if f.strict {
		options = append(options, emulator.WithStrict())
	}
	return options
}

// warn says loudly who is let in without authentication.
func (p *program) warn(f *serveFlags, now serving) {
	if f.auth.value != authNone {
		return
	}
	s := p.style(p.Stderr)
	fmt.Fprintf(p.Stderr, "%s NO AUTHENTICATION: everyone who reaches %s may manage every subscription\n", s.bad("vipswap:"), now.ManagementURL)
}

package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/deployer/release"
	"github.com/vipswap/vipswap/deployer/runlog"
	"github.com/vipswap/vipswap/deployer/storage"
)

// The exit codes, as the help of the root command lists them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3
)

// A failure is an error with its exit code and what the user can do about it.
type failure struct {
	code int
	err  error
	hint string // "" when there is none
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usage returns a failure about flags or configuration.
func usage(hint, words string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(words, args...), hint}
}

// refused returns a failure that says that nothing was changed, and why.
func refused(hint, words string, args ...any) error {
	return &failure{exitRefused, fmt.Errorf(words, args...), hint}
}

// failed returns a failure of something that was tried.
func failed(hint, words string, args ...any) error {
	return &failure{exitFailed, fmt.Errorf(words, args...), hint}
}

// hintOf returns the hint of a failure, or another one when it has none.
func hintOf(err error, otherwise string) string {
	if f := (*failure)(nil); errors.As(err, &f) && f.hint != "" {
		return f.hint
	}
	return otherwise
}

// usageError makes a usage failure of what cobra says about a command line.
func (p *program) usageError(err error) error {
	if f := (*failure)(nil); errors.As(err, &f) {
		return err
	}
	return usage(`"vipswap --help" lists the commands, "vipswap COMMAND --help" the flags of one`, "%w", err)
}

// fail says why the program failed and returns its exit code.
func (p *program) fail(err error) int {
	f := judge(err)
	message, hint, found := strings.Cut(f.err.Error(), "\nhint: ")
	if f.hint != "" {
		hint, found = f.hint, true
	}
	style := p.style(p.Stderr)
	fmt.Fprintf(p.Stderr, "%s %s\n", style.bad("vipswap:"), message)
	if found {
		fmt.Fprintf(p.Stderr, "%s %s\n", style.dim("hint:"), hint)
	}
	return f.code
}

// overQuota is in refusals of what a subscription has no room for, which have the
// status of those for a wrong certificate. Source: Microsoft's
// troubleshooting articles.
const overQuota = "subscription policy limit"

// judge finds the exit code, and a hint, for an error.
func judge(err error) *failure {
	var (
		known   *failure
		service *management.Error
		unknown x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &known):
		return &failure{known.code, err, known.hint}
	case isRefusal(err):
		return &failure{code: exitRefused, err: err}
	case errors.Is(err, release.ErrNotFound):
		return &failure{code: exitUsage, err: err}
	case errors.As(err, &unknown):
		return &failure{exitUsage, err, "name the authority's certificate with --ca FILE or VIPSWAP_CA"}
	case errors.As(err, &service) && service.HTTPStatus == 403 && !strings.Contains(service.Message, overQuota):
		return &failure{exitFailed, err, "is the certificate one of this subscription? \"vipswap env\" prints the connection to a running emulator"}
	}
	return &failure{code: exitFailed, err: err}
}

// isRefusal reports whether err says that nothing was changed, and why.
func isRefusal(err error) bool {
	var (
		plan    *deployer.RefusedError
		moved   *deployer.MovedError
		no      *deployer.RejectedError
		held    *release.HeldError
		phase   *release.NotAllowedError
		exists  *release.ExistsError
		another *release.BusyError
		working *runlog.HeldError
		cutOff  *runlog.UnfinishedError
		locked  *storage.LockedError
	)
	if errors.As(err, new(*deployer.StrandedError)) {
		return false // much was changed, whatever kept it from being taken back
	}
	return errors.As(err, &plan) || errors.As(err, &no) || errors.As(err, &moved) || errors.As(err, &held) ||
		errors.As(err, &phase) || errors.As(err, &exists) || errors.As(err, &another) ||
		errors.As(err, &working) || errors.As(err, &cutOff) || errors.As(err, &locked)
}

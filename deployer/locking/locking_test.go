package locking_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/storage"
)

// The ids of locks: of the one that locks, and of somebody else.
const mine, other = "mine", "other"

func wish(way locking.Way, account string) locking.Wish {
	return locking.Wish{Service: "shop", ID: mine, Who: "bob", Command: "deploy", Way: way, Account: account}
}

// kind names what an error is about.
func kind(err error) string {
	var (
		locked  *storage.LockedError
		missing *locking.NoAccountError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &locked):
		return "locked"
	case errors.As(err, &missing):
		return strings.TrimRight("no account "+missing.Name, " ")
	}
	return "failed"
}

// TestLock takes a lock where others hold one, in accounts that come and go.
func TestLock(t *testing.T) {
	for _, test := range []struct {
		name     string
		accounts []string
		states   map[string]string // other than Created
		held     map[string]string // account to id
		makes    string            // the account that packages need
		way      locking.Way
		account  string
		keyErr   map[string]error
		lockErr  map[string]error
		want     string // account that the lock is in, "" is none
		err      string
		says     string // of the error, or the warning
	}{
		{name: "the first by name", accounts: []string{"zebra", "apples"}, want: "apples"},
		{name: "the one that is named", accounts: []string{"zebra", "apples"}, account: "Zebra", want: "zebra"},
		{name: "held in it", accounts: []string{"apples"}, held: map[string]string{"apples": other}, err: "locked", says: "shop is locked by ann"},
		{name: "held in another", accounts: []string{"apples", "zebra"}, held: map[string]string{"zebra": other}, err: "locked", says: "shop is locked by ann"},
		{name: "held in another than is named", accounts: []string{"apples", "zebra"}, held: map[string]string{"apples": other}, account: "zebra", err: "locked"},
		{name: "held by the process that died, in another", accounts: []string{"apples", "zebra"}, held: map[string]string{"zebra": mine}, want: "apples"},
		{name: "held in two", accounts: []string{"apples", "melons", "zebra"}, held: map[string]string{"melons": mine, "zebra": other}, err: "locked"},
		{name: "held by somebody, and nobody cares", accounts: []string{"apples"}, held: map[string]string{"apples": other}, way: locking.Never},
		{name: "an account for packages is made later", accounts: []string{"zebra"}, makes: "apples", want: "zebra"},
		{name: "the first account is made", makes: "apples", want: "apples"},
		{name: "the account that is made is named", accounts: []string{"apples"}, makes: "zebra", account: "zebra", want: "zebra"},
		{name: "made and named, and held elsewhere", accounts: []string{"apples"}, held: map[string]string{"apples": other}, makes: "zebra", account: "zebra", err: "locked"},
		{name: "no account", says: "shop is not locked: the subscription has no storage account"},
		{name: "no account, and somebody insists", way: locking.Always, err: "no account", says: "shop cannot be locked: the subscription has no storage account"},
		{name: "no account of that name", accounts: []string{"apples"}, account: "zebra", err: "no account zebra", says: "lock shop: the subscription has no storage account zebra"},
		{name: "another is made than is named", makes: "apples", account: "zebra", err: "no account zebra"},

		{name: "an account that is being made, or goes", accounts: []string{"apples", "berries", "melons", "zebra"},
			states: map[string]string{"apples": "Creating", "berries": "ResolvingDns", "melons": "Deleting"}, want: "zebra"},
		{name: "an account in a state that nobody knows", accounts: []string{"apples", "zebra"}, states: map[string]string{"apples": "Resting"}, want: "apples"},

		{name: "an account that is silent", accounts: []string{"apples"}, lockErr: map[string]error{"apples": errSilent},
			says: "shop is not locked: take the lock https://apples: no route to host"},
		{name: "an account that is silent, and somebody insists", accounts: []string{"apples"}, lockErr: map[string]error{"apples": errSilent}, way: locking.Always,
			err: "failed", says: "take the lock https://apples: no route to host"},
		{name: "an account that refuses", accounts: []string{"apples"}, lockErr: map[string]error{"apples": errNoAccess},
			err: "failed", says: "look at the lock https://apples: AuthenticationFailed"},
		{name: "another that does not let anybody look", accounts: []string{"berries", "apples"}, account: "berries", lockErr: map[string]error{"apples": errNoAccess}, want: "berries",
			says: "whether shop is locked in storage account apples is not known: look at the lock https://apples: AuthenticationFailed"},
		{name: "the same, and somebody insists", accounts: []string{"berries", "apples"}, account: "berries", lockErr: map[string]error{"apples": errNoAccess}, way: locking.Always,
			err: "failed", says: "lock shop: look at the lock"},
		{name: "an account whose keys are not given", accounts: []string{"apples"}, keyErr: map[string]error{"apples": errors.New("busy")}, err: "failed", says: "lock shop: busy"},
		{name: "another whose keys are not given", accounts: []string{"apples", "zebra"}, keyErr: map[string]error{"zebra": errors.New("busy")}, err: "failed", says: "lock shop: busy"},
		{name: "another that was deleted meanwhile", accounts: []string{"apples", "zebra"}, keyErr: map[string]error{"zebra": errGone}, want: "apples"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSubscription(test.accounts...)
			maps.Copy(s.states, test.states)
			maps.Copy(s.keyErr, test.keyErr)
			maps.Copy(s.lockErr, test.lockErr)
			for account, id := range test.held {
				s.hold(account, id)
			}
			w := wish(test.way, test.account)
			if test.makes != "" {
				w.Makes = maker{s, test.makes}
			}
			held, err := s.locker().Lock(t.Context(), w)
			if got := kind(err); got != test.err {
				t.Fatalf("it ended with %v, want %q", err, test.err)
			}
			if err != nil {
				s.warnings = append(s.warnings, err.Error())
			} else if held.Account() != test.want {
				t.Errorf("the lock is in %q, want %q", held.Account(), test.want)
			}
			if says := strings.Join(s.warnings, "\n"); says == "" && test.says != "" || !strings.HasPrefix(says, test.says) {
				t.Errorf("it says %q, want %q", says, test.says)
			}
			if got := s.heldBy(cmp.Or(test.want, "apples")); test.want != "" && got != mine {
				t.Errorf("%s is locked by %q", test.want, got)
			}
			for account, id := range test.held {
				if id == other && s.heldBy(account) != other {
					t.Errorf("the lock of somebody else in %s is gone", account)
				}
			}
			if test.err != "" && (len(s.made) > 0 || slices.Contains(slices.Collect(maps.Keys(s.locks)), test.want)) {
				t.Errorf("an error left behind: accounts %v", s.made)
			}
		})
	}
}

// TestLockGivesBack gives up a lock that it has taken before it saw another.
func TestLockGivesBack(t *testing.T) {
	s := newSubscription("apples", "zebra")
	s.hold("zebra", other)
	if _, err := s.locker().Lock(t.Context(), wish(locking.Auto, "")); kind(err) != "locked" {
		t.Fatalf("it ended with %v", err)
	}
	if by := s.heldBy("apples"); by != "" {
		t.Errorf("apples is still locked by %s", by)
	}
}

// TestLockSigns writes down who locks, for what and since when.
func TestLockSigns(t *testing.T) {
	s := newSubscription("apples")
	l := s.locker()
	l.Now = someone.Since.Local
	if _, err := l.Lock(t.Context(), wish(locking.Auto, "")); err != nil {
		t.Fatal(err)
	}
	want := storage.Owner{Who: "bob", Command: "deploy", Since: someone.Since}
	if diff := gocmp.Diff(want, s.locks["apples"].owner); diff != "" {
		t.Errorf("owner mismatch (-want +got):\n%s", diff)
	}
}

// TestLockIsStopped does not take the end of its own time for a silent account.
func TestLockIsStopped(t *testing.T) {
	s := newSubscription("apples", "zebra")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.locker().GiveUp(ctx, wish(locking.Auto, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	check(t, "warnings", nil, s.warnings)
}

// TestTwoLocks lets two begin at once, each with an account of its own that the other
// did not see at first: never do both go on.
func TestTwoLocks(t *testing.T) {
	s := newSubscription("apples", "zebra")
	second := wish(locking.Auto, "zebra")
	second.ID = other
	s.hold("zebra", other)
	first, err := s.locker().Lock(t.Context(), wish(locking.Auto, "apples"))
	if kind(err) != "locked" {
		t.Errorf("the first does not see the second: %v", err)
	}
	if first != nil {
		t.Error("the first has a lock all the same")
	}
	if _, err := s.locker().Lock(t.Context(), second); err != nil {
		t.Errorf("the second is refused after the first gave up: %v", err)
	}
}

func TestDo(t *testing.T) {
	failure := errors.New("it did not work")
	for _, test := range []struct {
		name string
		held string // by whom
		err  error
		want error
		done bool
	}{
		{name: "done", done: true},
		{name: "failed", err: failure, want: failure, done: true},
		{name: "locked", held: other, want: &storage.LockedError{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSubscription("apples")
			s.hold("apples", test.held)
			done := false
			err := s.locker().Do(t.Context(), wish(locking.Auto, ""), func() error {
				if done = true; s.heldBy("apples") != mine {
					t.Error("it is not locked meanwhile")
				}
				return test.err
			})
			if done != test.done || (err == nil) != (test.want == nil) || test.err != nil && !errors.Is(err, test.want) || test.held != "" && kind(err) != "locked" {
				t.Errorf("done is %v, it ended with %v, want %v", done, err, test.want)
			}
			if by := s.heldBy("apples"); by != test.held {
				t.Errorf("it is locked by %q afterwards", by)
			}
		})
	}
}

// TestGiveUp gives up what a process that died left behind, and nothing of others.
func TestGiveUp(t *testing.T) {
	for _, test := range []struct {
		name    string
		held    map[string]string
		way     locking.Way
		listErr error
		left    map[string]string
		err     string
	}{
		{name: "nothing is left behind"},
		{name: "in any account", held: map[string]string{"apples": mine, "zebra": mine}},
		{name: "somebody else's", held: map[string]string{"apples": other}, left: map[string]string{"apples": other}},
		{name: "it never locked", held: map[string]string{"apples": mine}, way: locking.Never, left: map[string]string{"apples": mine}},
		{name: "accounts are not known", listErr: errors.New("busy"), err: "failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSubscription("apples", "zebra")
			s.listErr = test.listErr
			for account, id := range test.held {
				s.hold(account, id)
			}
			if err := s.locker().GiveUp(t.Context(), wish(test.way, "")); kind(err) != test.err {
				t.Errorf("it ended with %v, want %q", err, test.err)
			}
			for _, account := range []string{"apples", "zebra"} {
				if by := s.heldBy(account); by != test.left[account] {
					t.Errorf("%s is locked by %q, want %q", account, by, test.left[account])
				}
			}
		})
	}
}

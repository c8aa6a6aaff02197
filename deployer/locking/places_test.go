package locking_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/locking"
	"github.com/vipswap/vipswap/deployer/storage"
)

func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		name     string
		accounts []string
		account  string
		keyErr   map[string]error
		want     []string
		err      string
	}{
		{name: "no account"},
		{name: "all, by name", accounts: []string{"zebra", "apples"}, want: []string{"apples", "zebra"}},
		{name: "one that is named", accounts: []string{"zebra", "apples"}, account: "ZEBRA", want: []string{"zebra"}},
		{name: "no such name", accounts: []string{"apples"}, account: "zebra", err: "no account zebra"},
		{name: "deleted meanwhile", accounts: []string{"apples", "zebra"}, keyErr: map[string]error{"apples": errGone}, want: []string{"zebra"}},
		{name: "no keys", accounts: []string{"apples"}, keyErr: map[string]error{"apples": errors.New("busy")}, err: "failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSubscription(test.accounts...)
			maps.Copy(s.keyErr, test.keyErr)
			places, err := s.locker().Places(t.Context(), test.account, "shop")
			if kind(err) != test.err {
				t.Errorf("it ended with %v, want %q", err, test.err)
			}
			var got []string
			for _, p := range places {
				got = append(got, p.Account)
				if want := (storage.LockPlace{Endpoint: "https://" + p.Account + ".blob.example/", Account: p.Account, Key: "key of " + p.Account, Service: "shop"}); p != want {
					t.Errorf("the place is %+v, want %+v", p, want)
				}
			}
			check(t, "places", test.want, got)
		})
	}
}

// TestState finds a lock wherever it is, and takes it away.
func TestState(t *testing.T) {
	for _, test := range []struct {
		name    string
		held    map[string]string
		lockErr map[string]error
		want    locking.State
		failed  bool
	}{
		{name: "free", want: locking.State{Service: "shop", Account: "apples"}},
		{name: "in the first", held: map[string]string{"apples": other}, want: locking.State{Service: "shop", Account: "apples", LockState: storage.LockState{Held: true, Owner: someone}}},
		{name: "in the last", held: map[string]string{"zebra": other}, want: locking.State{Service: "shop", Account: "zebra", LockState: storage.LockState{Held: true, Owner: someone}}},
		{name: "found beside one that is silent", held: map[string]string{"zebra": other}, lockErr: map[string]error{"apples": errSilent},
			want: locking.State{Service: "shop", Account: "zebra", LockState: storage.LockState{Held: true, Owner: someone}}},
		{name: "not found beside one that is silent", lockErr: map[string]error{"zebra": errSilent}, want: locking.State{Service: "shop", Account: "apples"}, failed: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSubscription("apples", "zebra")
			for account, id := range test.held {
				s.hold(account, id)
			}
			l := s.locker()
			places, err := l.Places(t.Context(), "", "shop")
			if err != nil {
				t.Fatal(err)
			}
			maps.Copy(s.lockErr, test.lockErr)
			got, err := l.State(t.Context(), places)
			if diff := cmp.Diff(test.want, got); diff != "" || (err != nil) != test.failed {
				t.Errorf("it ended with %v; mismatch (-want +got):\n%s", err, diff)
			}
			before, err := l.Break(t.Context(), places)
			if diff := cmp.Diff(test.want, before); diff != "" || (err != nil) != (test.lockErr != nil) {
				t.Errorf("breaking it ended with %v; mismatch (-want +got):\n%s", err, diff)
			}
			for account := range test.held {
				if by := s.heldBy(account); by != "" {
					t.Errorf("%s is still locked by %q", account, by)
				}
			}
		})
	}
}

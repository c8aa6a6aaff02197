package cli

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/emulator"
)

// madeUp makes two names, each after a look at an emulator of its own, with VIPSWAP_SEED.
func madeUp(t *testing.T, emulatorSeed uint64, seed string) [2]string {
	t.Helper()
	u, _ := withEmulator(t, emulator.WithSeed(emulatorSeed))
	u.env[envSeed] = seed
	p := newProgram(World{LookupEnv: func(name string) (string, bool) { v, ok := u.env[name]; return v, ok }})
	conn, err := p.connect(connectionFlags{})
	if err != nil {
		t.Fatal(err)
	}
	var names [2]string
	for i := range names {
		if _, err := conn.StorageAccounts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if names[i], err = deployer.NewName(p.random(conn)); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// TestNamesOfASeed are new each time, and the same in the next run.
func TestNamesOfASeed(t *testing.T) {
	first := madeUp(t, 3, "1")
	if first[0] == first[1] {
		t.Errorf("the name %s was made twice", first[0])
	}
	if diff := cmp.Diff(first, madeUp(t, 3, "1")); diff != "" {
		t.Errorf("names of two runs mismatch (-first +second):\n%s", diff)
	}
	for what, others := range map[string][2]string{
		"another seed": madeUp(t, 3, "2"), "another emulator": madeUp(t, 4, "1"), "no seed": madeUp(t, 3, ""),
	} {
		if others == first {
			t.Errorf("%s makes the same names", what)
		}
	}
}

// TestWhoAmI names the process, unless the environment says who is at work.
func TestWhoAmI(t *testing.T) {
	u := newUser(t)
	p := newProgram(World{LookupEnv: func(name string) (string, bool) { v, ok := u.env[name]; return v, ok }})
	if got, want := p.whoami(), ", process "+strconv.Itoa(os.Getpid()); !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want ...%s", got, want)
	}
	u.env[envWho] = "build 7"
	if got := p.whoami(); got != "build 7" {
		t.Errorf("got %s", got)
	}
}

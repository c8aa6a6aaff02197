package durability

import (
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/credentials"
)

// How often the emulator is killed, and the seed that everything random follows
// from but the moment at which the operating system ends the process.
const (
	killsVariable = "VIPSWAP_KILLS"
	seedVariable  = "VIPSWAP_KILL_SEED"

	defaultKills = 25
	shortKills   = 8
)

// killing is one run of the test.
type killing struct {
	dir       string
	random    *rand.Rand
	authority *credentials.Authority
	clients   []*client
	pkg       []byte
	furnished map[string]bool      // operations of before the first kill
	ends      map[string]time.Time // of operations, in the cloud's time, as seen after a kill

	adopted, resumed, early int // so that a run that tests nothing is noticed
}

// TestKilledEmulatorLosesNothing kills an emulator under the load of three
// clients that create, swap and delete. The next one with the same data folder
// has all that was acknowledged, nothing else, and goes on with operations that
// were in progress.
func TestKilledEmulatorLosesNothing(t *testing.T) {
	kills := number(t, killsVariable, defaultKills)
	if testing.Short() {
		kills = number(t, killsVariable, shortKills)
	}
	seed := number(t, seedVariable, 20150701)
	t.Logf("%d kills with seed %d; %s and %s change that", kills, seed, killsVariable, seedVariable)
	k := newKilling(t, uint64(seed))
	for n := range kills {
		k.round(t)
		if t.Failed() {
			t.Fatalf("after kill %d of %d", n+1, kills)
		}
	}
	done := 0
	for _, c := range k.clients {
		done += len(c.operations) + c.uploaded
	}
	t.Logf("%d changes; %d operations resumed, %d unanswered ones were carried out, %d kills during a start", done, k.resumed, k.adopted, k.early)
	if k.resumed == 0 || done < 5*kills {
		t.Error("the emulator was killed when there was nothing to lose")
	}
}

func number(t *testing.T, variable string, standard int) int {
	t.Helper()
	text, ok := os.LookupEnv(variable)
	if !ok {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, not a number of at least 1", variable, text)
	}
	return n
}

// newKilling makes the data folder, with a storage account and a package in it.
func newKilling(t *testing.T, seed uint64) *killing {
	t.Helper()
	k := &killing{
		dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, 1)), pkg: shopPackage(t),
		furnished: map[string]bool{}, ends: map[string]time.Time{},
	}
	var err error
	if k.authority, err = credentials.Open(credentialsDir(k.dir), credentials.WithSubscriptions(emulator.DefaultSubscription)); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"bakery", "library", "shop"} {
		k.clients = append(k.clients, newClient(name, seed+uint64(i)))
	}
	s, a := k.start(t, emulator.SyncDurability)
	a.furnish(t)
	a.http.CloseIdleConnections()
	s.kill()
	k.open(t, func(st *cloud.State) {
		for op := range st.Operations {
			k.furnished[op.ID] = true
		}
	})
	return k
}

// start starts an emulator and waits until it is ready.
func (k *killing) start(t *testing.T, d emulator.Durability) (*server, *api) {
	t.Helper()
	s, err := startServer(k.dir, d)
	if err != nil {
		t.Fatal(err)
	}
	at, err := s.ready()
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAPI(at, k.authority)
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

// round starts an emulator, compares what it knows, lets the clients work, kills
// it in the middle, and looks at what it has left.
func (k *killing) round(t *testing.T) {
	t.Helper()
	durability := []emulator.Durability{emulator.SyncDurability, emulator.RelaxedDurability}[k.random.IntN(2)]
	if k.random.IntN(8) == 0 {
		k.killEarly(t, durability)
		return
	}
	s, a := k.start(t, durability)
	defer a.http.CloseIdleConnections()
	blobs, err := a.storage(account)
	if err != nil {
		s.kill()
		t.Fatal(err)
	}
	for _, c := range k.clients {
		c.api, c.blobs = a, blobs
	}
	k.verify(t, a)
	for _, err := range k.work(s) {
		t.Error(err)
	}
	k.look(t)
}

// killEarly kills an emulator that is about to start.
func (k *killing) killEarly(t *testing.T, d emulator.Durability) {
	t.Helper()
	s, err := startServer(k.dir, d)
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(time.Duration(k.random.IntN(60)) * time.Millisecond)
	s.kill()
	k.early++
	k.look(t)
}

// work lets all clients work until the emulator is killed: a moment after a
// certain number of requests was sent. It returns what clients did not expect.
func (k *killing) work(s *server) (errs []error) {
	most, moment := 2+k.random.IntN(60), time.Duration(k.random.IntN(4000))*time.Microsecond
	begun, over := make(chan struct{}, 1000), make(chan struct{})
	var killer, working sync.WaitGroup
	killer.Go(func() {
		defer s.kill()
		for range most {
			select {
			case <-begun:
			case <-over:
				return
			}
		}
		<-time.After(moment)
	})
	wrong := make([]error, len(k.clients))
	for i, c := range k.clients {
		working.Go(func() { wrong[i] = c.run(begun) })
	}
	working.Wait()
	close(over)
	killer.Wait()
	for _, err := range wrong {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

package emulator_test

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Many universes with ten clients each, while everything that can go wrong does:
// no answer is from another universe, and nothing is left over. VIPSWAP_SOAK says
// for how long a thousand are kept busy, as in VIPSWAP_SOAK=60s; without it fifty
// are, for a moment.
func TestSoak(t *testing.T) {
	universes, lasting := 50, time.Second
	if value := os.Getenv("VIPSWAP_SOAK"); value != "" {
		var err error
		if lasting, err = time.ParseDuration(value); err != nil {
			t.Fatal(err)
		}
		universes = 1000
	}
	hostile, _ := faults.Preset("hostile")
	e := emulator.Start(t, emulator.WithClock(cloud.AutoTime, 1), emulator.WithFaults(hostile), emulator.WithJournal(200, 64<<10))
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	shared := callerOf(t, e, "", e.Management().Certificate)
	shared.client.Transport.(*http.Transport).MaxConnsPerHost = 64
	var ids []string
	for i := range universes {
		made, err := e.CreateUniverse(universe.Spec{Name: fmt.Sprint(i), Clock: cloud.AutoTime})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	const clients = 10
	end := time.Now().Add(lasting)
	var busy sync.WaitGroup
	for i, id := range ids {
		for n := range clients {
			busy.Go(func() {
				for round := n; time.Now().Before(end); round++ {
					soak(t, e, shared.client, id, fmt.Sprintf("u%dx", i), round)
				}
			})
		}
	}
	busy.Wait()
	requests := uint64(0)
	for i, id := range ids {
		info, err := e.Universe(id)
		if err != nil {
			t.Fatal(err)
		}
		requests += info.Requests
		state, err := e.State(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range state.Services {
			if !strings.HasPrefix(s.Name, fmt.Sprintf("u%dx", i)) {
				t.Errorf("universe %d holds %s", i, s.Name)
			}
		}
		if err := e.DeleteUniverse(id); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d universes were asked %d times", universes, requests)
	shared.client.CloseIdleConnections()
	settle(t, "goroutines", goroutines, runtime.NumGoroutine)
	settle(t, "open files", files, func() int { return openFiles(t) })
}

// soak does one round of a client of a universe, all of whose services begin
// alike.
func soak(t *testing.T, e *emulator.Emulator, client *http.Client, id, prefix string, round int) {
	c := &caller{t: t, e: e, id: id, client: client}
	name := fmt.Sprintf("%s%d", prefix, round%20)
	switch round % 4 {
	case 0, 1:
		c.try("POST", "/services/hostedservices", strings.ReplaceAll(createShop, "<ServiceName>shop<", "<ServiceName>"+name+"<"))
	case 2:
		c.try("DELETE", "/services/hostedservices/"+name, "")
	case 3:
		answer := c.try("GET", "/services/hostedservices", "")
		for _, part := range strings.Split(answer, "<ServiceName>")[1:] {
			if !strings.HasPrefix(part, prefix) {
				t.Errorf("universe of %s was told of %.20s", prefix, part)
			}
		}
	}
}

// settle waits until a count is back where it was.
func settle(t *testing.T, what string, before int, count func() int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	now := count()
	for ; now > before && time.Now().Before(deadline); now = count() {
		runtime.Gosched()
	}
	if now > before {
		t.Errorf("%d %s were there before, %d are now", before, what, now)
	}
}

// openFiles counts the files that the process has open; 0 where the system does
// not tell.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

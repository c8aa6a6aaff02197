package management_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

// manyServices makes more hosted services than a list of one piece can hold.
func (w *world) manyServices() int {
	w.Helper()
	const services = 1000
	for i := range services {
		id := w.RequestID()
		w.change(func(st *cloud.State) *cloud.Error {
			return st.CreateService(id, cloud.ServiceSpec{Name: fmt.Sprintf("many%04d", i), Label: "Many", Location: "West US"})
		})
	}
	return services
}

const listServices = "/services/hostedservices"

func TestLongListIsSentInPieces(t *testing.T) {
	w := newWorld(t)
	short := w.do(call{method: "GET", path: listServices})
	if got, want := short.Header().Get("Content-Length"), strconv.Itoa(short.Body.Len()); got != want {
		t.Errorf("the Content-Length of a short list is %q, want %s", got, want)
	}
	services := w.manyServices()
	long := w.do(call{method: "GET", path: listServices})
	if long.Body.Len() <= wire.PieceLength {
		t.Fatalf("the list has only %d bytes", long.Body.Len())
	}
	if got := long.Header().Get("Content-Length"); got != "" || long.Code != http.StatusOK {
		t.Errorf("a long list has status %d and Content-Length %q, want 200 and none", long.Code, got)
	}
	if got := long.Header().Get("Content-Type"); got != short.Header().Get("Content-Type") {
		t.Errorf("a long list has Content-Type %q, a short one %q", got, short.Header().Get("Content-Type"))
	}
	text := long.Body.String()
	if got := strings.Count(text, "<ServiceName>many"); got != services || !strings.HasSuffix(text, "</HostedServices>") {
		t.Errorf("the list has %d services and ends in %q", got, text[len(text)-20:])
	}
}

// leaver is a client that goes away after the first piece of an answer.
type leaver struct {
	*httptest.ResponseRecorder
	writes int
}

func (l *leaver) Write(p []byte) (int, error) {
	l.writes++
	return 0, errors.New("the connection is gone")
}

func TestLongListEndsWithTheClient(t *testing.T) {
	w := newWorld(t)
	w.manyServices()
	l := &leaver{ResponseRecorder: httptest.NewRecorder()}
	w.server.ServeHTTP(l, call{method: "GET", path: listServices}.request())
	if l.writes != 1 || l.Code != http.StatusOK {
		t.Errorf("after the client left there were %d writes and status %d, want 1 and 200", l.writes, l.Code)
	}
}

// TestDate dates answers by the universe's time, unless that is the wall's.
func TestDate(t *testing.T) {
	wall := time.Date(2026, time.May, 4, 3, 2, 1, 0, time.UTC)
	tests := map[string]struct {
		mode  cloud.ClockMode
		speed float64
		start time.Time
		want  string
	}{
		"manual":                 {cloud.ManualTime, 1, cloud.Epoch, "Wed, 01 Jul 2015 00:00:00 GMT"},
		"auto":                   {cloud.AutoTime, 1, cloud.Epoch.Add(90 * time.Minute), "Wed, 01 Jul 2015 01:30:00 GMT"},
		"the wall's":             {cloud.RealTime, 1, wall, ""},
		"fast, an hour later":    {cloud.RealTime, 60, wall.Add(time.Hour), "Mon, 04 May 2026 04:02:01 GMT"},
		"as fast, in other days": {cloud.RealTime, 1, cloud.Epoch, "Wed, 01 Jul 2015 00:00:00 GMT"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			clock := cloud.NewClock(test.mode, test.speed, test.start, func() time.Time { return wall })
			w := worldAt(t, clock, packagesReader())
			if got := w.do(call{method: "GET", path: listServices}).Header().Get("Date"); got != test.want {
				t.Errorf("the date is %q, want %q", got, test.want)
			}
		})
	}
}

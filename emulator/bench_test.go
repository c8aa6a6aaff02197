package emulator

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

// What clients poll is compared with a server of net/http that does nothing but
// write the same answer: same status, same headers, same body.

func BenchmarkGetOperationStatus(b *testing.B) {
	benchmarkPolling(b, (*land).operation)
}

func BenchmarkGetDeployment(b *testing.B) {
	benchmarkPolling(b, (*land).deployment)
}

func benchmarkPolling(b *testing.B, path func(l *land, place int) string) {
	for _, wire := range []struct {
		name  string
		serve func(testing.TB, *Emulator, http.Handler) dialer
	}{
		{"plain", servePlain},
		{"tls", serveTLS},
	} {
		b.Run(wire.name, func(b *testing.B) {
			l := newLand(b, 1)
			same := func(int) func([]byte) []byte {
				return func(dst []byte) []byte { return l.appendGet(dst, path(l, 0)) }
			}
			ours := newClients(b, wire.serve(b, l.Emulator, l.servers[0].Handler), same)
			bare := newClients(b, wire.serve(b, l.Emulator, replay(b, ours.first(b))), same)
			ratio.Compare(b, ratio.Side{Run: bare.run(b)}, ratio.Side{Run: ours.run(b)},
				ratio.Speed, ratio.AtLeast(0.8))
		})
	}
}

// BenchmarkPointRead is what it takes to read one thing in a subscription of
// 100,000 hosted services, compared with one of 10. Services are all read in turn,
// in an order that jumps about, so that none was read lately; of deployments and
// operations there are 10 in both subscriptions.
func BenchmarkPointRead(b *testing.B) {
	few, many := newLand(b, filled), newLand(b, 100_000)
	for _, read := range []struct {
		name string
		path func(l *land, place int) string
	}{
		{"service", (*land).service},
		{"deployment", (*land).deployment},
		{"operation", (*land).operation},
	} {
		b.Run(read.name, func(b *testing.B) {
			ratio.Compare(b, ratio.Side{Run: few.read(b, read.path)}, ratio.Side{Run: many.read(b, read.path)},
				ratio.Cost, ratio.AtMost(1.2))
		})
	}
}

// BenchmarkList is what one hosted service takes in a long list of them, compared
// with a short one. No socket is between: a long list would show what reading it
// takes instead.
func BenchmarkList(b *testing.B) {
	const few = 10
	for _, many := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint("services=", many), func(b *testing.B) {
			short, long := newLand(b, few), newLand(b, many)
			ratio.Compare(b,
				ratio.Side{Run: short.list(b), Items: few},
				ratio.Side{Run: long.list(b), Items: many},
				ratio.Cost, ratio.AtMost(1.1))
		})
	}
}

package cloud_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/internal/benchratio/ratio"
)

// BenchmarkMemory is what 10,000 hosted services take whose two slots hold
// deployments of two roles with two instances each, all running.
func BenchmarkMemory(b *testing.B) {
	const services = 10_000
	var taken []float64
	for b.Loop() {
		before := heap()
		w := fullWorld(b, services)
		taken = append(taken, float64(heap()-before)/(1<<20))
		runtime.KeepAlive(w)
	}
	ratio.Single(b, ratio.Median(taken), "MiB", ratio.AtMost(48))
}

// heap returns how many bytes are in use after all garbage is collected.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// fullWorld fills both slots of so many services with deployments of one package
// and configuration, the production slots all at once and then the others, and
// lets them start.
func fullWorld(t testing.TB, services int) *world {
	t.Helper()
	w := newWorld(t)
	m := model(role("Web", 2, "http"), role("Worker", 2))
	for _, slot := range cloud.Slots {
		for i := range services {
			name := fmt.Sprintf("service%06d", i)
			w.must(func(st *cloud.State) *cloud.Error {
				if slot == cloud.Production {
					if err := st.CreateService(w.next(), cloud.ServiceSpec{Name: name, Label: name, Location: "West US"}); err != nil {
						return err
					}
				}
				return st.CreateDeployment(w.next(), name, slot, cloud.DeploymentSpec{
					Name: "deployment-" + slot.String(), Label: "release 1.0.0", Start: true, Model: m,
				})
			})
		}
		w.advance(time.Hour)
	}
	return w
}

// BenchmarkCreateDeployment is what it takes to make a hosted service with a
// deployment and to delete both again in a subscription that has 10,000
// deployments, compared with one that has 10.
func BenchmarkCreateDeployment(b *testing.B) {
	few, many := fullWorld(b, 5), fullWorld(b, 5_000)
	ratio.Compare(b, ratio.Side{Run: few.comeAndGo}, ratio.Side{Run: many.comeAndGo}, ratio.Cost, ratio.AtMost(2.5))
}

// comeAndGo makes a service with a deployment and deletes both, n times.
func (w *world) comeAndGo(n int) {
	m := model(role("Web", 2, "http"))
	for range n {
		w.must(func(st *cloud.State) *cloud.Error {
			err := st.CreateService(w.next(), cloud.ServiceSpec{Name: "passing", Label: "passing", Location: "West US"})
			if err != nil {
				return err
			}
			return st.CreateDeployment(w.next(), "passing", cloud.Production, cloud.DeploymentSpec{Name: "v1", Label: "v1", Model: m})
		})
		w.advance(time.Hour)
		w.must(func(st *cloud.State) *cloud.Error { return st.DeleteServiceMedia(w.next(), "passing") })
		w.advance(time.Hour)
	}
}

// BenchmarkAdvanceAnHour moves time by an hour in which 10,000 role instances
// start, each through its six stages.
func BenchmarkAdvanceAnHour(b *testing.B) {
	const deployments, instances = 10, 1000
	m := model(role("Web", instances, "http"))
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		for i := range deployments {
			name := fmt.Sprintf("service%d", i)
			w.must(func(st *cloud.State) *cloud.Error {
				if err := st.CreateService(w.next(), cloud.ServiceSpec{Name: name, Label: name, Location: "West US"}); err != nil {
					return err
				}
				return st.CreateDeployment(w.next(), name, cloud.Production, cloud.DeploymentSpec{Name: "v1", Label: "v1", Start: true, Model: m})
			})
		}
		b.StartTimer()
		w.advance(time.Hour)
	}
	ratio.Single(b, float64(b.Elapsed().Milliseconds())/float64(b.N), "ms", ratio.AtMost(50))
}

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
}

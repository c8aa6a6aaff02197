package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/store"
)

// BenchmarkChange is what it takes to change one hosted service and to have the
// change kept, in subscriptions of different sizes: a change writes what it
// touches, so that the size does not matter.
func BenchmarkChange(b *testing.B) {
	for _, durability := range []struct {
		name    string
		options []store.Option
	}{{"sync", nil}, {"relaxed", []store.Option{store.Relaxed()}}} {
		for _, services := range []int{1, 1000, 10_000} {
			b.Run(fmt.Sprintf("%s/services=%d", durability.name, services), func(b *testing.B) {
				u := keptUniverse(b, services, durability.options...)
				label := [2]string{"one", "two"}
				for i := 0; b.Loop(); i++ {
					err := u.Update(func(st *cloud.State) *cloud.Error {
						return st.UpdateService(fmt.Sprintf("%032x", i%1000), serviceName(0), cloud.ServiceChange{Label: &label[i%2]})
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func serviceName(i int) string { return fmt.Sprintf("service%06d", i) }

// keptUniverse is a subscription of so many services that is kept in a file.
func keptUniverse(b *testing.B, services int, options ...store.Option) *cloud.Universe {
	b.Helper()
	s, err := store.Open(b.TempDir(), options...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	u := cloud.NewUniverse("sub", 1, cloud.NewClock(cloud.ManualTime, 1, cloud.Epoch, func() time.Time { return cloud.Epoch }))
	for i := range services {
		err := u.Update(func(st *cloud.State) *cloud.Error {
			return st.CreateService(fmt.Sprintf("%032x", 1<<40+i), cloud.ServiceSpec{Name: serviceName(i), Label: "l", Location: "West US"})
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := u.SaveTo(s.Saver("sub")); err != nil {
		b.Fatal(err)
	}
	return u
}

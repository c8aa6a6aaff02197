package control

import (
	"bytes"
	"net/http"

	"github.com/vipswap/vipswap/emulator/metrics"
	"github.com/vipswap/vipswap/emulator/universe"
)

// Status is the answer to a look at the emulator's health.
type Status struct {
	Status string `json:"status"`
}

func (s *server) health(*http.Request) (any, error) { return Status{"ok"}, nil }

func (s *server) ready(*http.Request) (any, error) {
	if !s.emulator.Ready() {
		return nil, universe.Errorf(universe.Unavailable, "the emulator is starting or stopping")
	}
	return Status{"ready"}, nil
}

// Version tells the program's version.
type Version struct {
	Version string `json:"version"`
}

func (s *server) version(*http.Request) (any, error) { return Version{s.emulator.Version()}, nil }

// Addresses is the list of what the interface does.
type Addresses struct {
	Addresses []Route `json:"addresses"`
}

func (s *server) index(*http.Request) (any, error) { return Addresses{s.routes}, nil }

func (s *server) metrics(w http.ResponseWriter, _ *http.Request) error {
	var b bytes.Buffer
	if err := s.emulator.WriteMetrics(&b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", metrics.ContentType)
	w.Write(b.Bytes())
	return nil
}

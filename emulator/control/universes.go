package control

import (
	"io"
	"net/http"

	"github.com/vipswap/vipswap/emulator/universe"
)

// Universes is the answer to a list of universes.
type Universes struct {
	Universes []universe.Info `json:"universes"`
}

func (s *server) createUniverse(r *http.Request) (any, error) {
	var spec universe.Spec
	if err := decode(r, &spec); err != nil {
		return nil, err
	}
	return given(s.emulator.CreateUniverse(spec))
}

// given is an answer without a value when there is an error.
func given[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (s *server) listUniverses(*http.Request) (any, error) {
	all, err := s.emulator.Universes()
	return given(Universes{all}, err)
}

func (s *server) showUniverse(r *http.Request) (any, error) {
	return given(s.emulator.Universe(r.PathValue("id")))
}

func (s *server) resetUniverse(r *http.Request) (any, error) {
	if err := s.emulator.ResetUniverse(r.PathValue("id")); err != nil {
		return nil, err
	}
	return s.showUniverse(r)
}

func (s *server) deleteUniverse(r *http.Request) (any, error) {
	return nil, s.emulator.DeleteUniverse(r.PathValue("id"))
}

func (s *server) credentials(r *http.Request) (any, error) {
	return given(s.emulator.Credentials(r.PathValue("id")))
}

func (s *server) publishSettings(w http.ResponseWriter, r *http.Request) error {
	c, err := s.emulator.Credentials(r.PathValue("id"))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/xml; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+c.SubscriptionID+`.publishsettings"`)
	h.Set("Cache-Control", "no-store")
	io.WriteString(w, c.PublishSettings)
	return nil
}

func (s *server) state(r *http.Request) (any, error) {
	return given(s.emulator.State(r.PathValue("id")))
}

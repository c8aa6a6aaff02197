// Package control serves the emulator's own interface, on a listener apart from
// the emulated ones: so the API that clients see has nothing on it that the real
// one lacks. Answers are JSON.
//
//	GET /healthz      200 as long as the process answers
//	GET /v1/version   the program's version
package control

import (
	"encoding/json"
	"net/http"
)

// New returns a handler for the interface of a program of the given version.
func New(version string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /v1/version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"version": version})
	})
	return mux
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

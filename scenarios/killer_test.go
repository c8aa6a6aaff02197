package scenarios

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
)

// A killer stands between the program and the services that it calls: the Service
// Management API and blob storage. It kills the program with SIGKILL at one of its
// requests: before the request arrives, or after it took effect and before the answer.
type killer struct {
	client    *http.Client
	addresses *strings.Replacer // of the services, by the killer's in their place
	back      *strings.Replacer // the other way round

	mu      sync.Mutex // guards what follows
	killAt  int        // number of the request, from 1; 0 never
	after   bool
	process *os.Process // to kill
	seen    int         // requests since arm
	blobs   int         // those of them that were for blob storage
	made    []string    // changes that the Service Management API accepted since arm
}

// newKiller stands before both services. It returns its address in place of the
// Service Management API's; that of blob storage is in the answers of that API.
func newKiller(t *testing.T, client *http.Client, management, blobs string) (*killer, *httptest.Server) {
	t.Helper()
	k := &killer{client: client}
	before := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { k.pass(w, r, blobs, false) }))
	t.Cleanup(before.Close)
	k.addresses, k.back = strings.NewReplacer(blobs, before.URL), strings.NewReplacer(before.URL, blobs)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { k.pass(w, r, management, true) }))
	t.Cleanup(server.Close)
	return k, server
}

// arm says at which request to kill, and forgets what was seen.
func (k *killer) arm(at int, after bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.killAt, k.after, k.seen, k.made = at, after, 0, nil
}

// pass forwards a request to a service, unless the program dies.
func (k *killer) pass(w http.ResponseWriter, r *http.Request, target string, manages bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen++
	if !manages {
		k.blobs++
	}
	dies := k.seen == k.killAt
	if dies && !k.after {
		k.process.Kill()
		return
	}
	answer, body, err := k.forward(r, target, manages)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if answer.StatusCode == http.StatusAccepted && manages {
		k.made = append(k.made, r.Method)
	}
	if dies {
		k.process.Kill()
		return
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	if manages {
		body = []byte(k.addresses.Replace(string(body)))
		w.Header().Del("Content-Length")
	}
	w.WriteHeader(answer.StatusCode)
	w.Write(body)
}

// forward sends a request on. The service is told its own addresses.
func (k *killer) forward(r *http.Request, target string, manages bool) (*http.Response, []byte, error) {
	sent, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, nil, err
	}
	if manages {
		sent = []byte(k.back.Replace(string(sent)))
	}
	req, err := http.NewRequest(r.Method, target+r.URL.RequestURI(), bytes.NewReader(sent))
	if err != nil {
		return nil, nil, err
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	answer, err := k.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer, body, err
}

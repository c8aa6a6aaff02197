package control

import "net/http"

// A Route is one address of the interface, for documents.
type Route struct {
	Name   string `json:"name"` // what it does, also the heading in the documentation
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"` // on success
}

// route is a row of the table: one of handle and write is set.
type route struct {
	Route
	status int
	handle func(*server, *http.Request) (any, error)
	write  func(*server, http.ResponseWriter, *http.Request) error // what is no JSON
	open   bool                                                    // needs no token
}

const one = "/v1/universes/{id}" // a universe

// routes is the table of everything that the interface does.
var routes = table(
	open("Health", "GET", "/healthz", (*server).health),
	open("Readiness", "GET", "/readyz", (*server).ready),
	writes("Metrics", "GET", "/metrics", (*server).metrics),
	does("List the addresses", "GET", "/v1", (*server).index),
	does("Version", "GET", "/v1/version", (*server).version),

	creates("Create a universe", "POST", "/v1/universes", (*server).createUniverse),
	does("List universes", "GET", "/v1/universes", (*server).listUniverses),
	does("Show a universe", "GET", one, (*server).showUniverse),
	does("Reset a universe", "POST", one+"/reset", (*server).resetUniverse),
	empties("Delete a universe", "DELETE", one, (*server).deleteUniverse),
	does("Get credentials", "GET", one+"/credentials", (*server).credentials),
	writes("Get publish settings", "GET", one+"/publishsettings", (*server).publishSettings),

	does("Show the clock", "GET", one+"/clock", (*server).showClock),
	does("Set the clock", "PUT", one+"/clock", (*server).setClock),
	does("Advance time", "POST", one+"/advance", (*server).advance),

	does("Show faults", "GET", one+"/faults", (*server).showFaults),
	does("Set faults", "PUT", one+"/faults", (*server).setFaults),
	empties("Clear faults", "DELETE", one+"/faults", (*server).clearFaults),
	does("Check a plan of faults", "POST", "/v1/faults/validate", (*server).validateFaults),
	does("List presets of faults", "GET", "/v1/faults/presets", (*server).presets),
	does("Show the progression", "GET", one+"/progression", (*server).showProgression),
	does("Set the progression", "PUT", one+"/progression", (*server).setProgression),

	does("List snapshots", "GET", one+"/snapshots", (*server).listSnapshots),
	does("Save a snapshot", "PUT", one+"/snapshots/{name}", (*server).saveSnapshot),
	empties("Delete a snapshot", "DELETE", one+"/snapshots/{name}", (*server).deleteSnapshot),
	does("Restore a snapshot", "POST", one+"/snapshots/{name}/restore", (*server).restore),
	creates("Fork a snapshot", "POST", one+"/snapshots/{name}/fork", (*server).fork),
	creates("Fork a universe", "POST", one+"/fork", (*server).fork),
	does("Compare snapshots", "GET", one+"/diff", (*server).diff),
	writes("Export a snapshot", "GET", one+"/snapshots/{name}/export", (*server).export),
	writes("Export a universe", "GET", one+"/export", (*server).export),
	creates("Import a universe", "POST", "/v1/import", (*server).importUniverse),

	does("Show the state", "GET", one+"/state", (*server).state),
	writes("Read the journal", "GET", one+"/journal", (*server).readJournal),
	writes("Follow the journal", "GET", one+"/journal/stream", (*server).followJournal),
)

// Routes lists the addresses in the order of the table.
func Routes() []Route {
	list := make([]Route, len(routes))
	for i, r := range routes {
		list[i] = r.Route
	}
	return list
}

func table(rows ...route) []route {
	for i := range rows {
		rows[i].Status = rows[i].status
	}
	return rows
}

func does(name, method, path string, handle func(*server, *http.Request) (any, error)) route {
	return route{Route: Route{Name: name, Method: method, Path: path}, status: http.StatusOK, handle: handle}
}

func creates(name, method, path string, handle func(*server, *http.Request) (any, error)) route {
	r := does(name, method, path, handle)
	r.status = http.StatusCreated
	return r
}

func empties(name, method, path string, handle func(*server, *http.Request) (any, error)) route {
	r := does(name, method, path, handle)
	r.status = http.StatusNoContent
	return r
}

func open(name, method, path string, handle func(*server, *http.Request) (any, error)) route {
	r := does(name, method, path, handle)
	r.open = true
	return r
}

func writes(name, method, path string, write func(*server, http.ResponseWriter, *http.Request) error) route {
	return route{Route: Route{Name: name, Method: method, Path: path}, status: http.StatusOK, write: write}
}

package management

import (
	"net/http"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// virtualIPOperations come last of all: the path that the page has for Add fits
// those of other operations, too.
var virtualIPOperations = []operation{
	{"Add Virtual IP", "POST", namePath + "/virtualips/{virtualip}", "", "2015-04-01", http.StatusAccepted, (*Server).addVirtualIP, "clients"},
	{"Delete Virtual IP", "DELETE", namePath + "/virtualips/{virtualip}", "", "2015-04-01", http.StatusAccepted, (*Server).deleteVirtualIP, "Microsoft's page; clients"},
	{"Add Virtual IP", "POST", namePath + "/{virtualip}", "", "2015-04-01", http.StatusAccepted, (*Server).addVirtualIP, "Microsoft's page; clients"},
}

func (s *Server) addVirtualIP(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.AddVirtualIP(r.id, r.vars["service"], r.vars["deployment"], r.vars["virtualip"])
	})
}

func (s *Server) deleteVirtualIP(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.DeleteVirtualIP(r.id, r.vars["service"], r.vars["deployment"], r.vars["virtualip"])
	})
}

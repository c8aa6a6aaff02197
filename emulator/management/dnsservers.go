package management

import (
	"net/http"

	"github.com/vipswap/vipswap/emulator/cloud"
)

const dnsServersPath = namePath + "/dnsservers"

var dnsServerOperations = []operation{
	{"Add DNS Server", "POST", dnsServersPath, "", "2014-10-01", http.StatusAccepted, (*Server).addDNSServer, "clients"},
	{"Update DNS Server", "PUT", dnsServersPath + "/{dnsserver}", "", "2014-10-01", http.StatusAccepted, (*Server).updateDNSServer, "clients"},
	{"Delete DNS Server", "DELETE", dnsServersPath + "/{dnsserver}", "", "2014-10-01", http.StatusAccepted, (*Server).deleteDNSServer, "clients"},
}

func (s *Server) addDNSServer(r *request) (answer, error) {
	var body dnsServerElements
	if err := r.decode("DnsServer", &body); err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.AddDNSServer(r.id, r.vars["service"], r.vars["deployment"], cloud.DNSServer(body))
	})
}

func (s *Server) updateDNSServer(r *request) (answer, error) {
	var body dnsServerElements
	if err := r.decode("DnsServer", &body); err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.UpdateDNSServer(r.id, r.vars["service"], r.vars["deployment"], r.vars["dnsserver"], cloud.DNSServer(body))
	})
}

func (s *Server) deleteDNSServer(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.DeleteDNSServer(r.id, r.vars["service"], r.vars["deployment"], r.vars["dnsserver"])
	})
}

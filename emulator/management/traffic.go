package management

import (
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

const (
	profilesPath    = "/services/watm/profiles"
	profilePath     = profilesPath + "/{profile}"
	definitionsPath = profilePath + "/definitions"
)

// trafficOperations are those of Traffic Manager. Even what makes something is
// answered with 200 (recorded).
var trafficOperations = []operation{
	{"Check Traffic Manager Domain Name Availability", "GET", "/services/watm/operations/isavailable/{domain}", "", "2011-10-01", 200, (*Server).trafficDomainAvailable, "recorded traffic; clients"},
	{"Create Profile", "POST", profilesPath, "", "2011-10-01", 200, (*Server).createProfile, "recorded traffic; clients"},
	{"List Profiles", "GET", profilesPath, "", "2011-10-01", 200, (*Server).listProfiles, "recorded traffic; clients"},
	{"Get Profile", "GET", profilePath, "", "2011-10-01", 200, (*Server).getProfile, "recorded traffic; clients"},
	{"Update Profile", "PUT", profilePath, "", "2011-10-01", 200, (*Server).updateProfile, "recorded traffic; clients"},
	{"Delete Profile", "DELETE", profilePath, "", "2011-10-01", 200, (*Server).deleteProfile, "recorded traffic; clients"},
	{"Create Definition", "POST", definitionsPath, "", "2011-10-01", 200, (*Server).createDefinition, "recorded traffic; clients"},
	{"List Definitions", "GET", definitionsPath, "", "2011-10-01", 200, (*Server).listDefinitions, "recorded traffic; clients"},
	{"Get Definition", "GET", definitionsPath + "/{version}", "", "2011-10-01", 200, (*Server).getDefinition, "recorded traffic; clients"},
}

// trafficAvailabilityDocument answers a check of a domain name; it has no reason.
type trafficAvailabilityDocument struct {
	_      wire.Root `wire:"AvailabilityResponse"`
	Result bool      `wire:"Result"`
}

func (s *Server) trafficDomainAvailable(r *request) (answer, error) {
	var doc trafficAvailabilityDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		doc.Result = st.TrafficDomainAvailable(r.vars["domain"])
		return false, nil
	})
	return answer{body: doc}, err
}

// profileDocument is Get Profile.
type profileDocument struct {
	_ wire.Root `wire:"Profile"`
	profileElements
}

// profilesDocument is List Profiles.
type profilesDocument struct {
	_       wire.Root         `wire:"Profiles"`
	Profile []profileElements `wire:"Profile,flat"`
}

type profileElements struct {
	DomainName    string                 `wire:"DomainName"`
	Name          string                 `wire:"Name"`
	Status        string                 `wire:"Status"`
	StatusDetails *profileStatusElements `wire:"StatusDetails"`
	Definitions   []definitionSummary    `wire:"Definitions>Definition"`
}

type profileStatusElements struct {
	EnabledVersion int `wire:"EnabledVersion"`
}

type definitionSummary struct {
	Status  string `wire:"Status"`
	Version int    `wire:"Version"`
}

// The words for what is enabled and what is not.
const (
	enabledWord  = "Enabled"
	disabledWord = "Disabled"
)

func enabled(yes bool) string {
	if yes {
		return enabledWord
	}
	return disabledWord
}

func profileOf(p *cloud.TrafficProfile) profileElements {
	e := profileElements{DomainName: p.Domain, Name: p.Name, Status: enabled(p.Enabled)}
	if p.Enabled {
		e.StatusDetails = &profileStatusElements{1}
	}
	if p.Definition != nil {
		e.Definitions = []definitionSummary{{enabled(p.Enabled), 1}}
	}
	return e
}

func (s *Server) listProfiles(r *request) (answer, error) {
	var doc profilesDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		for p := range st.Profiles {
			doc.Profile = append(doc.Profile, profileOf(p))
		}
		return false, nil
	})
	return answer{body: doc}, err
}

func (s *Server) getProfile(r *request) (answer, error) {
	var doc profileDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		p, err := st.Profile(r.vars["profile"])
		if err == nil {
			doc.profileElements = profileOf(p)
		}
		return false, err
	})
	return answer{body: doc}, err
}

type createProfileRequest struct {
	DomainName string `wire:"DomainName"`
	Name       string `wire:"Name"`
}

func (s *Server) createProfile(r *request) (answer, error) {
	var body createProfileRequest
	if err := r.decode("Profile", &body); err != nil {
		return answer{}, err
	}
	r.created = body.Name
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.CreateProfile(r.id, body.Name, body.DomainName) })
}

type updateProfileRequest struct {
	Status        string `wire:"Status"`
	StatusDetails struct {
		EnabledVersion int `wire:"EnabledVersion"`
	} `wire:"StatusDetails"`
}

func (s *Server) updateProfile(r *request) (answer, error) {
	var body updateProfileRequest
	if err := r.decode("Profile", &body); err != nil {
		return answer{}, err
	}
	status, err := wire.Enum(body.Status, enabledWord, disabledWord)
	if err != nil {
		return answer{}, cloud.Errorf(cloud.BadRequest, "The profile status '%s' is invalid; it must be Enabled or Disabled.", body.Status)
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.EnableProfile(r.id, r.vars["profile"], status == enabledWord, body.StatusDetails.EnabledVersion)
	})
}

func (s *Server) deleteProfile(r *request) (answer, error) {
	return answer{}, r.change(func(st *cloud.State) *cloud.Error { return st.DeleteProfile(r.id, r.vars["profile"]) })
}

// createdDefinitionDocument answers Create Definition.
type createdDefinitionDocument struct {
	_       wire.Root `wire:"Definition"`
	Version int       `wire:"Version"`
}

func (s *Server) createDefinition(r *request) (answer, error) {
	var body definitionElements
	if err := r.decode("Definition", &body); err != nil {
		return answer{}, err
	}
	err := r.change(func(st *cloud.State) *cloud.Error { return st.Define(r.id, r.vars["profile"], body.definition()) })
	return answer{body: createdDefinitionDocument{Version: 1}}, err
}

func (s *Server) listDefinitions(r *request) (answer, error) {
	var doc definitionsDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		p, err := st.Profile(r.vars["profile"])
		if err == nil && p.Definition != nil {
			doc.Definition = []definitionElements{definitionOf(p)}
		}
		return false, err
	})
	return answer{body: doc}, err
}

func (s *Server) getDefinition(r *request) (answer, error) {
	var doc definitionDocument
	err := r.look(func(st *cloud.State) (bool, *cloud.Error) {
		p, err := st.Definition(r.vars["profile"], r.vars["version"])
		if err == nil {
			doc.definitionElements = definitionOf(p)
		}
		return false, err
	})
	return answer{body: doc}, err
}

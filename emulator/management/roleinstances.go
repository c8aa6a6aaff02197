package management

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

var roleInstanceOperations = slices.Concat(
	bothPaths(operation{"Reboot Role Instance", "POST", "/roleinstances/{instance}", "reboot", "2010-10-28", http.StatusAccepted, act(cloud.Reboot), "Microsoft's page; clients"}),
	bothPaths(operation{"Reimage Role Instance", "POST", "/roleinstances/{instance}", "reimage", "2010-10-28", http.StatusAccepted, act(cloud.Reimage), "Microsoft's page; clients"}),
	bothPaths(operation{"Rebuild Role Instance", "POST", "/roleinstances/{instance}", "rebuild", "2013-06-01", http.StatusAccepted, (*Server).rebuild, "Microsoft's page; clients"}),
	bothPaths(operation{"Delete Role Instances", "POST", "/roleinstances", "delete", "2013-08-01", http.StatusAccepted, (*Server).deleteInstances, "Microsoft's page; clients"}),
	bothPaths(operation{"List Deployment Events", "GET", "/events", "", "2014-06-01", 200, (*Server).listEvents, "Microsoft's page"}),
	bothPaths(operation{"Get Package", "POST", "/package", "", "2012-03-01", http.StatusAccepted, (*Server).getPackage, "Microsoft's page"}),
	bothPaths(operation{"Walk Upgrade Domain", "POST", "", "walkupgradedomain", "2009-10-01", http.StatusAccepted, (*Server).walkUpgradeDomain, "Microsoft's page; clients"}),
	bothPaths(operation{"Rollback Update Or Upgrade", "POST", "", "rollback", "2011-10-01", http.StatusAccepted, (*Server).rollback, "Microsoft's page; clients"}),
)

// act makes the handler of an action on one role instance.
func act(action cloud.InstanceAction) func(*Server, *request) (answer, error) {
	return func(_ *Server, r *request) (answer, error) {
		by, err := r.selector()
		if err != nil {
			return answer{}, err
		}
		return answer{}, r.change(func(st *cloud.State) *cloud.Error {
			return st.Act(r.id, r.vars["service"], by, r.vars["instance"], action)
		})
	}
}

// rebuild wants to be told what to rebuild; there is one thing only.
func (s *Server) rebuild(r *request) (answer, error) {
	if !strings.EqualFold(r.query.Get("resources"), "allLocalDrives") {
		return answer{}, cloud.NewError(cloud.MissingOrInvalidRequiredQueryParameter)
	}
	return act(cloud.Rebuild)(s, r)
}

type roleInstancesRequest struct {
	Name []string `wire:"Name,flat"`
}

// deleteInstances deletes role instances and lowers the counts in the
// configuration, under one lock.
func (s *Server) deleteInstances(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	var body roleInstancesRequest
	if err := r.decode("RoleInstances", &body); err != nil {
		return answer{}, err
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		var shrunk *cloud.Model
		var failure *cloud.Error
		if _, _, d, err := st.Deployment(r.vars["service"], by); err == nil && d.Model != nil {
			left, err := d.Remaining(body.Name)
			if err != nil {
				return err
			}
			shrunk, failure = s.packages.Resize(d.Model, left, r.id)
		}
		return st.DeleteInstances(r.id, r.vars["service"], by, body.Name, shrunk, failure)
	})
}

type walkRequest struct {
	UpgradeDomain *int `wire:"UpgradeDomain"`
}

func (s *Server) walkUpgradeDomain(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	var body walkRequest
	if err := r.decode("WalkUpgradeDomain", &body); err != nil {
		return answer{}, err
	}
	if body.UpgradeDomain == nil {
		return answer{}, cloud.Errorf(cloud.BadRequest, "UpgradeDomain must be specified.")
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.WalkDomain(r.id, r.vars["service"], by, *body.UpgradeDomain)
	})
}

type rollbackRequest struct {
	Mode  string `wire:"Mode"`
	Force bool   `wire:"Force"`
}

// rollbackAnswers200 is the version from which a rollback by name answers 200
// instead of 202: real clients disagree on it, each with code for one of them.
// A guess.
const rollbackAnswers200 = wire.Version("2012-03-01")

// rollback undoes an update. It can be walked by hand, but not done all at once.
func (s *Server) rollback(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	var body rollbackRequest
	if err := r.decode("RollbackUpdateOrUpgrade", &body); err != nil {
		return answer{}, err
	}
	mode, err := wire.Enum(body.Mode, cloud.Auto, cloud.Manual)
	if err != nil {
		return answer{}, cloud.Errorf(cloud.BadRequest, "The mode '%s' is invalid; it must be Auto or Manual.", body.Mode)
	}
	a := answer{}
	if by.Name != "" && r.version >= rollbackAnswers200 {
		a.status = http.StatusOK
	}
	return a, r.change(func(st *cloud.State) *cloud.Error {
		return st.Rollback(r.id, r.vars["service"], by, mode, body.Force)
	})
}

// getPackage writes a deployment's package and configuration into a container.
// The work is done before the operation begins; what goes wrong with it is what
// the operation fails with.
func (s *Server) getPackage(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	container := r.query.Get("containeruri")
	if container == "" {
		return answer{}, cloud.NewError(cloud.MissingOrInvalidRequiredQueryParameter)
	}
	var model *cloud.Model
	var name string
	err = r.universe.View(func(st *cloud.State) *cloud.Error {
		_, _, d, err := st.Deployment(r.vars["service"], by)
		if err == nil && !d.Locked() {
			model, name = d.Model, d.PrivateID
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	var failure *cloud.Error
	if model != nil {
		failure = s.packages.Export(r.universe.ID(), model, container, name, r.flag("overwriteexisting"))
	}
	return answer{}, r.change(func(st *cloud.State) *cloud.Error {
		return st.GetPackage(r.id, r.vars["service"], by, failure)
	})
}

// eventsDocument is List Deployment Events. No machine here is ever rebooted
// for maintenance, so there is nothing in it.
type eventsDocument struct {
	_            wire.Root      `wire:"DeploymentEventCollection"`
	RebootEvents []eventElement `wire:"RebootEvents>RebootEvent"`
}

type eventElement struct {
	RoleName        string `wire:"RoleName"`
	InstanceName    string `wire:"InstanceName"`
	RebootReason    string `wire:"RebootReason"`
	RebootStartTime string `wire:"RebootStartTime"`
}

func (s *Server) listEvents(r *request) (answer, error) {
	by, err := r.selector()
	if err != nil {
		return answer{}, err
	}
	if err := checkPeriod(r.query.Get("starttime"), r.query.Get("endtime")); err != nil {
		return answer{}, err
	}
	err = r.look(func(st *cloud.State) (bool, *cloud.Error) {
		_, _, _, err := st.Deployment(r.vars["service"], by)
		return false, err
	})
	return answer{body: eventsDocument{}}, err
}

// checkPeriod refuses a period that is missing, unreadable or ends before it
// begins. The message is recorded for the last of these.
func checkPeriod(from, to string) error {
	start, ok := parseTime(from)
	end, ok2 := parseTime(to)
	switch {
	case !ok || !ok2:
		return cloud.NewError(cloud.MissingOrInvalidRequiredQueryParameter)
	case end.Before(start):
		return cloud.Errorf(cloud.BadRequest, "The date specified in parameter EndTime is not within the correct range.")
	}
	return nil
}

// parseTime reads a time in a query: a date, or a date and time in UTC with or
// without fractions of a second.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Package nearmiss says of a refused request what would have been accepted in its
// place: a service of a similar name, the deployments that the slots hold, the
// slot that is free, the methods that a path takes. It is for the journal, which
// people read when a script fails; clients never see it.
package nearmiss

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/management"
	"github.com/vipswap/vipswap/emulator/management/wire"
	"github.com/vipswap/vipswap/internal/spelling"
)

// A clue looks at a refused request and the state that refused it.
type clue func(x *management.Exchange, st *cloud.State) []string

// clues are what each kind of refusal can be explained with.
var clues = map[cloud.Code][]clue{
	cloud.MissingOrIncorrectVersionHeader:        {versions},
	cloud.InvalidHTTPVerb:                        {methods},
	cloud.MissingOrInvalidRequiredQueryParameter: {parameters},
	cloud.AuthenticationFailed:                   {managers},
	cloud.ForbiddenError:                         {managers},
	cloud.ResourceNotFound:                       {addresses, services, deployments, instances, accounts, operations},
	cloud.ConflictError:                          {running, freeSlot, deployments},
	cloud.BadRequest:                             {slots, deployments},
}

// For returns what would have been accepted, in plain words; nil when there is
// nothing to say. It looks at the universe of the exchange as it is now.
func For(x *management.Exchange) []string {
	if x.Error == nil || x.Universe == nil {
		return nil
	}
	var found []string
	err := x.Universe.View(func(st *cloud.State) *cloud.Error {
		for _, look := range clues[x.Error.Code] {
			found = append(found, look(x, st)...)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return found
}

func versions(*management.Exchange, *cloud.State) []string {
	var known []string
	for _, v := range wire.Versions() {
		known = append(known, string(v))
	}
	return []string{"x-ms-version may be " + strings.Join(known, ", ")}
}

// managers says whose certificates open the subscription, to a request that was
// not let in: limits are refused with the same code.
func managers(x *management.Exchange, st *cloud.State) []string {
	if x.Operation != "" {
		return nil
	}
	shown := "no client certificate was shown"
	if x.Client != "" {
		shown = "the certificate that was shown is " + x.Client
	}
	var may []string
	for m := range st.ManagementCertificates {
		may = append(may, m.Thumbprint)
	}
	return []string{shown + "; the subscription's are " + list(may)}
}

// rows returns the operations whose path has the form of the request's. Of
// several forms it is the one with the fewest variables.
func rows(x *management.Exchange) []management.Operation {
	var found []management.Operation
	fewest := 0
	for _, op := range management.Operations() {
		variables := strings.Count(op.Path, "{")
		if !fits(op.Path, x.Request.URL.Path) || len(found) > 0 && variables > fewest {
			continue
		}
		if variables < fewest {
			found = nil
		}
		found, fewest = append(found, op), variables
	}
	return found
}

// fits reports whether a path has the form of a template.
func fits(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	return len(want) == len(have) && distance(want, have) == 0
}

// distance counts the letters by which the words of a path differ from those of a
// template; variables fit everything.
func distance(template, path []string) int {
	n := 0
	for i, word := range template {
		if !strings.HasPrefix(word, "{") {
			n += spelling.Distance(word, path[i])
		}
	}
	return n
}

func methods(x *management.Exchange, _ *cloud.State) []string {
	var known []string
	for _, op := range rows(x) {
		known = append(known, call(op))
	}
	return maybe("here one can ", slices.Compact(known))
}

// parameters says which ?comp= a path takes with the request's method.
func parameters(x *management.Exchange, _ *cloud.State) []string {
	var known []string
	for _, op := range rows(x) {
		if op.Method == x.Request.Method {
			known = append(known, call(op))
		}
	}
	return maybe("here one can ", slices.Compact(known))
}

// call is an operation as one would send it.
func call(op management.Operation) string {
	if op.Comp != "" {
		return fmt.Sprintf("%s ?comp=%s (%s)", op.Method, op.Comp, op.Name)
	}
	return fmt.Sprintf("%s (%s)", op.Method, op.Name)
}

// addresses says which address is nearest to one that does not exist.
func addresses(x *management.Exchange, _ *cloud.State) []string {
	if x.Operation != management.UnknownOperation {
		return nil
	}
	have := strings.Split(x.Request.URL.Path, "/")
	best, near := math.MaxInt, ""
	for _, op := range management.Operations() {
		want := strings.Split(op.Path, "/")
		if len(want) != len(have) {
			continue
		}
		if d := distance(want, have); d < best {
			best, near = d, op.Path
		}
	}
	if near == "" {
		return nil
	}
	return []string{"the nearest address is " + near}
}

// services says which services there are when the one that was asked for is not.
func services(x *management.Exchange, st *cloud.State) []string {
	name := x.Vars["service"]
	if name == "" {
		return nil
	}
	if _, err := st.Service(name); err == nil {
		return nil
	}
	var all []string
	for s := range st.Services {
		all = append(all, s.Name)
	}
	if len(all) == 0 {
		return []string{"the subscription has no cloud service"}
	}
	return []string{"there is no cloud service " + name + "; " + similar(name, all)}
}

// deployments says what the slots hold.
func deployments(x *management.Exchange, st *cloud.State) []string {
	s, err := st.Service(x.Vars["service"])
	if err != nil || x.Vars["instance"] != "" && x.Error.Code == cloud.ResourceNotFound && hasDeployment(s) {
		return nil
	}
	var words []string
	for _, slot := range cloud.Slots {
		word := strings.ToLower(slot.String()) + " is empty"
		if d := s.Slots[slot].Deployment; d != nil {
			word = fmt.Sprintf("%s holds %s (%s)", strings.ToLower(slot.String()), d.Name, d.Status)
		}
		words = append(words, word)
	}
	return []string{strings.Join(words, ", ")}
}

func hasDeployment(s *cloud.HostedService) bool {
	return s.Slots[cloud.Production].Deployment != nil || s.Slots[cloud.Staging].Deployment != nil
}

// instances says which role instances there are.
func instances(x *management.Exchange, st *cloud.State) []string {
	s, err := st.Service(x.Vars["service"])
	if err != nil || x.Vars["instance"] == "" {
		return nil
	}
	var all []string
	for _, slot := range cloud.Slots {
		if d := s.Slots[slot].Deployment; d != nil {
			for i := range d.Instances {
				all = append(all, d.Instances[i].Name())
			}
		}
	}
	return maybe("role instances are ", all)
}

func accounts(x *management.Exchange, st *cloud.State) []string {
	name := x.Vars["account"]
	if name == "" {
		return nil
	}
	var all []string
	for a := range st.Accounts {
		all = append(all, a.Name)
	}
	if slices.Contains(all, strings.ToLower(name)) {
		return nil
	}
	if len(all) == 0 {
		return []string{"the subscription has no storage account"}
	}
	return []string{similar(name, all)}
}

// shownOperations is how many of the newest operations are named.
const shownOperations = 3

func operations(x *management.Exchange, st *cloud.State) []string {
	if x.Vars["operation"] == "" {
		return nil
	}
	var newest []string
	for op := range st.Operations {
		newest = append(newest, fmt.Sprintf("%s (%s)", op.ID, op.Kind))
	}
	return maybe("the newest operations are ", newest[max(0, len(newest)-shownOperations):])
}

// running says which operations are in the way, and until when.
func running(x *management.Exchange, st *cloud.State) []string {
	if !cloud.Busy(x.Error) {
		return nil
	}
	var words []string
	for op := range st.Operations {
		if op.Status != cloud.InProgress || !strings.EqualFold(op.Service, x.Vars["service"]) {
			continue
		}
		word := fmt.Sprintf("%s %s is in progress", op.Kind, op.ID)
		if at, ok := st.EndOf(op.ID); ok {
			word += " until " + at.UTC().Format(time.DateTime)
		}
		words = append(words, word)
	}
	return words
}

// freeSlot says which slot could have been deployed to.
func freeSlot(x *management.Exchange, st *cloud.State) []string {
	s, err := st.Service(x.Vars["service"])
	wanted, ok := cloud.ParseSlot(x.Vars["slot"])
	if err != nil || !ok || x.Operation != string(cloud.CreateDeployment) || s.Slots[wanted].Deployment == nil {
		return nil
	}
	if s.Slots[wanted.Other()].Deployment == nil {
		return []string{strings.ToLower(wanted.Other().String()) + " is free"}
	}
	return []string{"no slot is free"}
}

// slots says how slots are called.
func slots(x *management.Exchange, _ *cloud.State) []string {
	name := x.Vars["slot"]
	if _, ok := cloud.ParseSlot(name); ok || name == "" {
		return nil
	}
	return []string{"a slot is production or staging"}
}

// mostNamed is how many things are named where there could be any number.
const mostNamed = 8

// similar names the things most like the one that was asked for.
func similar(name string, all []string) string {
	near := slices.Clone(all)
	slices.SortStableFunc(near, func(a, b string) int { return spelling.Distance(name, a) - spelling.Distance(name, b) })
	if spelling.Distance(name, near[0]) <= max(2, len(name)/3) {
		return "did you mean " + near[0] + "?"
	}
	return "there is " + list(near)
}

func maybe(words string, all []string) []string {
	if len(all) == 0 {
		return nil
	}
	return []string{words + list(all)}
}

func list(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	if len(all) > mostNamed {
		return strings.Join(all[:mostNamed], ", ") + fmt.Sprintf(" and %d more", len(all)-mostNamed)
	}
	return strings.Join(all, ", ")
}

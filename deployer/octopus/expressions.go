package octopus

import (
	"strings"

	"github.com/vipswap/vipswap/deployer/variables"
)

// unknownVariables tell, by how their names begin, which system variables of Octopus
// have no value here, and why.
var unknownVariables = []struct{ prefix, why string }{
	{"Octopus.Deployment.Comments", "deployments have no comments here"},
	{"Octopus.Deployment.Trigger.", "there are no triggers here"},
	{"Octopus.Deployment.Tenant.", "tenants are not supported"},
	{"Octopus.Tenant.", "tenants are not supported"},
	{"Octopus.Deployment.CreatedBy.Id", "users have a name here, and nothing else"},
	{"Octopus.Deployment.CreatedBy.EmailAddress", "users have a name here, and nothing else"},
	{"Octopus.Space.", "there are no spaces here"},
	{"Octopus.Web.", "there is no server with pages here"},
	{"Octopus.Machine.", "there are no deployment targets here"},
	{"Octopus.Tentacle.", "there are no deployment targets here"},
	{"Octopus.ProjectGroup.", "there are no groups of projects here"},
}

// expressions notes what is wrong, here, with the filters that a text uses, and the
// variables in it that only Octopus knows.
func (n notes) expressions(line int, what, text string) {
	for _, problem := range variables.Problems(text) {
		n.add(line, Changed, what, problem+", so that its expression stays as it is")
	}
	for _, name := range variables.Names(text) {
		for _, u := range unknownVariables {
			if len(name) >= len(u.prefix) && strings.EqualFold(name[:len(u.prefix)], u.prefix) {
				n.add(line, Changed, what, name+" has no value, because "+u.why+", and stays as it is")
			}
		}
	}
}

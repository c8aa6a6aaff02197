package octopus

import (
	"fmt"
	"strconv"

	"github.com/vipswap/vipswap/deployer/release/version"
	"github.com/vipswap/vipswap/deployer/variables"
)

// settingReasons tell why a setting of the project has no counterpart.
var settingReasons = map[string]string{
	"connectivity_policy":         "there are no deployment targets to be connected to",
	"default_guided_failure_mode": "nobody is asked what to do after a failure",
	"release_notes_template":      "release notes are a text, by release create --notes",
	"deployment_changes_template": "deployments have no list of changes",
	"release_creation_strategy":   "releases are created by release create",
	"donor_package":               "a release cannot take its number from a package: name it, or write a template under versioning",
	"multi_tenancy_mode":          "tenants are not supported",
}

func settingReason(name string) string {
	if why := settingReasons[name]; why != "" {
		return why
	}
	return "it has no counterpart"
}

// settings reads deployment_settings.ocl: of the versioning strategy the
// template, and notes about the rest.
func (im *importer) settings(b body) {
	n := im.notes(settingsFile)
	for _, a := range b.attributes {
		n.add(a.line, LeftOut, describe(a), settingReason(a.name))
	}
	for _, inner := range b.blocks {
		if inner.name == "connectivity_policy" {
			connectivity(inner, n)
			continue
		}
		if inner.name != "versioning_strategy" {
			n.add(inner.line, LeftOut, inner.name, settingReason(inner.name))
			continue
		}
		for _, a := range inner.attributes {
			if a.name == "template" && a.value.isText {
				im.numbering(a, n)
				continue
			}
			n.add(a.line, LeftOut, "versioning_strategy: "+describe(a), settingReason(a.name))
		}
		for _, deeper := range inner.blocks {
			n.add(deeper.line, LeftOut, "versioning_strategy: "+deeper.name, settingReason(deeper.name))
		}
	}
}

// connectivity notes what a policy says beyond what is so here: that there need not
// be deployment targets.
func connectivity(b block, n notes) {
	for _, a := range b.attributes {
		if a.name != "allow_deployments_to_no_targets" || a.value.text != "true" {
			n.add(a.line, LeftOut, b.name+": "+describe(a), settingReason(b.name))
		}
	}
	for _, inner := range b.blocks {
		n.add(inner.line, LeftOut, b.name+": "+inner.name, settingReason(b.name))
	}
}

// numbering takes over the template of release numbers.
func (im *importer) numbering(a attribute, n notes) {
	text := a.value.text
	m, isMask := version.ParseMask(text)
	switch err := variables.Check(text); {
	case text == "":
	case err != nil:
		n.add(a.line, LeftOut, describe(a), fmt.Sprintf("its expression makes no sense: %v", err))
	case !hasExpression(text) && (!isMask || !m.Counts()):
		n.add(a.line, LeftOut, describe(a), "it would be the number of every release")
	default:
		im.template = text
	}
}

// newestSchema is the newest version of the files that this package was
// written for. Newer ones are read, too, with a note.
const newestSchema = 11

// schema reads schema_version.ocl.
func (im *importer) schema(b body) {
	n := im.notes(schemaFile)
	for _, a := range b.attributes {
		v, err := strconv.Atoi(a.value.text)
		switch {
		case a.name != "version":
			n.add(a.line, LeftOut, describe(a), "it has no counterpart")
		case err != nil || v < 1:
			n.add(a.line, LeftOut, describe(a), "it is no version of the files; they were read all the same")
		case v > newestSchema:
			n.add(a.line, Assumed, describe(a), fmt.Sprintf("the files are newer than version %d; they were read all the same", newestSchema))
		}
	}
	for _, inner := range b.blocks {
		n.add(inner.line, LeftOut, inner.name, "it has no counterpart")
	}
}

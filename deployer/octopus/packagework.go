package octopus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer/packagework"
)

// The settings that change files of a package, and the features that turn
// them on.
const (
	propertySubstitute = "Octopus.Action.SubstituteInFiles.TargetFiles"
	propertyStructured = "Octopus.Action.Package.JsonConfigurationVariablesTargets"
	propertyScripts    = "Octopus.Action.Package.RunScripts"
	propertyVariables  = "Octopus.Action.Package.AutomaticallyUpdateAppSettingsAndConnectionStrings"

	featureSubstitute = "Octopus.Features.SubstituteInFiles"
	featureStructured = "Octopus.Features.JsonConfigurationVariables"
	featureVariables  = "Octopus.Features.ConfigurationVariables"
	featureScripts    = "Octopus.Features.CustomScripts"
	featureTransforms = "Octopus.Features.ConfigurationTransforms"
)

// packageWork is what the step does to the files of its package.
type packageWork struct {
	substitute, structured []string
	variables, noScripts   bool
}

// packageWork takes over what is turned on, and notes what is not.
func (s *step) packageWork(dictionary []attribute, n notes) {
	on := make(map[string]bool)
	for _, a := range dictionary {
		if a.name == propertyFeatures {
			s.features(a, on, n)
		}
	}
	for _, a := range dictionary {
		switch a.name {
		case propertyVariables:
			s.work.variables = s.work.variables && !strings.EqualFold(a.value.text, "false")
		case propertySubstitute:
			s.work.substitute = patterns(a, on[featureSubstitute], n)
		case propertyStructured:
			s.work.structured = patterns(a, on[featureStructured], n)
		case propertyScripts:
			s.work.noScripts = strings.EqualFold(a.value.text, "false")
		}
	}
	if on[featureSubstitute] && len(s.work.substitute) == 0 {
		n.add(s.line, LeftOut, "feature "+featureSubstitute, "no files are named for it")
	}
	if on[featureStructured] && len(s.work.structured) == 0 {
		n.add(s.line, LeftOut, "feature "+featureStructured, "no files are named for it")
	}
}

// features notes which features are on, and those that have no counterpart.
func (s *step) features(a attribute, on map[string]bool, n notes) {
	for feature := range strings.SplitSeq(a.value.text, ",") {
		switch feature = strings.TrimSpace(feature); feature {
		case "":
		case featureSubstitute, featureStructured:
			on[feature] = true
		case featureVariables:
			s.work.variables = true
		case featureScripts:
			n.add(a.line, LeftOut, "feature "+feature, "scripts of the step are not imported; each is listed by its own setting")
		case featureTransforms:
			n.add(a.line, LeftOut, "feature "+feature, transformsReason)
		default:
			n.add(a.line, LeftOut, "feature "+feature, "it has no counterpart")
		}
	}
}

// patterns returns the lines of a setting that name files.
func patterns(a attribute, on bool, n notes) []string {
	if !on {
		n.add(a.line, LeftOut, describe(a), "its feature is not enabled")
		return nil
	}
	var list []string
	for line := range strings.SplitSeq(a.value.text, "\n") {
		line = strings.ReplaceAll(strings.TrimSpace(line), `\`, "/")
		switch {
		case line == "":
		case packagework.CheckPattern(line) != nil || hasExpression(line):
			n.add(a.line, LeftOut, fmt.Sprintf("%s: %s", a.name, line), "it is no pattern of file names")
		default:
			list = append(list, line)
		}
	}
	return list
}

// packageProperties are those that packageWork takes over.
var packageProperties = []string{propertySubstitute, propertyStructured, propertyScripts, propertyVariables, propertyFeatures}

// exportWork writes what packageWork reads.
func exportWork(w packagework.Work, noScripts bool, add func(name, text string)) {
	var features []string
	enable := func(feature string, wanted bool) {
		if wanted {
			features = append(features, feature)
		}
	}
	enable(featureVariables, w.ConfigurationVariables)
	enable(featureStructured, len(w.Structured) > 0)
	enable(featureSubstitute, len(w.Substitute) > 0)
	slices.Sort(features)
	add(propertyFeatures, strings.Join(features, ","))
	add(propertySubstitute, strings.Join(w.Substitute, "\n"))
	add(propertyStructured, strings.Join(w.Structured, "\n"))
	if noScripts {
		add(propertyScripts, "False")
	}
}

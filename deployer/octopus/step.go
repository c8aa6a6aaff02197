package octopus

import (
	"fmt"
	"slices"
	"strings"
)

// cloudServiceAction is the type of the step that deploys a cloud service.
const cloudServiceAction = "Octopus.AzureCloudService"

// The settings of the step that a project of ours has, too.
const (
	propertyPrefix        = "Octopus.Action.Azure."
	propertyAccount       = propertyPrefix + "AccountId"
	propertyService       = propertyPrefix + "CloudServiceName"
	propertyStorage       = propertyPrefix + "StorageAccountName"
	propertySlot          = propertyPrefix + "Slot"
	propertySwap          = propertyPrefix + "SwapIfPossible"
	propertyCount         = propertyPrefix + "UseCurrentInstanceCount"
	propertyLabel         = propertyPrefix + "DeploymentLabel"
	propertyConfiguration = propertyPrefix + "CloudServiceConfigurationFileRelativePath"
	propertyLegacy        = propertyPrefix + "IsLegacyMode"
	propertyRoles         = "Octopus.Action.TargetRoles"
	propertyFeatures      = "Octopus.Action.EnabledFeatures"
)

// A step is the one that deploys the cloud service, as far as a project of
// ours has its settings.
type step struct {
	slug, name        string
	service, storage  string
	slot              string
	roles             []string // of the target
	label             string
	swap, currentSize bool
	configuration     string
	work              packageWork
	line              int

	given map[string]bool // the properties that say something
	bound []attribute     // switches whose value is an expression, see decide
}

// settings says where each property that can be carried over goes.
var settings = map[string]func(*step, string){
	propertyService:       func(s *step, v string) { s.service = v },
	propertyStorage:       func(s *step, v string) { s.storage = v },
	propertySlot:          func(s *step, v string) { s.slot = v },
	propertyLabel:         func(s *step, v string) { s.label = v },
	propertyConfiguration: func(s *step, v string) { s.configuration = strings.ReplaceAll(strings.TrimLeft(v, `\`), `\`, "/") },
	propertyRoles:         func(s *step, v string) { s.roles = splitRoles(v) },
	propertyLegacy:        func(*step, string) {}, // that is how the settings come to stand here
}

// splitRoles returns the names between commas, each once.
func splitRoles(text string) []string {
	var roles []string
	for role := range strings.SplitSeq(text, ",") {
		if role = strings.TrimSpace(role); role != "" && !containsFold(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// switches says where the properties go that are true or false.
var switches = map[string]func(*step, bool){
	propertySwap:  func(s *step, v bool) { s.swap = v },
	propertyCount: func(s *step, v bool) { s.currentSize = v },
}

// isTrue reads a switch as Octopus does: what is neither true nor false is false.
func isTrue(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "true") }

// transformsReason is said of everything about XDT.
const transformsReason = "configuration transforms (XDT) are not applied: write the values as variables"

// reasons tell, by how its name begins, why a property has no counterpart.
// The first that fits counts.
var reasons = []struct{ prefix, why string }{
	{propertyPrefix + "Account", "the connection comes from the VIPSWAP_* variables of the environment"},
	{propertyPrefix + "SubscriptionId", "the connection comes from the VIPSWAP_* variables of the environment"},
	{propertyPrefix + "Certificate", "the connection comes from the VIPSWAP_* variables of the environment"},
	{propertyPrefix + "CloudServicePackageExtractionDisabled", "a .cspkg is unpacked only when its files are changed"},
	{propertyPrefix + "LogExtractedCspkg", "\"vipswap inspect\" lists what is in a .cspkg"},
	{"Octopus.Action.Package.FeedId", "feeds are not supported: a release takes its package from a file, by release create --package"},
	{"Octopus.Action.Package.PackageId", "feeds are not supported: a release takes its package from a file, by release create --package"},
	{"Octopus.Action.Package.DownloadOnTentacle", "feeds are not supported: a release takes its package from a file, by release create --package"},
	{"Octopus.Action.CustomScripts.", "scripts of the step are not imported: put them into the package, beside the .cspkg, as PreDeploy, Deploy or PostDeploy with their extension"},
	{"Octopus.Action.Package.AdditionalXmlConfigurationTransforms", transformsReason},
	{"Octopus.Action.Package.AutomaticallyRunConfigurationTransformationFiles", transformsReason},
	{"Octopus.Action.Package.IgnoreConfigTransformationErrors", transformsReason},
	{propertyRoles, "this step runs where vipswap runs, without a target"},
	{"Octopus.Action.MaxParallelism", "there are no deployment targets: the project names the cloud service itself"},
	{"Octopus.Action.RunOnServer", "the step runs where vipswap runs"},
	{"Octopus.Step.ConditionVariableExpression", "conditions of the step are not imported"},
	{"", "the setting has no counterpart"},
}

func reasonFor(property string) string {
	for _, r := range reasons {
		if strings.HasPrefix(property, r.prefix) {
			return r.why
		}
	}
	return ""
}

// set takes one property over, or notes why not.
func (s *step) set(a attribute, n notes) {
	text := a.value.text
	if s.given == nil {
		s.given = make(map[string]bool)
	}
	s.given[a.name] = text != ""
	if apply, ok := settings[a.name]; ok {
		apply(s, text)
		n.expressions(a.line, a.name, text)
		return
	}
	if apply, ok := switches[a.name]; ok {
		if hasExpression(text) {
			s.bound = append(s.bound, a)
			return
		}
		apply(s, isTrue(text))
		return
	}
	if slices.Contains(packageProperties, a.name) {
		return // see packageWork
	}
	n.add(a.line, LeftOut, describe(a), reasonFor(a.name))
}

// describe names an attribute with its value, shortened. Values that may be
// secret are not shown.
func describe(a attribute) string {
	v := a.value
	switch {
	case strings.Contains(strings.ToLower(a.name), "password"), strings.Contains(a.name, "CertificateBytes"):
		return a.name
	case v.isText && len(v.text) <= 60 && !strings.Contains(v.text, "\n"):
		return fmt.Sprintf("%s = %q", a.name, v.text)
	case v.isList:
		return fmt.Sprintf("%s = [%s]", a.name, strings.Join(v.list, ", "))
	}
	return a.name
}

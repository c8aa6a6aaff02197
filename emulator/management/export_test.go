package management

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

// answerDocuments are the documents that operations answer with, by the names
// of the operations; those that are not here have no body.
var answerDocuments = map[string]any{
	"Get Operation Status":                           operationDocument{},
	"Get Deployment":                                 deploymentDocument{},
	"List Deployment Events":                         eventsDocument{},
	"Get Cloud Service Properties":                   serviceDocument{},
	"List Cloud Services":                            servicesDocument{},
	"Check Cloud Service Name Availability":          availabilityDocument{},
	"Get Subscription":                               subscriptionDocument{},
	"List Subscriptions":                             subscriptionsDocument{},
	"List Locations":                                 locationsDocument{},
	"Get Storage Account Properties":                 accountDocument{},
	"List Storage Accounts":                          accountsDocument{},
	"Get Storage Account Keys":                       keysDocument{},
	"Check Storage Account Name Availability":        availabilityDocument{},
	"Regenerate Storage Account Keys":                keysDocument{},
	"List Affinity Groups":                           groupsDocument{},
	"Get Affinity Group Properties":                  groupDocument{},
	"List Role Sizes":                                roleSizesDocument{},
	"List Operating Systems":                         operatingSystemsDocument{},
	"List Operating System Families":                 familiesDocument{},
	"List Subscription Operations":                   operationsDocument{},
	"List Reserved IP Addresses":                     reservedIPsDocument{},
	"Get Reserved IP Address":                        reservedIPDocument{},
	"List Virtual Network Sites":                     sitesDocument{},
	"Check Traffic Manager Domain Name Availability": trafficAvailabilityDocument{},
	"List Profiles":                                  profilesDocument{},
	"Get Profile":                                    profileDocument{},
	"Create Definition":                              createdDefinitionDocument{},
	"List Definitions":                               definitionsDocument{},
	"Get Definition":                                 definitionDocument{},
	"List Service Certificates":                      serviceCertificatesDocument{},
	"Get Service Certificate":                        serviceCertificateDocument{},
	"List Management Certificates":                   managementCertificatesDocument{},
	"Get Management Certificate":                     managementCertificateDocument{},
	"List Extensions":                                extensionsDocument{},
	"Get Extension":                                  extensionDocument{},
	"List Available Extensions":                      availableExtensionsDocument{},
	"List Extension Versions":                        availableExtensionsDocument{},
	"List Publisher Extensions":                      availableExtensionsDocument{},
	"Validate Deployment Migration":                  validationDocument{},
	"Validate Virtual Network Migration":             validationDocument{},
	"Validate Reserved IP Migration":                 validationDocument{},
	"Validate Network Security Group Migration":      validationDocument{},
	"Validate Route Table Migration":                 validationDocument{},
	"Validate Storage Account Migration":             validationDocument{},
}

// Answers returns the names of the operations that answer with a document.
func Answers() []string { return slices.Sorted(maps.Keys(answerDocuments)) }

// Features returns what of an operation's answer depends on the version.
func Features(operation string) []wire.Feature {
	document, ok := answerDocuments[operation]
	if !ok {
		return nil
	}
	return wire.Features(document)
}

// CanonicalPath returns what the router makes of a path, and its segments.
func CanonicalPath(path string) (string, []string) {
	u := url.URL{Path: path}
	first, more := canonicalPath(&u)
	segments := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	if first != segments[0] || more != (len(segments) > 1) {
		panic(fmt.Sprintf("the first of %q is %q", segments, first))
	}
	return u.Path, segments
}

// IsLiteral reports whether a segment is a word of the table of operations.
func IsLiteral(segment string) bool { return literals[strings.ToLower(segment)] }

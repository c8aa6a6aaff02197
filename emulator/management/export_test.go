package management

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

// answerDocuments are the documents that operations answer with, by the names
// of the operations; those that are not here have no body.
var answerDocuments = map[string]any{
	"Get Operation Status":                    operationDocument{},
	"Get Deployment":                          deploymentDocument{},
	"List Deployment Events":                  eventsDocument{},
	"Get Cloud Service Properties":            serviceDocument{},
	"List Cloud Services":                     servicesDocument{},
	"Check Cloud Service Name Availability":   availabilityDocument{},
	"Get Subscription":                        subscriptionDocument{},
	"List Subscriptions":                      subscriptionsDocument{},
	"List Locations":                          locationsDocument{},
	"Get Storage Account Properties":          accountDocument{},
	"List Storage Accounts":                   accountsDocument{},
	"Get Storage Account Keys":                keysDocument{},
	"Check Storage Account Name Availability": availabilityDocument{},
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
	segments := canonicalPath(&u)
	return u.Path, segments
}

// IsLiteral reports whether a segment is a word of the table of operations.
func IsLiteral(segment string) bool { return literals[strings.ToLower(segment)] }

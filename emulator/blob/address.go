package blob

import (
	"net"
	"net/url"
	"strings"
	"unicode/utf8"
)

// A level is the kind of resource that an address names.
type level int

// The levels of resources.
const (
	accountLevel level = iota
	containerLevel
	blobLevel
)

// String names the level as the documentation does.
func (l level) String() string {
	return [...]string{"account", "container", "blob"}[l]
}

// rootContainer holds the blobs that are addressed without a container.
const rootContainer = "$root"

// A location is what the host and the path of a request name.
type location struct {
	account   string
	container string // "" at the level of the account
	blob      string // "" above the level of blobs; any other text below it
	hostStyle bool   // the account is in the host name, else in the path
}

// level tells what kind of resource the location is.
func (l location) level() level {
	switch {
	case l.container == "":
		return accountLevel
	case l.blob == "":
		return containerLevel
	}
	return blobLevel
}

// locate splits an address: the Host of a request, its path as it was sent, and
// whether the query says restype=container. A host ACCOUNT.blob.ANYTHING names
// the account, with any other the path does. What follows the container is the
// name of the blob, decoded once after cutting, because clients differ in
// whether they escape slashes inside it. A name without a container is one of a
// blob in the root container.
func locate(host, escapedPath string, containerWanted bool) (location, error) {
	l := location{account: accountOfHost(host)}
	l.hostStyle = l.account != ""
	rest := strings.TrimPrefix(escapedPath, "/")
	if !l.hostStyle {
		l.account, rest, _ = strings.Cut(rest, "/")
	}
	if l.account == "" {
		return location{}, refuse(invalidURI, "Reason", "the address names no storage account: it starts with /ACCOUNT/, or the host with ACCOUNT.blob.")
	}
	if rest == "" {
		return l, nil
	}
	container, blob, hasBlob := strings.Cut(rest, "/")
	if !hasBlob && !containerWanted {
		container, blob, hasBlob = rootContainer, container, true
	}
	var err error
	if l.container, err = decodeContainer(container); err != nil || !hasBlob || blob == "" {
		return l, err
	}
	l.blob, err = decodeBlob(blob)
	return l, err
}

// accountOfHost returns the account that a host name starts with, "" for none.
func accountOfHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	account, rest, _ := strings.Cut(strings.ToLower(host), ".")
	if !strings.HasPrefix(rest, "blob.") {
		return ""
	}
	return account
}

// The lengths of names. Source: Microsoft's page "Naming and referencing
// containers, blobs, and metadata".
const (
	shortestContainer = 3
	longestContainer  = 63
	longestBlob       = 1024 // characters
)

// specialContainers are the containers whose names break the rule.
var specialContainers = map[string]bool{rootContainer: true, "$logs": true, "$web": true}

// decodeContainer decodes and checks the name of a container.
func decodeContainer(escaped string) (string, error) {
	name, err := url.PathUnescape(escaped)
	switch {
	case err != nil || name == "":
		return "", refuse(invalidURI)
	case specialContainers[name]:
		return name, nil
	case len(name) < shortestContainer || len(name) > longestContainer:
		return "", refuse(outOfRangeInput, "Reason", "the name of a container has 3 to 63 characters")
	case !validContainer(name):
		return "", refuse(invalidResourceName, "Reason", "the name of a container consists of lower-case letters, digits and single hyphens between them")
	}
	return name, nil
}

// validContainer tells whether name consists of lower-case letters, digits and
// single hyphens between them.
func validContainer(name string) bool {
	for i, c := range name {
		alphanumeric := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		if !alphanumeric && (c != '-' || i == 0 || name[i-1] == '-') {
			return false
		}
	}
	return name[len(name)-1] != '-'
}

// decodeBlob decodes and checks the name of a blob.
func decodeBlob(escaped string) (string, error) {
	name, err := url.PathUnescape(escaped)
	switch {
	case err != nil || !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return "", refuse(invalidURI)
	case utf8.RuneCountInString(name) > longestBlob:
		return "", refuse(outOfRangeInput, "Reason", "the name of a blob has at most 1024 characters")
	}
	return name, nil
}

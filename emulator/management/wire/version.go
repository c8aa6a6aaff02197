package wire

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Version is a version of the API: the date in the x-ms-version header, written
// 2006-01-02. Versions compare with the operators for strings. The empty Version
// is below all others.
type Version string

// versions lists the versions of the API, oldest first, as Microsoft's page on
// versioning, the pages of single operations and recorded traffic name them.
var versions = [...]Version{
	"2009-10-01",
	"2010-04-01", "2010-10-28",
	"2011-02-25", "2011-04-01", "2011-06-01", "2011-08-01", "2011-10-01", "2011-12-01",
	"2012-03-01", "2012-08-01", "2012-12-01",
	"2013-03-01", "2013-06-01", "2013-08-01", "2013-11-01",
	"2014-01-01", "2014-02-01", "2014-04-01", "2014-05-01", "2014-06-01", "2014-08-01", "2014-10-01",
	"2015-02-01", "2015-03-01", "2015-04-01", "2015-05-01", "2015-09-01",
	"2016-03-01", "2016-06-01", "2016-07-01", "2016-11-01",
	"2017-01-01",
	"2018-03-01",
}

var errVersionMissing = errors.New("the x-ms-version header is missing")

// Versions returns the known versions, oldest first.
func Versions() []Version { return slices.Clone(versions[:]) }

// OldestVersion returns the first version of the API, 2009-10-01.
func OldestVersion() Version { return versions[0] }

// LatestVersion returns the newest known version.
func LatestVersion() Version { return versions[len(versions)-1] }

// ParseVersion reads the value of an x-ms-version header. A date that is no known
// version means the newest known one that is not after it. The error says what is
// wrong with a header that is missing, is not a date in the form 2006-01-02, or is
// older than the API; Microsoft's page on versioning has 400
// MissingOrIncorrectVersionHeader for it. What the service makes of unknown later
// dates is not documented; see [ParseKnownVersion] for the other reading.
func ParseVersion(header string) (Version, error) {
	at, known := slices.BinarySearch(versions[:], Version(header))
	if known {
		return versions[at], nil
	}
	if header == "" {
		return "", errVersionMissing
	}
	if _, err := time.Parse(time.DateOnly, header); err != nil {
		return "", fmt.Errorf("the x-ms-version header is not a date such as %s", LatestVersion())
	}
	if at == 0 {
		return "", fmt.Errorf("x-ms-version %s is older than the first version, %s", header, OldestVersion())
	}
	return versions[at-1], nil
}

// ParseKnownVersion is ParseVersion without tolerance: a date that is no known
// version is an error too.
func ParseKnownVersion(header string) (Version, error) {
	version, err := ParseVersion(header)
	if err != nil {
		return "", err
	}
	if string(version) != header {
		return "", fmt.Errorf("x-ms-version %s is not a known version; the newest before it is %s", header, version)
	}
	return version, nil
}

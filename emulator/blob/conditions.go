package blob

import (
	"net/http"
	"strings"
	"time"
)

// conditions are what a request makes its effect depend on. Source: Microsoft's
// page "Specifying conditional headers for Blob service operations".
type conditions struct {
	match, noneMatch               string // comma-separated ETags or "*", "" for none
	modifiedSince, unmodifiedSince time.Time
}

// conditions reads the conditional headers. A date that is none is refused.
func (q *request) conditions() (conditions, error) {
	c := conditions{match: q.Header.Get("If-Match"), noneMatch: q.Header.Get("If-None-Match")}
	for _, h := range []struct {
		name string
		time *time.Time
	}{
		{"If-Modified-Since", &c.modifiedSince},
		{"If-Unmodified-Since", &c.unmodifiedSince},
	} {
		value := q.Header.Get(h.name)
		if value == "" {
			continue
		}
		var err error
		if *h.time, err = http.ParseTime(value); err != nil {
			return c, refuseHeader(invalidHeaderValue, h.name, value, "it is not a date of the form "+http.TimeFormat)
		}
	}
	return c, nil
}

// names tells whether a list of ETags has this one.
func names(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || strings.Trim(tag, `"`) == etag {
			return true
		}
	}
	return false
}

// unmet tells whether a resource that should be unchanged is not.
func (c conditions) unmet(etag string, modified time.Time) bool {
	if c.match != "" {
		return !names(c.match, etag)
	}
	return !c.unmodifiedSince.IsZero() && modified.Truncate(time.Second).After(c.unmodifiedSince)
}

// unchanged tells whether a resource that should be changed is not.
func (c conditions) unchanged(etag string, modified time.Time) bool {
	if c.noneMatch != "" {
		return names(c.noneMatch, etag)
	}
	return !c.modifiedSince.IsZero() && !modified.Truncate(time.Second).After(c.modifiedSince)
}

// checkRead refuses to read what does not meet the conditions: with 412 what
// has changed, with 304 what has not.
func (c conditions) checkRead(etag string, modified time.Time) error {
	if c.unmet(etag, modified) {
		return refuse(conditionNotMet)
	}
	if c.unchanged(etag, modified) {
		refused := refuse(conditionNotMet)
		refused.status = http.StatusNotModified
		refused.header = respond(0).stamped(etag, modified).header
		return refused
	}
	return nil
}

// checkWrite refuses to change what does not meet the conditions.
func (c conditions) checkWrite(etag string, modified time.Time) error {
	if c.unmet(etag, modified) || c.unchanged(etag, modified) {
		return refuse(conditionNotMet)
	}
	return nil
}

// checkCreate refuses to write a whole blob over old, which is nil when there
// is none. The usual "do not overwrite" is If-None-Match with a star.
func (c conditions) checkCreate(old *blobRecord) error {
	switch {
	case old == nil && c.match != "":
		return refuse(conditionNotMet)
	case old == nil:
		return nil
	case strings.TrimSpace(c.noneMatch) == "*":
		return refuse(blobAlreadyExists)
	}
	return c.checkWrite(old.ETag, old.Modified)
}

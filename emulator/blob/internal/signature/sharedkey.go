package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Versions of the service from which a rule of Shared Key holds.
const (
	zeroLengthOmitted  = "2015-02-21" // a Content-Length of 0 is signed as nothing
	emptyHeadersSigned = "2016-05-31" // x-ms- headers without a value are signed
)

// Sign returns the HMAC-SHA256 of text under a decoded account key.
func Sign(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// An Authorization is the contents of an Authorization header.
type Authorization struct {
	Lite      bool // SharedKeyLite, else SharedKey
	Account   string
	Signature []byte
}

// ParseAuthorization reads "SharedKey ACCOUNT:SIGNATURE" or "SharedKeyLite
// ACCOUNT:SIGNATURE". The error says what is wrong with the header, without
// quoting it.
func ParseAuthorization(header string) (Authorization, error) {
	scheme, rest, ok := strings.Cut(header, " ")
	if !ok {
		return Authorization{}, errors.New("the header has no credentials after the scheme")
	}
	a := Authorization{Lite: strings.EqualFold(scheme, "SharedKeyLite")}
	if !a.Lite && !strings.EqualFold(scheme, "SharedKey") {
		return Authorization{}, errors.New("the scheme is not SharedKey or SharedKeyLite")
	}
	account, encoded, ok := strings.Cut(strings.TrimSpace(rest), ":")
	if !ok || account == "" {
		return Authorization{}, errors.New("the credentials are not of the form ACCOUNT:SIGNATURE")
	}
	mac, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(mac) == 0 {
		return Authorization{}, errors.New("the signature is not in base64")
	}
	a.Account, a.Signature = account, mac
	return a, nil
}

// A Request is the part of a request that Shared Key signs.
type Request struct {
	Method        string
	Header        http.Header
	ContentLength int64      // 0 when there is no body
	EscapedPath   string     // as sent, in path style with the account in front
	Query         url.Values // decoded
	Account       string
	Version       string // x-ms-version, "" when absent
}

// StringsToSign returns the texts that the request's signature may be made
// from. The first is the one of the documentation; the others differ where
// clients do: in the order of headers whose names differ at a hyphen or an
// underscore, and, in old versions, in the length of an empty body.
func (r Request) StringsToSign(lite bool) []string {
	head := r.fullHead
	if lite {
		head = r.liteHead
	}
	resource := r.resource(lite)
	var texts []string
	for _, length := range r.lengths(lite) {
		for _, order := range []func(a, b string) int{strings.Compare, compareByWeight} {
			text := head(length) + r.headers(order) + resource
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// lengths returns the ways in which the length of the body may be signed.
func (r Request) lengths(lite bool) []string {
	switch {
	case r.ContentLength > 0:
		return []string{strconv.FormatInt(r.ContentLength, 10)}
	case lite || r.Version >= zeroLengthOmitted:
		return []string{""}
	}
	return []string{"0", ""} // clients sign nothing where they send no header
}

// fullHead is the part of the text before the x-ms- headers.
func (r Request) fullHead(length string) string {
	return strings.Join([]string{
		r.Method,
		r.Header.Get("Content-Encoding"),
		r.Header.Get("Content-Language"),
		length,
		r.Header.Get("Content-MD5"),
		r.Header.Get("Content-Type"),
		r.date(),
		r.Header.Get("If-Modified-Since"),
		r.Header.Get("If-Match"),
		r.Header.Get("If-None-Match"),
		r.Header.Get("If-Unmodified-Since"),
		r.Header.Get("Range"),
	}, "\n") + "\n"
}

// liteHead is what SharedKeyLite signs in place of fullHead.
func (r Request) liteHead(string) string {
	return strings.Join([]string{
		r.Method,
		r.Header.Get("Content-MD5"),
		r.Header.Get("Content-Type"),
		r.date(),
	}, "\n") + "\n"
}

// date is the Date header, or nothing where x-ms-date is signed anyway.
func (r Request) date() string {
	if r.Header.Get("x-ms-date") != "" {
		return ""
	}
	return r.Header.Get("Date")
}

// headers is the part of the text with the x-ms- headers, in the given order.
func (r Request) headers(order func(a, b string) int) string {
	values := map[string]string{}
	for name, all := range r.Header {
		name = strings.ToLower(name)
		value := foldSpace(strings.Join(all, ","))
		if strings.HasPrefix(name, "x-ms-") && (value != "" || r.Version >= emptyHeadersSigned) {
			values[name] = value
		}
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.SortFunc(names, order)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name + ":" + values[name] + "\n")
	}
	return b.String()
}

// foldSpace makes one space of each line break with the white space around it.
// Other white space inside a value is signed as it is sent.
func foldSpace(value string) string {
	if !strings.ContainsAny(value, "\r\n") {
		return strings.TrimSpace(value)
	}
	return strings.Join(strings.Fields(value), " ")
}

// resource is the last part of the text: account, path and query.
func (r Request) resource(lite bool) string {
	path := r.EscapedPath
	if path == "" {
		path = "/"
	}
	resource := "/" + r.Account + path
	if lite {
		if comp := r.Query.Get("comp"); comp != "" {
			resource += "?comp=" + comp
		}
		return resource
	}
	lower := map[string][]string{}
	for name, values := range r.Query {
		name = strings.ToLower(name)
		lower[name] = append(lower[name], values...)
	}
	names := make([]string, 0, len(lower))
	for name := range lower {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		slices.Sort(lower[name])
		resource += "\n" + name + ":" + strings.Join(lower[name], ",")
	}
	return resource
}

// compareByWeight orders header names as the current official clients do: like
// words in a dictionary, where a hyphen counts only between names that are
// otherwise the same (the one without comes first) and an underscore comes
// before digits and letters.
func compareByWeight(a, b string) int {
	weigh := strings.NewReplacer("-", "", "_", " ").Replace
	if c := strings.Compare(weigh(a), weigh(b)); c != 0 {
		return c
	}
	hyphenLast := strings.NewReplacer("-", "\x7f").Replace
	return strings.Compare(hyphenLast(a), hyphenLast(b))
}

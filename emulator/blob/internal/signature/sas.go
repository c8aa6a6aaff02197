package signature

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Versions of the service from which a service SAS signs more fields, and the
// first that is understood here.
const (
	firstSAS         = "2015-04-05"
	resourceSigned   = "2018-11-09" // sr and the snapshot's time
	encryptionSigned = "2020-12-06" // ses, the encryption scope
)

// overrides are the parameters of a service SAS that replace headers of the
// answer, in the order in which they are signed.
var overrides = []struct{ parameter, header string }{
	{"rscc", "Cache-Control"},
	{"rscd", "Content-Disposition"},
	{"rsce", "Content-Encoding"},
	{"rscl", "Content-Language"},
	{"rsct", "Content-Type"},
}

// fields are the parameters that make a SAS. Each may be there once.
var fields = []string{
	"sv", "sr", "ss", "srt", "sp", "st", "se", "si", "sip", "spr", "ses", "sig",
	"rscc", "rscd", "rsce", "rscl", "rsct",
}

// A SAS is a shared access signature: the permission to do something until a
// certain time, for whoever has it. It is either a service SAS, for a blob or a
// container, or an account SAS.
type SAS struct {
	Signature   []byte
	Permissions string // sp; may be "" where a stored policy gives them
	Identifier  string // si, the name of a stored policy, "" for none
	Start       string // st, as written; "" for from now on
	Expiry      string // se, as written; may be "" where a stored policy gives it

	values url.Values
}

// ParseSAS reads a SAS out of a decoded query. The error says which parameter
// is missing, given twice or wrong, without quoting the signature.
func ParseSAS(query url.Values) (SAS, error) {
	for _, name := range fields {
		if len(query[name]) > 1 {
			return SAS{}, fmt.Errorf("%s is given more than once", name)
		}
	}
	mac, err := base64.StdEncoding.DecodeString(query.Get("sig"))
	if err != nil || len(mac) == 0 {
		return SAS{}, errors.New("sig is not well formed")
	}
	s := SAS{
		Signature:   mac,
		Permissions: query.Get("sp"),
		Identifier:  query.Get("si"),
		Start:       query.Get("st"),
		Expiry:      query.Get("se"),
		values:      query,
	}
	return s, s.check()
}

// check looks at the parameters that tell the kind and age of a SAS.
func (s SAS) check() error {
	version := s.values.Get("sv")
	if _, err := time.Parse(time.DateOnly, version); err != nil {
		return errors.New("sv is not well formed")
	}
	if version < firstSAS {
		return fmt.Errorf("sv %s is older than %s, the first version understood here", version, firstSAS)
	}
	if s.Account() {
		if s.Permissions == "" || s.Expiry == "" || s.values.Get("srt") == "" {
			return errors.New("an account SAS needs sp, se and srt")
		}
		return nil
	}
	if resource := s.values.Get("sr"); resource != "b" && resource != "c" {
		return fmt.Errorf("sr %q is not b (blob) or c (container)", resource)
	}
	return nil
}

// Account tells whether this is an account SAS rather than a service SAS.
func (s SAS) Account() bool { return s.values.Has("ss") }

// Services is the letters of the services that an account SAS is good for.
func (s SAS) Services() string { return s.values.Get("ss") }

// ResourceTypes is the letters of the levels that an account SAS is good for:
// s for the service, c for containers, o for blobs.
func (s SAS) ResourceTypes() string { return s.values.Get("srt") }

// Version is the version of the service whose rules the SAS follows.
func (s SAS) Version() string { return s.values.Get("sv") }

// WholeContainer tells whether a service SAS is for a container and all blobs
// in it rather than for one blob.
func (s SAS) WholeContainer() bool { return s.values.Get("sr") == "c" }

// Overrides returns the headers of the answer that a service SAS replaces.
func (s SAS) Overrides() map[string]string {
	headers := map[string]string{}
	for _, o := range overrides {
		if v := s.values.Get(o.parameter); v != "" && !s.Account() {
			headers[o.header] = v
		}
	}
	return headers
}

// StringToSign returns the text that the signature was made from, if the SAS
// was issued for this account, container and blob (decoded names). A SAS for a
// container, or for an account, does not look at what it does not cover.
func (s SAS) StringToSign(account, container, blob string) string {
	if s.Account() {
		return s.accountString(account)
	}
	resource := "/blob/" + account + "/" + container
	if !s.WholeContainer() {
		resource += "/" + blob
	}
	text := []string{s.Permissions, s.Start, s.Expiry, resource, s.Identifier}
	text = append(text, s.get("sip", "spr", "sv")...)
	if s.Version() >= resourceSigned {
		text = append(text, s.values.Get("sr"), "") // snapshots are not served here
	}
	if s.Version() >= encryptionSigned {
		text = append(text, s.values.Get("ses"))
	}
	for _, o := range overrides {
		text = append(text, s.values.Get(o.parameter))
	}
	return strings.Join(text, "\n")
}

// accountString is StringToSign for an account SAS, which ends with a new line.
func (s SAS) accountString(account string) string {
	text := append([]string{account}, s.get("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")...)
	if s.Version() >= encryptionSigned {
		text = append(text, s.values.Get("ses"))
	}
	return strings.Join(text, "\n") + "\n"
}

func (s SAS) get(names ...string) []string {
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = s.values.Get(name)
	}
	return values
}

// AllowsProtocol tells whether the SAS may be used over this kind of connection.
func (s SAS) AllowsProtocol(encrypted bool) bool {
	return encrypted || s.values.Get("spr") != "https"
}

// AllowsAddress tells whether the SAS may be used from this IP address: a SAS
// may name one address, or the first and the last of a range.
func (s SAS) AllowsAddress(from netip.Addr) bool {
	allowed := s.values.Get("sip")
	if allowed == "" {
		return true
	}
	low, high, isRange := strings.Cut(allowed, "-")
	if !isRange {
		high = low
	}
	first, err1 := netip.ParseAddr(low)
	last, err2 := netip.ParseAddr(high)
	from = from.Unmap()
	return err1 == nil && err2 == nil && first.Compare(from) <= 0 && from.Compare(last) <= 0
}

// timeLayouts are the forms in which Microsoft's page lets times be written,
// all in UTC.
var timeLayouts = []string{
	"2006-01-02",
	"2006-01-02T15:04Z",
	time.RFC3339Nano, // with and without fractions of a second
}

// ParseTime reads a time as a SAS or a stored policy writes it. The zero time
// stands for "".
func ParseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time in UTC, such as 2015-07-01T08:49Z", text)
}

// Allows tells whether permissions, a string of letters, has one of wanted.
func Allows(permissions, wanted string) bool {
	return slices.ContainsFunc([]rune(wanted), func(p rune) bool { return strings.ContainsRune(permissions, p) })
}

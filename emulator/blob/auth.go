package blob

import (
	"crypto/hmac"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/vipswap/vipswap/emulator/blob/internal/signature"
)

// mostSkew is how far the date of a Shared Key request may be off. Source:
// Microsoft's page "Authorize with Shared Key".
const mostSkew = 15 * time.Minute

// A grant is what the credentials of a request allow.
type grant struct {
	everything  bool              // an account key
	permissions string            // the letters of a SAS
	overrides   map[string]string // headers of the answer that a SAS replaces
}

// overwrites tells whether existing blobs may be overwritten. A SAS with create
// but not write may only make new ones.
func (g grant) overwrites() bool {
	return g.everything || signature.Allows(g.permissions, "w")
}

// authenticate finds the account that the request belongs to, and what it may
// do there. Several subscriptions may have accounts of the same name: the
// request is for the one whose key made the signature.
func (s *Server) authenticate(q *request) error {
	candidates := s.accounts.Accounts(q.location.account)
	switch {
	case q.Header.Get("Authorization") != "":
		return q.bySharedKey(candidates)
	case q.query.Has("sig"):
		return s.bySAS(q, candidates)
	}
	return s.anonymous(q, candidates)
}

// bySharedKey checks an Authorization header.
func (q *request) bySharedKey(candidates []Account) error {
	a, err := signature.ParseAuthorization(q.Header.Get("Authorization"))
	if err != nil {
		return refuse(invalidAuthenticationInfo, "Reason", err.Error())
	}
	if a.Account != q.location.account {
		return unauthenticated("The account in the Authorization header is not the account in the address.")
	}
	if err := q.checkDate(); err != nil {
		return err
	}
	texts := q.signed().StringsToSign(a.Lite)
	for _, text := range texts {
		if account, ok := signer(candidates, a.Signature, text); ok {
			q.account, q.grant = account, grant{everything: true}
			return nil
		}
	}
	return unauthenticated("The signature is not one that a key of the account makes of this string to sign: %s", withoutSecrets(texts[0]))
}

// signed is the part of the request that Shared Key signs.
func (q *request) signed() signature.Request {
	return signature.Request{
		Method:        q.Method,
		Header:        q.Header,
		ContentLength: q.ContentLength,
		EscapedPath:   q.URL.EscapedPath(),
		Query:         q.query,
		Account:       q.location.account,
		Version:       q.Header.Get("x-ms-version"),
	}
}

// withoutSecrets leaves out the lines of a string to sign that may hold the
// signature of a SAS, be it in the query or in the address of a source.
func withoutSecrets(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		if name == "sig" || strings.Contains(line, "sig=") || strings.HasPrefix(name, "x-ms-copy-source") {
			lines[i] = name + ":(left out)"
		}
	}
	return strings.Join(lines, "\n")
}

// checkDate refuses a request that is dated too far from now.
func (q *request) checkDate() error {
	date := q.Header.Get("x-ms-date")
	if date == "" {
		date = q.Header.Get("Date")
	}
	if date == "" {
		return unauthenticated("The request has neither an x-ms-date nor a Date header.")
	}
	at, err := http.ParseTime(date)
	if err != nil {
		return unauthenticated("The date header in the request is incorrect: it is not of the form %s.", http.TimeFormat)
	}
	if skew := q.wall.Sub(at).Abs(); skew > mostSkew {
		return unauthenticated("Request date header too old: the request is dated %s, and here it is %s.", date, q.wall.Format(http.TimeFormat))
	}
	return nil
}

// signer finds the account with a key that makes this signature of text.
func signer(candidates []Account, mac []byte, text string) (Account, bool) {
	for _, account := range candidates {
		for _, k := range account.Keys {
			if hmac.Equal(mac, signature.Sign(k, text)) {
				return account, true
			}
		}
	}
	return Account{}, false
}

// bySAS checks a shared access signature and what it allows.
func (s *Server) bySAS(q *request, candidates []Account) error {
	account, sas, err := s.verify(q.query, q.location, candidates, q.operation)
	if err != nil {
		return err
	}
	if err := q.checkConnection(sas); err != nil {
		return err
	}
	q.account = account
	q.grant = grant{permissions: sas.Permissions, overrides: sas.Overrides()}
	return nil
}

// verify finds the account that signed the SAS in a query for a location, and
// refuses one that does not allow the operation now.
func (s *Server) verify(query url.Values, at location, candidates []Account, op operation) (Account, signature.SAS, error) {
	sas, err := signature.ParseSAS(query)
	if err != nil {
		return Account{}, sas, unauthenticated("The SAS is not valid: %v.", err)
	}
	account, ok := signer(candidates, sas.Signature, sas.StringToSign(at.account, at.container, at.blob))
	if !ok {
		return account, sas, unauthenticated("The signature of the SAS is not one that a key of the account makes for this resource.")
	}
	if err := s.resolve(&sas, account, at.container); err != nil {
		return account, sas, err
	}
	if err := checkTimes(sas, s.wallClock().UTC()); err != nil {
		return account, sas, err
	}
	return account, sas, op.checkSAS(sas)
}

// resolve adds to a SAS what it takes from a stored policy of the container.
func (s *Server) resolve(sas *signature.SAS, account Account, container string) error {
	if sas.Account() || sas.Identifier == "" {
		return nil
	}
	p, ok := s.store.policy(account.ID, container, sas.Identifier, account.Now())
	if !ok {
		return unauthenticated("The container has no stored access policy of the name in si.")
	}
	for _, field := range []struct {
		name, stored string
		value        *string
	}{
		{"sp", p.Permission, &sas.Permissions},
		{"st", formatTime(p.Start), &sas.Start},
		{"se", formatTime(p.Expiry), &sas.Expiry},
	} {
		if field.stored == "" {
			continue
		}
		if *field.value != "" {
			return unauthenticated("Both the SAS and its stored access policy give %s.", field.name)
		}
		*field.value = field.stored
	}
	return nil
}

// checkTimes refuses a SAS that is not valid now. It needs an end.
func checkTimes(sas signature.SAS, now time.Time) error {
	start, err := signature.ParseTime(sas.Start)
	if err != nil {
		return unauthenticated("st is not valid: %v.", err)
	}
	expiry, err := signature.ParseTime(sas.Expiry)
	if err != nil {
		return unauthenticated("se is not valid: %v.", err)
	}
	if expiry.IsZero() {
		return unauthenticated("Neither the SAS nor a stored access policy gives an expiry time.")
	}
	if now.Before(start) || !now.Before(expiry) {
		return unauthenticated("Signature not valid in the specified time frame: Start [%s] - Expiry [%s] - Current [%s]",
			formatTime(start), formatTime(expiry), formatTime(now))
	}
	return nil
}

// checkConnection refuses a SAS over a connection that it excludes.
func (q *request) checkConnection(sas signature.SAS) error {
	if !sas.AllowsProtocol(q.TLS != nil) {
		return refuse(authorizationProtocol)
	}
	from, _ := netip.ParseAddrPort(q.RemoteAddr) // the zero address is in no range
	if !sas.AllowsAddress(from.Addr()) {
		return refuse(authorizationIPMismatch, "SourceIP", from.Addr().String())
	}
	return nil
}

// anonymous serves what is public. When accounts of several subscriptions have
// the same name, it must be public in exactly one. Everything else does not
// exist for a stranger.
func (s *Server) anonymous(q *request, candidates []Account) error {
	var public []Account
	for _, account := range candidates {
		if s.store.access(account.ID, q.location.container, account.Now()).allows(q.operation.public) {
			public = append(public, account)
		}
	}
	if len(public) != 1 {
		return refuse(resourceNotFound)
	}
	q.account = public[0]
	return nil
}

// VerifySAS tells whether rawQuery, the query of an address, is a SAS that
// allows reading a blob of the account: nil if it does, else an error that says
// why not. Restrictions to a protocol or to IP addresses are not looked at.
func (s *Server) VerifySAS(account Account, container, blob, rawQuery string) error {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return refuse(invalidURI, "Reason", "the query is not well formed")
	}
	at := location{account: account.Name, container: container, blob: blob}
	_, _, err = s.verify(query, at, []Account{account}, s.routes[routeKey{http.MethodGet, blobLevel, "", ""}])
	return err
}

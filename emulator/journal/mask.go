package journal

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// Masked stands for what is secret.
const Masked = "***"

// masked returns the entry without what is secret in it.
func (e Entry) masked() Entry {
	e.URL, e.Message = maskText(e.URL), maskText(e.Message)
	e.Request, e.Answer = e.Request.masked(), e.Answer.masked()
	return e
}

// brief returns the message without its header and body.
func (m Message) brief() Message {
	m.Header, m.Body = nil, ""
	return m
}

func (m Message) masked() Message {
	m.Body = maskBody(m.Body)
	if m.Header == nil {
		return m
	}
	h := make(http.Header, len(m.Header))
	for name, values := range m.Header {
		for _, value := range values {
			h[name] = append(h[name], maskHeader(name, value))
		}
	}
	m.Header = h
	return m
}

// maskHeader hides credentials, and keeps what tells who: the scheme, and the
// account of a shared key.
func maskHeader(name, value string) string {
	switch name {
	case "Cookie", "Set-Cookie", "Proxy-Authorization", "X-Ms-Encryption-Key":
		return Masked
	case "Authorization":
		scheme, rest, _ := strings.Cut(value, " ")
		if account, _, ok := strings.Cut(rest, ":"); ok && strings.HasPrefix(scheme, "SharedKey") {
			return scheme + " " + account + ":" + Masked
		}
		return scheme + " " + Masked
	}
	return maskText(value)
}

// secretElements are elements of documents whose whole text is secret: keys of
// storage accounts, certificates with their passwords, private configurations.
var secretElements = lazyregexp.New(`(?i)(<(?:[a-z0-9]+:)?(?:Primary|Secondary|Data|Password|CertificateData|SubscriptionCertificateData|SubscriptionCertificatePublicKey|PrivateConfiguration|ConnectionString|AdminPassword|StoredCertificateSettings)(?:\s[^>]*)?>)([^<]+)`)

// encodedElements hold a document in base64.
var encodedElements = lazyregexp.New(`(?i)(<(?:[a-z0-9]+:)?(?:Configuration|PublicConfiguration)(?:\s[^>]*)?>)([^<]+)`)

// maskBody hides what is secret in a document, which may be cut off anywhere.
func maskBody(body string) string {
	if body == "" {
		return ""
	}
	body = secretElements().ReplaceAllString(body, "${1}"+Masked)
	body = encodedElements().ReplaceAllStringFunc(body, func(found string) string {
		at := strings.IndexByte(found, '>') + 1
		return found[:at] + maskEncoded(found[at:])
	})
	return maskText(maskSettings(body))
}

// maskEncoded masks a document in base64, which may be cut off: only whole groups
// of four letters are read.
func maskEncoded(encoded string) string {
	letters := strings.Join(strings.Fields(encoded), "")
	cut := letters[:len(letters)/4*4]
	document, err := base64.StdEncoding.DecodeString(cut)
	if err != nil {
		return Masked
	}
	masked := maskText(maskSettings(secretElements().ReplaceAllString(string(document), "${1}"+Masked)))
	if masked == string(document) {
		return encoded
	}
	return base64.StdEncoding.EncodeToString([]byte(masked))
}

// secretName says of which settings the values are secret.
const secretName = `[^"']*(?:key|password|pwd|secret|token|connectionstring|credential|signature)[^"']*`

// A setting has a name and a value, in either order; the value may be cut off.
var (
	nameFirst  = lazyregexp.New(`(?i)(<(?:[a-z0-9]+:)?Setting\s+name\s*=\s*["']` + secretName + `["']\s+value\s*=\s*)("[^"]*"?|'[^']*'?)`)
	valueFirst = lazyregexp.New(`(?i)(<(?:[a-z0-9]+:)?Setting\s+value\s*=\s*)("[^"]*"|'[^']*')(\s+name\s*=\s*["']` + secretName + `["'])`)
	jsonValue  = lazyregexp.New(`(?i)("` + secretName + `"\s*:\s*)("(?:[^"\\]|\\.)*"?)`)
)

// maskSettings hides the values of settings whose names sound like a secret. Most
// documents have no settings and are no JSON, which is quickly seen.
func maskSettings(document string) string {
	if strings.Contains(strings.ToLower(document), "setting") {
		document = nameFirst().ReplaceAllString(document, `${1}"`+Masked+`"`)
		document = valueFirst().ReplaceAllString(document, `${1}"`+Masked+`"${3}`)
	}
	if strings.Contains(document, "{") {
		document = jsonValue().ReplaceAllString(document, `${1}"`+Masked+`"`)
	}
	return document
}

// secretText are secrets that are recognised anywhere: signatures of shared
// access, keys in connection strings, private keys.
var secretText = []func() *regexp.Regexp{
	lazyregexp.New(`(?i)([?&;]sig=)[^&\s"'<>;]+`),
	lazyregexp.New(`(?i)((?:AccountKey|SharedAccessKey|SharedSecret|Password|Pwd)\s*=\s*)[^;"'<>\s&]+`),
	lazyregexp.New(`(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-]+`),
}

// marks are letters without which nothing in secretText can be found.
var marks = []string{"=", "-----BEGIN"}

func maskText(text string) string {
	if !strings.Contains(text, marks[0]) && !strings.Contains(text, marks[1]) {
		return text
	}
	for _, secret := range secretText {
		text = secret().ReplaceAllString(text, "${1}"+Masked)
	}
	return text
}

package journal

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const hidden = "c2VjcmV0c2VjcmV0"

func TestSecretsAreMasked(t *testing.T) {
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := map[string]struct{ have, want string }{
		"storage keys":       {"<StorageServiceKeys><Primary>" + hidden + "</Primary><Secondary>" + hidden + "</Secondary>", "<StorageServiceKeys><Primary>***</Primary><Secondary>***</Secondary>"},
		"certificate":        {"<CertificateFile><Data>" + hidden + "</Data><Password>" + hidden + "</Password>", "<CertificateFile><Data>***</Data><Password>***</Password>"},
		"cut off":            {"<CertificateFile><Data>" + hidden, "<CertificateFile><Data>***"},
		"prefix, attribute":  {`<w:Password i:type="x">` + hidden + `</w:Password>`, `<w:Password i:type="x">***</w:Password>`},
		"extension":          {"<PrivateConfiguration>" + hidden + "</PrivateConfiguration>", "<PrivateConfiguration>***</PrivateConfiguration>"},
		"setting":            {`<Setting name="DbPassword" value="` + hidden + `" />`, `<Setting name="DbPassword" value="***" />`},
		"setting, other way": {`<Setting value='` + hidden + `' name='ApiKey'/>`, `<Setting value="***" name='ApiKey'/>`},
		"setting, cut off":   {`<Setting name="SecretToken" value="` + hidden, `<Setting name="SecretToken" value="***"`},
		"harmless setting":   {`<Setting name="Colour" value="blue" />`, `<Setting name="Colour" value="blue" />`},
		"connection string":  {`<Setting name="Storage" value="AccountName=a;AccountKey=` + hidden + `;Endpoint=x" />`, `<Setting name="Storage" value="AccountName=a;AccountKey=***;Endpoint=x" />`},
		"signature":          {"<PackageUrl>http://h/c/b?sv=1&amp;sig=" + hidden + "&amp;se=2</PackageUrl>", "<PackageUrl>http://h/c/b?sv=1&amp;sig=***&amp;se=2</PackageUrl>"},
		"json":               {`{"adminPassword": "` + hidden + `", "colour": "blue"}`, `{"adminPassword": "***", "colour": "blue"}`},
		"configuration":      {"<Configuration>" + encoded(`<a><Setting name="Key" value="`+hidden+`"/></a>`) + "</Configuration>", "<Configuration>" + encoded(`<a><Setting name="Key" value="***"/></a>`) + "</Configuration>"},
		"no base64":          {"<Configuration>%%%%" + hidden + "</Configuration>", "<Configuration>***</Configuration>"},
		"private key":        {"-----BEGIN PRIVATE KEY-----\n" + hidden + "\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			j := New(0, 0)
			j.Append(Entry{Request: Message{Body: test.have}, Answer: Message{Body: test.have}, Message: test.have})
			e := j.Entries(Filter{})[0]
			if diff := cmp.Diff(test.want, e.Request.Body); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if e.Answer.Body != e.Request.Body {
				t.Errorf("the answer has %s", e.Answer.Body)
			}
		})
	}
}

func TestHeadersAreMasked(t *testing.T) {
	j := New(0, 0)
	have := http.Header{
		"Authorization":    {"SharedKey files:" + hidden},
		"Cookie":           {"a=" + hidden},
		"X-Ms-Copy-Source": {"http://h/c/b?sig=" + hidden},
		"Accept":           {"text/xml"},
	}
	j.Append(Entry{URL: "/files/c/b?sv=1&sig=" + hidden, Request: Message{Header: have}})
	j.Append(Entry{Request: Message{Header: http.Header{"Authorization": {"Bearer " + hidden}}}})
	got := j.Entries(Filter{})
	want := http.Header{
		"Authorization": {"SharedKey files:***"}, "Cookie": {"***"}, "X-Ms-Copy-Source": {"http://h/c/b?sig=***"}, "Accept": {"text/xml"},
	}
	if diff := cmp.Diff(want, got[0].Request.Header); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if got[0].URL != "/files/c/b?sv=1&sig=***" || got[1].Request.Header.Get("Authorization") != "Bearer ***" {
		t.Errorf("got %s, %v", got[0].URL, got[1].Request.Header)
	}
	if have.Get("Authorization") != "SharedKey files:"+hidden {
		t.Error("masking changed what was remembered")
	}
}

// However a document is cut off, its secrets do not come out.
func FuzzMask(f *testing.F) {
	f.Add("<Primary>", "</Primary>", uint16(20))
	f.Add(`<Setting name="key" value="`, `"/>`, uint16(40))
	f.Add(`<Setting value="x" name="`, `" />`, uint16(3))
	f.Add("&sig=", "&se=1", uint16(9))
	f.Fuzz(func(t *testing.T, before, after string, cut uint16) {
		document := before + "<Primary>" + hidden + "</Primary>" + after
		document = document[:min(len(document), int(cut))]
		j := New(0, 0)
		j.Append(Entry{Request: Message{Body: document}, URL: document})
		for _, e := range Reproducible(j.Entries(Filter{})) {
			if strings.Contains(e.Request.Body, hidden) && !strings.Contains(before, "<") && !strings.Contains(before, hidden) {
				t.Errorf("the secret came out: %q", e.Request.Body)
			}
		}
	})
}

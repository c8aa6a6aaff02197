package blob

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// codeOf is the code of a refusal, "" for nil.
func codeOf(t *testing.T, err error) code {
	t.Helper()
	var refused *refusal
	if err != nil && !errors.As(err, &refused) {
		t.Fatalf("error %v, want a refusal", err)
	}
	if refused == nil {
		return ""
	}
	return refused.code
}

func TestDecodeBlockList(t *testing.T) {
	tests := []struct {
		name, body string
		want       []blockReference
		refused    code
	}{
		{
			name: "any mix in order",
			body: byteOrderMark + `<?xml version="1.0" encoding="utf-8"?><BlockList>
				<Latest>AA==</Latest><Uncommitted>AQ==</Uncommitted><!-- and --><Committed>Ag==</Committed><Latest> AA== </Latest></BlockList>`,
			want: []blockReference{{"AA==", latest}, {"AQ==", onlyUncommitted}, {"Ag==", onlyCommitted}, {"AA==", latest}},
		},
		{name: "empty", body: `<BlockList/>`},
		{name: "nothing", body: ``, refused: invalidXMLDocument},
		{name: "too many", body: `<BlockList>` + strings.Repeat("<Latest>AA==</Latest>", 5) + `</BlockList>`, refused: blockListTooLong},
		{name: "not XML", body: `BlockList`, refused: invalidXMLDocument},
		{name: "cut", body: `<BlockList><Latest>AA==`, refused: invalidXMLDocument},
		{name: "two roots", body: `<BlockList/><BlockList/>`, refused: invalidXMLDocument},
		{name: "other root", body: `<Blocks/>`, refused: invalidXMLDocument},
		{name: "other element", body: `<BlockList><First>AA==</First></BlockList>`, refused: invalidXMLDocument},
		{name: "too deep", body: `<BlockList><Latest><Latest/></Latest></BlockList>`, refused: invalidXMLDocument},
		{name: "document type", body: `<!DOCTYPE a [<!ENTITY x "y">]><BlockList/>`, refused: invalidXMLDocument},
		{name: "entity", body: `<BlockList><Latest>&x;</Latest></BlockList>`, refused: invalidXMLDocument},
		{name: "other encoding", body: `<?xml version="1.0" encoding="utf-16"?><BlockList/>`, refused: invalidXMLDocument},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decodeBlockList([]byte(tt.body), 4)
			if c := codeOf(t, err); c != tt.refused {
				t.Fatalf("refused with %q, want %q", c, tt.refused)
			}
			if tt.refused != "" {
				return
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(blockReference{})); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// identifier is a stored policy in XML.
func identifier(id, inner string) string {
	return "<SignedIdentifier><Id>" + id + "</Id><AccessPolicy>" + inner + "</AccessPolicy></SignedIdentifier>"
}

func TestDecodePolicies(t *testing.T) {
	wrap := func(s string) string { return "<SignedIdentifiers>" + s + "</SignedIdentifiers>" }
	tests := []struct {
		name, body string
		want       []policy
		refused    code
	}{
		{name: "no body"},
		{name: "none", body: wrap("")},
		{
			name: "two",
			body: wrap(identifier("a", "<Start>2016-01-01</Start><Expiry>2017-01-01T08:49Z</Expiry><Permission>rw</Permission>") + "<SignedIdentifier><Id>b</Id></SignedIdentifier>"),
			want: []policy{
				{ID: "a", Start: time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC), Expiry: time.Date(2017, 1, 1, 8, 49, 0, 0, time.UTC), Permission: "rw"},
				{ID: "b"},
			},
		},
		{name: "six", body: wrap(identifier("1", "") + identifier("2", "") + identifier("3", "") + identifier("4", "") + identifier("5", "") + identifier("6", "")), refused: invalidXMLDocument},
		{name: "same ID", body: wrap(identifier("1", "") + identifier("1", "")), refused: invalidXMLDocument},
		{name: "no ID", body: wrap(identifier("", "")), refused: invalidXMLNodeValue},
		{name: "long ID", body: wrap(identifier(strings.Repeat("x", 65), "")), refused: invalidXMLNodeValue},
		{name: "no time", body: wrap(identifier("1", "<Expiry>soon</Expiry>")), refused: invalidXMLNodeValue},
		{name: "unknown element", body: wrap(identifier("1", "<Until/>")), refused: invalidXMLDocument},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decodePolicies([]byte(tt.body))
			if c := codeOf(t, err); c != tt.refused {
				t.Fatalf("refused with %q, want %q", c, tt.refused)
			}
			if tt.refused != "" {
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeServiceProperties(t *testing.T) {
	wrap := func(s string) string { return "<StorageServiceProperties>" + s + "</StorageServiceProperties>" }
	days := func(n string) string {
		return "<DeleteRetentionPolicy><Enabled>true</Enabled><Days>" + n + "</Days></DeleteRetentionPolicy>"
	}
	tests := []struct {
		name, body string
		refused    code
	}{
		{"nothing to change", wrap(""), ""},
		{"all", wrap("<Logging><Version>1.0</Version><Delete>true</Delete><Read>false</Read><Write>1</Write><RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy></Logging>" +
			"<HourMetrics><Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>true</IncludeAPIs><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></HourMetrics>" +
			"<MinuteMetrics><Version>1.0</Version><Enabled>false</Enabled></MinuteMetrics>" +
			"<Cors><CorsRule><AllowedOrigins>*</AllowedOrigins><AllowedMethods>GET</AllowedMethods><MaxAgeInSeconds>5</MaxAgeInSeconds><ExposedHeaders/><AllowedHeaders/></CorsRule></Cors>" +
			"<DefaultServiceVersion>2018-03-28</DefaultServiceVersion>" + days("365") + "<StaticWebsite><Enabled>true</Enabled><IndexDocument>i</IndexDocument></StaticWebsite>"), ""},
		{"no root", "", invalidXMLDocument},
		{"unknown element", wrap("<Colour/>"), invalidXMLDocument},
		{"misplaced element", wrap("<Days>1</Days>"), invalidXMLDocument},
		{"six rules", wrap("<Cors>" + strings.Repeat("<CorsRule/>", 6) + "</Cors>"), invalidXMLDocument},
		{"not a number", wrap(days("many")), invalidXMLNodeValue},
		{"too many days", wrap(days("366")), invalidXMLNodeValue},
		{"too few days", wrap(days("0")), invalidXMLNodeValue},
		{"no version", wrap("<DefaultServiceVersion>new</DefaultServiceVersion>"), invalidXMLNodeValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decodeServiceProperties([]byte(tt.body))
			if c := codeOf(t, err); c != tt.refused {
				t.Errorf("refused with %q, want %q", c, tt.refused)
			}
		})
	}
}

func FuzzDecodeBlockList(f *testing.F) {
	f.Add([]byte(`<BlockList><Latest>AA==</Latest><Committed>AQ==</Committed></BlockList>`))
	f.Add([]byte(`<!DOCTYPE x><BlockList/>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := decodeBlockList(data, 3); err == nil && len(list) > 3 {
			t.Errorf("%d blocks, want at most 3", len(list))
		}
	})
}

func FuzzDecodePolicies(f *testing.F) {
	f.Add([]byte(`<SignedIdentifiers>` + identifier("a", "<Start>2016-01-01</Start>") + `</SignedIdentifiers>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		policies, err := decodePolicies(data)
		if err != nil {
			return
		}
		// What was accepted can be given back, and is then the same.
		written, err := xml.Marshal(policiesDocument(policies))
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodePolicies(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if len(again) != len(policies) {
			t.Errorf("%d policies, then %d", len(policies), len(again))
		}
	})
}

func FuzzDecodeServiceProperties(f *testing.F) {
	f.Add([]byte(`<StorageServiceProperties><DefaultServiceVersion>2018-03-28</DefaultServiceVersion></StorageServiceProperties>`))
	f.Add([]byte(`<StorageServiceProperties><Cors><CorsRule><MaxAgeInSeconds>5</MaxAgeInSeconds></CorsRule></Cors></StorageServiceProperties>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodeServiceProperties(data)
		if err != nil {
			return
		}
		written, err := xml.Marshal(p.over(standardProperties()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeServiceProperties(written); err != nil {
			t.Errorf("%s: %v", written, err)
		}
	})
}

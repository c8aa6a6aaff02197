package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

type swap struct {
	Production       *string `wire:"Production"`
	SourceDeployment string  `wire:"SourceDeployment"`
}

// request has one of everything that requests hold.
type request struct {
	_          wire.Root         `wire:"Request"`
	Name       string            `wire:"Name"`
	Note       *string           `wire:"Note"`
	Label      wire.Base64       `wire:"Label"`
	Start      bool              `wire:"StartDeployment"`
	Force      *bool             `wire:"Force"`
	Count      int               `wire:"Count"`
	Small      *int8             `wire:"Small"`
	Time       time.Time         `wire:"Time"`
	Properties []property        `wire:"ExtendedProperties>ExtendedProperty"`
	Names      []string          `wire:"Names>Name"`
	Flat       []string          `wire:"Flat,flat"`
	Set        *configurationSet `wire:"ConfigurationSet"`
	New        string            `wire:"New,since=2015-09-01"`
}

func in(content string) string { return "<Request" + root + ">" + content + "</Request>" }

func TestUnmarshal(t *testing.T) {
	tests := []struct {
		name, body string
		want       request
	}{
		{"nothing", in(""), request{}},
		{"closed by itself", "<Request" + root + "/>", request{}},
		{"nil as a whole", `<Request` + root + ` i:nil="true"><Name>n</Name></Request>`, request{}},
		{"mark and declaration", "\uFEFF<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n" + in("<Name>n</Name>"), request{Name: "n"}},
		{"declaration, utf-8", `<?xml version="1.0" encoding="utf-8"?>` + in("<Name>n</Name>"), request{Name: "n"}},
		{"declaration, Utf8", `<?xml version='1.0' encoding='Utf8'?>` + in("<Name>n</Name>"), request{Name: "n"}},
		{"declaration, bare", `<?xml version="1.0"?>` + in("<Name>n</Name>"), request{Name: "n"}},
		{"declarations the other way round, spaces in tags",
			`<Request  xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.microsoft.com/windowsazure" ><Name >n</Name ></Request >`,
			request{Name: "n"}},
		{"with a prefix", `<w:Request xmlns:w="http://schemas.microsoft.com/windowsazure"><w:Name>n</w:Name></w:Request>`, request{Name: "n"}},
		{"white space, comments, instructions", "<!-- a -->" + in("\n  <Name>n</Name>\r\n\t<!-- b --><?pi x?>\n") + "\n<!-- c -->\n", request{Name: "n"}},
		{"any order, unknown elements", in("<Count>2</Count><Odd><Name>x</Name><Odd/></Odd><Name>n</Name>"), request{Name: "n", Count: 2}},
		{"the first of a pair counts", in("<Name>a</Name><Name>b</Name>"), request{Name: "a"}},
		{"element of another namespace", in(`<Name xmlns="http://example.com">x</Name>`), request{}},
		{"newer than any version asked for", in("<New>n</New>"), request{New: "n"}},
		{"present but empty", in("<Note/><Label></Label><ExtendedProperties/><Names></Names>"),
			request{Note: text(""), Label: wire.Base64{}, Properties: []property{}, Names: []string{}}},
		{"nil", in(`<Note i:nil="true"/><Label i:nil="true"/><Force i:nil="1"/><Count i:nil="true">x</Count><ExtendedProperties i:nil="true"/>`), request{}},
		{"nil that is false", in(`<Note i:nil="false">n</Note>`), request{Note: text("n")}},
		{"text as it is", in("<Name> a &amp; &lt;b&gt; &#228;\n<![CDATA[<c>]]><!-- x --> </Name>"), request{Name: " a & <b> ä\n<c> "}},
		{"booleans", in("<StartDeployment> TRUE\n</StartDeployment><Force>0</Force>"), request{Start: true, Force: new(bool)}},
		{"numbers", in("<Count> 12 </Count><Small>-128</Small>"), request{Count: 12, Small: pointer(int8(-128))}},
		{"time", in("<Time>2014-05-01T12:20:30.25+02:00</Time>"), request{Time: time.Date(2014, 5, 1, 10, 20, 30, 250e6, time.UTC)}},
		{"day", in("<Time>2011-03-01</Time>"), request{Time: time.Date(2011, 3, 1, 0, 0, 0, 0, time.UTC)}},
		{"folded base64", in("<Label>\r\n  bXlz\r\n  ZXJ2aWNl\n</Label>"), request{Label: wire.Base64("myservice")}},
		{"list", in(`<ExtendedProperties> <ExtendedProperty><Name>a</Name><Value>1</Value></ExtendedProperty>
			<Odd/><ExtendedProperty><Value i:nil="true"/><Name>b</Name></ExtendedProperty></ExtendedProperties>`),
			request{Properties: []property{{Name: "a", Value: text("1")}, {Name: "b"}}}},
		{"list of texts", in(`<Names><Name>a</Name><Name/><Other>x</Other></Names>`), request{Names: []string{"a", ""}}},
		{"flat list", in(`<Flat>a</Flat><Name>n</Name><Flat>b</Flat>`), request{Name: "n", Flat: []string{"a", "b"}}},
		{"type attribute", in(`<ConfigurationSet xmlns:d="http://www.w3.org/2001/XMLSchema-instance" d:type="x:NetworkConfigurationSet"><ConfigurationSetType>N</ConfigurationSetType></ConfigurationSet>`),
			request{Set: &configurationSet{XSIType: "NetworkConfigurationSet", Type: "N"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got request
			if err := wire.Unmarshal([]byte(test.body), "Request", &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSwapOfClients(t *testing.T) {
	const start, end = `<Swap xmlns="http://schemas.microsoft.com/windowsazure">`, `</Swap>`
	tests := []struct {
		body string
		want swap
	}{
		{start + "<Production>v1</Production><SourceDeployment>v2</SourceDeployment>" + end, swap{text("v1"), "v2"}},
		{start + "<Production></Production><SourceDeployment>v2</SourceDeployment>" + end, swap{text(""), "v2"}},
		{start + "<SourceDeployment>v2</SourceDeployment>" + end, swap{nil, "v2"}},
	}
	for _, test := range tests {
		var got swap
		if err := wire.Unmarshal([]byte(test.body), "Swap", &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	const secret = "s3cret"
	tests := []struct{ name, body, want string }{
		{"empty", "", "the body is empty"},
		{"white space", " \n", "the body is empty"},
		{"no XML", "hello", "text before the root"},
		{"JSON", `{"Name": "n"}`, "text before the root"},
		{"wrong root", "<Swap" + root + "/>", "the root element is not Request"},
		{"wrong case", "<request" + root + "/>", "the root element is not Request"},
		{"no namespace", "<Request/>", "not in the namespace"},
		{"https namespace", `<Request xmlns="https://schemas.microsoft.com/windowsazure"/>`, "not in the namespace"},
		{"cut off", "<Request" + root + "><Name>s3cret", "ends too early"},
		{"tags that do not match", in("<Name>n</s3cret>"), "do not match"},
		{"ampersand", in("<Name>a&s3cret</Name>"), "write &amp;"},
		{"ampersand at the end", in("<Name>s3cret & b</Name>"), "write &amp;"},
		{"less-than", in("<Name>a < s3cret</Name>"), "write &lt;"},
		{"entity", in("<Name>&s3cret;</Name>"), "write &amp;"},
		{"document type", `<!DOCTYPE Request [<!ENTITY s3cret "x">]>` + in("<Name>&s3cret;</Name>"), "document type"},
		{"trailing element", in("") + "<s3cret/>", "after the root"},
		{"trailing text", in("") + "s3cret", "after the root"},
		{"end tag too many", in("") + "</Request>", "end tag without a start tag"},
		{"late declaration", " <?xml version=\"1.0\"?>" + in(""), "not at the very beginning"},
		{"declaration inside", in(`<?xml version="1.0"?>`), "not at the very beginning"},
		{"other encoding", `<?xml version="1.0" encoding="utf-16"?>` + in(""), "other than UTF-8"},
		{"not UTF-8", in("<Name>\xff</Name>"), "not UTF-8"},
		{"control character", in("<Name>\x01</Name>"), "XML does not allow"},
		{"undeclared element prefix", in("<a:Name>n</a:Name>"), "prefix of an element is not declared"},
		{"undeclared attribute prefix", `<Request xmlns="http://schemas.microsoft.com/windowsazure"><Note i:nil="true"/></Request>`, "prefix of an attribute is not declared"},
		{"prefix out of scope", in(`<A xmlns:q="urn:q"/><q:B/>`), "prefix of an element is not declared"},
		{"attribute twice", in(`<Note a="s3cret" a="2"/>`), "given twice"},
		{"attribute without value", in(`<Note s3cret/>`), "attribute without a value"},
		{"too deep", in(strings.Repeat("<A>", 40) + strings.Repeat("</A>", 40)), "nested more than 32 deep"},
		{"too many elements", in(strings.Repeat("<A/>", 20_001)), "more than 20000 elements"},
		{"too many attributes", in("<A " + attributes(65) + "/>"), "more than 64 attributes"},
		{"elements in a text", in("<Name><A>s3cret</A></Name>"), "Name holds elements"},
		{"text among elements", in("<Name>n</Name>s3cret"), "Request holds text"},
		{"text in a list", in("<ExtendedProperties>s3cret</ExtendedProperties>"), "ExtendedProperties holds text"},
		{"boolean", in("<StartDeployment>s3cret</StartDeployment>"), "StartDeployment is neither true nor false"},
		{"empty boolean", in("<StartDeployment/>"), "StartDeployment is neither"},
		{"number", in("<Count>s3cret</Count>"), "Count is not a whole number"},
		{"number too large", in("<Small>128</Small>"), "Small is not a whole number, or out of range"},
		{"time", in("<Time>s3cret</Time>"), "Time is not a time such as 2006-01-02T15:04:05Z"},
		{"bad base64, then bad XML", in("<Label>*</Label><Name>"), "do not match"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got request
			err := wire.Unmarshal([]byte(test.body), "Request", &got)
			var refused *wire.RequestError
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, test.want) {
				t.Fatalf("error %v, want a RequestError with %q", err, test.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error repeats the body: %v", err)
			}
		})
	}
}

func TestRefusalNamesLine(t *testing.T) {
	err := wire.Unmarshal([]byte("<Request"+root+">\n<Name/>\n<Count>x</Count>\n</Request>"), "Request", new(request))
	if want := "line 3: element Count is not a whole number, or out of range"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestBadBase64(t *testing.T) {
	for _, bad := range []string{"*", "abc", "YQ", "YQ==YQ==", "s3cret!!"} {
		var got request
		err := wire.Unmarshal([]byte(in("<Label>"+bad+"</Label><Name>n</Name>")), "Request", &got)
		var base64 *wire.Base64Error
		if !errors.As(err, &base64) || base64.Element != "Label" || err.Error() != "element Label does not hold base64" {
			t.Errorf("%q: error %v, want a Base64Error for Label", bad, err)
		}
		if got.Name != "n" {
			t.Errorf("%q: the rest was not read", bad)
		}
	}
}

func TestUnmarshalIntoWrongTypes(t *testing.T) {
	var refused *wire.RequestError
	for _, v := range []any{nil, request{}, (*request)(nil), new(string), new(struct{ A int })} {
		if err := wire.Unmarshal([]byte(in("")), "Request", v); err == nil || errors.As(err, &refused) {
			t.Errorf("Unmarshal into %T: error %v, want one about the type", v, err)
		}
	}
}

func TestEnum(t *testing.T) {
	type mode string
	if got, err := wire.Enum(" auto\n", mode("Manual"), mode("Auto")); got != "Auto" || err != nil {
		t.Errorf("Enum = %q, %v; want Auto", got, err)
	}
	if got, err := wire.Enum("fast", mode("Manual"), mode("Auto")); got != "" || err == nil || err.Error() != `want one of ["Manual" "Auto"]` {
		t.Errorf("Enum = %q, %v; want an error with the values", got, err)
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `a%d="" `, i)
	}
	return b.String()
}

func pointer[T any](v T) *T { return &v }

// What can be read can be written, and reads as the same again.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(in(`<Name>n</Name><Note i:nil="true"/><Label>YQ==</Label><Time>2014-05-01T10:20:30Z</Time>`)))
	f.Add([]byte("\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n" + in("<Count>1</Count><Flat>a</Flat><Names><Name/></Names>")))
	f.Add([]byte(in(`<ConfigurationSet i:type="a:b"><SubnetNames/></ConfigurationSet><A xmlns:q="urn:q"><q:B/></A>`)))
	f.Add([]byte(in("<ExtendedProperties><ExtendedProperty><Name>&#13;&lt;</Name></ExtendedProperty></ExtendedProperties>")))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><Request>&b;</Request>`))
	f.Add([]byte(strings.Repeat("<A>", 40)))
	f.Fuzz(func(t *testing.T, body []byte) {
		var first request
		err := wire.Unmarshal(body, "Request", &first)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		once := marshal(t, first, wire.LatestVersion())
		var second request
		if err := wire.Unmarshal(once, "Request", &second); err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		if diff := cmp.Diff(string(once), string(marshal(t, second, wire.LatestVersion()))); diff != "" {
			t.Errorf("mismatch (-once +twice):\n%s", diff)
		}
	})
}

func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var refused *wire.RequestError
	var base64 *wire.Base64Error
	if !errors.As(err, &refused) && !errors.As(err, &base64) {
		t.Errorf("error %T, want a RequestError or a Base64Error: %v", err, err)
	}
}

func BenchmarkUnmarshalSwap(b *testing.B) {
	body := []byte(`<Swap xmlns="http://schemas.microsoft.com/windowsazure"><Production>v1</Production><SourceDeployment>v2</SourceDeployment></Swap>`)
	b.ReportAllocs()
	for b.Loop() {
		var got swap
		if err := wire.Unmarshal(body, "Swap", &got); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshalDeployment(b *testing.B) {
	body := marshal(b, blue(), "2017-01-01")
	b.ReportAllocs()
	for b.Loop() {
		var got deployment
		if err := wire.Unmarshal(body, "Deployment", &got); err != nil {
			b.Fatal(err)
		}
	}
}

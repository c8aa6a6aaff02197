package wire_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

var update = flag.Bool("update", false, "rewrite the documents in testdata")

const root = ` xmlns="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`

// Recorded bodies are known to have these lengths.
func TestRecordedLengths(t *testing.T) {
	const id = "ef4fd168-1471-922f-a0de-4f7300dca46d"
	tests := []struct {
		name string
		body any
		want int
	}{
		{"operation succeeded", operation{ID: id, Status: "Succeeded", HTTPStatusCode: 200}, 232},
		{"operation in progress", operation{ID: id, Status: "InProgress"}, 197},
		{"slot is empty", failure{Code: "ResourceNotFound", Message: "No deployments were found."}, 191},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := marshal(t, test.body, "2015-04-01")
			if len(body) != test.want {
				t.Errorf("%d bytes, want %d: %s", len(body), test.want, body)
			}
		})
	}
}

func TestDocuments(t *testing.T) {
	tests := []struct {
		file    string
		body    any
		version wire.Version
	}{
		{"operation-succeeded", operation{ID: "ef4fd168-1471-922f-a0de-4f7300dca46d", Status: "Succeeded", HTTPStatusCode: 200}, "2015-04-01"},
		{"operation-in-progress", &operation{ID: "ef4fd168-1471-922f-a0de-4f7300dca46d", Status: "InProgress"}, "2015-04-01"},
		{"no-deployments", failure{Code: "ResourceNotFound", Message: "No deployments were found."}, "2015-04-01"},
		{"deployment-2009-10-01", blue(), "2009-10-01"},
		{"deployment-2011-10-01", blue(), "2011-10-01"},
		{"deployment-2014-10-01", blue(), "2014-10-01"},
		{"deployment-2017-01-01", blue(), "2017-01-01"},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			got := marshal(t, test.body, test.version)
			file := filepath.Join("testdata", "documents", test.file+".xml")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarshal(t *testing.T) {
	type everything struct {
		_       wire.Root         `wire:"X"`
		Text    string            `wire:"Text,omitempty"`
		Number  int64             `wire:"Number,omitempty"`
		Flag    *bool             `wire:"Flag"`
		Time    time.Time         `wire:"Time,omitempty"`
		Data    wire.Base64       `wire:"Data,omitempty"`
		List    []string          `wire:"List>Item,omitempty"`
		Null    []string          `wire:"Null>Item,nil"`
		Items   []*string         `wire:"Items>Item,omitempty"`
		Set     *configurationSet `wire:"Set,omitempty"`
		private int
	}
	no := false
	tests := []struct {
		name    string
		body    any
		version wire.Version
		want    string
	}{
		{"empty list as root", hostedServices{}, "2015-04-01", `<HostedServices` + root + `/>`},
		{"flat list", hostedServices{Items: []hostedService{{URL: "u", ServiceName: "s"}}}, "2009-10-01",
			`<HostedServices` + root + `><HostedService><Url>u</Url><ServiceName>s</ServiceName></HostedService></HostedServices>`},
		{"nil written", availability{Result: true}, "2014-10-01",
			`<AvailabilityResponse` + root + `><Result>true</Result><Reason i:nil="true"/></AvailabilityResponse>`},
		{"pointer to empty text", availability{Reason: text("")}, "2014-10-01",
			`<AvailabilityResponse` + root + `><Result>false</Result><Reason/></AvailabilityResponse>`},
		{"nil and too new", availability{}, "2012-12-01", `<AvailabilityResponse` + root + `><Result>false</Result></AvailabilityResponse>`},
		{"text to escape", failure{Code: `<a>&"b"'c'`, Message: "tab\tline\r\nend\x00\x1f\xff\uFFFEé€😀"}, "2014-10-01",
			`<Error` + root + `><Code>&lt;a&gt;&amp;"b"'c'</Code><Message>tab` + "\t" + `line&#xD;` + "\n" +
				"end\uFFFD\uFFFD\uFFFD\uFFFDé€😀</Message></Error>"},
		{"another namespace", parameters{Items: []parameter{{Name: "slot"}}}, "2014-10-01",
			`<OperationParameters` + root + `><OperationParameter><Name xmlns="` + parameterNamespace + `">slot</Name>` +
				`<Value xmlns="` + parameterNamespace + `"/></OperationParameter></OperationParameters>`},
		{"all empty", everything{private: 1}, "2014-10-01", `<X` + root + `><Null i:nil="true"/></X>`},
		{"nothing omitted", everything{
			Text: "t", Number: -5, Flag: &no, Time: time.Date(2014, 5, 1, 10, 20, 30, 999, time.UTC), Data: wire.Base64("hi"),
			List: []string{"a", ""}, Null: []string{}, Items: []*string{nil, text("x")}, Set: &configurationSet{XSIType: `a"&b`},
		}, "2014-10-01", `<X` + root + `><Text>t</Text><Number>-5</Number><Flag>false</Flag><Time>2014-05-01T10:20:30Z</Time>` +
			`<Data>aGk=</Data><List><Item>a</Item><Item/></List><Null/><Items><Item i:nil="true"/><Item>x</Item></Items>` +
			`<Set i:type="a&quot;&amp;b"><ConfigurationSetType/><SubnetNames/></Set></X>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := marshal(t, test.body, test.version)
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if err := xml.Unmarshal(got, new(struct{})); err != nil {
				t.Errorf("not well-formed: %v", err)
			}
		})
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	got, err := wire.Append([]byte("before "), failure{Code: "A"}, "2014-10-01")
	if err != nil || !bytes.HasPrefix(got, []byte("before <Error ")) {
		t.Errorf("Append = %q, %v", got, err)
	}
	got, err = wire.Append([]byte("before"), 5, "2014-10-01")
	if err == nil || string(got) != "before" {
		t.Errorf("Append of a number = %q, %v; want what was there, and an error", got, err)
	}
}

func TestWrongTypes(t *testing.T) {
	tests := []struct {
		body any
		want string
	}{
		{(*failure)(nil), "want a struct"},
		{nil, "want a struct"},
		{struct{}{}, "names no root element"},
		{struct{ A string }{}, "no wire tag"},
		{struct {
			A string `wire:""`
		}{}, "names no element"},
		{struct {
			A string `wire:"A,since=yesterday"`
		}{}, "is not a date"},
		{struct {
			A string `wire:"A,since=2014-10-02"`
		}{}, "not a known version"},
		{struct {
			A string `wire:"A,since=2014-10-01,until=2012-03-01"`
		}{}, "until must be after since"},
		{struct {
			A string `wire:"A,omitemtpy"`
		}{}, `unknown option "omitemtpy"`},
		{struct {
			A string `wire:"A,nil"`
		}{}, "only a pointer or a slice can be nil"},
		{struct {
			A *string `wire:"A,nil,omitempty"`
		}{}, "nil does not go with omitempty"},
		{struct {
			A []string `wire:"A"`
		}{}, "List>Item"},
		{struct {
			A []string `wire:"A>B,flat"`
		}{}, "no element around it"},
		{struct {
			A [][]string `wire:"A>B"`
		}{}, "list of lists"},
		{struct {
			A string `wire:"A>B"`
		}{}, "only a slice"},
		{struct {
			A failure `wire:"A,ns=http://example.com"`
		}{}, "holds text"},
		{struct {
			A failure `wire:"A,omitempty"`
		}{}, "needs a pointer"},
		{struct {
			A string `wire:"A"`
			B string `wire:"A"`
		}{}, "a second element A"},
		{struct {
			A int `wire:"i:type"`
		}{}, "must be a string"},
		{struct {
			A map[string]string `wire:"A"`
		}{}, "cannot be written: type map[string]string"},
		{struct {
			A struct{ B chan int } `wire:"A"`
		}{}, "B: no wire tag"},
	}
	for _, test := range tests {
		_, err := wire.Marshal(test.body, "2014-10-01")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Marshal(%T) = %v, want an error with %q", test.body, err, test.want)
		}
	}
}

// A folder holds folders: a type that contains itself.
type folder struct {
	_       wire.Root `wire:"Folder"`
	Name    string    `wire:"Name,since=2012-03-01"`
	Folders []folder  `wire:"Folder,flat"`
}

func TestRecursiveType(t *testing.T) {
	got := marshal(t, folder{Name: "a", Folders: []folder{{Name: "b"}}}, "2014-10-01")
	want := `<Folder` + root + `><Name>a</Name><Folder><Name>b</Name></Folder></Folder>`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// The plans are made while several goroutines ask for them.
func TestMarshalConcurrently(t *testing.T) {
	type fresh struct {
		_    wire.Root  `wire:"Fresh"`
		Blue deployment `wire:"Blue"`
	}
	want := make(chan string, 4)
	for range cap(want) {
		go func() {
			got, err := wire.Marshal(fresh{Blue: blue()}, "2017-01-01")
			if err != nil {
				t.Error(err)
			}
			want <- string(got)
		}()
	}
	first := <-want
	for range cap(want) - 1 {
		if diff := cmp.Diff(first, <-want); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
}

func marshal(t testing.TB, v any, version wire.Version) []byte {
	t.Helper()
	body, err := wire.Marshal(v, version)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func BenchmarkMarshalDeployment(b *testing.B) {
	d := blue()
	var body []byte
	b.ReportAllocs()
	for b.Loop() {
		body, _ = wire.Append(body[:0], &d, "2017-01-01")
	}
	b.ReportMetric(float64(len(body)), "bytes/body")
}

func BenchmarkMarshalOperation(b *testing.B) {
	op := operation{ID: "ef4fd168-1471-922f-a0de-4f7300dca46d", Status: "Succeeded", HTTPStatusCode: 200}
	var body []byte
	b.ReportAllocs()
	for b.Loop() {
		body, _ = wire.Append(body[:0], &op, "2017-01-01")
	}
}

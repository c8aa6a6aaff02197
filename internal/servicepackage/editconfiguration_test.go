package servicepackage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// odd is a configuration with everything that an edit has to leave alone.
const odd = "\xef\xbb\xbf<?xml version='1.0' encoding=\"utf-8\"?>\r\n" +
	"<!-- <Setting name=\"A\" value=\"no\"/> -->\r\n" +
	"<s:ServiceConfiguration xmlns:s=\"" + configurationSpace + "\" serviceName='Shop'   >\r\n" +
	"\t<s:Role name=\"Web\">\r\n" +
	"\t\t<s:Instances\r\n\t\t  count = ' 2 ' /><!-- two -->\r\n" +
	"\t\t<s:ConfigurationSettings>\r\n" +
	"\t\t\t<s:Setting value='a &amp; &#98;' name='A'/>\r\n" +
	"\t\t\t<s:Setting name=\"value\" value=\"say &quot;hi&quot;\"></s:Setting>\r\n" +
	"\t\t\t<o:Setting xmlns:o=\"urn:other\" name=\"A\" value=\"foreign\"/>\r\n" +
	"\t\t</s:ConfigurationSettings>\r\n" +
	"\t\t<s:Certificates><s:Certificate name=\"C\" thumbprint=\"AB\" thumbprintAlgorithm=\"sha1\"/></s:Certificates>\r\n" +
	"\t</s:Role>\r\n" +
	"\t<s:Role name='Worker'><s:Instances count='1'/><s:ConfigurationSettings><s:Setting name='A' value='w'/></s:ConfigurationSettings></s:Role>\r\n" +
	"</s:ServiceConfiguration>\r\n<!-- end -->"

func TestEditConfiguration(t *testing.T) {
	tests := []struct {
		name     string
		edits    []RoleEdit
		old, new string // what changes in odd; empty: nothing
	}{
		{"nothing", nil, "", ""},
		{"empty edit", []RoleEdit{{Role: "Web"}}, "", ""},
		{"same values in another spelling", []RoleEdit{{Role: "Web", Instances: 2, Settings: map[string]string{"A": "a & b", "value": `say "hi"`}, Certificates: map[string]string{"C": "AB"}}}, "", ""},
		{"count", []RoleEdit{{Role: "Web", Instances: 12}}, "' 2 '", "'12'"},
		{"count of the other role", []RoleEdit{{Role: "Worker", Instances: 3}}, "count='1'", "count='3'"},
		{"setting, single quotes", []RoleEdit{{Role: "Web", Settings: map[string]string{"A": `it's "<&>"`}}},
			"'a &amp; &#98;'", `'it&apos;s "&lt;&amp;&gt;"'`},
		{"setting, double quotes", []RoleEdit{{Role: "Web", Settings: map[string]string{"value": `it's "x"`}}},
			`"say &quot;hi&quot;"`, `"it's &quot;x&quot;"`},
		{"line ends and tabs", []RoleEdit{{Role: "Web", Settings: map[string]string{"A": "1\r\n2\t3"}}}, "'a &amp; &#98;'", "'1&#xD;&#xA;2&#x9;3'"},
		{"emptied", []RoleEdit{{Role: "Web", Settings: map[string]string{"A": ""}}}, "'a &amp; &#98;'", "''"},
		{"same name in another role", []RoleEdit{{Role: "Worker", Settings: map[string]string{"A": "x"}}}, "value='w'", "value='x'"},
		{"thumbprint", []RoleEdit{{Role: "Web", Certificates: map[string]string{"C": "CD"}}}, `"AB"`, `"CD"`},
		{"the later edit wins", []RoleEdit{{Role: "Web", Instances: 5}, {Role: "Web", Instances: 6}}, "' 2 '", "'6'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := EditConfiguration([]byte(odd), tt.edits)
			if err != nil {
				t.Fatal(err)
			}
			want := odd
			if tt.old != "" {
				if strings.Count(odd, tt.old) != 1 {
					t.Fatalf("%q is in the sample %d times", tt.old, strings.Count(odd, tt.old))
				}
				want = strings.Replace(odd, tt.old, tt.new, 1)
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("configuration mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEditConfigurationSeveralAtOnce(t *testing.T) {
	got, err := EditConfiguration([]byte(odd), []RoleEdit{
		{Role: "Web", Instances: 4, Settings: map[string]string{"A": "1", "value": "2"}, Certificates: map[string]string{"C": "3"}},
		{Role: "Worker", Instances: 5, Settings: map[string]string{"A": "6"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []RoleConfiguration{
		{Name: "Web", Instances: 4, Settings: []SettingValue{{"A", "1"}, {"value", "2"}}, Certificates: []CertificateValue{{"C", "3", "sha1"}}},
		{Name: "Worker", Instances: 5, Settings: []SettingValue{{"A", "6"}}},
	}
	if diff := cmp.Diff(want, mustConfiguration(t, string(got)).Roles); diff != "" {
		t.Errorf("roles mismatch (-want +got):\n%s", diff)
	}
}

func TestEditConfigurationRefuses(t *testing.T) {
	tests := []struct {
		name, data string
		edit       RoleEdit
		want       string
	}{
		{"no configuration", "<a/>", RoleEdit{}, "the root element is <a>"},
		{"role", odd, RoleEdit{Role: "web"}, `there is no role "web" (roles: Web, Worker)`},
		{"count", odd, RoleEdit{Role: "Web", Instances: -1}, `role "Web" cannot have -1 instances`},
		{"count beyond 32 bits", odd, RoleEdit{Role: "Web", Instances: 1 << 31}, `role "Web" cannot have 2147483648 instances`},
		{"setting", odd, RoleEdit{Role: "Web", Settings: map[string]string{"B": "secret"}}, `role "Web" has no setting "B"`},
		{"certificate", odd, RoleEdit{Role: "Worker", Certificates: map[string]string{"C": ""}}, `role "Worker" has no certificate "C"`},
		{"control character", odd, RoleEdit{Role: "Web", Settings: map[string]string{"A": "secret\x01"}}, `setting "A" of role "Web" has characters that XML cannot hold`},
		{"not UTF-8", odd, RoleEdit{Role: "Web", Settings: map[string]string{"A": "secret\xff"}}, "characters that XML cannot hold"},
		{"too large", odd, RoleEdit{Role: "Web", Settings: map[string]string{"A": strings.Repeat("secret", 1<<20)}}, "larger than"},
	}
	for _, tt := range tests {
		_, err := EditConfiguration([]byte(tt.data), []RoleEdit{tt.edit})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error = %v, want one with %q and without the value", tt.name, err, tt.want)
		}
	}
}

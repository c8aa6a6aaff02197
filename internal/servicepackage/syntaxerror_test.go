package servicepackage

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAccepts(t *testing.T) {
	plain := cfg(`<Role name="W"><Instances count="1"/></Role>`)
	for name, text := range map[string]string{
		"byte order mark":           "\xef\xbb\xbf" + plain,
		"declared utf-16":           `<?xml version="1.0" encoding="utf-16"?>` + plain,
		"CRLF":                      "<?xml version=\"1.0\"?>\r\n" + plain + "\r\n",
		"prefix":                    `<c:ServiceConfiguration serviceName="Shop" xmlns:c="` + configurationSpace + `"><c:Role name="W"><c:Instances count="1"/></c:Role></c:ServiceConfiguration>`,
		"foreign element":           cfg(`<x:Role xmlns:x="urn:other" name="W"/><Role name="W"><Instances count="1"/></Role>`),
		"comments and instructions": "<!-- a --><?pi?>" + plain + "<!-- b -->",
	} {
		want := []RoleConfiguration{{Name: "W", Instances: 1}}
		if diff := cmp.Diff(want, mustConfiguration(t, text).Roles); diff != "" {
			t.Errorf("%s: roles mismatch (-want +got):\n%s", name, diff)
		}
	}
}

func TestUnknownBecomesWarning(t *testing.T) {
	c := mustConfiguration(t, cfg("\n<Novelty><Instances/></Novelty>\n<Role name='W' zone='1'><Instances count='1'/></Role>"))
	want := []Warning{
		{2, 1, "unknown element <Novelty> in <ServiceConfiguration> is ignored"},
		{3, 1, "unknown attribute zone of <Role> is ignored"},
	}
	if diff := cmp.Diff(want, c.Warnings); diff != "" {
		t.Errorf("warnings mismatch (-want +got):\n%s", diff)
	}
	if got, want := c.Warnings[0].String(), "2:1: unknown element <Novelty> in <ServiceConfiguration> is ignored"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
	flood := mustDefinition(t, def(strings.Repeat("<X/>", 500)))
	if len(flood.Warnings) != maxWarnings {
		t.Errorf("%d warnings, want them cut at %d", len(flood.Warnings), maxWarnings)
	}
}

func TestNameFile(t *testing.T) {
	_, err := ParseConfiguration([]byte("<a/>"))
	got := NameFile(fmt.Errorf("read: %w", err), "live.cscfg")
	if want := "live.cscfg:1:1: the root element is <a>; expected <ServiceConfiguration>"; got.Error() != want {
		t.Errorf("error = %q, want %q", got, want)
	}
	if !strings.HasPrefix(err.Error(), "ServiceConfiguration.cscfg:1:1: ") {
		t.Errorf("NameFile changed the error that it was given: %q", err)
	}
	if NameFile(nil, "x") != nil {
		t.Error("NameFile made an error of nil")
	}
	other := errors.New("other")
	if NameFile(other, "x") != other {
		t.Error("NameFile changed another error")
	}
}

func TestColumnCountsFromAfterTheMark(t *testing.T) {
	_, with := ParseDefinition(append([]byte("\xef\xbb\xbf"), def("<WebRole/>")...))
	_, without := ParseDefinition([]byte(def("<WebRole/>")))
	if with.Error() != without.Error() {
		t.Errorf("with mark %q, without %q", with, without)
	}
}

func TestLargeDocumentIsReadInTime(t *testing.T) {
	var b bytes.Buffer
	for i := range 40_000 {
		fmt.Fprintf(&b, `<Setting name="s%d" value="v"/>`, i)
	}
	text := cfg(`<Role name="W"><Instances count="1"/><ConfigurationSettings>` + b.String() + `</ConfigurationSettings></Role>`)
	c := mustConfiguration(t, text)
	if len(c.Roles[0].Settings) != 40_000 {
		t.Fatalf("%d settings", len(c.Roles[0].Settings))
	}
	d := mustDefinition(t, def(`<WorkerRole name="W"/>`))
	if n := len(Check(d, c)); n != 40_000 {
		t.Errorf("%d problems, want one for each undeclared setting", n)
	}
}

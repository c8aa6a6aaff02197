package deployer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

const twoRoles = `<?xml version="1.0" encoding="utf-8"?>
<!-- kept as it is -->
<ServiceConfiguration serviceName="Shop" osFamily="4" osVersion="*" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceConfiguration">
  <Role name="Shop.Web">
    <Instances count="WEB" />
    <ConfigurationSettings>
      <Setting name="Banner" value="local" />
      <Setting name='Key' value='none' />
    </ConfigurationSettings>
  </Role>
  <Role name="Shop.Worker">
    <Instances count="WORKER" />
    <ConfigurationSettings>
      <Setting name="Banner" value="local" />
    </ConfigurationSettings>
  </Role>
</ServiceConfiguration>
`

func counts(web, worker string) string {
	return strings.NewReplacer("WEB", web, "WORKER", worker).Replace(twoRoles)
}

// vars is a set of variables; names in lower case. One whose value begins with
// "secret" is sensitive, and so is what is in angle brackets.
type vars map[string]string

func (v vars) Lookup(name string) (deployer.Value, bool) {
	text, ok := v[strings.ToLower(name)]
	value := deployer.Value{Text: text, Shown: text}
	if before, _, embedded := strings.Cut(text, "<"); embedded {
		value.Shown = before + "********"
	}
	if strings.HasPrefix(text, "secret") {
		value.Shown = ""
	}
	return value, ok
}

// counted makes an observation of slots whose deployments have these
// configurations; "" is an empty slot.
func counted(staging, production string) deployer.Observed {
	o := deployer.Observed{Service: "shop"}
	if staging != "" {
		o.Staging = &management.Deployment{Name: "s", Configuration: []byte(staging)}
	}
	if production != "" {
		o.Production = &management.Deployment{Name: "p", Configuration: []byte(production)}
	}
	return o
}

func TestInstanceCounts(t *testing.T) {
	otherCase := strings.NewReplacer("Shop.Web", "SHOP.WEB", "Shop.Worker", "Other").Replace(counts("9", "9"))
	tests := []struct {
		name  string
		how   deployer.Configuring
		seen  deployer.Observed
		want  string
		notes []string
	}{
		{"file", deployer.Configuring{Slot: staging}, counted(counts("4", "6"), counts("15", "7")), counts("1", "2"), nil},
		{"target", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromTarget}, counted(counts("4", "6"), counts("15", "7")), counts("4", "6"), nil},
		{"target is production", deployer.Configuring{Slot: production, Counts: deployer.CountsFromTarget}, counted(counts("4", "6"), counts("15", "7")), counts("15", "7"), nil},
		{"production for staging", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromProduction}, counted(counts("4", "6"), counts("15", "7")), counts("15", "7"), nil},
		{"fewer than in the file", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromTarget}, counted(counts("1", "1"), ""), counts("1", "1"), nil},
		{"maximum", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromMaximum}, counted(counts("4", "1"), counts("3", "1")), counts("4", "2"), nil},
		{"maximum of production", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromMaximum}, counted(counts("4", "1"), counts("5", "8")), counts("5", "8"), nil},
		{"role names without case, roles that are not there", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromTarget}, counted(otherCase, ""), counts("9", "2"), nil},
		{"empty slot", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromTarget}, counted("", counts("3", "3")), counts("1", "2"), []string{"staging is empty: it gives no instance counts"}},
		{"override", deployer.Configuring{Slot: staging, Counts: deployer.CountsFromTarget, Instances: map[string]int{"shop.web": 20}}, counted(counts("4", "6"), ""), counts("20", "6"), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := deployer.Configure([]byte(counts("1", "2")), test.how, test.seen)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got.Data)); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			var notes []string
			for _, n := range got.Notes {
				notes = append(notes, n.Text)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes: mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// TestUnreadableSlotConfiguration leaves the counts alone, as the guide's step does.
func TestUnreadableSlotConfiguration(t *testing.T) {
	got, err := deployer.Configure([]byte(counts("1", "2")), deployer.Configuring{Slot: staging, Counts: deployer.CountsFromTarget}, counted("<broken", ""))
	if err != nil || len(got.Notes) != 1 || !strings.HasPrefix(got.Notes[0].Text, "the configuration of s in staging cannot be read") {
		t.Errorf("got %v, %v", got.Notes, err)
	}
	if diff := cmp.Diff(counts("1", "2"), string(got.Data)); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

func TestSettings(t *testing.T) {
	tests := []struct {
		name string
		vars vars
		want []string
	}{
		{"none", vars{}, nil},
		{"bare name, both roles", vars{"banner": "Bonjour"}, []string{
			`role Shop.Web: setting Banner is set to "Bonjour", not "local" (variable Banner)`,
			`role Shop.Worker: setting Banner is set to "Bonjour", not "local" (variable Banner)`,
		}},
		{"role goes first", vars{"banner": "all", "shop.web/banner": "web"}, []string{
			`role Shop.Web: setting Banner is set to "web", not "local" (variable Shop.Web/Banner)`,
			`role Shop.Worker: setting Banner is set to "all", not "local" (variable Banner)`,
		}},
		{"slash before backslash", vars{`shop.web\banner`: "back", "shop.web/banner": "slash"}, []string{
			`role Shop.Web: setting Banner is set to "slash", not "local" (variable Shop.Web/Banner)`,
		}},
		{"backslash", vars{`shop.web\banner`: "back"}, []string{
			`role Shop.Web: setting Banner is set to "back", not "local" (variable Shop.Web\Banner)`,
		}},
		{"without value", vars{"key": ""}, []string{`role Shop.Web: setting Key is set to "", not "none" (variable Key)`}},
		{"with a secret in it", vars{"key": "user <secret>"}, []string{`role Shop.Web: setting Key is set to "user ********" (variable Key)`}},
		{"sensitive", vars{"key": "secret & more"}, []string{`role Shop.Web: setting Key is set to the sensitive variable Key`}},
		{"same value", vars{"banner": "local"}, nil},
		{"not in the file", vars{"colour": "red", "shop.web/colour": "blue"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := deployer.Configure([]byte(counts("1", "2")), deployer.Configuring{Slot: staging, Variables: test.vars}, counted("", ""))
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, c := range got.Changes {
				lines = append(lines, c.String())
			}
			if diff := cmp.Diff(test.want, lines); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
			if len(test.want) == 0 && string(got.Data) != counts("1", "2") {
				t.Error("the configuration changed without a change")
			}
		})
	}
}

// TestSettingsAreWritten reads the changed configuration back.
func TestSettingsAreWritten(t *testing.T) {
	how := deployer.Configuring{Slot: staging, Variables: vars{"key": `secret & <"quoted" 'text'>`}, Instances: map[string]int{"Shop.Worker": 5}}
	got, err := deployer.Configure([]byte(counts("1", "2")), how, counted("", ""))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := servicepackage.ParseConfiguration(got.Data)
	if err != nil {
		t.Fatal(err)
	}
	value, _ := cfg.Role("Shop.Web").Setting("Key")
	if diff := cmp.Diff(`secret & <"quoted" 'text'>`, value); diff != "" || cfg.Role("Shop.Worker").Instances != 5 {
		t.Errorf("%d instances, mismatch (-want +got)\n%s", cfg.Role("Shop.Worker").Instances, diff)
	}
	for _, c := range got.Changes {
		if strings.Contains(c.New+c.Old, "secret") {
			t.Errorf("the secret is in %+v", c)
		}
	}
}

func TestConfigureErrors(t *testing.T) {
	tests := []struct {
		name string
		data string
		how  deployer.Configuring
		want string
	}{
		{"source", counts("1", "2"), deployer.Configuring{Counts: "guess"}, `unknown source of instance counts "guess": use file, target, production or maximum`},
		{"no role", counts("1", "2"), deployer.Configuring{Instances: map[string]int{"Web": 2}}, "there is no role Web to give 2 instances"},
		{"no instances", counts("1", "2"), deployer.Configuring{Instances: map[string]int{"Shop.Web": 0}}, "role Shop.Web cannot have 0 instances"},
		{"unreadable", "<x", deployer.Configuring{}, ""},
		{"bad characters", counts("1", "2"), deployer.Configuring{Variables: vars{"key": "secret\x00"}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := deployer.Configure([]byte(test.data), test.how, deployer.Observed{})
			if err == nil || strings.Contains(err.Error(), "secret") {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); test.want != "" && diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

const definition = `<ServiceDefinition name="Shop" xmlns="http://schemas.microsoft.com/ServiceHosting/2008/10/ServiceDefinition">
  <WebRole name="Shop.Web">
    <Sites><Site name="Web"><Bindings><Binding name="b" endpointName="In" /></Bindings></Site></Sites>
    <Endpoints><InputEndpoint name="In" protocol="http" port="80" /></Endpoints>
    <ConfigurationSettings><Setting name="Banner" /><Setting name="Key" /></ConfigurationSettings>
  </WebRole>
  <WorkerRole name="Shop.Worker">
    <Endpoints><InputEndpoint name="Tcp" protocol="tcp" port="9000" /></Endpoints>
    <ConfigurationSettings><Setting name="Banner" /></ConfigurationSettings>
  </WorkerRole>
</ServiceDefinition>`

func TestCheckConfiguration(t *testing.T) {
	def, err := servicepackage.ParseDefinition([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	pkg := &servicepackage.Package{Definition: def, SupportedOSFamilies: map[string][]string{"Shop.Web": {"1", "4"}}}
	if got := deployer.CheckConfiguration(pkg, []byte(counts("1", "2"))); len(got) > 0 {
		t.Errorf("refused: %v", got)
	}
	missing := strings.Replace(counts("1", "2"), `<Setting name='Key' value='none' />`, "", 1)
	family := strings.Replace(counts("1", "2"), "serviceName", `osFamily="5" serviceName`, 1)
	for name, data := range map[string]string{"broken": "<x", "setting missing": missing, "another family": family} {
		got := deployer.CheckConfiguration(pkg, []byte(data))
		if len(got) != 1 || got[0].Code != deployer.BadConfiguration || got[0].Text == "" {
			t.Errorf("%s: got %v", name, got)
		}
	}
	want := deployer.Endpoints{"http": 1, "tcp": 1}
	if diff := cmp.Diff(want, deployer.DefinitionEndpoints(def)); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
}

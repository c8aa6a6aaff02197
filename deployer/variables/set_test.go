package variables

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestResolve(t *testing.T) {
	set := NewSet(
		Variable{Name: "Banner", Value: "default"},
		Variable{Name: "Banner", Value: "production", Scope: Scope{Environment: {"Production"}}},
		Variable{Name: "banner", Value: "web", Scope: Scope{Role: {"web", "api"}}},
		Variable{Name: "Banner", Value: "web in staging", Scope: Scope{Role: {"web"}, Environment: {"Staging", "Test"}}},
		Variable{Name: "Banner", Value: "step", Scope: Scope{Step: {"Deploy"}}},
		Variable{Name: "Banner", Value: "machine", Scope: Scope{Machine: {"m1"}}},
		Variable{Name: "Banner", Value: "tenant", Scope: Scope{Tenant: {"t1"}}},
		Variable{Name: "Banner", Value: "tag", Scope: Scope{TenantTag: {"g1"}}},
		Variable{Name: "Banner", Value: "channel", Scope: Scope{Channel: {"beta"}}},
		Variable{Name: "Banner", Value: "target", Scope: Scope{TargetRole: {"db"}}},
	)
	tests := []struct {
		place Scope
		want  string
	}{
		{nil, "default"},
		{Scope{Environment: {"Staging"}}, "default"},
		{Scope{Environment: {"production"}}, "production"},
		{Scope{Environment: {"Production"}, Role: {"worker"}}, "production"},
		{Scope{Environment: {"Production"}, Role: {"worker", "WEB"}}, "web"},
		{Scope{Environment: {"Staging"}, Role: {"web"}}, "web in staging"},
		{Scope{Environment: {"Test"}, Role: {"api"}}, "web"},
		{Scope{Environment: {"Production"}, Step: {"deploy"}}, "step"},
		{Scope{Step: {"Deploy"}, Machine: {"m1"}, Role: {"web"}, Environment: {"Test"}}, "step"},
		{Scope{Machine: {"m1"}, Role: {"web"}, Environment: {"Test"}}, "machine"},
		{Scope{TargetRole: {"db"}, Role: {"web"}, Environment: {"Test"}}, "target"},
		{Scope{Tenant: {"t1"}, TenantTag: {"g1"}}, "tenant"},
		{Scope{TenantTag: {"g1"}, Environment: {"Production"}}, "tag"},
		{Scope{Channel: {"beta"}, Environment: {"Production"}}, "production"},
		{Scope{Channel: {"beta"}}, "channel"},
	}
	for _, test := range tests {
		got, ok, err := set.Resolve(test.place).Get("BANNER")
		if got != test.want || !ok || err != nil {
			t.Errorf("at %s: %q, %t, %v, want %q", test.place, got, ok, err, test.want)
		}
	}
}

func TestSpecialKindsAlwaysHold(t *testing.T) {
	set := NewSet(
		Variable{Name: "X", Value: "built in", Scope: Scope{Private: nil}},
		Variable{Name: "X", Value: "step", Scope: Scope{Step: {"s"}, Machine: {"m"}}},
		Variable{Name: "Y", Value: "asked", Scope: Scope{Prompted: nil}},
		Variable{Name: "Y", Value: "step", Scope: Scope{Step: {"s"}}},
		Variable{Name: "Z", Value: "project", Scope: Scope{Project: nil}},
		Variable{Name: "Z", Value: "plain"},
	)
	d := set.Resolve(Scope{Step: {"s"}, Machine: {"m"}})
	result, err := d.Evaluate("#{X}, #{Y}, #{Z}")
	if want := "built in, asked, project"; result.Text != want || err != nil {
		t.Errorf("%q, %v, want %q", result.Text, err, want)
	}
}

func TestExplain(t *testing.T) {
	set := NewSet(
		Variable{Name: "Key", Value: "a"},
		Variable{Name: "key", Value: "b", Scope: Scope{Environment: {"Production"}}},
	).With(
		Variable{Name: "KEY", Value: "c", Scope: Scope{Environment: {"production"}}, Sensitive: true},
		Variable{Name: "Key", Null: true, Scope: Scope{Environment: {"Staging"}, Role: {"web"}}},
		Variable{Name: "Other", Value: "x"},
	)
	d := set.Resolve(Scope{Environment: {"Production"}, Role: {"web"}})
	want := []Candidate{
		{Value: "a", Matches: true, Reason: "is less specific: rank 0 against 100"},
		{Value: "b", Rank: 100, Matches: true, Wins: true, Tied: true, Reason: "wins with rank 100"},
		{Value: hidden, Sensitive: true, Rank: 100, Matches: true, Tied: true, Reason: "has the winner's rank 100, but comes later"},
		{Null: true, Rank: 10100, Reason: "does not hold here: it is for environment Staging"},
	}
	got := d.Explain("Key")
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Candidate{}, "Scope")); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"key"}, d.Ambiguous()); diff != "" {
		t.Errorf("ambiguous: mismatch (-want +got):\n%s", diff)
	}
	if got := d.Explain("Nobody"); len(got) != 0 {
		t.Errorf("an undefined name is explained by %v", got)
	}
	if diff := cmp.Diff([]string{"key", "Other"}, d.Names()); diff != "" {
		t.Errorf("names: mismatch (-want +got):\n%s", diff)
	}
}

func TestRawAndTypedValues(t *testing.T) {
	d := NewDictionary(
		Variable{Name: "Expr", Value: "#{Yes}"},
		Variable{Name: "Yes", Value: " TRUE "},
		Variable{Name: "No", Value: "False"},
		Variable{Name: "Odd", Value: "maybe"},
		Variable{Name: "Empty"},
		Variable{Name: "Gone", Null: true},
		Variable{Name: "odd!name", Value: "v"},
		Variable{Name: "List", Value: " a, ,b,#{Yes},"},
		Variable{Name: "J", Value: `{"a":[1,2]}`},
		Variable{Name: "Loop", Value: "#{Loop}"},
	)
	raw := []struct {
		name, text string
		presence   Presence
	}{{"expr", "#{Yes}", Present}, {"Empty", "", Present}, {"Gone", "", Null}, {"Nobody", "", Undefined}}
	for _, test := range raw {
		text, presence := d.Raw(test.name)
		if text != test.text || presence != test.presence {
			t.Errorf("Raw(%q) = %q, %v, want %q, %v", test.name, text, presence, test.text, test.presence)
		}
	}
	get := []struct {
		name, text string
		ok         bool
	}{{"expr", " TRUE ", true}, {"Empty", "", true}, {"Gone", "", false}, {"Nobody", "", false}, {"odd!name", "v", true}, {"J.a[1]", "2", true}, {"a}b", "", false}}
	for _, test := range get {
		text, ok, err := d.Get(test.name)
		if text != test.text || ok != test.ok || err != nil {
			t.Errorf("Get(%q) = %q, %t, %v, want %q, %t", test.name, text, ok, err, test.text, test.ok)
		}
	}
	for name, want := range map[string][2]bool{"Expr": {true, true}, "No": {false, false}, "Odd": {true, false}, "Nobody": {true, false}, "Empty": {true, false}} {
		for i, fallback := range []bool{true, false} {
			if got, err := d.Flag(name, fallback); got != want[i] || err != nil {
				t.Errorf("Flag(%q, %t) = %t, %v", name, fallback, got, err)
			}
		}
	}
	list, err := d.List("List")
	if diff := cmp.Diff([]string{"a", "b", "TRUE"}, list); diff != "" || err != nil {
		t.Errorf("%v, mismatch (-want +got):\n%s", err, diff)
	}
	if _, err := d.Flag("Loop", true); err == nil {
		t.Error("a flag that refers to itself is no error")
	}
}

func TestMask(t *testing.T) {
	d := NewDictionary(
		Variable{Name: "Host", Value: "db.example.com"},
		Variable{Name: "Password", Value: "hunter22", Sensitive: true},
		Variable{Name: "Connection", Value: "Server=#{Host};Pwd=#{Password}", Sensitive: true},
		Variable{Name: "Longer", Value: "hunter22-and-more", Sensitive: true},
		Variable{Name: "Short", Value: "abc", Sensitive: true},
		Variable{Name: "Gone", Null: true, Sensitive: true},
	)
	tests := []struct{ text, want string }{
		{"nothing", "nothing"},
		{"pwd is hunter22!", "pwd is ********!"},
		{"Server=db.example.com;Pwd=hunter22", "********"},
		{"Server=#{Host};Pwd=#{Password}", "********"},
		{"hunter22-and-more", "********"},
		{"abc and db.example.com", "abc and db.example.com"},
	}
	for _, test := range tests {
		if got := d.Mask(test.text); got != test.want {
			t.Errorf("Mask(%q) = %q, want %q", test.text, got, test.want)
		}
	}
	if got := NewDictionary().Mask("hunter22"); got != "hunter22" {
		t.Errorf("a dictionary without secrets masks %q", got)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	v := Variable{Name: "Password", Value: "hunter22", Sensitive: true}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "variable", v)
	printed := fmt.Sprintf("%v %+v %#v %s %q", v, v, v, []Variable{v}, v) + log.String()
	set := NewSet(v)
	printed += fmt.Sprintf("%v", set.Resolve(nil).Explain("Password"))
	if strings.Contains(printed, "hunter22") {
		t.Errorf("the secret shows in %s", printed)
	}
	if !strings.Contains(printed, "Password = ********") {
		t.Errorf("the name does not show in %s", printed)
	}
}

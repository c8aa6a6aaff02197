package universe_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/universe"
)

func number(n int) *int { return &n }

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		spec universe.Spec
		want string // words of the refusal; "" for none
	}{
		"nothing":            {universe.Spec{}, ""},
		"all of it":          {universe.Spec{ID: "5AE1C0DE-0b1e-4e9e-8a5e-b10e9ee75afe", Name: "shop", Clock: cloud.RealTime, Speed: 60, Quotas: &universe.Quotas{Cores: number(0)}}, ""},
		"an id with a brace": {universe.Spec{ID: "{5ae1c0de-0b1e-4e9e-8a5e-b10e9ee75afe}"}, "no subscription id"},
		"a name as id":       {universe.Spec{ID: "shop"}, "no subscription id"},
		"a long name":        {universe.Spec{Name: strings.Repeat("x", 257)}, "257 bytes; 256 are allowed"},
		"another clock":      {universe.Spec{Clock: "sundial"}, "sundial"},
		"backwards":          {universe.Spec{Clock: cloud.RealTime, Speed: -1}, "-1"},
		"a negative quota":   {universe.Spec{Quotas: &universe.Quotas{Requests: number(-1)}}, "negative"},
		"another access":     {universe.Spec{Authentication: "password"}, "password"},
		"a token for nobody": {universe.Spec{Authentication: cloud.AccessMode("token")}, "token"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.spec.Check()
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused, ok := err.(*universe.Error)
			if !ok || refused.Code != universe.Invalid || !strings.Contains(refused.Message, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestFurnish sets what a Spec says, and leaves the rest as it is.
func TestFurnish(t *testing.T) {
	strict := true
	st := cloud.State{Name: "before", Quotas: cloud.Quotas{Cores: 20, Services: 20, Requests: 7}}
	(&universe.Spec{}).Furnish(&st)
	if diff := cmp.Diff(cloud.Quotas{Cores: 20, Services: 20, Requests: 7}, st.Quotas); diff != "" || st.Name != "before" || st.Strict {
		t.Errorf("an empty Spec changes the state: %q, strict %v, quotas (-want +got):\n%s", st.Name, st.Strict, diff)
	}
	(&universe.Spec{Name: "after", Strict: &strict, Quotas: &universe.Quotas{Cores: number(4), Requests: number(0)}}).Furnish(&st)
	if diff := cmp.Diff(cloud.Quotas{Cores: 4, Services: 20, Requests: 0}, st.Quotas); diff != "" || st.Name != "after" || !st.Strict {
		t.Errorf("%q, strict %v, quotas mismatch (-want +got):\n%s", st.Name, st.Strict, diff)
	}
}

// TestCodes gives each code a status of its own kind; what is unknown is trouble of
// the emulator's.
func TestCodes(t *testing.T) {
	for _, code := range universe.Codes() {
		status := universe.Errorf(code, "no").Status()
		if status < 400 || status == 500 && code != universe.Internal {
			t.Errorf("%s has the status %d", code, status)
		}
	}
	if got := universe.Errorf("Other", "no").Status(); got != 500 {
		t.Errorf("an unknown code has the status %d", got)
	}
}

// TestStateFinds looks up in any casing, and finds nothing where there is nothing.
func TestStateFinds(t *testing.T) {
	s := universe.State{
		Services:   []universe.Service{{Name: "Shop"}, {Name: "other"}},
		Operations: []universe.Operation{{ID: "ab"}, {ID: "cd"}},
	}
	if s.Service("SHOP") != &s.Services[0] || s.Service("shops") != nil || s.Operation("CD") != &s.Operations[1] || s.Operation("") != nil {
		t.Error("it finds something else")
	}
}

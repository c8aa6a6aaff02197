package cli

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/release"
)

func TestParseCheck(t *testing.T) {
	up, empty := "up", ""
	tests := map[string]struct {
		want probe.Check
		err  string
	}{
		"/health":                               {want: probe.Check{URL: "/health"}},
		"http://shop/a,b?c,d":                   {want: probe.Check{URL: "http://shop/a,b?c,d"}},
		"#{Slot.Url}x":                          {want: probe.Check{URL: "#{Slot.Url}x"}},
		"/h,status=200,status=204,name=front":   {want: probe.Check{URL: "/h", Status: []int{200, 204}, Name: "front"}},
		"/h,contains=a, b,c=d,matches=^x{1,2}$": {want: probe.Check{URL: "/h", Contains: "a, b,c=d", Matches: "^x{1,2}$"}},
		"/h,json=$.state=up":                    {want: probe.Check{URL: "/h", JSONPath: "$.state", Equals: &up}},
		"/h,json=$.state=":                      {want: probe.Check{URL: "/h", JSONPath: "$.state", Equals: &empty}},
		"/h,json=$.state":                       {want: probe.Check{URL: "/h", JSONPath: "$.state"}},
		"/h,latency=5ms,every=1s,within=1m,timeout=2s,times=3":       {want: probe.Check{URL: "/h", Latency: 5 * time.Millisecond, Every: time.Second, Within: time.Minute, Timeout: 2 * time.Second, InARow: 3}},
		"/h,method=HEAD,header=Host: a:80,header=X:y,resolve=a:80:b": {want: probe.Check{URL: "/h", Method: "HEAD", Headers: []probe.Header{{Name: "Host", Value: "a:80"}, {Name: "X", Value: "y"}}, Resolve: []string{"a:80:b"}}},
		"":                                    {err: "it begins with an address, or a path"},
		"shop/health":                         {err: `"shop/health" is neither an http or https address nor a path`},
		"ftp://shop/":                         {err: "neither an http or https address"},
		"/h,status=ok":                        {err: `"ok" is no status of HTTP`},
		"/h,latency=-1s":                      {err: `"-1s" is not a time span`},
		"/h,times=0":                          {err: `"0" is no number of right answers`},
		"/h,header=X":                         {err: `"X" is no header: it is NAME: VALUE`},
		"/h,contians=ok":                      {err: "there is no contians"},
		"/h,colour=red":                       {err: "there is no colour"},
		"/h,Status=200":                       {err: "there is no Status"},
		"/h,name=front,latncy=1s":             {err: "there is no latncy"},
		"/h,contains=a,latancy=3s":            {err: "there is no latancy"},
		"/h,resolve=a:80:b,methods=PUT":       {err: "there is no methods"},
		"/h?a=1,b=2":                          {err: "there is no b"},
		"/h?a=1%2Cb=2":                        {want: probe.Check{URL: "/h?a=1%2Cb=2"}},
		"/h,contains=a,colour=red,b=2":        {want: probe.Check{URL: "/h", Contains: "a,colour=red,b=2"}},
		"/h,matches=[,]contians=":             {want: probe.Check{URL: "/h", Matches: "[,]contians="}},
		"/h,header=Accept: text/a,text/b;q=1": {want: probe.Check{URL: "/h", Headers: []probe.Header{{Name: "Accept", Value: "text/a,text/b;q=1"}}}},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			got, err := parseCheck(text)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want %q", err, tt.err)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("error %v, mismatch (-want +got):\n%s", err, diff)
			}
		})
	}
}

// FuzzParseCheck finds panics, and checks without an address.
func FuzzParseCheck(f *testing.F) {
	for _, seed := range []string{"/h,status=200", ",status=200", "http://a/,b,json=$.a=b", "/,times=9999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCheck(text); err == nil && c.URL == "" {
			t.Errorf("%q is a check without an address", text)
		}
	})
}

// TestGatesTogether puts the gates of a project and of flags together.
func TestGatesTogether(t *testing.T) {
	front, health := probe.Check{URL: "/front"}, probe.Check{URL: "/health", Resolve: []string{"a:80:b"}}
	own := deployer.Gates{
		Ready: true, Checks: []probe.Check{health}, Pause: true, Question: "well?", Bake: &deployer.Bake{For: time.Hour, Checks: []probe.Check{health}},
		Hooks: []deployer.Hook{{At: "before-swap", Run: "a"}, {At: "after-swap", Run: "b"}},
	}
	resolved := probe.Check{URL: "/health", Resolve: []string{"*:80:c", "a:80:b"}}
	flags := gateFlags{resolve: []string{"*:80:c"}, gates: deployer.Gates{
		Checks: []probe.Check{front}, Bake: &deployer.Bake{For: time.Minute, Checks: []probe.Check{front}}, Hooks: []deployer.Hook{{At: "before-swap", Run: "c", Dir: "/d"}},
	}}
	tests := map[string]struct {
		flags   gateFlags
		step    release.Step
		noReady bool
		want    deployer.Gates
	}{
		"project alone": {gateFlags{}, release.Step{Gates: own, WaitReady: true}, false, deployer.Gates{
			Ready: true, Checks: []probe.Check{health}, Pause: true, Question: "well?", Bake: own.Bake,
			Hooks: []deployer.Hook{{At: "before-swap", Run: "a", Dir: "/p"}, {At: "after-swap", Run: "b", Dir: "/p"}},
		}},
		"both": {flags, release.Step{Gates: own, WaitReady: true}, false, deployer.Gates{
			Ready: true, Checks: []probe.Check{resolved, front}, Pause: true, Question: "well?", Bake: flags.gates.Bake,
			Hooks: []deployer.Hook{{At: "before-swap", Run: "c", Dir: "/d"}, {At: "after-swap", Run: "b", Dir: "/p"}},
		}},
		"without the project's":  {gateFlags{none: true, gates: flags.gates}, release.Step{Gates: own, WaitReady: true}, false, flags.gates},
		"no waiting":             {gateFlags{}, release.Step{Gates: deployer.Gates{Ready: true}, WaitReady: true}, true, deployer.Gates{}},
		"the step does not wait": {gateFlags{}, release.Step{Gates: deployer.Gates{Ready: true}}, false, deployer.Gates{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &session{program: &program{gating: tt.flags}, dir: "/p"}
			s.waits.NoReady = tt.noReady
			got := s.gatesOf(tt.step)
			if len(got.Checks) == 0 {
				got.Checks = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGatesPage finds what the page on gates does not tell.
func TestGatesPage(t *testing.T) {
	data, err := os.ReadFile("../../../docs/gates.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	var words []string
	for key := range checkSettings {
		words = append(words, "`"+key+"=")
	}
	for _, word := range deployer.SlotWords() {
		words = append(words, "`#{"+word+"}`")
	}
	for _, point := range deployer.HookPoints() {
		step := strings.TrimPrefix(strings.TrimPrefix(point, "before-"), "after-")
		words = append(words, "`"+step+"`")
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	(&gateFlags{}).register(flags)
	for _, word := range words {
		if !strings.Contains(page, word) {
			t.Errorf("%s is not on the page", word)
		}
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(page, "--"+f.Name) {
			t.Errorf("--%s is not on the page", f.Name)
		}
	})
}

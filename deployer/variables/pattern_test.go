package variables_test

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/variables"
)

func TestEvaluatePattern(t *testing.T) {
	d := variables.NewDictionary(
		variables.Variable{Name: "Number", Value: "1.0+a(b"}, variables.Variable{Name: "Whole", Value: "v#{Number}?"},
		variables.Variable{Name: "Key", Value: "s3.cret", Sensitive: true}, variables.Variable{Name: "Min", Value: "2"},
		variables.Variable{Name: "Host[a.b].Port", Value: "80"}, variables.Variable{Name: "Host[c].Port", Value: "81"},
	)
	tests := []struct {
		pattern string
		want    string
		shown   string // "" is want
		open    []string
	}{
		{pattern: `^v\d+$`, want: `^v\d+$`},
		{pattern: `^v#{Number}$`, want: `^v1\.0\+a\(b$`},
		{pattern: `(#{Whole}|x)`, want: `(v1\.0\+a\(b\?|x)`},
		{pattern: `a{#{Min},#{calc Min + 3.5}}`, want: `a{2,5\.5}`},
		{pattern: `#{Number | Replace "a.*" ""}.`, want: `1\.0\+.`},
		{pattern: `#{if Number == "1.0+a(b"}v\d#{Number}#{else}w#{/if}`, want: `v\d1\.0\+a\(b`},
		{pattern: `#{unless Number}.#{else}#{if Min}#{Min}+#{/if}#{/unless}`, want: `2+`},
		{pattern: `#{each h in Host}#{h}:#{h.Port}|#{/each}x`, want: `a\.b:80|c:81|x`},
		{pattern: `##{2}`, want: `#{2}`},
		{pattern: `k=#{Key}.`, want: `k=s3\.cret.`, shown: `k=********.`},
		{pattern: `#{Key | ToUpper}#{if Key}#{Key}#{/if}`, want: `S3\.CRETs3\.cret`, shown: `****************`},
		{pattern: `#{Nobody}`, want: `#\{Nobody\}`, open: []string{"#{Nobody}"}},
	}
	for _, test := range tests {
		got, err := d.EvaluatePattern(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		if test.shown == "" {
			test.shown = test.want
		}
		want := []any{test.want, test.shown, test.open}
		if diff := cmp.Diff(want, []any{got.Text, got.Shown(), got.Unresolved}); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", test.pattern, diff)
		}
	}
	for _, broken := range []string{"#{if Number}", "#{"} {
		if got, err := d.EvaluatePattern(broken); err == nil {
			t.Errorf("%s is %q", broken, got.Text)
		}
	}
}

// FuzzEvaluatePattern looks whether a value matches itself alone.
func FuzzEvaluatePattern(f *testing.F) {
	f.Add("1.0+a(b", "1x0+a(b")
	f.Add("#{Value}", "")
	f.Add("\\E.*", "x")
	f.Fuzz(func(t *testing.T, value, other string) {
		d := variables.NewDictionary(variables.Variable{Name: "Value", Value: variables.Escape(value)})
		plain, err := d.Evaluate("#{Value}")
		if err != nil {
			return
		}
		pattern, err := d.EvaluatePattern("^(?:#{Value})$")
		if err != nil {
			t.Fatal(err)
		}
		r, err := regexp.Compile(pattern.Text)
		if err != nil {
			return // a value that is no UTF-8
		}
		if !r.MatchString(plain.Text) || other != plain.Text && r.MatchString(other) {
			t.Errorf("%q as a pattern is %q: it matches %q: %t", value, pattern.Text, other, r.MatchString(other))
		}
	})
}

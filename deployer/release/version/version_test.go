package version

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParse(t *testing.T) {
	tests := []struct {
		text            string
		want            Version
		prefix, counter string
	}{
		{text: "1", want: Version{Major: 1, Numbers: 1}},
		{text: "1.2", want: Version{Major: 1, Minor: 2, Numbers: 2}},
		{text: " 1.2.3 ", want: Version{Major: 1, Minor: 2, Patch: 3, Numbers: 3}},
		{text: "1.2.3.4", want: Version{Major: 1, Minor: 2, Patch: 3, Revision: 4, Numbers: 4}},
		{text: "v2.0", want: Version{Major: 2, Numbers: 2}},
		{text: "V2", want: Version{Major: 2, Numbers: 1}},
		{text: "1.2.3.4.5", want: Version{Major: 1, Minor: 2, Patch: 3, Revision: 4, Numbers: 4, PreRelease: "5"}, prefix: "5"},
		{text: "1.0.0-beta.7", want: Version{Major: 1, Numbers: 3, PreRelease: "beta.7"}, prefix: "beta", counter: "7"},
		{text: "1.0.0-beta-7.1", want: Version{Major: 1, Numbers: 3, PreRelease: "beta-7.1"}, prefix: "beta", counter: "7.1"},
		{text: "1.0beta_2", want: Version{Major: 1, Numbers: 2, PreRelease: "beta_2"}, prefix: "beta", counter: "2"},
		{text: "1.0.0+build.5", want: Version{Major: 1, Numbers: 3, Metadata: "build.5"}},
		{text: "1.0.0-a+b+c", want: Version{Major: 1, Numbers: 3, PreRelease: "a", Metadata: "b+c"}, prefix: "a"},
		{text: "latest", want: Version{PreRelease: "latest"}, prefix: "latest"},
		{text: "vnext", want: Version{PreRelease: "vnext"}, prefix: "vnext"},
		{text: "007.010", want: Version{Major: 7, Minor: 10, Numbers: 2}},
	}
	for _, test := range tests {
		got, err := Parse(test.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Version{})); diff != "" {
			t.Errorf("Parse(%q): mismatch (-want +got):\n%s", test.text, diff)
		}
		if got.PreReleasePrefix() != test.prefix || got.PreReleaseCounter() != test.counter {
			t.Errorf("Parse(%q): prefix %q and counter %q, want %q and %q", test.text,
				got.PreReleasePrefix(), got.PreReleaseCounter(), test.prefix, test.counter)
		}
		if got.String() != strings.TrimSpace(test.text) {
			t.Errorf("Parse(%q).String() = %q", test.text, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "must not be empty"},
		{"  ", "must not be empty"},
		{"1.99999999999", "too large"},
		{"99999999999999999999999", "too large"},
		{strings.Repeat("1", 300), "at most 256"},
	}
	for _, test := range tests {
		if _, err := Parse(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Parse(%q): error %v, want one that says %q", test.text, err, test.want)
		}
	}
}

// TestCompare walks a list in ascending order; every pair must agree with it.
func TestCompare(t *testing.T) {
	ascending := []string{
		"alpha", "latest", "0", "0.0.1", "0.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1",
		"1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0", "1.0.0.1",
		"1.0.1", "1.2", "1.10", "2", "2.0.0.1", "10",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			want := 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got := mustParse(t, a).Compare(mustParse(t, b)); got != want {
				t.Errorf("%s compared with %s: %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestCompareEqual(t *testing.T) {
	tests := []struct{ a, b string }{
		{"1", "1.0.0.0"}, {"v1.2", "1.2"}, {"1.0.0+a", "1.0.0+b"},
		{"1.0.0-BETA.1", "1.0.0-beta.01"}, {"1.0-rc_1", "1.0-rc.1"},
	}
	for _, test := range tests {
		if got := mustParse(t, test.a).Compare(mustParse(t, test.b)); got != 0 {
			t.Errorf("%s compared with %s: %d, want 0", test.a, test.b, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"1", "v1.2.3.4-beta.7+m", "latest", "1..2", "-", "+", "1.2.3.4.5", "\x00", "1.-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(v.String())
		if err != nil || again != v {
			t.Errorf("Parse(%q) gives %#v, read again %#v, %v", text, v, again, err)
		}
		if c := v.Compare(v); c != 0 {
			t.Errorf("%q compared with itself: %d", text, c)
		}
		one := Version{Major: 1}
		if v.Compare(one) != -one.Compare(v) {
			t.Errorf("%q: comparing with 1 depends on the side", text)
		}
	})
}

func mustParse(t *testing.T, text string) Version {
	t.Helper()
	v, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

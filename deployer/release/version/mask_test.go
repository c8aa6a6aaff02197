package version

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMask(t *testing.T) {
	const none = ""
	tests := []struct{ mask, last, want string }{
		{"1.2.i", none, "1.2.0"},
		{"c.c.i-beta.i", none, "0.0.0-beta.0"},
		{"1.2.3-alpha.i", none, "1.2.3-alpha.0"},
		{"1.2.3-alpha.i", "1.2.3-alpha.25", "1.2.3-alpha.26"},
		{"i.2.3-alpha.i", "1.2.3-alpha.25", "2.2.3-alpha.26"},
		{"1.i.3-alpha.i", "1.2.3-alpha.25", "1.3.3-alpha.26"},
		{"c.2.3-alpha.i", "1.2.3-alpha.25", "1.2.3-alpha.26"},
		{"i.i.i-alpha.i", "1.2.3-alpha.25", "2.0.0-alpha.26"},
		{"c.c.i-alpha.c", "1.2.3-alpha.25", "1.2.4-alpha.25"},
		{"i.c.c", "1.2.3", "2.0.3"},
		{"c.i.c", "1.2.3", "1.3.0"},
		{"c.c.i", "1.2.3", "1.2.4"},
		{"c.i", "1.2.3", "1.3.0"},
		{"i", "1.2.3.4", "2.0"},
		{"c.c.i", "1.2.3.4", "1.2.4.0"},
		{"c.c.c.i", "1.2.3", "1.2.3.1"},
		{"1.2.3-initial.8", "1.0.0.0", "1.2.3.0-initial.8"},
		{"c.c.c-test", "alpha.25", "0.0.0-test"},
		{"i.c.c-test", "0.0.0.0-alpha.25", "1.0.0.0-test"},
		{"c.c.c.i-initial.c", "whatever", "0.0.0.1-initial.0"},
		{"1.2.3.4-i.1", "1.2.3.4-25.2", "1.2.3.4-26.1"},
		{"1.2.3.4-c.1", "1.2.3.4-25.2", "1.2.3.4-25.1"},
		{"1.2.3.4-1.blah.i.0", "1.2.3.4-whatever.3.1", "1.2.3.4-1.blah.2.0"},
		{"1.2.3-i", "1.2.3-25", "1.2.3-26"},
		{"c.c.c-i", "1.2.3", "1.2.3-1"},
		{"c.c.c-i.i", "1.2.3-4.5", "1.2.3-5.0"},
		{"c.c.i+build.i", "1.2.3+build.7", "1.2.4+build.8"},
		{"v1.2.i", "v1.2.3", "v1.2.4"},
	}
	for _, test := range tests {
		m, ok := ParseMask(test.mask)
		if !ok {
			t.Errorf("%s is no mask", test.mask)
			continue
		}
		got := m.First()
		if test.last != none {
			got = m.Next(mustParse(t, test.last))
		}
		if got != test.want {
			t.Errorf("%s after %q is %s, want %s", test.mask, test.last, got, test.want)
		}
	}
}

func TestApplyCountsAmongThoseItAdmits(t *testing.T) {
	versions := []Version{mustParse(t, "1.2.4"), mustParse(t, "2.0.1"), mustParse(t, "1.2.10"), mustParse(t, "1.3.0-beta.2")}
	tests := []struct{ mask, want string }{
		{"1.2.i", "1.2.11"},
		{"2.0.i", "2.0.2"},
		{"3.0.i", "3.0.0"},
		{"c.i.0", "2.1.0"},
		{"1.3.0-beta.i", "1.3.0-beta.3"},
		{"5.0.0", "5.0.0"},
		{"c.c.c_i", "c.c.c_i"},
		{"1.2 .i", "1.2 .i"},
		{"latest", "latest"},
	}
	for _, test := range tests {
		got, err := Apply(test.mask, versions)
		if err != nil || got != test.want {
			t.Errorf("Apply(%q) = %q, %v, want %q", test.mask, got, err, test.want)
		}
	}
}

func TestApplyFindsAFreeVersion(t *testing.T) {
	tests := []struct {
		mask  string
		there []string
		want  []string // one call after the other
	}{
		{"7.0.0-alpha.i", nil, []string{"7.0.0-alpha.0", "7.0.0-alpha.1"}},
		{"7.0.0-beta.i", []string{"7.0.0-alpha.1"}, []string{"7.0.0-beta.0", "7.0.0-beta.1"}},
		{"7.0.0-alpha.i", []string{"7.0.0-alpha.1", "7.0.0-beta.2"}, []string{"7.0.0-alpha.2", "7.0.0-alpha.3", "7.0.0-alpha.4"}},
		{"7.0.0-ALPHA.i", []string{"7.0.0-alpha.1", "7.0.0-beta.2"}, []string{"7.0.0-ALPHA.2"}},
		{"7.0.0-alpha.i", []string{"7.0.0-alpha", "7.0.0-alpha.x"}, []string{"7.0.0-alpha.1", "7.0.0-alpha.2"}},
		{"7.0.0-alpha.i", []string{"7.0.0-alpha_0", "7.0.0-alpha-1"}, []string{"7.0.0-alpha.2"}},
		{"1.2.0-beta.i", []string{"1.2.0"}, []string{"1.2.0-beta.0", "1.2.0-beta.1", "1.2.0-beta.2"}},
		{"1.2.0-i", []string{"1.2.0", "1.2.0-4"}, []string{"1.2.0-5", "1.2.0-6"}},
		{"1.2.0-i", []string{"1.2.0"}, []string{"1.2.0-0", "1.2.0-1"}},
		{"c.c.c-beta.i", []string{"1.2.0"}, []string{"1.2.0-beta.1", "1.2.0-beta.2"}},
		{"c.0.0-beta.i", []string{"2.5.0", "1.0.0-beta.9"}, []string{"2.0.0-beta.1", "2.0.0-beta.2"}},
		{"1.0.0-rc.i.0", []string{"1.0.0-rc.3.1", "1.0.0-rd.9.0"}, []string{"1.0.0-rc.4.0"}},
		{"1.0.0.0-rc.i", []string{"1.0.0-rc.2"}, []string{"1.0.0.0-rc.3"}},
		{"1.2.3+build.i", []string{"1.2.3+build.4"}, []string{"1.2.3+build.5", "1.2.3+build.5"}},
		{"1.2.c", []string{"1.2.7"}, []string{"1.2.7", "1.2.7"}},
		{"1.2.3", []string{"1.2.3"}, []string{"1.2.3", "1.2.3"}},
		{"latest", []string{"latest"}, []string{"latest"}},
	}
	for _, test := range tests {
		var versions []Version
		for _, text := range test.there {
			versions = append(versions, mustParse(t, text))
		}
		var made []string
		for range test.want {
			got, err := Apply(test.mask, versions)
			if err != nil {
				t.Fatalf("%s: %v", test.mask, err)
			}
			made = append(made, got)
			versions = append(versions, mustParse(t, got))
		}
		if diff := cmp.Diff(test.want, made); diff != "" {
			t.Errorf("%s after %v: mismatch (-want +got):\n%s", test.mask, test.there, diff)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	tests := []struct{ mask, last, want string }{
		{"i.0.0", "2147483647", "too large"},
		{"99999999999.i", "1.0", "too large"},
		{"", "1.0", "must not be empty"},
		{"1." + strings.Repeat("1", 300), "1.0", "at most"},
	}
	for _, test := range tests {
		got, err := Apply(test.mask, []Version{mustParse(t, test.last)})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Apply(%q) = %q, %v, want an error that says %q", test.mask, got, err, test.want)
		}
	}
}

func TestCounts(t *testing.T) {
	for mask, want := range map[string]bool{"1.2.3": false, "1.2.i": true, "c.0": true, "1.0-beta.i": true, "1.0+c": true, "1.0-bi": false} {
		m, ok := ParseMask(mask)
		if !ok || m.Counts() != want {
			t.Errorf("%s: a mask: %t, counts: %t, want %t", m, ok, m.Counts(), want)
		}
	}
}

func FuzzApply(f *testing.F) {
	f.Add("1.2.i", "1.2.3")
	f.Add("c.i.c-beta.i+m.c", "v1.2.3.4-beta.7+m.5")
	f.Add("i", "latest")
	f.Fuzz(func(t *testing.T, mask, last string) {
		v, err := Parse(last)
		if err != nil {
			return
		}
		result, err := Apply(mask, []Version{v})
		if err != nil {
			return
		}
		if _, err := Parse(result); err != nil {
			t.Errorf("Apply(%q) after %q made %q: %v", mask, last, result, err)
		}
	})
}

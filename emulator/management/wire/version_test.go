package wire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

func TestParseVersion(t *testing.T) {
	tests := []struct {
		header string
		want   wire.Version
		known  bool
		err    string
	}{
		{"2009-10-01", "2009-10-01", true, ""},
		{"2014-10-01", "2014-10-01", true, ""},
		{"2018-03-01", "2018-03-01", true, ""},
		{"2014-10-02", "2014-10-01", false, ""},
		{"2009-12-31", "2009-10-01", false, ""},
		{"2030-01-01", "2018-03-01", false, ""},
		{"", "", false, "missing"},
		{"2009-09-30", "", false, "older"},
		{"2009-08-07", "", false, "older"},
		{"2014-13-01", "", false, "not a date"},
		{"2014-02-30", "", false, "not a date"},
		{"2014-1-1", "", false, "not a date"},
		{" 2014-10-01", "", false, "not a date"},
		{"2014-10-01,2014-10-01", "", false, "not a date"},
		{"latest", "", false, "not a date"},
	}
	for _, test := range tests {
		got, err := wire.ParseVersion(test.header)
		if got != test.want || !matches(err, test.err) {
			t.Errorf("ParseVersion(%q) = %q, %v; want %q, error %q", test.header, got, err, test.want, test.err)
		}
		strict, err := wire.ParseKnownVersion(test.header)
		if (err == nil) != test.known || test.known && strict != test.want {
			t.Errorf("ParseKnownVersion(%q) = %q, %v; want known: %v", test.header, strict, err, test.known)
		}
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, header := range []string{"2014-10-01", "2014-10-02", "2009-01-01", "9999-12-31", "x"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		version, err := wire.ParseVersion(header)
		known := slices.Contains(wire.Versions(), version)
		if (err == nil) != known || err == nil && string(version) > header {
			t.Errorf("ParseVersion(%q) = %q, %v", header, version, err)
		}
	})
}

// matches reports whether err is nil for want "", and else has want in its text.
func matches(err error, want string) bool {
	if want == "" || err == nil {
		return want == "" && err == nil
	}
	return strings.Contains(err.Error(), want)
}

func TestVersionsAreInOrder(t *testing.T) {
	versions := wire.Versions()
	if !slices.IsSorted(versions) || len(slices.Compact(slices.Clone(versions))) != len(versions) {
		t.Errorf("not sorted, or one is twice: %v", versions)
	}
	if versions[0] != wire.OldestVersion() || versions[len(versions)-1] != wire.LatestVersion() {
		t.Errorf("from %s to %s, want from %s to %s",
			versions[0], versions[len(versions)-1], wire.OldestVersion(), wire.LatestVersion())
	}
	versions[0] = "changed"
	if wire.OldestVersion() != "2009-10-01" {
		t.Error("a caller can change the list")
	}
}

func TestFeatures(t *testing.T) {
	got := wire.Features(availability{}, (*folder)(nil), hostedServices{})[:4]
	want := []wire.Feature{
		{Path: "AvailabilityResponse/Reason", Since: "2013-03-01"},
		{Path: "Folder/Name", Since: "2012-03-01"},
		{Path: "HostedServices/HostedService/Description", Since: "2012-03-01"},
		{Path: "HostedServices/HostedService/Deployments/Deployment/RoleInstanceList/RoleInstance/InstanceUpgradeDomain", Since: "2011-06-01"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// Each element that Features lists is in the documents of its versions alone.
func TestFeaturesMatchDocuments(t *testing.T) {
	body := blue()
	body.Instances[0].ErrorCode = "E"
	body.LoadBalancers = []string{"lb"}
	// Names that stand in one place only, so that looking for a start tag is enough.
	unique := map[string]bool{"IpAddress": true, "SdkVersion": true, "InputEndpointList": true, "LoadBalancers": true,
		"InstanceErrorCode": true, "Locked": true, "VirtualIPName": true, "ExtensionConfiguration": true}
	checked := 0
	for _, feature := range wire.Features(deployment{}) {
		name := feature.Path[strings.LastIndex(feature.Path, "/")+1:]
		if !unique[name] || strings.Contains(feature.Path, "InputEndpointList/") {
			continue
		}
		checked++
		for _, version := range wire.Versions() {
			got := strings.Contains(string(marshal(t, body, version)), "<"+name+">")
			want := feature.Since <= version && (feature.Until == "" || version < feature.Until)
			if got != want {
				t.Errorf("%s at %s: there %v, want %v", feature.Path, version, got, want)
			}
		}
	}
	if checked != len(unique) {
		t.Errorf("checked %d features, want %d", checked, len(unique))
	}
}

func TestFeaturesPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for a struct without a root")
		}
	}()
	wire.Features(endpoint{})
}

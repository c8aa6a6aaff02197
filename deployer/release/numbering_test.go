package release

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// afternoon is a time whose parts all differ.
var afternoon = time.Date(2026, 3, 5, 14, 7, 9, 0, time.UTC)

func releasesOf(numbers ...string) []Release {
	var releases []Release
	for _, n := range numbers {
		releases = append(releases, Release{Number: n})
	}
	return releases
}

func TestNextNumber(t *testing.T) {
	const fixed = `
variables:
  - {name: Line, value: "4"}
  - {name: Line, value: "5", environments: [Production]}
  - {name: Team, value: "#{Line}.7"}
`
	tests := []struct {
		template string
		releases []Release
		want     string
	}{
		{"#{Octopus.Version.LastMajor}.#{Octopus.Version.LastMinor}.#{Octopus.Version.NextPatch}", nil, "0.0.1"},
		{"#{Octopus.Version.LastMajor}.#{Octopus.Version.LastMinor}.#{Octopus.Version.NextPatch}", releasesOf("1.2.3", "1.1.9"), "1.2.4"},
		{"#{Octopus.Version.NextMajor}.0.#{Octopus.Version.LastBuild}", releasesOf("1.2.3"), "2.0.3"},
		{"1.0.0.#{Octopus.Version.NextRevision}", releasesOf("1.2.3.4"), "1.0.0.5"},
		{"#{Octopus.Version.Channel.LastMajor}.#{Octopus.Version.Channel.NextMinor}", releasesOf("3.1"), "3.2"},
		{"1.0.0#{Octopus.Version.LastSuffix}", releasesOf("0.9-beta.7"), "1.0.0-beta.7"},
		{"1.0.0#{Octopus.Version.NextSuffix}", releasesOf("0.9-beta.9"), "1.0.0-beta.10"},
		{"1.0.0#{Octopus.Version.NextSuffix}", releasesOf("0.9-beta"), "1.0.0-beta"},
		{"1.0.0#{Octopus.Version.NextSuffix}", releasesOf("0.9"), "1.0.0"},
		{"#{Octopus.Date.Year}.#{Octopus.Date.Month}.#{Octopus.Date.Day}", nil, "2026.3.5"},
		{"#{Octopus.Date.DayOfYear}.#{Octopus.Time.Hour}.#{Octopus.Time.Minute}.#{Octopus.Time.Second}", nil, "64.14.7.9"},
		{"#{Line}.i", releasesOf("4.2", "5.9"), "4.3"},
		{"#{Team}.i", nil, "4.7.0"},
		{"1.2.i", releasesOf("1.2.9", "2.0.0"), "1.2.10"},
		{"2021.#{Octopus.Date.Month}.i-rc.i", releasesOf("2021.3.7-rc.2"), "2021.3.8-rc.3"},
		{"#{if Octopus.Version.LastMajor == \"0\"}1.0.0#{else}c.i.0#{/if}", releasesOf("1.3.0"), "1.4.0"},
	}
	p := mustProject(t, smallProject+fixed)
	for _, test := range tests {
		got, err := p.NextNumber(test.template, test.releases, afternoon)
		if err != nil || got != test.want {
			t.Errorf("%s after %v is %q, %v, want %q", test.template, test.releases, got, err, test.want)
		}
	}
}

func TestNextNumberRefuses(t *testing.T) {
	const secrets = `
variables:
  - {name: Key, fromEnv: KEY}
  - {name: Here, value: "7", environments: [Staging]}
`
	tests := []struct{ template, want string }{
		{"1.#{Missing}", "#{Missing} cannot be resolved"},
		{"1.#{Key}", "#{Key} cannot be resolved"},
		{"1.#{Here}", "#{Here} cannot be resolved"},
		{"1.#{Octopus.Release.Channel.Name}", "cannot be resolved"},
		{"1.0.0 beta", "only letters, digits"},
		{"#{if}", "release number"},
		{"99999999999.i", "too large"},
		{"i.0.0", "too large"},
	}
	p := mustProject(t, smallProject+secrets)
	for _, test := range tests {
		got, err := p.NextNumber(test.template, releasesOf("2147483647.0.0"), afternoon)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %q, %v, want an error that says %q", test.template, got, err, test.want)
		}
	}
	if _, err := p.NextNumber("", nil, afternoon); !errors.Is(err, ErrNoTemplate) {
		t.Errorf("without a template: %v", err)
	}
}

func TestNumberingOfAProject(t *testing.T) {
	p := mustProject(t, smallProject+"versioning: {template: 1.4.i}\n")
	got, err := p.NextNumber("", releasesOf("1.4.1"), afternoon)
	if err != nil || got != "1.4.2" {
		t.Errorf("the project's own template makes %q, %v", got, err)
	}
}

package deployer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/internal/servicepackage"
)

// A swap exchanges deployments as they are: production gets the numbers of instances
// and the settings that staging was deployed with. What follows says where those are
// not what production has, or what a deployment there would bring.

// warnOfFewer says which roles would serve with fewer instances than production has
// now, or than it would get by a deployment; would is nil when that is not known.
func warnOfFewer(p *Plan, seen Observed, would counts) {
	staged, err := readCounts(seen.Staging.Configuration)
	if err != nil {
		return
	}
	var now counts
	if seen.Production != nil {
		now, _ = readCounts(seen.Production.Configuration) // one that cannot be read says nothing
	}
	for _, role := range slices.Sorted(maps.Keys(staged)) {
		if more := moreThan(staged[role], now[role], would[role]); more != "" {
			p.warn(FewerInstances, "role %s has %s in staging, which the swap does not change: %s", role, plural(staged[role], "instance"), more)
		}
	}
}

// moreThan says where a role has, or would have, more than n instances.
func moreThan(n, now, would int) string {
	var words []string
	if now > n {
		words = append(words, fmt.Sprintf("production has %d now", now))
	}
	if would > n {
		words = append(words, fmt.Sprintf("deployed to production it would get %d", would))
	}
	return strings.Join(words, ", and ")
}

// warnOfConfiguration compares what is staged with the configuration that the release
// would have in production. It names settings, and no values.
func (d Deploy) warnOfConfiguration(p *Plan, seen Observed) {
	wanted, err := servicepackage.ParseConfiguration(d.Configuration)
	if err != nil {
		warnOfFewer(p, seen, nil)
		return
	}
	would, _ := readCounts(d.Configuration) // it was read a line before
	warnOfFewer(p, seen, would)
	staged, err := servicepackage.ParseConfiguration(seen.Staging.Configuration)
	if err != nil {
		return
	}
	if names := differing(staged, wanted); len(names) > 0 {
		p.warn(SettingsDiffer, "%s of staging %s not what production would get, and the swap does not change that: %s", plural(len(names), "setting"), isAre(len(names)), few(names))
	}
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// few joins names, of many the first ones.
func few(names []string) string {
	const most = 10
	if len(names) > most {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}

// differing names the settings, as ROLE/SETTING, that have another value in staged, or
// none. Roles and settings are matched without regard to case.
func differing(staged, wanted *servicepackage.Configuration) []string {
	values := map[string]string{}
	for _, role := range staged.Roles {
		for _, s := range role.Settings {
			values[strings.ToLower(role.Name+"/"+s.Name)] = s.Value
		}
	}
	var names []string
	for _, role := range wanted.Roles {
		for _, s := range role.Settings {
			name := role.Name + "/" + s.Name
			if value, there := values[strings.ToLower(name)]; !there || value != s.Value {
				names = append(names, name)
			}
		}
	}
	return names
}

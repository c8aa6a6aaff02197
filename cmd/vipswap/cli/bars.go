package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/management"
)

const (
	barIndent  = "       "
	barWidth   = 12 // of one bar
	widestBar  = 48 // of an upload's
	widestPart = 6  // of the bar of an upgrade domain
	namesShare = 5  // names of roles get one part in so many of a line; longer ones are cut
)

// bar draws how much of total is done.
func bar(done, total int64, width int) string {
	filled := 0
	if total > 0 {
		filled = int(min(done, total) * int64(width) / total)
	}
	return "[" + strings.Repeat("#", filled) + strings.Repeat(".", width-filled) + "]"
}

// bars draws a bar for each role, in parts for its upgrade domains where there is
// room, with what its instances are up to.
func bars(s style, p deployer.Progress, columns int) []string {
	lines := []string{barIndent + s.dim(headline(p))}
	names, widest := 0, columns/namesShare
	for _, role := range p.Roles {
		names = min(widest, max(names, utf8.RuneCountInString(role.Role)))
	}
	for _, role := range p.Roles {
		name := clip(role.Role, widest)
		name += strings.Repeat(" ", names-utf8.RuneCountInString(name))
		count := fmt.Sprintf("%d/%d", role.Ready, role.Total)
		room := columns - 1 - len(barIndent) - names - len(" ") - len("  ") - len(count)
		lines = append(lines, barIndent+name+" "+roleBar(s, role, current(p), room)+"  "+count+s.dim(others(role)))
	}
	return lines
}

// headline says how the deployment is that the bars are about.
func headline(p deployer.Progress) string {
	text := fmt.Sprintf("%s: %s", lowerSlot(p.Slot), p.Status)
	if p.Upgrade != nil {
		text += fmt.Sprintf(", upgrade domain %d of %d", p.Upgrade.CurrentDomain+1, p.Domains)
	}
	return text
}

// current is the upgrade domain that a roll-out is at, -1 without one.
func current(p deployer.Progress) int {
	if p.Upgrade == nil {
		return -1
	}
	return p.Upgrade.CurrentDomain
}

// roleBar draws the upgrade domains of a role one after the other, each with its
// number, the current one behind a >. Where they do not fit it draws one bar.
func roleBar(s style, role deployer.RoleProgress, current, room int) string {
	labels := 0
	for _, d := range role.Domains {
		labels += len(domainLabel(d.Domain, current)) + len("[] ")
	}
	width := min(widestPart, (room-labels+1)/max(1, len(role.Domains)))
	if len(role.Domains) < 2 || width < 1 {
		return bar(int64(role.Ready), int64(role.Total), max(1, min(barWidth, room-2)))
	}
	var parts []string
	for _, d := range role.Domains {
		part := domainLabel(d.Domain, current) + bar(int64(d.Ready), int64(d.Total), width)
		if d.Domain == current {
			part = s.mark(part)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// domainLabel numbers domains from 1, as all that is said of them does.
func domainLabel(domain, current int) string {
	if domain == current {
		return fmt.Sprintf(">%d", domain+1)
	}
	return fmt.Sprint(domain + 1)
}

// others lists the states of the instances that are not ready.
func others(role deployer.RoleProgress) string {
	text := ""
	for _, status := range slices.Sorted(maps.Keys(role.States)) {
		if status != management.InstanceReady {
			text += fmt.Sprintf("  %d %s", role.States[status], status)
		}
	}
	return text
}

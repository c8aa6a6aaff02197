package cli

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/internal/spelling"
)

// A checkSetting takes one KEY=VALUE of a check on the command line.
type checkSetting func(c *probe.Check, value string) error

// checkSettings are the keys.
var checkSettings = map[string]checkSetting{
	"name":     func(c *probe.Check, v string) error { c.Name = v; return nil },
	"contains": func(c *probe.Check, v string) error { c.Contains = v; return nil },
	"matches":  func(c *probe.Check, v string) error { c.Matches = v; return nil },
	"method":   func(c *probe.Check, v string) error { c.Method = v; return nil },
	"resolve":  func(c *probe.Check, v string) error { c.Resolve = append(c.Resolve, v); return nil },
	"latency":  durationSetting(func(c *probe.Check) *time.Duration { return &c.Latency }),
	"every":    durationSetting(func(c *probe.Check) *time.Duration { return &c.Every }),
	"within":   durationSetting(func(c *probe.Check) *time.Duration { return &c.Within }),
	"timeout":  durationSetting(func(c *probe.Check) *time.Duration { return &c.Timeout }),
	"json":     setJSON,
	"header":   setHeader,
	"status":   setStatus,
	"times":    setTimes,
}

func durationSetting(field func(*probe.Check) *time.Duration) checkSetting {
	return func(c *probe.Check, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is not a time span such as 500ms or 1m", value)
		}
		*field(c) = d
		return nil
	}
}

// setJSON reads PATH or PATH=VALUE.
func setJSON(c *probe.Check, value string) error {
	path, want, compared := strings.Cut(value, "=")
	if c.JSONPath = path; compared {
		c.Equals = &want
	}
	return nil
}

func setHeader(c *probe.Check, value string) error {
	name, text, found := strings.Cut(value, ":")
	if !found {
		return fmt.Errorf("%q is no header: it is NAME: VALUE", value)
	}
	c.Headers = append(c.Headers, probe.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(text)})
	return nil
}

// setStatus adds one status; several are as many settings.
func setStatus(c *probe.Check, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("%q is no status of HTTP", value)
	}
	c.Status = append(c.Status, n)
	return nil
}

func setTimes(c *probe.Check, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no number of right answers", value)
	}
	c.InARow = n
	return nil
}

// parseCheck reads URL[,KEY=VALUE...]. A comma that no key follows is part of the
// text before it; what looks like a key, and is none, is refused.
func parseCheck(text string) (probe.Check, error) {
	var c probe.Check
	parts := splitCheck(text)
	if c.URL = strings.TrimSpace(parts[0]); c.URL == "" {
		return c, errors.New("it begins with an address, or a path")
	}
	if err := refuseStrayKeys(parts); err != nil {
		return c, err
	}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "=")
		if err := checkSettings[key](&c, value); err != nil {
			return c, err
		}
	}
	if !strings.HasPrefix(c.URL, "/") && !strings.Contains(c.URL, "#{") {
		if _, err := probe.Address(c.URL); err != nil {
			return c, fmt.Errorf("%q is neither an http or https address nor a path", c.URL)
		}
	}
	return c, nil
}

// strayKey finds what looks like a key inside of a part.
var strayKey = regexp.MustCompile(`,([A-Za-z]+)=`)

// freeTexts are the keys whose values may well hold a comma and a word with an equals
// sign, where only what is nearly a key is refused.
var freeTexts = []string{"contains", "matches", "json", "header"}

// refuseStrayKeys refuses parts with a misspelt key, which would else be part of the
// text before it and ask for nothing.
func refuseStrayKeys(parts []string) error {
	keys := slices.Sorted(maps.Keys(checkSettings))
	for i, part := range parts {
		own, _, _ := strings.Cut(part, "=")
		free := i > 0 && slices.Contains(freeTexts, own)
		for _, found := range strayKey.FindAllStringSubmatch(part, -1) {
			if near := nearKey(found[1], keys); near != "" {
				return usage(fmt.Sprintf("did you mean %s? a text that has it is found by matches=[,]%s=", near, found[1]), "there is no %s", found[1])
			}
			if !free {
				return usage(fmt.Sprintf("there are %s; in an address a comma is %%2C", strings.Join(keys, ", ")), "there is no %s", found[1])
			}
		}
	}
	return nil
}

// nearKey returns which key a word was probably meant to be. Short words say too
// little.
func nearKey(word string, keys []string) string {
	const leastLetters = 5
	if len(word) < leastLetters {
		return ""
	}
	return spelling.Nearest(word, keys)
}

func splitCheck(text string) []string {
	var parts []string
	for piece := range strings.SplitSeq(text, ",") {
		key, _, assigns := strings.Cut(piece, "=")
		_, known := checkSettings[key]
		if len(parts) > 0 && !(assigns && known) {
			parts[len(parts)-1] += "," + piece
			continue
		}
		parts = append(parts, piece)
	}
	return slices.Clip(parts)
}

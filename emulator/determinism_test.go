package emulator_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator"
	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/emulator/journal"
)

// Two emulators with one seed that are asked the same, while everything that can
// go wrong does, have the same journals byte for byte.
func TestJournalsAreTheSameTwice(t *testing.T) {
	plan, ok := faults.Preset("hostile")
	if !ok {
		t.Fatal("there is no preset hostile")
	}
	run := func() string {
		e := emulator.Start(t, emulator.WithSeed(7), emulator.WithClock(cloud.AutoTime, 1), emulator.WithFaults(plan))
		c := callerOf(t, e, e.Subscription(), e.Management().Certificate)
		for i := range 40 {
			c.try("POST", "/services/hostedservices", strings.ReplaceAll(createShop, "shop", fmt.Sprintf("shop%d", i/2)))
			c.try("POST", "/services/storageservices", strings.ReplaceAll(createFiles, "files", fmt.Sprintf("files%d", i/4)))
			c.try("GET", "/services/storageservices", "")
			c.try("DELETE", fmt.Sprintf("/services/hostedservices/shop%d", i/3), "")
		}
		j, err := e.Journal(c.id)
		if err != nil {
			t.Fatal(err)
		}
		entries := journal.Reproducible(j.Entries(journal.Filter{}))
		struck := 0
		for _, entry := range entries {
			if entry.Fault != "" {
				struck++
			}
		}
		if len(entries) < 160 || struck < 10 {
			t.Fatalf("%d entries, %d with faults", len(entries), struck)
		}
		var b bytes.Buffer
		if err := journal.WriteJSONLines(&b, entries); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("two runs mismatch (-one +other):\n%s", diff)
	}
}

// try calls, and returns what arrives of the answer's body.
func (c *caller) try(method, path, body string) string {
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.e.ManagementURL()+"/"+c.id+path, strings.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return ""
	}
	req.GetBody = nil // so that net/http does not try again by itself
	req.Header.Set("x-ms-version", "2014-10-01")
	resp, err := c.client.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	// A body that breaks off is one of the faults.
	answer, _ := io.ReadAll(resp.Body)
	return string(answer)
}

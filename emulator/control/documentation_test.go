package control_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/control"
	"github.com/vipswap/vipswap/emulator/universe"
)

var update = flag.Bool("update", false, "rewrite the table of addresses in docs/control-api.md")

const (
	tableBegins = "<!-- addresses: generated, \"go test ./emulator/control -update\" rewrites the table -->\n"
	tableEnds   = "<!-- end of addresses -->"
)

// addresses is the table of addresses as the documentation has it.
func addresses() string {
	var b strings.Builder
	b.WriteString("| | method | path | answers |\n| --- | --- | --- | --- |\n")
	for _, r := range control.Routes() {
		anchor := strings.ReplaceAll(strings.ToLower(r.Name), " ", "-")
		fmt.Fprintf(&b, "| [%s](#%s) | %s | `%s` | %d |\n", r.Name, anchor, r.Method, r.Path, r.Status)
	}
	return b.String()
}

func TestDocumentsTheAddresses(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "control-api.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), tableBegins)
	table, after, ok2 := strings.Cut(rest, tableEnds)
	if !ok || !ok2 {
		t.Fatal("the documentation has no place for the table of addresses")
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+tableBegins+addresses()+tableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		table = addresses()
	}
	if diff := cmp.Diff(addresses(), table); diff != "" {
		t.Errorf("the table of addresses is not up to date (-want +got):\n%s", diff)
	}
	for _, r := range control.Routes() {
		_, section, found := strings.Cut(after, "\n### "+r.Name+"\n")
		section, _, _ = strings.Cut(section, "\n### ")
		if !found || !strings.Contains(section, "```console\n$ curl ") {
			t.Errorf("there is no section %q with an example", r.Name)
		}
		path := strings.NewReplacer("{id}", "$VIPSWAP_SUBSCRIPTION_ID", "{name}", "before").Replace(r.Path)
		if r.Method != "DELETE" && !strings.Contains(section, "$VIPSWAP_CONTROL_URL"+path) {
			t.Errorf("the example of %q does not ask for %s", r.Name, path)
		}
	}
	for _, code := range universe.Codes() {
		if !strings.Contains(before, fmt.Sprintf("| `%s` | %d |", code, universe.Errorf(code, "").Status())) {
			t.Errorf("the code %s is not in the table of errors", code)
		}
	}
}

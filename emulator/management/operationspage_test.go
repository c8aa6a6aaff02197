package management_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/management"
)

// clientsFile lists which operations each real client was seen to call: lines of
// a client's name, a tab and the operation's.
const clientsFile = "../../scenarios/clients/operations.tsv"

// TestGeneratedOperationsPage compares docs/operations.md with what follows from
// the table of operations.
func TestGeneratedOperationsPage(t *testing.T) {
	const page = "../../docs/operations.md"
	got := operationsPage(t)
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is stale; make update writes it (-have +want):\n%s", page, diff)
	}
}

func operationsPage(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# Supported operations

Generated from the table of operations (` + "`make update`" + `). Every operation is served for every known ` + "`x-ms-version`" + `;
"since" is the first one that documents it. "202" means asynchronous: the answer comes at once, and Get Operation Status
tells the rest. "Documents" are the recorded requests and answers that its tests compare, "clients" the unmodified
real clients that were seen to call it.

| operation | request | since | answer | documents | clients | source |
| --- | --- | --- | --- | --- | --- | --- |
`)
	clients := clientsOf(t)
	for _, op := range management.Operations() {
		fmt.Fprintf(&b, "| %s | `%s %s` | %s | %d | %s | %s | %s |\n", op.Name, op.Method, request(op), op.Since, op.Status,
			documentsOf(t, op.Name), strings.Join(clients[op.Name], ", "), op.Sources)
	}
	return b.String()
}

func request(op management.Operation) string {
	if op.Comp == "" {
		return op.Path
	}
	return op.Path + "?comp=" + op.Comp
}

// documentsOf counts the recorded exchanges of an operation.
func documentsOf(t *testing.T, name string) string {
	found, err := filepath.Glob(filepath.Join("testdata", "documents", kebab(name), "*.request.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return ""
	}
	return fmt.Sprint(len(found))
}

// clientsOf reads which clients call each operation.
func clientsOf(t *testing.T) map[string][]string {
	file, err := os.Open(clientsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all := map[string][]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		client, operation, ok := strings.Cut(lines.Text(), "\t")
		if !ok || !slices.ContainsFunc(management.Operations(), func(op management.Operation) bool { return op.Name == operation }) {
			t.Fatalf("%s: %q is not a client and an operation", clientsFile, lines.Text())
		}
		all[operation] = append(all[operation], client)
	}
	return all
}

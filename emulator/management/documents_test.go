package management_test

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/emulator/management"
	"github.com/vipswap/vipswap/emulator/management/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

// exchange is one request with its answer, as kept under testdata/documents.
type exchange struct {
	name    string
	prepare func(*world) // may be nil
	call
	target func(*world) string // appended to the path, when it depends on what was prepared
	gates  bool                // in every version at which something in the answer changes, and the one before
	status int                 // on success, where it is not the one in the table of operations
}

// versions returns the versions that an exchange is kept in.
func (e exchange) versions(operation string) []string {
	if !e.gates {
		return []string{usualVersion}
	}
	chosen := map[wire.Version]bool{wire.OldestVersion(): true, wire.LatestVersion(): true, usualVersion: true}
	all := wire.Versions()
	for _, f := range management.Features(operation) {
		for _, gate := range []wire.Version{f.Since, f.Until} {
			if at := slices.Index(all, gate); at > 0 {
				chosen[gate], chosen[all[at-1]] = true, true
			}
		}
	}
	var versions []string
	for _, v := range slices.Sorted(maps.Keys(chosen)) {
		versions = append(versions, string(v))
	}
	return versions
}

// TestGoldenDocuments compares the answers of every operation with the files
// under testdata/documents, byte for byte. The files are HTTP messages: what
// http.ReadRequest and http.ReadResponse read.
func TestGoldenDocuments(t *testing.T) {
	dir := filepath.Join("testdata", "documents")
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	served := map[string]bool{}
	files := map[string]bool{}
	for _, e := range exchanges {
		op, ok := operationOf(e.call)
		if !ok {
			t.Fatalf("%s: no operation is called by %s %s", e.name, e.method, e.path)
		}
		served[op.Name+" "+op.Path] = true
		for _, version := range e.versions(op.Name) {
			file := filepath.Join(dir, kebab(op.Name), e.name+"."+version)
			files[file+".request.txt"], files[file+".response.txt"] = true, true
			t.Run(op.Name+"/"+e.name+"/"+version, func(t *testing.T) { checkExchange(t, e, op, version, file) })
		}
	}
	for _, op := range management.Operations() {
		if !served[op.Name+" "+op.Path] {
			t.Errorf("no document of %s at %s", op.Name, op.Path)
		}
	}
	checkNoOthers(t, dir, files)
}

func checkExchange(t *testing.T, e exchange, op management.Operation, version, file string) {
	w := newWorld(t)
	if e.prepare != nil {
		e.prepare(w)
	}
	c := e.call
	c.version = version
	if e.target != nil {
		c.path += e.target(w)
	}
	golden(t, file+".request.txt", requestMessage(c))
	answer := w.do(c)
	got := responseMessage(answer)
	golden(t, file+".response.txt", got)
	if want := cmp.Or(e.status, op.Status); answer.Code < 300 && answer.Code != want {
		t.Errorf("status is %d, want %d", answer.Code, want)
	}
	checkAnswer(t, answer)
}

var requestID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// checkAnswer checks what holds for every answer.
func checkAnswer(t testing.TB, answer *httptest.ResponseRecorder) {
	t.Helper()
	h := answer.Header()
	if id := h.Get("x-ms-request-id"); !requestID.MatchString(id) {
		t.Errorf("x-ms-request-id is %q, want 32 lower-case hex digits", id)
	}
	text := answer.Body.String()
	wantType := "application/xml; charset=utf-8"
	plain := strings.HasPrefix(text, "\uFEFF") // the network configuration, which is a file of its own
	switch {
	case text == "":
		wantType = ""
	case plain:
		wantType = "text/plain"
	}
	if got := h.Get("Content-Type"); got != wantType {
		t.Errorf("Content-Type is %q, want %q with %d bytes of body", got, wantType, len(text))
	}
	if h.Get("Content-Length") != fmt.Sprint(len(text)) || h.Get("Cache-Control") != "no-cache" || h.Get("x-ms-servedbyregion") == "" || h.Get("Server") == "" {
		t.Errorf("headers are %v with %d bytes of body", h, len(text))
	}
	if answer.Code >= 400 && text == "" {
		t.Errorf("%d is answered without a body", answer.Code)
	}
	if text == "" || plain {
		return
	}
	if !regexp.MustCompile(`^<[A-Za-z]+ xmlns="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"/?>`).MatchString(text) {
		t.Errorf("the body begins with %.150q, want both namespaces in order and no declaration", text)
	}
	if err := wellFormed(text); err != nil {
		t.Errorf("the body is not well-formed: %v\n%s", err, text)
	}
}

// foreign are the only elements in a namespace of their own.
var foreign = map[xml.Name]bool{
	{Space: "http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement", Local: "Name"}:  true,
	{Space: "http://schemas.datacontract.org/2004/07/Microsoft.WindowsAzure.ServiceManagement", Local: "Value"}: true,
}

// wellFormed reads XML to its end; white space between elements and prefixed
// elements are not what the real service sends.
func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Space != wire.Namespace && !foreign[start.Name] {
			return fmt.Errorf("element %v is in another namespace", start.Name)
		}
	}
}

// requestMessage writes a request as http.ReadRequest reads it.
func requestMessage(c call) []byte {
	var b bytes.Buffer
	r := c.request()
	fmt.Fprintf(&b, "%s %s HTTP/1.1\nHost: %s\nx-ms-version: %s\n", r.Method, r.URL.RequestURI(), r.Host, r.Header.Get("x-ms-version"))
	if c.body != "" {
		fmt.Fprintf(&b, "Content-Type: application/xml\nContent-Length: %d\n", len(c.body))
	}
	fmt.Fprintf(&b, "\n%s", c.body)
	return b.Bytes()
}

// responseMessage writes an answer as http.ReadResponse reads it, with the
// headers that differ between answers.
func responseMessage(answer *httptest.ResponseRecorder) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %s\n", answer.Result().Status)
	for _, name := range []string{"Content-Length", "Content-Type", "Location", "x-ms-request-id"} {
		if value := answer.Header().Get(name); value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(&b, "\n%s", answer.Body)
	return b.Bytes()
}

// golden compares got with a file, or writes it.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run go test -update to write it)", err)
	}
	split := func(message []byte) []string {
		return strings.Split(strings.ReplaceAll(string(message), "><", ">\n<"), "\n")
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s mismatch (-want +got):\n%s", file, gocmp.Diff(split(want), split(got)))
	}
}

// checkNoOthers complains of files that no exchange writes.
func checkNoOthers(t *testing.T, dir string, files map[string]bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !files[file] {
			t.Errorf("%s belongs to no exchange (run go test -update to remove it)", file)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func kebab(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

// operationOf finds the row of the table that a call is for.
func operationOf(c call) (management.Operation, bool) {
	r := c.request()
	canonical, _ := management.CanonicalPath(r.URL.Path)
	path := strings.Replace(canonical, subscription, "{subscription}", 1)
	comp := r.URL.Query().Get("comp")
	for _, op := range management.Operations() {
		pattern := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(strings.TrimPrefix(op.Path, "/{subscription}")), `[^/]+`)
		rest := strings.TrimSuffix(strings.TrimPrefix(path, "/{subscription}"), "/")
		if strings.HasSuffix(r.URL.Path, "/operations/") {
			rest += "/id" // its target is appended later
		}
		if op.Method == c.method && op.Comp == comp && regexp.MustCompile("^"+pattern+"$").MatchString(rest) {
			return op, true
		}
	}
	return management.Operation{}, false
}

package storage_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vipswap/vipswap/deployer/storage"
)

// listed is an item in the answer of List Blobs.
func listed(name, day string) string {
	return fmt.Sprintf(`<Blob><Name>%s</Name><Properties><Last-Modified>%s Jul 2015 12:00:00 GMT</Last-Modified><Etag>"%s"</Etag><Content-Length>7</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>`, name, day, name[:1])
}

func TestPackages(t *testing.T) {
	hash := strings.Repeat("0a", 32)
	pages := map[string]string{
		"":     listed("a.1.0.0_"+hash+".cspkg", "Thu, 02") + listed("someone-elses.cspkg", "Thu, 02") + listed("notes_"+hash+".txt", "Thu, 02") + `</Blobs><NextMarker>more</NextMarker>`,
		"more": listed("b.1.0.0_"+hash+".cspkg", "Fri, 03") + listed("c.1.0.0_"+hash+".cspkg", "Thu, 02") + `</Blobs><NextMarker/>`,
	}
	var deleted []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			deleted = append(deleted, r.URL.Path+" "+r.Header.Get("If-Match"))
			status, code := http.StatusAccepted, ""
			switch r.Header.Get("If-Match") {
			case `"b"`:
				status, code = http.StatusPreconditionFailed, "ConditionNotMet"
			case `"c"`:
				status, code = http.StatusConflict, "LeaseIdMissing"
			}
			w.Header().Set("x-ms-error-code", code)
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprintf(w, `<?xml version="1.0"?><EnumerationResults ContainerName="x"><Blobs>%s</EnumerationResults>`, pages[r.URL.Query().Get("marker")])
	}))
	defer server.Close()
	u := storage.New(storage.Config{Retries: -1})
	defer u.CloseIdleConnections()
	place := storage.PackagePlace{Endpoint: server.URL + "/" + account, Account: account, Key: "a2V5", Container: storage.DefaultContainer}
	found, err := u.Packages(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range found {
		got = append(got, fmt.Sprintf("%.7s %d %s", s.Name, s.Size, s.Modified.Format("01-02")))
	}
	if diff := cmp.Diff([]string{"b.1.0.0 7 07-03", "a.1.0.0 7 07-02", "c.1.0.0 7 07-02"}, got); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
	var failure *storage.Error
	for i, want := range []bool{false, false, true} { // uploaded again meanwhile, deleted, leased
		if err := u.DeletePackage(t.Context(), place, found[i]); errors.As(err, &failure) != want {
			t.Errorf("%s: got %v", found[i].Name, err)
		}
	}
	if len(deleted) != 3 || !strings.HasSuffix(deleted[1], hash+`.cspkg "a"`) {
		t.Errorf("deleted %v", deleted)
	}
}

func TestPackagesErrors(t *testing.T) {
	code := "ContainerNotFound"
	status := http.StatusNotFound
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-ms-error-code", code)
		w.WriteHeader(status)
	}))
	defer server.Close()
	u := storage.New(storage.Config{Retries: -1})
	defer u.CloseIdleConnections()
	place := storage.PackagePlace{Endpoint: server.URL + "/" + account, Account: account, Key: "a2V5", Container: storage.DefaultContainer}
	if found, err := u.Packages(t.Context(), place); err != nil || len(found) > 0 {
		t.Errorf("without container: got %v, %v", found, err)
	}
	code, status = "AuthenticationFailed", http.StatusForbidden
	if _, err := u.Packages(t.Context(), place); err == nil || !strings.Contains(err.Error(), "AuthenticationFailed") || strings.Contains(err.Error(), "a2V5") {
		t.Errorf("without rights: got %v", err)
	}
	place.Key = "!"
	if _, err := u.Packages(t.Context(), place); err == nil {
		t.Error("a key that is none was taken")
	}
}

package management

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// FuzzAnswer: no answer, however broken, makes the client panic, and whatever it
// reads as a refusal has a code and a text.
func FuzzAnswer(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "documents", "*.xml"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no documents to begin with: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(400, data)
	}
	for _, text := range []string{"", "<", "<Error/>", "<Error><Code>A</Code></Error>", "<!DOCTYPE a><Error/>", "\xEF\xBB\xBF<Error/>",
		`<Deployment xmlns="http://schemas.microsoft.com/windowsazure"><Label>!</Label></Deployment>`} {
		f.Add(404, []byte(text))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, into := range []any{&deploymentDocument{}, &serviceDocument{}, &servicesDocument{}, &operationDocument{},
			&subscriptionDocument{}, &locationsDocument{}, &storageDocument{}, &storageListDocument{}, &availabilityDocument{}} {
			if decode(body, into) != nil {
				continue
			}
			switch doc := into.(type) {
			case *deploymentDocument:
				_ = doc.deployment()
			case *serviceDocument:
				_ = doc.service()
			case *storageDocument:
				_ = doc.account()
			case *operationDocument:
				if op, err := doc.operation("id"); err == nil && (op.Status == Failed) != (op.Err != nil) {
					t.Errorf("operation is %v with error %v", op.Status, op.Err)
				}
			}
		}
		a := &answer{status: status, header: http.Header{}, body: body}
		err := a.refusal("try")
		if (err == nil) != (status >= 200 && status < 300) {
			t.Fatalf("status %d is read as %v", status, err)
		}
		if e, ok := err.(*Error); ok && (e.Code == "" || e.HTTPStatus != status) {
			t.Errorf("status %d is read as code %q, status %d", status, e.Code, e.HTTPStatus)
		}
	})
}

// FuzzConflict: an id that is found has 32 lower-case hex digits and means that
// something is running.
func FuzzConflict(f *testing.F) {
	for _, text := range []string{
		"Windows Azure is currently performing an operation with x-ms-requestid ef4fd1681471922fa0de4f7300dca46d on this deployment that requires exclusive access.",
		"Windows Azure is currently performing an operation on this hosted service that requires exclusive access.",
		"Another operation on extension with namespace A, type B is already in progress.",
		"The specified deployment slot Production is occupied.",
		"x-ms-request-id: EF4FD168-1471-922F-A0DE-4F7300DCA46D",
		"",
	} {
		f.Add(text)
	}
	form := regexp.MustCompile(`^[0-9a-f]{32}$`)
	f.Fuzz(func(t *testing.T, message string) {
		id, busy := parseConflict(message)
		if id != "" && (!busy || !form.MatchString(id)) {
			t.Errorf("%q gives id %q, busy %v", message, id, busy)
		}
	})
}

// FuzzPublishSettings: a file is read whole, with a certificate in each entry, or
// not at all.
func FuzzPublishSettings(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "publishsettings", "*"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no files to begin with: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`<PublishData><PublishProfile Url="https://a" ManagementCertificate="MAA="><Subscription Id="0"/></PublishProfile></PublishData>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := ReadPublishSettings(data)
		if (err == nil) != (len(found) > 0) {
			t.Fatalf("%d subscriptions with error %v", len(found), err)
		}
		for _, c := range found {
			if c.URL == "" || c.Certificate.PrivateKey == nil || c.Certificate.Leaf == nil {
				t.Errorf("entry %q is incomplete", c.SubscriptionID)
			}
		}
	})
}

// FuzzPFX: a container that opens holds a certificate and its key.
func FuzzPFX(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "publishsettings", "schema2-*"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no files to begin with: %v", err)
	}
	certificate := regexp.MustCompile(`ManagementCertificate="([^"]*)"`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var pfx encoded
		if err := pfx.UnmarshalText(certificate.FindSubmatch(data)[1]); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(pfx))
	}
	f.Fuzz(func(t *testing.T, pfx []byte) {
		c, err := openPFX(pfx)
		if err == nil && (c.PrivateKey == nil || c.Leaf == nil || len(c.Certificate) == 0) {
			t.Errorf("an incomplete certificate was opened")
		}
	})
}

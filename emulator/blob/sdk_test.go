package blob

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	azb "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	azcontainer "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	azlease "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/google/go-cmp/cmp"
)

// onlyOnce keeps the SDK from trying again, so that a test sees the first answer.
func onlyOnce() azpolicy.ClientOptions {
	return azpolicy.ClientOptions{Retry: azpolicy.RetryOptions{MaxRetries: -1}}
}

// credential is the SDK's form of a key of the account acct.
func credential(t testing.TB, key []byte) *azblob.SharedKeyCredential {
	t.Helper()
	c, err := azblob.NewSharedKeyCredential("acct", base64.StdEncoding.EncodeToString(key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// client is the official client for the account acct, path style.
func (f *fixture) client() *azblob.Client {
	f.Helper()
	c, err := azblob.NewClientWithSharedKeyCredential(f.http.URL+"/acct", credential(f.T, f.account.Keys[0]), &azblob.ClientOptions{ClientOptions: onlyOnce()})
	if err != nil {
		f.Fatal(err)
	}
	return c
}

// noise returns n bytes that do not compress and are always the same.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// wantCode checks the code of an error of the SDK.
func wantCode(t *testing.T, err error, want code) {
	t.Helper()
	var response *azcore.ResponseError
	if !errors.As(err, &response) || response.ErrorCode != string(want) {
		t.Errorf("got error %v, want code %s", err, want)
	}
}

// must stops the test on an error.
func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// downloaded returns all bytes of a blob.
func downloaded(t testing.TB, c *azblob.Client, container, blob string) []byte {
	t.Helper()
	r := must[azblob.DownloadStreamResponse](t)(c.DownloadStream(context.Background(), container, blob, nil))
	defer r.Body.Close()
	return must[[]byte](t)(io.ReadAll(r.Body))
}

func TestSDKUploads(t *testing.T) {
	ctx := context.Background()
	data := noise(5<<20 + 17)
	file := filepath.Join(t.TempDir(), "my.cspkg")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	blocks := &azblob.UploadStreamOptions{BlockSize: 1 << 20, Concurrency: 4}
	uploads := map[string]func(*azblob.Client, string) error{
		"UploadBuffer": func(c *azblob.Client, name string) error {
			_, err := c.UploadBuffer(ctx, "packages", name, data, nil)
			return err
		},
		"UploadStream": func(c *azblob.Client, name string) error {
			_, err := c.UploadStream(ctx, "packages", name, bytes.NewReader(data), blocks)
			return err
		},
		"UploadFile": func(c *azblob.Client, name string) error {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = c.UploadFile(ctx, "packages", name, f, nil)
			return err
		},
	}
	for kind, dir := range map[string]string{"memory": "", "folder": t.TempDir()} {
		f := newFixtureWith(t, openStore(t, dir), nil)
		c := f.client()
		must[azblob.CreateContainerResponse](t)(c.CreateContainer(ctx, "packages", nil))
		for name, upload := range uploads {
			t.Run(kind+"/"+name, func(t *testing.T) {
				blob := "a b/ü+%/" + name + ".cspkg"
				if err := upload(c, blob); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(downloaded(t, c, "packages", blob), data) {
					t.Error("what was downloaded is not what was uploaded")
				}
				opened := must[*Blob](t)(f.store.Open("sub/acct", "packages", blob))
				defer opened.Close()
				got := must[[]byte](t)(io.ReadAll(io.NewSectionReader(opened, 0, opened.Size())))
				if !bytes.Equal(got, data) {
					t.Error("what was opened is not what was uploaded")
				}
			})
		}
	}
}

func TestSDKDownloadRanges(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	c := f.client()
	f.container("c00")
	data := noise(3 << 20)
	must[azblob.UploadStreamResponse](t)(c.UploadStream(ctx, "c00", "b", bytes.NewReader(data), &azblob.UploadStreamOptions{BlockSize: 1 << 20}))
	f.blob("c00/small", "hello world")

	got := make([]byte, len(data))
	n, err := c.DownloadBuffer(ctx, "c00", "b", got, &azblob.DownloadBufferOptions{BlockSize: 700_001, Concurrency: 3})
	if err != nil || n != int64(len(data)) || !bytes.Equal(got, data) {
		t.Errorf("DownloadBuffer: %d bytes, %v", n, err)
	}
	got = make([]byte, 11)
	if _, err := c.DownloadBuffer(ctx, "c00", "small", got, nil); err != nil || string(got) != "hello world" {
		t.Errorf("DownloadBuffer: %q, %v", got, err)
	}
	r, err := c.DownloadStream(ctx, "c00", "small", &azblob.DownloadStreamOptions{Range: azb.HTTPRange{Offset: 6, Count: 100}, RangeGetContentMD5: to.Ptr(true)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	part := must[[]byte](t)(io.ReadAll(r.Body))
	sum := md5.Sum([]byte("world"))
	if string(part) != "world" || *r.ContentRange != "bytes 6-10/11" || !bytes.Equal(r.ContentMD5, sum[:]) {
		t.Errorf("range: %q, %s, %x", part, *r.ContentRange, r.ContentMD5)
	}
}

func TestSDKList(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t, WithLimits(Limits{Page: 3}))
	c := f.client()
	for _, name := range []string{"one", "two", "three", "four"} {
		f.container(name)
	}
	var containers []string
	for pager := c.NewListContainersPager(&azblob.ListContainersOptions{Prefix: to.Ptr("t")}); pager.More(); {
		for _, item := range must[azblob.ListContainersResponse](t)(pager.NextPage(ctx)).ContainerItems {
			containers = append(containers, *item.Name)
		}
	}
	if diff := cmp.Diff([]string{"three", "two"}, containers); diff != "" {
		t.Errorf("containers mismatch (-want +got):\n%s", diff)
	}

	want := []string{"a/1", "a/2", "b&<>", "c\x01d", "d", "e/f/g", "e/h", "z"}
	for _, name := range want {
		must[azblob.UploadBufferResponse](t)(c.UploadBuffer(ctx, "one", name, []byte(name), &azblob.UploadBufferOptions{Metadata: map[string]*string{"Name": to.Ptr("x")}}))
	}
	var flat []string
	include := azcontainer.ListBlobsInclude{Metadata: true}
	for pager := c.NewListBlobsFlatPager("one", &azblob.ListBlobsFlatOptions{Include: include, MaxResults: to.Ptr(int32(2))}); pager.More(); {
		page := must[azblob.ListBlobsFlatResponse](t)(pager.NextPage(ctx))
		if n := len(page.Segment.BlobItems); n > 2 {
			t.Errorf("%d entries on a page of 2", n)
		}
		for _, item := range page.Segment.BlobItems {
			flat = append(flat, *item.Name)
			if got := item.Metadata["name"]; got == nil || *got != "x" {
				t.Errorf("metadata of %s: %v", *item.Name, item.Metadata)
			}
			sum := md5.Sum([]byte(*item.Name))
			if !bytes.Equal(item.Properties.ContentMD5, sum[:]) || *item.Properties.ContentLength != int64(len(*item.Name)) {
				t.Errorf("properties of %s: %+v", *item.Name, item.Properties)
			}
		}
	}
	if diff := cmp.Diff(want, flat); diff != "" {
		t.Errorf("blobs mismatch (-want +got):\n%s", diff)
	}

	var tree []string
	pager := c.ServiceClient().NewContainerClient("one").NewListBlobsHierarchyPager("/", nil)
	for pager.More() {
		page := must[azcontainer.ListBlobsHierarchyResponse](t)(pager.NextPage(ctx))
		for _, item := range page.Segment.BlobItems {
			tree = append(tree, *item.Name)
		}
		for _, prefix := range page.Segment.BlobPrefixes {
			tree = append(tree, *prefix.Name)
		}
	}
	if diff := cmp.Diff([]string{"b&<>", "c\x01d", "a/", "d", "z", "e/"}, tree); diff != "" {
		t.Errorf("tree mismatch (-want +got):\n%s", diff)
	}
}

func TestSDKPropertiesAndMetadata(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	c := f.client()
	f.container("c00")
	b := c.ServiceClient().NewContainerClient("c00").NewBlobClient("b")
	must[azblob.UploadBufferResponse](t)(c.UploadBuffer(ctx, "c00", "b", []byte("hello"), &azblob.UploadBufferOptions{
		HTTPHeaders: &azb.HTTPHeaders{BlobContentType: to.Ptr("application/zip"), BlobCacheControl: to.Ptr("no-store")},
	}))
	created := must[azb.GetPropertiesResponse](t)(b.GetProperties(ctx, nil))
	if *created.ContentType != "application/zip" || *created.CacheControl != "no-store" || *created.ContentLength != 5 || !created.LastModified.Equal(now0) {
		t.Errorf("properties after the upload: %+v", created)
	}

	f.clock.advance(time.Hour)
	must[azb.SetHTTPHeadersResponse](t)(b.SetHTTPHeaders(ctx, azb.HTTPHeaders{BlobContentLanguage: to.Ptr("de")}, nil))
	must[azb.SetMetadataResponse](t)(b.SetMetadata(ctx, map[string]*string{"Release": to.Ptr("1.0")}, nil))
	changed := must[azb.GetPropertiesResponse](t)(b.GetProperties(ctx, nil))
	if changed.CacheControl != nil || *changed.ContentLanguage != "de" || *changed.Metadata["Release"] != "1.0" ||
		!changed.LastModified.Equal(now0.Add(time.Hour)) || !changed.CreationTime.Equal(now0) || *changed.ETag == *created.ETag {
		t.Errorf("properties after the change: %+v", changed)
	}
	if got := string(downloaded(t, c, "c00", "b")); got != "hello" {
		t.Errorf("contents after the change: %q", got)
	}
}

func TestSDKAccessPolicies(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.container("c00")
	f.blob("c00/b", "hello")
	c := f.client().ServiceClient().NewContainerClient("c00")
	expiry := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	must[azcontainer.SetAccessPolicyResponse](t)(c.SetAccessPolicy(ctx, &azcontainer.SetAccessPolicyOptions{
		Access: to.Ptr(azcontainer.PublicAccessTypeBlob),
		ContainerACL: []*azcontainer.SignedIdentifier{{
			ID: to.Ptr("readers"), AccessPolicy: &azcontainer.AccessPolicy{Expiry: &expiry, Permission: to.Ptr("r")},
		}},
	}))
	acl := must[azcontainer.GetAccessPolicyResponse](t)(c.GetAccessPolicy(ctx, nil))
	if *acl.BlobPublicAccess != azcontainer.PublicAccessTypeBlob || len(acl.SignedIdentifiers) != 1 ||
		*acl.SignedIdentifiers[0].ID != "readers" || !acl.SignedIdentifiers[0].AccessPolicy.Expiry.Equal(expiry) {
		t.Errorf("access policy: %+v", acl)
	}

	policySAS := must[sas.QueryParameters](t)(sas.BlobSignatureValues{ContainerName: "c00", Identifier: "readers"}.SignWithSharedKey(credential(t, f.account.Keys[1])))
	for want, path := range map[string]string{
		"200":                                 "/acct/c00/b?" + policySAS.Encode(),
		"403 AuthenticationFailed":            "/acct/c00/b?" + strings.Replace(policySAS.Encode(), "si=readers", "si=writers", 1),
		"404 ResourceNotFound":                "/acct/c00?restype=container&comp=list",
		"404 BlobNotFound":                    "/acct/c00/other",
		"403 AuthorizationPermissionMismatch": "/acct/c00?restype=container&comp=list&" + policySAS.Encode(),
	} {
		f.want(want, call{method: "GET", path: path, key: unsigned})
	}
}

func TestSDKLeases(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.container("c00")
	f.blob("c00/b", "hello")
	c := f.client().ServiceClient().NewContainerClient("c00")
	b := c.NewBlockBlobClient("b")
	l := must[*azlease.BlobClient](t)(azlease.NewBlobClient(b, nil))
	must[azlease.BlobAcquireResponse](t)(l.AcquireLease(ctx, 15, nil))

	_, err := b.Upload(ctx, text("new"), nil)
	wantCode(t, err, leaseIDMissing)
	held := &azb.AccessConditions{LeaseAccessConditions: &azb.LeaseAccessConditions{LeaseID: l.LeaseID()}}
	must[blockblob.UploadResponse](t)(b.Upload(ctx, text("new"), &blockblob.UploadOptions{AccessConditions: held}))
	f.clock.advance(14 * time.Second)
	must[azlease.BlobRenewResponse](t)(l.RenewLease(ctx, nil))
	f.clock.advance(15 * time.Second)
	_, err = b.Upload(ctx, text("late"), &blockblob.UploadOptions{AccessConditions: held})
	wantCode(t, err, leaseLost)
	must[azlease.BlobRenewResponse](t)(l.RenewLease(ctx, nil))
	changed := must[azlease.BlobChangeResponse](t)(l.ChangeLease(ctx, "c8f2a4ea-6d4f-4d6b-b5a6-0c2f5e0f3f0a", nil))
	if *changed.LeaseID != "c8f2a4ea-6d4f-4d6b-b5a6-0c2f5e0f3f0a" {
		t.Errorf("lease after the change: %s", *changed.LeaseID)
	}
	broken := must[azlease.BlobBreakResponse](t)(l.BreakLease(ctx, &azlease.BlobBreakOptions{BreakPeriod: to.Ptr(int32(5))}))
	if *broken.LeaseTime != 5 {
		t.Errorf("lease time: %d, want 5", *broken.LeaseTime)
	}
	must[azlease.BlobReleaseResponse](t)(l.ReleaseLease(ctx, nil))
	must[blockblob.UploadResponse](t)(b.Upload(ctx, text("free"), nil))

	cl := must[*azlease.ContainerClient](t)(azlease.NewContainerClient(c, nil))
	must[azlease.ContainerAcquireResponse](t)(cl.AcquireLease(ctx, -1, nil))
	_, err = c.Delete(ctx, nil)
	wantCode(t, err, leaseIDMissing)
	p := must[azcontainer.GetPropertiesResponse](t)(c.GetProperties(ctx, nil))
	if *p.LeaseState != azlease.StateTypeLeased || *p.LeaseDuration != azlease.DurationTypeInfinite || *p.LeaseStatus != azlease.StatusTypeLocked {
		t.Errorf("lease of the container: %v %v %v", *p.LeaseState, *p.LeaseDuration, *p.LeaseStatus)
	}
	must[azlease.ContainerBreakResponse](t)(cl.BreakLease(ctx, nil))
	must[azcontainer.DeleteResponse](t)(c.Delete(ctx, nil))
}

// text is what the SDK wants as the body of a request.
func text(s string) io.ReadSeekCloser { return readSeekCloser{strings.NewReader(s)} }

type readSeekCloser struct{ *strings.Reader }

func (readSeekCloser) Close() error { return nil }

func TestSDKSAS(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.container("c00")
	f.blob("c00/a b/x", "hello")
	owner := f.client().ServiceClient()
	expiry := time.Now().Add(time.Hour)
	ownBlob := owner.NewContainerClient("c00").NewBlobClient("a b/x")

	blobURL := must[string](t)(ownBlob.GetSASURL(sas.BlobPermissions{Read: true}, expiry, nil))
	b := must[*azb.Client](t)(azb.NewClientWithNoCredential(blobURL, &azb.ClientOptions{ClientOptions: onlyOnce()}))
	must[azb.GetPropertiesResponse](t)(b.GetProperties(ctx, nil))
	_, err := b.Delete(ctx, nil)
	wantCode(t, err, authorizationPermission)

	containerURL := must[string](t)(owner.NewContainerClient("c00").GetSASURL(sas.ContainerPermissions{List: true, Create: true}, expiry, nil))
	c := must[*azcontainer.Client](t)(azcontainer.NewClientWithNoCredential(containerURL, &azcontainer.ClientOptions{ClientOptions: onlyOnce()}))
	page := must[azcontainer.ListBlobsFlatResponse](t)(c.NewListBlobsFlatPager(nil).NextPage(ctx))
	if len(page.Segment.BlobItems) != 1 {
		t.Errorf("%d blobs, want 1", len(page.Segment.BlobItems))
	}
	must[blockblob.UploadResponse](t)(c.NewBlockBlobClient("new").Upload(ctx, text("x"), nil))
	_, err = c.NewBlockBlobClient("new").Upload(ctx, text("y"), nil)
	wantCode(t, err, authorizationPermission)

	accountURL := must[string](t)(owner.GetSASURL(sas.AccountResourceTypes{Service: true, Container: true}, sas.AccountPermissions{List: true, Create: true}, expiry, nil))
	s := must[*service.Client](t)(service.NewClientWithNoCredential(accountURL, &service.ClientOptions{ClientOptions: onlyOnce()}))
	must[service.CreateContainerResponse](t)(s.CreateContainer(ctx, "c01", nil))
	must[service.ListContainersResponse](t)(s.NewListContainersPager(nil).NextPage(ctx))
	_, err = s.NewContainerClient("c00").NewBlobClient("a b/x").GetProperties(ctx, nil)
	wantCode(t, err, authorizationResourceType)

	u := must[*url.URL](t)(url.Parse(blobURL))
	if err := f.server.VerifySAS(f.account, "c00", "a b/x", u.RawQuery); err != nil {
		t.Errorf("VerifySAS: %v", err)
	}
	for name, err := range map[string]error{
		"other blob":    f.server.VerifySAS(f.account, "c00", "a b/y", u.RawQuery),
		"no SAS":        f.server.VerifySAS(f.account, "c00", "a b/x", ""),
		"broken query":  f.server.VerifySAS(f.account, "c00", "a b/x", "%zz"),
		"not for reads": f.server.VerifySAS(f.account, "c00", "a b/x", must[*url.URL](t)(url.Parse(containerURL)).RawQuery),
	} {
		if err == nil {
			t.Errorf("VerifySAS of %s: no error", name)
		}
	}
}

func TestSDKServiceProperties(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	c := f.client().ServiceClient()
	before := must[service.GetPropertiesResponse](t)(c.GetProperties(ctx, nil))
	if *before.HourMetrics.Enabled || len(before.CORS) != 0 {
		t.Errorf("properties of a new account: %+v", before.StorageServiceProperties)
	}
	retention := &service.RetentionPolicy{Enabled: to.Ptr(true), Days: to.Ptr(int32(7))}
	must[service.SetPropertiesResponse](t)(c.SetProperties(ctx, &service.SetPropertiesOptions{
		CORS:        []*service.CORSRule{{AllowedOrigins: to.Ptr("*"), AllowedMethods: to.Ptr("GET"), MaxAgeInSeconds: to.Ptr(int32(5)), ExposedHeaders: to.Ptr(""), AllowedHeaders: to.Ptr("")}},
		HourMetrics: &service.Metrics{Enabled: to.Ptr(true), IncludeAPIs: to.Ptr(true), RetentionPolicy: retention},
	}))
	must[service.SetPropertiesResponse](t)(c.SetProperties(ctx, &service.SetPropertiesOptions{DefaultServiceVersion: to.Ptr("2018-03-28")}))
	after := must[service.GetPropertiesResponse](t)(c.GetProperties(ctx, nil))
	if !*after.HourMetrics.Enabled || *after.HourMetrics.RetentionPolicy.Days != 7 || len(after.CORS) != 1 || *after.DefaultServiceVersion != "2018-03-28" {
		t.Errorf("properties after two changes: %+v", after.StorageServiceProperties)
	}
}

func TestSDKConditions(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.container("c00")
	b := f.client().ServiceClient().NewContainerClient("c00").NewBlockBlobClient("b")
	once := &blockblob.UploadOptions{AccessConditions: &azb.AccessConditions{ModifiedAccessConditions: &azb.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}}
	first := must[blockblob.UploadResponse](t)(b.Upload(ctx, text("1"), once))
	_, err := b.Upload(ctx, text("2"), once)
	wantCode(t, err, blobAlreadyExists)
	same := &blockblob.UploadOptions{AccessConditions: &azb.AccessConditions{ModifiedAccessConditions: &azb.ModifiedAccessConditions{IfMatch: first.ETag}}}
	must[blockblob.UploadResponse](t)(b.Upload(ctx, text("3"), same))
	_, err = b.Upload(ctx, text("4"), same)
	wantCode(t, err, conditionNotMet)
}

func TestSDKTransferValidation(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.container("c00")
	b := f.client().ServiceClient().NewContainerClient("c00").NewBlockBlobClient("b")
	options := &blockblob.StageBlockOptions{TransactionalValidation: azb.TransferValidationTypeComputeCRC64()}
	r := must[blockblob.StageBlockResponse](t)(b.StageBlock(ctx, blockID(1), text("hello"), options))
	if len(r.ContentCRC64) != 8 {
		t.Errorf("CRC-64 of the block: %x", r.ContentCRC64)
	}
	_, err := b.StageBlock(ctx, blockID(1), text("hello"), &blockblob.StageBlockOptions{TransactionalValidation: azb.TransferValidationTypeCRC64(1)})
	wantCode(t, err, crc64Mismatch)
	_, err = b.StageBlock(ctx, blockID(1), text("hello"), &blockblob.StageBlockOptions{TransactionalValidation: azb.TransferValidationTypeMD5(make([]byte, 16))})
	wantCode(t, err, md5Mismatch)
}

func TestSDKBlockList(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.container("c00")
	c := f.client()
	b := c.ServiceClient().NewContainerClient("c00").NewBlockBlobClient("b")
	for i := range 3 {
		must[blockblob.StageBlockResponse](t)(b.StageBlock(ctx, blockID(i), text(fmt.Sprint(i)), nil))
	}
	must[blockblob.CommitBlockListResponse](t)(b.CommitBlockList(ctx, []string{blockID(2), blockID(0), blockID(2)}, nil))
	must[blockblob.StageBlockResponse](t)(b.StageBlock(ctx, blockID(7), text("7"), nil))
	list := must[blockblob.GetBlockListResponse](t)(b.GetBlockList(ctx, blockblob.BlockListTypeAll, nil))
	if len(list.CommittedBlocks) != 3 || len(list.UncommittedBlocks) != 1 || *list.BlobContentLength != 3 {
		t.Errorf("block list: %+v", list)
	}
	if got := string(downloaded(t, c, "c00", "b")); got != "202" {
		t.Errorf("contents: %q, want %q", got, "202")
	}
	// A second list may mix what is committed with what is not.
	must[blockblob.CommitBlockListResponse](t)(b.CommitBlockList(ctx, []string{blockID(7), blockID(0)}, nil))
	if got := string(downloaded(t, c, "c00", "b")); got != "70" {
		t.Errorf("contents: %q, want %q", got, "70")
	}
	_, err := b.CommitBlockList(ctx, []string{blockID(2)}, nil)
	wantCode(t, err, invalidBlockList)
}

// TestSDKHostStyle sends requests for the real host names here, plain and over
// TLS.
func TestSDKHostStyle(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	secure := httptest.NewTLSServer(f.server)
	defer secure.Close()
	for _, tt := range []struct {
		name, url string
		server    *httptest.Server
	}{
		{"real name", "https://acct.blob.core.windows.net", secure},
		{"local name", "http://acct.blob.localhost:10000", f.http},
	} {
		t.Run(tt.name, func(t *testing.T) {
			transport := tt.server.Client().Transport.(*http.Transport).Clone()
			transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, tt.server.Listener.Addr().String())
			}
			if transport.TLSClientConfig != nil {
				transport.TLSClientConfig.ServerName = "example.com" // the name in the test's certificate
			}
			defer transport.CloseIdleConnections()
			options := &azblob.ClientOptions{ClientOptions: onlyOnce()}
			options.Transport = &http.Client{Transport: transport}
			c := must[*azblob.Client](t)(azblob.NewClientWithSharedKeyCredential(tt.url, credential(t, f.account.Keys[0]), options))
			name := strings.ReplaceAll(tt.name, " ", "-")
			must[azblob.CreateContainerResponse](t)(c.CreateContainer(ctx, name, nil))
			must[azblob.UploadBufferResponse](t)(c.UploadBuffer(ctx, name, "x/y", []byte("hello"), nil))
			if got := string(downloaded(t, c, name, "x/y")); got != "hello" {
				t.Errorf("downloaded %q", got)
			}
			page := must[azblob.ListContainersResponse](t)(c.NewListContainersPager(nil).NextPage(ctx))
			if *page.ServiceEndpoint != tt.url+"/" {
				t.Errorf("service endpoint: %s, want %s/", *page.ServiceEndpoint, tt.url)
			}
		})
	}
}

// TestSDKSameName has two subscriptions with accounts of one name: the key
// decides which is meant.
func TestSDKSameName(t *testing.T) {
	ctx := context.Background()
	other := Account{ID: "other/acct", Name: "acct", Keys: [][]byte{keyOf("other")}, Now: func() time.Time { return now0 }}
	f := newFixtureWith(t, openStore(t, ""), []Account{other})
	ours := f.client()
	theirs := must[*azblob.Client](t)(azblob.NewClientWithSharedKeyCredential(f.http.URL+"/acct", credential(t, other.Keys[0]), nil))
	for text, c := range map[string]*azblob.Client{"ours": ours, "theirs": theirs} {
		must[azblob.CreateContainerResponse](t)(c.CreateContainer(ctx, "c00", &azblob.CreateContainerOptions{Access: to.Ptr(azcontainer.PublicAccessTypeBlob)}))
		must[azblob.UploadBufferResponse](t)(c.UploadBuffer(ctx, "c00", "b", []byte(text), nil))
	}
	for text, c := range map[string]*azblob.Client{"ours": ours, "theirs": theirs} {
		if got := string(downloaded(t, c, "c00", "b")); got != text {
			t.Errorf("downloaded %q, want %q", got, text)
		}
	}
	f.want("403 AuthenticationFailed", call{method: "GET", path: "/acct/c00/b", key: keyOf("nobody")})
	// Public in both: nobody can tell which is meant. Public in one: that.
	f.want("404 ResourceNotFound", call{method: "GET", path: "/acct/c00/b", key: unsigned})
	must[azcontainer.SetAccessPolicyResponse](t)(theirs.ServiceClient().NewContainerClient("c00").SetAccessPolicy(ctx, nil))
	if a := f.want("200", call{method: "GET", path: "/acct/c00/b", key: unsigned}); a.body != "ours" {
		t.Errorf("anonymous read: %q, want ours", a.body)
	}
	if err := f.store.DeleteAccount("sub/acct"); err != nil {
		t.Fatal(err)
	}
	if got := string(downloaded(t, theirs, "c00", "b")); got != "theirs" {
		t.Errorf("after the other account was deleted: %q", got)
	}
	f.want("404 ContainerNotFound", call{method: "GET", path: "/acct/c00/b"})
}

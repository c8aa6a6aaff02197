package blob

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vipswap/vipswap/emulator/blob/internal/signature"
)

// signedQuery adds a signature to the query of a SAS for a resource.
func signedQuery(t *testing.T, key []byte, query, container, blob string) string {
	t.Helper()
	values, err := url.ParseQuery(query + "&sig=AQI=")
	if err != nil {
		t.Fatal(err)
	}
	s, err := signature.ParseSAS(values)
	if err != nil {
		t.Fatal(err)
	}
	values.Set("sig", base64.StdEncoding.EncodeToString(signature.Sign(key, s.StringToSign("acct", container, blob))))
	return values.Encode()
}

// A refusalCase is a request and the code that it is refused with.
type refusalCase struct {
	want code
	call call
}

// TestEveryCode has a request for every code of the table.
func TestEveryCode(t *testing.T) {
	f := newFixture(t, WithLimits(Limits{Blob: 100, Block: 50, Blocks: 2, Document: 1000}), WithDeletionDelay(30*time.Second))
	f.prepare()
	seen := map[code]bool{}
	groups := map[string][]refusalCase{
		"requests":   requestRefusals(),
		"sas":        sasRefusals(f),
		"containers": containerRefusals(),
		"blobs":      blobRefusals(),
		"blocks":     blockRefusals(),
		"leases":     leaseRefusals(),
	}
	for name, cases := range groups {
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s/%s %s %s", name, c.want, c.call.method, c.call.path), func(t *testing.T) {
				f.T = t
				want := fmt.Sprintf("%d %s", codes[c.want].status, c.want)
				f.want(want, c.call)
				seen[c.want] = true
			})
		}
	}
	f.T = t
	f.cut("/acct/c00/torn")
	seen[invalidInput] = true
	seen[brokenStore(t)] = true
	for c := range codes {
		if !seen[c] {
			t.Errorf("no request here is refused with %s", c)
		}
	}
}

// prepare makes what the refused requests run into: containers c00, leased
// (lease A) and deleted; blobs b, and leased, expired, breaking and broken
// (each with the lease A); uncommitted blocks of blocks.
func (f *fixture) prepare() {
	for _, name := range []string{"c00", "leased", "deleted"} {
		f.container(name)
	}
	acquire := []string{"x-ms-lease-action: acquire", "x-ms-lease-duration: 15", "x-ms-proposed-lease-id: " + leaseA}
	forEver := []string{"x-ms-lease-action: acquire", "x-ms-lease-duration: -1", "x-ms-proposed-lease-id: " + leaseA}
	for _, name := range []string{"b", "leased", "expired", "breaking", "broken"} {
		f.blob("c00/"+name, "hello")
	}
	f.want("201", call{method: "PUT", path: "/acct/c00/expired?comp=lease", header: acquire})
	f.clock.advance(15 * time.Second)
	for _, name := range []string{"leased", "breaking", "broken"} {
		f.want("201", call{method: "PUT", path: "/acct/c00/" + name + "?comp=lease", header: forEver})
	}
	f.want("201", call{method: "PUT", path: "/acct/leased?restype=container&comp=lease", header: forEver})
	f.want("202", call{method: "PUT", path: "/acct/c00/breaking?comp=lease", header: []string{"x-ms-lease-action: break", "x-ms-lease-break-period: 60"}})
	f.want("202", call{method: "PUT", path: "/acct/c00/broken?comp=lease", header: []string{"x-ms-lease-action: break"}})
	f.want("202", call{method: "DELETE", path: "/acct/deleted?restype=container"})
	for i := range 4 {
		f.want("201", call{method: "PUT", path: "/acct/c00/blocks?comp=block&blockid=" + url.QueryEscape(blockID(i)), body: "x"})
	}
}

func requestRefusals() []refusalCase {
	long := strings.Repeat("x", 101)
	return []refusalCase{
		{invalidURI, call{method: "GET", path: "/"}},
		{invalidURI, call{method: "GET", path: "/acct/c00/b?a=%zz"}},
		{invalidURI, call{method: "GET", path: "/acct/c00/a%00"}},
		{invalidResourceName, call{method: "GET", path: "/acct/C00/b"}},
		{outOfRangeInput, call{method: "GET", path: "/acct/c/b"}},
		{unsupportedHTTPVerb, call{method: "POST", path: "/acct/c00/b"}},
		{unsupportedHTTPVerb, call{method: "PUT", path: "/acct?comp=list"}},
		{invalidQueryParameterValue, call{method: "PUT", path: "/acct/c00/b?comp=page"}},
		{invalidQueryParameterValue, call{method: "GET", path: "/acct/?restype=account"}},
		{missingRequiredQueryParameter, call{method: "GET", path: "/acct"}},
		{missingRequiredQueryParameter, call{method: "GET", path: "/acct/c00/"}},
		{invalidHeaderValue, call{method: "GET", path: "/acct/c00/b", header: []string{"x-ms-version: newest"}}},
		{unsupportedHeader, call{method: "PUT", path: "/acct/c00/copy", header: []string{"x-ms-copy-source: http://127.0.0.1/acct/c00/b"}}},
		{unsupportedQueryParameter, call{method: "GET", path: "/acct/c00/b?snapshot=2016-01-01T00:00:00.0000000Z"}},
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b", key: keyOf("wrong")}},
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b", date: time.Now().Add(-16 * time.Minute)}},
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b", date: time.Now().Add(16 * time.Minute)}},
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b", key: unsigned, header: []string{"Authorization: SharedKey acct:AQI="}}},
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b", key: unsigned, header: []string{"Authorization: SharedKey acct:AQI=", "x-ms-date: today"}}},
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b", key: unsigned, header: []string{"Authorization: SharedKey other:AQI="}}},
		{authenticationFailed, call{method: "GET", path: "/nobody/c00/b", key: unsigned, header: []string{"Authorization: SharedKey nobody:AQI=", "x-ms-date: " + time.Now().UTC().Format(http.TimeFormat)}}},
		{invalidAuthenticationInfo, call{method: "GET", path: "/acct/c00/b", key: unsigned, header: []string{"Authorization: Bearer x"}}},
		{resourceNotFound, call{method: "GET", path: "/acct/c00/b", key: unsigned}},
		{resourceNotFound, call{method: "GET", path: "/nobody/c00/b", key: unsigned}},
		{resourceNotFound, call{method: "PUT", path: "/acct/c00/b", key: unsigned, header: []string{"x-ms-blob-type: BlockBlob"}}},
		{requestBodyTooLarge, call{method: "PUT", path: "/acct/c00/n", body: long, header: []string{"x-ms-blob-type: BlockBlob"}}},
		{requestBodyTooLarge, call{method: "PUT", path: "/acct/c00/n?comp=block&blockid=AA==", body: long}},
		{requestBodyTooLarge, call{method: "PUT", path: "/acct/?restype=service&comp=properties", body: strings.Repeat(" ", 1001)}},
		{requestBodyTooLarge, call{method: "PUT", path: "/acct/c00/n?comp=blocklist", body: strings.Repeat(" ", 1001)}},
	}
}

func sasRefusals(f *fixture) []refusalCase {
	const far = "&se=2999-01-01"
	get := func(query string) call {
		return call{method: "GET", path: "/acct/c00/b?" + signedQuery(f.T, f.account.Keys[0], query, "c00", "b"), key: unsigned}
	}
	return []refusalCase{
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b?sig=AQI=", key: unsigned}},
		{authenticationFailed, call{method: "GET", path: "/acct/c00/b?sig=AQI=&sv=2018-11-09&sr=b&sp=r" + far, key: unsigned}},
		{authenticationFailed, get("sv=2018-11-09&sr=b&sp=r")},                     // without an end
		{authenticationFailed, get("sv=2018-11-09&sr=b&sp=r&se=2016-01-01")},       // over
		{authenticationFailed, get("sv=2018-11-09&sr=b&sp=r&st=2998-01-01" + far)}, // not begun
		{authenticationFailed, get("sv=2018-11-09&sr=b&sp=r&se=soon")},
		{authenticationFailed, get("sv=2018-11-09&sr=b&sp=r&st=now" + far)},
		{authenticationFailed, get("sv=2018-11-09&sr=b&sp=r&si=nopolicy" + far)},
		{authorizationPermission, get("sv=2018-11-09&sr=b&sp=w" + far)},
		{authorizationProtocol, get("sv=2018-11-09&sr=b&sp=r&spr=https" + far)},
		{authorizationIPMismatch, get("sv=2018-11-09&sr=b&sp=r&sip=10.1.1.1" + far)},
		{authorizationService, get("sv=2018-11-09&ss=q&srt=o&sp=r" + far)},
		{authorizationResourceType, get("sv=2018-11-09&ss=b&srt=sc&sp=r" + far)},
		{authorizationPermission, get("sv=2018-11-09&ss=b&srt=o&sp=wl" + far)},
	}
}

func containerRefusals() []refusalCase {
	const c00, access = "/acct/c00?restype=container", "x-ms-blob-public-access: "
	return []refusalCase{
		{containerAlreadyExists, call{method: "PUT", path: c00}},
		{containerBeingDeleted, call{method: "PUT", path: "/acct/deleted?restype=container"}},
		{containerBeingDeleted, call{method: "GET", path: "/acct/deleted?restype=container"}},
		{containerNotFound, call{method: "DELETE", path: "/acct/nope?restype=container"}},
		{containerNotFound, call{method: "GET", path: "/acct/nope/b"}},
		{containerNotFound, call{method: "GET", path: "/acct/nope?restype=container&comp=list"}},
		{invalidHeaderValue, call{method: "PUT", path: "/acct/new?restype=container", header: []string{access + "all"}}},
		{emptyMetadataKey, call{method: "PUT", path: "/acct/new?restype=container", header: []string{"x-ms-meta-: x"}}},
		{invalidMetadata, call{method: "PUT", path: c00 + "&comp=metadata", header: []string{"x-ms-meta-a-b: x"}}},
		{metadataTooLarge, call{method: "PUT", path: c00 + "&comp=metadata", header: []string{"x-ms-meta-a: " + strings.Repeat("x", 8<<10)}}},
		{conditionNotMet, call{method: "PUT", path: c00 + "&comp=metadata", header: []string{`If-Match: "0x0"`}}},
		{conditionNotMet, call{method: "DELETE", path: c00, header: []string{"If-Unmodified-Since: Thu, 01 Jan 2015 00:00:00 GMT"}}},
		{invalidXMLDocument, call{method: "PUT", path: c00 + "&comp=acl", body: "<Access/>"}},
		{invalidXMLNodeValue, call{method: "PUT", path: c00 + "&comp=acl", body: "<SignedIdentifiers><SignedIdentifier/></SignedIdentifiers>"}},
		{invalidXMLDocument, call{method: "PUT", path: "/acct/?restype=service&comp=properties"}},
		{outOfRangeQueryParameter, call{method: "GET", path: c00 + "&comp=list&maxresults=0"}},
		{invalidQueryParameterValue, call{method: "GET", path: c00 + "&comp=list&maxresults=all"}},
		{invalidQueryParameterValue, call{method: "GET", path: c00 + "&comp=list&marker=!"}},
		{invalidQueryParameterValue, call{method: "GET", path: c00 + "&comp=list&include=everything"}},
	}
}

func blobRefusals() []refusalCase {
	const b, kind = "/acct/c00/b", "x-ms-blob-type: BlockBlob"
	return []refusalCase{
		{blobNotFound, call{method: "GET", path: "/acct/c00/nope"}},
		{blobNotFound, call{method: "HEAD", path: "/acct/c00/nope"}},
		{blobNotFound, call{method: "GET", path: "/acct/c00/blocks"}}, // not committed
		{blobNotFound, call{method: "DELETE", path: "/acct/c00/nope"}},
		{missingRequiredHeader, call{method: "PUT", path: b}},
		{invalidHeaderValue, call{method: "PUT", path: b, header: []string{"x-ms-blob-type: PageBlob"}}},
		{invalidHeaderValue, call{method: "DELETE", path: b, header: []string{"x-ms-delete-snapshots: only"}}},
		{invalidHeaderValue, call{method: "GET", path: b, header: []string{"If-Modified-Since: yesterday"}}},
		{invalidHeaderValue, call{method: "GET", path: b, header: []string{"x-ms-range: bytes=-5"}}},
		{invalidRange, call{method: "GET", path: b, header: []string{"Range: bytes=5-"}}},
		{invalidMD5, call{method: "PUT", path: b, header: []string{kind, "Content-MD5: AQI="}}},
		{md5Mismatch, call{method: "PUT", path: b, body: "x", header: []string{kind, "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA=="}}},
		{md5Mismatch, call{method: "PUT", path: b, body: "x", header: []string{kind, "x-ms-blob-content-md5: AAAAAAAAAAAAAAAAAAAAAA=="}}},
		{crc64Mismatch, call{method: "PUT", path: b, body: "x", header: []string{kind, "x-ms-content-crc64: AAAAAAAAAAA="}}},
		{invalidHeaderValue, call{method: "PUT", path: b, body: "x", header: []string{kind, "x-ms-content-crc64: AAA="}}},
		{blobAlreadyExists, call{method: "PUT", path: b, header: []string{kind, "If-None-Match: *"}}},
		{conditionNotMet, call{method: "PUT", path: b, header: []string{kind, `If-Match: "0x0"`}}},
		{conditionNotMet, call{method: "PUT", path: "/acct/c00/nope", header: []string{kind, `If-Match: "0x0"`}}},
		{conditionNotMet, call{method: "PUT", path: b + "?comp=metadata", header: []string{`If-None-Match: *`}}},
		{conditionNotMet, call{method: "GET", path: b, header: []string{`If-Match: "0x0"`}}},
	}
}

func blockRefusals() []refusalCase {
	list := func(ids ...string) string {
		return "<BlockList><Latest>" + strings.Join(ids, "</Latest><Latest>") + "</Latest></BlockList>"
	}
	fifth := "&blockid=" + url.QueryEscape(blockID(4))
	return []refusalCase{
		{missingRequiredQueryParameter, call{method: "PUT", path: "/acct/c00/n?comp=block", body: "x"}},
		{invalidBlockID, call{method: "PUT", path: "/acct/c00/n?comp=block&blockid=!", body: "x"}},
		{invalidBlockID, call{method: "PUT", path: "/acct/c00/n?comp=block&blockid=" + strings.Repeat("AAAA", 22), body: "x"}},
		{invalidHeaderValue, call{method: "PUT", path: "/acct/c00/n?comp=block&blockid=AA=="}},
		{invalidBlobOrBlock, call{method: "PUT", path: "/acct/c00/blocks?comp=block&blockid=AA==", body: "x"}},
		{blockCountExceedsLimit, call{method: "PUT", path: "/acct/c00/blocks?comp=block" + fifth, body: "x"}},
		{containerNotFound, call{method: "PUT", path: "/acct/nope/n?comp=block&blockid=AA==", body: "x"}},
		{invalidBlockList, call{method: "PUT", path: "/acct/c00/blocks?comp=blocklist", body: list(blockID(0), blockID(9))}},
		{blockListTooLong, call{method: "PUT", path: "/acct/c00/blocks?comp=blocklist", body: list(blockID(0), blockID(1), blockID(2))}},
		{invalidXMLDocument, call{method: "PUT", path: "/acct/c00/blocks?comp=blocklist", body: "<List/>"}},
		{invalidQueryParameterValue, call{method: "GET", path: "/acct/c00/blocks?comp=blocklist&blocklisttype=some"}},
		{blobNotFound, call{method: "GET", path: "/acct/c00/nope?comp=blocklist"}},
	}
}

func leaseRefusals() []refusalCase {
	act := func(name, action string, header ...string) call {
		return call{method: "PUT", path: "/acct/c00/" + name + "?comp=lease", header: append(header, "x-ms-lease-action: "+action)}
	}
	const (
		a, b      = "x-ms-lease-id: " + leaseA, "x-ms-lease-id: " + leaseB
		wantA     = "x-ms-proposed-lease-id: " + leaseA
		wantB     = "x-ms-proposed-lease-id: " + leaseB
		for15     = "x-ms-lease-duration: 15"
		container = "/acct/leased?restype=container"
	)
	write := func(name string, header ...string) call {
		return call{method: "PUT", path: "/acct/c00/" + name + "?comp=metadata", header: header}
	}
	return []refusalCase{
		{missingRequiredHeader, call{method: "PUT", path: "/acct/c00/b?comp=lease"}},
		{invalidHeaderValue, act("b", "take")},
		{missingRequiredHeader, act("b", "acquire")},
		{invalidHeaderValue, act("b", "acquire", "x-ms-lease-duration: 14")},
		{invalidHeaderValue, act("b", "acquire", for15, "x-ms-proposed-lease-id: mine")},
		{invalidHeaderValue, act("leased", "break", "x-ms-lease-break-period: 61")},
		{missingRequiredHeader, act("leased", "renew")},
		{missingRequiredHeader, act("leased", "change", a)},
		{blobNotFound, act("nope", "acquire", for15)},
		{leaseAlreadyPresent, act("leased", "acquire", for15)},
		{leaseIsBreakingCannotAcquire, act("breaking", "acquire", for15, wantA)},
		{leaseIsBreakingCannotChange, act("breaking", "change", a, wantB)},
		{leaseIsBrokenCannotRenew, act("broken", "renew", a)},
		{leaseIDMismatchWithLease, act("leased", "release", b)},
		{leaseNotPresentWithLease, act("b", "release", a)},
		{leaseIDMissing, write("leased")},
		{leaseIDMismatchWithBlob, write("leased", b)},
		{leaseNotPresentWithBlob, write("b", a)},
		{leaseLost, write("expired", a)},
		{leaseIDMissing, call{method: "PUT", path: "/acct/c00/leased?comp=block&blockid=AA==", body: "x"}},
		{leaseIDMissing, call{method: "DELETE", path: container}},
		{leaseIDMismatchWithContainer, call{method: "GET", path: container, header: []string{b}}},
		{leaseNotPresentWithContainer, call{method: "GET", path: "/acct/c00?restype=container", header: []string{a}}},
		{missingContentLength, call{method: "PUT", path: "/acct/c00/b", header: []string{"x-ms-blob-type: BlockBlob"}, chunked: true}},
	}
}

// brokenStore returns the code for a fault that is not the client's.
func brokenStore(t *testing.T) code {
	store := openStore(t, t.TempDir())
	f := newFixtureWith(t, store, nil)
	if err := store.database.close(); err != nil {
		t.Fatal(err)
	}
	a := f.do(call{method: "PUT", path: "/acct/c00?restype=container"})
	if strings.Contains(a.body, "database") {
		t.Errorf("the client is told about our insides: %s", a.body)
	}
	return code(a.code)
}

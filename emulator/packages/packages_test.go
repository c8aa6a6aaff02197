package packages_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vipswap/vipswap/emulator/cloud"
	"github.com/vipswap/vipswap/emulator/packages"
	"github.com/vipswap/vipswap/internal/servicepackage"
)

func TestAddresses(t *testing.T) {
	const (
		noBlob = "The package URL is not the address of a blob."
		noName = "does not name an account, a container and a blob."
	)
	tests := map[string]struct {
		want    opened
		refused string
	}{
		"https://files.blob.core.windows.net/packages/shop.cspkg":      {want: opened{"sub", "files", "packages", "shop.cspkg", ""}},
		"http://FILES.blob.core.windows.net/packages/shop.cspkg":       {want: opened{"sub", "files", "packages", "shop.cspkg", ""}},
		"http://files.blob.localhost:10000/packages/shop.cspkg":        {want: opened{"sub", "files", "packages", "shop.cspkg", ""}},
		"http://127.0.0.1:10000/files/packages/shop.cspkg":             {want: opened{"sub", "files", "packages", "shop.cspkg", ""}},
		"http://[::1]:10000/files/packages/shop.cspkg":                 {want: opened{"sub", "files", "packages", "shop.cspkg", ""}},
		"https://emulator.example/files/packages/a/b/c.cspkg":          {want: opened{"sub", "files", "packages", "a/b/c.cspkg", ""}},
		"https://files.blob.core.windows.net/packages/a%20b%2Fc.cspkg": {want: opened{"sub", "files", "packages", "a b/c.cspkg", ""}},
		"https://files.blob.core.windows.net/packages/x?sv=1&sig=abc":  {want: opened{"sub", "files", "packages", "x", "sv=1&sig=abc"}},
		"":                                {refused: noBlob},
		"packages/shop.cspkg":             {refused: noBlob},
		"ftp://files.blob/packages/x":     {refused: noBlob},
		"file:///etc/passwd":              {refused: noBlob},
		"https:///packages/shop.cspkg":    {refused: noBlob},
		"https://a b/packages/shop.cspkg": {refused: noBlob},
		"https://files.blob.core.windows.net/packages":     {refused: noName},
		"https://files.blob.core.windows.net/packages/":    {refused: noName},
		"https://files.blob.core.windows.net":              {refused: noName},
		"http://127.0.0.1:10000/files/packages":            {refused: noName},
		"http://127.0.0.1:10000/files/packages?sig=secret": {refused: noName},
	}
	for text, test := range tests {
		b := storage()
		q := request(configuration)
		q.PackageURL = text
		_, err := packages.NewReader(b).Read(q)
		if test.refused != "" {
			if err == nil || err.Code != cloud.BadRequest || !strings.Contains(err.Message, test.refused) || len(b.asked) > 0 {
				t.Errorf("%q is refused with %v after %v, want %q", text, err, b.asked, test.refused)
			}
		} else if diff := cmp.Diff([]opened{test.want}, b.asked); diff != "" {
			t.Errorf("%q is looked for elsewhere (-want +got):\n%s", text, diff)
		}
		if err != nil && (strings.Contains(err.Message, "sig=") || strings.Contains(err.Message, "secret")) {
			t.Errorf("%q: the message shows the signature: %s", text, err.Message)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{address, "http://127.0.0.1:1/a/b/c?sig=x", "https://a.blob.b/%zz/%2F", "http://u:p@h/a/b/c", "//", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := storage()
		q := request(configuration)
		q.PackageURL = text
		_, err := packages.NewReader(b).Read(q)
		if err == nil || err.Code != cloud.BadRequest || err.Message == "" {
			t.Errorf("%q: there is no package anywhere, and got %v", text, err)
		}
		for _, at := range b.asked {
			if at.Account == "" || at.Container == "" || at.Blob == "" {
				t.Errorf("%q is looked for at %+v", text, at)
			}
		}
	})
}

func TestModel(t *testing.T) {
	b := withShop(t)
	q := request("\uFEFF" + strings.ReplaceAll(configuration, "\n", "\r\n"))
	got, refused := packages.NewReader(b).Read(q)
	if refused != nil {
		t.Fatal(refused)
	}
	want := &cloud.Model{
		Package:       &cloud.Package{Source: cloud.BlobVersion{Account: "files", Container: "packages", Blob: "shop.cspkg", ETag: "1"}, SDKVersion: servicepackage.DefaultSDKVersion, UpgradeDomains: 3},
		Configuration: "\uFEFF" + configuration, ServiceName: "Shop", OSFamily: "4", OSVersion: "*",
		Roles: []cloud.Role{{
			Name: "Web", Size: "Medium", Cores: 2, Instances: 2,
			Inputs:  []cloud.Input{{Name: "Http", Protocol: "http", Port: 80, LocalPort: 80}},
			Storage: []cloud.LocalStorage{{Name: "Cache", MB: 100}, {Name: "DiagnosticStore", MB: 4096}},
		}},
	}
	ignore := cmp.Options{
		cmpopts.IgnoreFields(cloud.Model{}, "Digest"), cmpopts.IgnoreFields(cloud.Role{}, "Settings"),
		cmpopts.IgnoreFields(cloud.Package{}, "Digest", "Definition"),
	}
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("model mismatch (-want +got):\n%s", diff)
	}
	if b.open != 0 {
		t.Errorf("%d blobs are left open", b.open)
	}
}

// TestDigests checks what makes two models the same, and the settings of a role.
func TestDigests(t *testing.T) {
	r := packages.NewReader(withShop(t))
	read := func(configuration string) *cloud.Model {
		m, refused := r.Read(request(configuration))
		if refused != nil {
			t.Fatal(refused)
		}
		return m
	}
	base := read(configuration)
	counts := read(strings.Replace(configuration, `count="2"`, `count="3"`, 1))
	colours := read(strings.Replace(configuration, "blue", "green", 1))
	if again := read(configuration); again.Digest != base.Digest {
		t.Error("the same package and configuration make different models")
	}
	if counts.Digest == base.Digest || counts.Roles[0].Settings != base.Roles[0].Settings {
		t.Error("an instance count must change the model and not the settings")
	}
	if colours.Digest == base.Digest || colours.Roles[0].Settings == base.Roles[0].Settings {
		t.Error("a setting must change the model and the settings")
	}
}

func TestRefusals(t *testing.T) {
	const tracking = " The long running operation tracking ID was: 0123456789abcdef0123456789abcdef."
	const validation = "Validation Errors: Error validating the .cscfg file against the .csdef file. Severity:Error, message:"
	edit := func(old, new string) packages.Request { return request(strings.Replace(configuration, old, new, 1)) }
	strict := request(configuration)
	strict.WarningsAsErrors = true
	missing := request(configuration)
	missing.PackageURL = "https://files.blob.core.windows.net/packages/none.cspkg?sig=secret"
	tests := map[string]struct {
		request packages.Request
		want    string // all of the message, or its beginning when it ends in ...
	}{
		"missing blob": {missing, "The package 'https://files.blob.core.windows.net/packages/none.cspkg' cannot be read: there is no such blob in this subscription."},
		"undeclared setting": {edit(`<Setting name="Colour" value="blue"/>`, `<Setting name="Colour" value="blue"/><Setting name="Shape" value=""/>`),
			validation + "Setting 'Shape' for role 'Web' specified in the service configuration file is not declared in the service definition file." + tracking},
		"missing setting": {edit(`<Setting name="Colour" value="blue"/>`, ""),
			validation + "One or more configuration settings defined in the service definition file are not specified in the service configuration file. Missing for role 'Web': 'Colour'." + tracking},
		"two problems": {edit(`<Setting name="Colour" value="blue"/>`, `<Setting name="Shape" value=""/>`),
			validation + "Setting 'Shape' for role 'Web' specified in the service configuration file is not declared in the service definition file.," +
				strings.TrimPrefix(validation, "Validation Errors: ") + "One or more configuration settings defined in the service definition file are not specified in the service configuration file. Missing for role 'Web': 'Colour'." + tracking},
		"missing and undeclared role": {edit(`<Role name="Web">`, `<Role name="Site">`),
			validation + "Role 'Site' specified in the service configuration file is not declared in the service definition file.," +
				strings.TrimPrefix(validation, "Validation Errors: ") + "Role 'Web' declared in the service definition file is not specified in the service configuration file." + tracking},
		"other service": {edit(`serviceName="Shop"`, `serviceName="Store"`),
			validation + "The service name 'Store' in the service configuration file does not match the service name 'Shop' in the service definition file." + tracking},
		"no instances": {edit(`count="2"`, `count="0"`),
			validation + "The specified configuration settings for Settings are invalid. Verify that the service configuration file is a valid XML file, and that role instance counts are specified as positive integers." + tracking},
		"family that the package does not support": {edit(`osFamily="4"`, `osFamily="5"`), validation + "..."},
		"retired release":                          {edit(`osFamily="4"`, `osFamily="4" osVersion="WA-GUEST-OS-4.73_201912-01"`), "The OS version 'WA-GUEST-OS-4.73_201912-01' specified in the service configuration file is not available."},
		"unheard-of release":                       {edit(`osFamily="4"`, `osFamily="4" osVersion="WA-GUEST-OS-4.99_201912-01"`), "The OS version 'WA-GUEST-OS-4.99_201912-01' specified in the service configuration file is not available."},
		"not XML":                                  {request("<ServiceConfiguration"), "The provided configuration file contains XML that could not be parsed. Ensure that you have specified a valid configuration file. ..."},
		"document type":                            {request("<!DOCTYPE a>" + configuration), "The provided configuration file contains XML that could not be parsed. ..."},
		"warning taken as error":                   {strict, validation + "WAT170: The setting 'Storage' of role 'Web' points at the storage emulator, which a deployment cannot reach." + tracking},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m, refused := packages.NewReader(withShop(t)).Read(test.request)
			if refused == nil || m != nil {
				t.Fatalf("got %+v with %v, want a refusal", m, refused)
			}
			beginning, cut := strings.CutSuffix(test.want, "...")
			if refused.Code != cloud.BadRequest || !cut && refused.Message != test.want || !strings.HasPrefix(refused.Message, beginning) {
				t.Errorf("got  %v\nwant %s: %s", refused, cloud.BadRequest, test.want)
			}
		})
	}
}

func TestDamagedPackages(t *testing.T) {
	good := pack(t, definition)
	tests := map[string]struct {
		blob stored
		want string
	}{
		"empty":      {stored{data: nil}, "not a service package"},
		"text":       {stored{data: []byte("this is no zip")}, "not a service package"},
		"cut short":  {stored{data: good[:len(good)/2]}, "not a service package"},
		"changed":    {stored{data: flip(t, good)}, "the service package is damaged"},
		"too large":  {stored{data: good, size: servicepackage.MaxPackageSize + 1}, "too large"},
		"other text": {stored{data: []byte(strings.Repeat("PK\x03\x04", 100))}, "not a service package"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := storage()
			b.byName["shop.cspkg"] = &test.blob
			_, refused := packages.NewReader(b).Read(request(configuration))
			prefix := "The package '" + address + "' is not a valid service package: "
			if refused == nil || refused.Code != cloud.BadRequest || !strings.HasPrefix(refused.Message, prefix) || !strings.Contains(refused.Message, test.want) {
				t.Errorf("got %v, want %s...%s", refused, prefix, test.want)
			}
			if b.open != 0 {
				t.Errorf("%d blobs are left open", b.open)
			}
		})
	}
}

// flip changes one byte inside the first file of a role.
func flip(t *testing.T, data []byte) []byte {
	t.Helper()
	data = slices.Clone(data)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "LocalContent/") {
			at, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			data[at+2] ^= 0xff
			return data
		}
	}
	t.Fatal("the package has no files")
	return nil
}

// TestUnreadableStorage is an error of the emulator's own, not of the request.
func TestUnreadableStorage(t *testing.T) {
	b := storage()
	b.failure = errors.New("broken disk")
	if _, refused := packages.NewReader(b).Read(request(configuration)); refused == nil || refused.Code != cloud.InternalError {
		t.Errorf("got %v, want an InternalError", refused)
	}
}

// TestPackagesAreReadOnce counts reads of a blob that changes and changes back.
func TestPackagesAreReadOnce(t *testing.T) {
	b := withShop(t)
	r := packages.NewReader(b)
	shop := b.byName["shop.cspkg"]
	reads := func(etag string) int {
		t.Helper()
		before := shop.read
		shop.etag = etag
		if _, refused := r.Read(request(configuration)); refused != nil {
			t.Fatal(refused)
		}
		return shop.read - before
	}
	if reads("1") == 0 || reads("1") != 0 {
		t.Error("a package that did not change is to be read once")
	}
	if reads("2") == 0 {
		t.Error("a package that changed was not read again")
	}
	shop.data = []byte("no package any more")
	shop.etag = "3"
	if _, refused := r.Read(request(configuration)); refused == nil {
		t.Error("a package that was replaced by something else is still accepted")
	}
	delete(b.byName, "shop.cspkg")
	if _, refused := r.Read(request(configuration)); refused == nil {
		t.Error("a package that is gone is still accepted")
	}
}

func TestConfigure(t *testing.T) {
	b := withShop(t)
	r := packages.NewReader(b)
	deployed, refused := r.Read(request(configuration))
	if refused != nil {
		t.Fatal(refused)
	}
	delete(b.byName, "shop.cspkg") // what is deployed does not need its blob
	changed, refused := r.Configure(deployed.Package, request(strings.Replace(configuration, "blue", "green", 1)))
	if refused != nil {
		t.Fatal(refused)
	}
	if changed.Package != deployed.Package || changed.Digest == deployed.Digest {
		t.Errorf("got %+v", changed)
	}
	_, refused = r.Configure(deployed.Package, request(strings.Replace(configuration, `"Colour"`, `"Shape"`, 1)))
	if refused == nil || refused.Code != cloud.BadRequest || !strings.Contains(refused.Message, "Setting 'Shape'") {
		t.Errorf("a configuration that does not fit: %v", refused)
	}
	if _, refused = r.Configure(&cloud.Package{Definition: "<"}, request(configuration)); refused == nil || refused.Code != cloud.InternalError {
		t.Errorf("a definition that was kept and cannot be read: %v", refused)
	}
}

func TestResize(t *testing.T) {
	r := packages.NewReader(withShop(t))
	deployed, refused := r.Read(request(configuration))
	if refused != nil {
		t.Fatal(refused)
	}
	smaller, refused := r.Resize(deployed, map[string]int{"Web": 1}, "op")
	if refused != nil {
		t.Fatal(refused)
	}
	want := strings.Replace(configuration, `count="2"`, `count="1"`, 1)
	if smaller.Roles[0].Instances != 1 || smaller.Configuration != want {
		t.Errorf("got %d instances, configuration mismatch (-want +got):\n%s", smaller.Roles[0].Instances, cmp.Diff(want, smaller.Configuration))
	}
	if deployed.Roles[0].Instances != 2 {
		t.Error("the deployed model was changed")
	}
}

func TestExport(t *testing.T) {
	const container = "https://files.blob.core.windows.net/packages"
	tests := map[string]struct {
		to        string
		overwrite bool
		prepare   func(*blobs)
		code      cloud.Code
	}{
		"new":                      {to: container},
		"container with a slash":   {to: container + "/"},
		"there already":            {to: container, prepare: func(b *blobs) { b.byName["out.cscfg"] = &stored{} }, code: cloud.ConflictError},
		"there, to be overwritten": {to: container, overwrite: true, prepare: func(b *blobs) { b.byName["out.cscfg"] = &stored{} }},
		"no container":             {to: "https://files.blob.core.windows.net/none", code: cloud.BadRequest},
		"no address":               {to: "here", code: cloud.BadRequest},
		"with a signature":         {to: container + "?sig=secret", code: cloud.BadRequest},
		"package gone":             {to: container, prepare: func(b *blobs) { delete(b.byName, "shop.cspkg") }, code: cloud.BadRequest},
		"package changed":          {to: container, prepare: func(b *blobs) { b.byName["shop.cspkg"].etag = "9" }, code: cloud.BadRequest},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := withShop(t)
			r := packages.NewReader(b)
			deployed, refused := r.Read(request(configuration))
			if refused != nil {
				t.Fatal(refused)
			}
			if test.prepare != nil {
				test.prepare(b)
			}
			refused = r.Export("sub", deployed, test.to, "out", test.overwrite)
			switch {
			case test.code != "" && (refused == nil || refused.Code != test.code || strings.Contains(refused.Message, "secret")):
				t.Errorf("got %v, want %s", refused, test.code)
			case test.code == "" && refused != nil:
				t.Errorf("refused: %v", refused)
			case test.code == "" && (string(b.byName["out.cspkg"].data) != string(b.byName["shop.cspkg"].data) || string(b.byName["out.cscfg"].data) != configuration):
				t.Error("what was written is not what is deployed")
			}
			if b.open != 0 {
				t.Errorf("%d blobs are left open", b.open)
			}
		})
	}
}

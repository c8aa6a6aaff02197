package management_test

import (
	"crypto/sha1"
	_ "embed"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// A certificate that never changes, so that documents do not: once by itself and
// once with its key, under the password "secret".
var (
	//go:embed testdata/certificates/shop.cer
	shopCER []byte
	//go:embed testdata/certificates/shop.pfx
	shopPFX []byte

	shopThumbprint = fmt.Sprintf("%X", sha1.Sum(shopCER))
)

// heldExchanges are those of certificates, extensions and migrations.
var heldExchanges = []exchange{
	{name: "one", prepare: certified, call: get(shop + "/certificates")},
	{name: "none", call: get(shop + "/certificates")},
	{name: "one", prepare: certified, call: get(shop + "/certificates/sha1-" + shopThumbprint)},
	{name: "missing", call: get(shop + "/certificates/sha1-" + shopThumbprint)},
	{name: "cer", call: addCER},
	{name: "pfx", call: post(shop+"/certificates", certificateFile(base64.StdEncoding.EncodeToString(shopPFX), "pfx", "<Password>secret</Password>"))},
	{name: "wrong-password", call: post(shop+"/certificates", certificateFile(base64.StdEncoding.EncodeToString(shopPFX), "pfx", "<Password></Password>"))},
	{name: "one", prepare: certified, call: call{method: "DELETE", path: shop + "/certificates/sha1-" + shopThumbprint}},

	{name: "two", prepare: managed, call: get("/certificates")},
	{name: "one", prepare: managed, call: get("/certificates/" + shopThumbprint)},
	{name: "new", call: addManager},
	{name: "one", prepare: managed, call: call{method: "DELETE", path: "/certificates/" + shopThumbprint}},

	{name: "one", prepare: extended, call: get(shop + "/extensions")},
	{name: "none", call: get(shop + "/extensions")},
	{name: "one", prepare: extended, call: get(shop + "/extensions/Default-RDP-Staging-Ext-0")},
	{name: "encrypted", prepare: certified, call: addEncrypted},
	{name: "busy", prepare: func(w *world) { certified(w); w.must(addEncrypted) }, call: post(shop+"/extensions", rdpExtension("Default-RDP-Staging-Ext-1", ""))},
	{name: "unused", prepare: extended, call: call{method: "DELETE", path: shop + "/extensions/Default-RDP-Staging-Ext-0"}},
	{name: "applied", prepare: func(w *world) {
		extended(w)
		w.done(post(shop+"/deploymentslots/staging", createExtended))
	}, call: get(shop + "/deploymentslots/staging"), gates: true},
	{name: "with-extensions", prepare: extended, call: post(shop+"/deploymentslots/staging", createExtended)},
	{name: "all", call: get("/services/extensions"), gates: true},
	{name: "rdp", call: get("/services/extensions/Microsoft.Windows.Azure.Extensions/RDP"), gates: true},
	{name: "none", call: get("/services/publisherextensions"), gates: true},

	{name: "fine", prepare: live, call: post(migrationOfV1+"validate", intoNetwork("New"))},
	{name: "both-slots", prepare: both, call: post(migrationOfV1+"validate", intoNetwork("New"))},
	{name: "new-network", prepare: live, call: post(migrationOfV1+"prepare", intoNetwork("New"))},
	{name: "prepared", prepare: prepared, call: post(migrationOfV1+"commit", "")},
	{name: "prepared", prepare: prepared, call: post(migrationOfV1+"abort", "")},
	{name: "migrating", prepare: prepared, call: get(shop + "/deploymentslots/production")},
	{name: "migrating", prepare: prepared, call: call{method: "DELETE", path: shop + "/deployments/v1"}},

	{name: "fine", prepare: networked, call: post(siteMigration+"validate", "")},
	{name: "one", prepare: networked, call: post(siteMigration+"prepare", "")},
	{name: "unprepared", prepare: networked, call: post(siteMigration+"commit", "")},
	{name: "unprepared", prepare: networked, call: post(siteMigration+"abort", "")},
	{name: "missing", call: post(reservedMigration+"validate", "")},
	{name: "missing", call: post(reservedMigration+"prepare", "")},
	{name: "missing", call: post(reservedMigration+"commit", "")},
	{name: "missing", call: post(reservedMigration+"abort", "")},
	{name: "missing", call: post(groupMigration+"validate", "")},
	{name: "missing", call: post(groupMigration+"prepare", "")},
	{name: "missing", call: post(groupMigration+"commit", "")},
	{name: "missing", call: post(groupMigration+"abort", "")},
	{name: "missing", call: post(routesMigration+"validate", "")},
	{name: "missing", call: post(routesMigration+"prepare", "")},
	{name: "missing", call: post(routesMigration+"commit", "")},
	{name: "missing", call: post(routesMigration+"abort", "")},
	{name: "fine", prepare: file, call: post(accountMigration+"validate", "")},
	{name: "one", prepare: file, call: post(accountMigration+"prepare", "")},
	{name: "prepared", prepare: preparedFiles, call: post(accountMigration+"commit", "")},
	{name: "prepared", prepare: preparedFiles, call: post(accountMigration+"abort", "")},
	{name: "migrating", prepare: preparedFiles, call: get("/services/storageservices/files")},
}

const (
	siteMigration     = "/services/networking/virtualnetwork/office/migration?comp="
	reservedMigration = "/services/networking/reservedips/front/migration?comp="
	groupMigration    = "/services/networking/networksecuritygroups/web/migration?comp="
	routesMigration   = "/services/networking/routetables/web/migration?comp="
	accountMigration  = "/services/storageservices/files/migration?comp="
)

// What these exchanges send and prepare.
var (
	addCER     = post(shop+"/certificates", certificateFile(base64.StdEncoding.EncodeToString(shopCER), "cer", ""))
	addManager = post("/certificates", document("SubscriptionCertificate", "<SubscriptionCertificateThumbprint>"+shopThumbprint+
		"</SubscriptionCertificateThumbprint><SubscriptionCertificateData>"+base64.StdEncoding.EncodeToString(shopCER)+"</SubscriptionCertificateData>"))
	addEncrypted   = post(shop+"/extensions", rdpExtension("Default-RDP-Staging-Ext-0", "<Thumbprint>"+shopThumbprint+"</Thumbprint><ThumbprintAlgorithm>sha1</ThumbprintAlgorithm>"))
	createExtended = createWith("<ExtensionConfiguration><AllRoles><Extension><Id>Default-RDP-Staging-Ext-0</Id></Extension></AllRoles><NamedRoles/></ExtensionConfiguration>")

	certified     = func(w *world) { w.done(addCER) }
	managed       = func(w *world) { w.must(addManager) }
	extended      = func(w *world) { certified(w); w.done(addEncrypted) }
	prepared      = func(w *world) { live(w); w.done(post(migrationOfV1+"prepare", intoNetwork("New"))) }
	preparedFiles = func(w *world) { file(w); w.done(post(accountMigration+"prepare", "")) }
)

// networked gives the subscription a virtual network.
func networked(w *world) {
	w.change(func(st *cloud.State) *cloud.Error {
		return st.PutNetwork("00000000000000000000000000000001", cloud.Network{Sites: []cloud.VirtualNetworkSite{{Name: "office", Location: "West US"}}})
	})
	w.advance(time.Hour)
}

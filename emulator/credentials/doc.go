// Package credentials makes and keeps what clients need to trust the emulator and
// to be known by it.
//
// You start the emulator for the first time and point an old client at it. The
// client wants three things: an authority to trust, a management certificate with
// its key, and perhaps a .publishsettings file that holds address and certificate
// together. [Open] makes them in a folder, and every later start finds them there:
//
//	authority, err := credentials.Open(dir, credentials.WithSubscriptions(id))
//	certificate, err := authority.ServerCertificate("build-server.local")
//	management, err := authority.Management(id)
//	err = management.WritePublishSettings("https://127.0.0.1:8443", "Emulator")
//
// The folder, which only its owner can read, then holds:
//
//	ca.pem, ca.key                  the authority: what clients are told to trust
//	server.pem, server.key          the emulator's own certificate, signed by it
//	ID/management.pem, .key, .pfx   the management certificate of subscription ID
//	ID/management.publishsettings   the same with the emulator's address, for import
//	.lock                           held while a process writes
//
// Management certificates are self-signed, as the real ones are: the service
// compares thumbprints and verifies no chain (Microsoft's page on authenticating
// Service Management requests). All keys are RSA with 2048 bits, which the oldest
// clients can use.
//
// A key, once made, stays. A certificate that has less than 30 days left is
// replaced by a new one for the same key when it is next asked for. A file that
// cannot be read for what it should be is never replaced: it is an error that names
// the file, since somebody may trust what was there.
//
// Any number of processes may open one folder at once: each file appears whole, and
// a certificate never without its key.
package credentials

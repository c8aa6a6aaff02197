// Package emulator runs Azure's Service Management API for classic cloud
// services on your own machine, with the blob endpoint that packages are
// uploaded to.
//
// In a test, start one and point a client at it:
//
//	e := emulator.Start(t)
//	client := connect(e.ManagementURL(), e.Subscription(), e.Management().Certificate, e.CertPool())
//
// Outside a test, [New] makes one that runs until [Emulator.Close].
//
// The package only puts the parts together: package cloud is what the emulator
// believes, package management the API, package blob the storage, package
// control the emulator's own interface.
package emulator

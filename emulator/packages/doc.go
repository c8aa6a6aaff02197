// Package packages reads what a request to create or change a deployment sends:
// the address of a service package and a service configuration. It answers with
// the [cloud.Model] of the deployment that is to be, or with the error that the
// operation will fail with.
//
// Packages are read from the emulator's own blob endpoint, whatever address of
// it the request uses, and remembered as long as their blob does not change. A
// configuration is judged against the definition inside the package, in the
// words of the real service where they are known.
package packages

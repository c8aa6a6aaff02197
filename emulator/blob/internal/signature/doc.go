// Package signature tells what a client of Azure storage signed, so that the
// signature it sent can be compared with one made from the account's key.
//
// There are two kinds. With Shared Key the request itself is signed and the
// signature travels in the Authorization header: [ParseAuthorization] and
// [Request.StringsToSign]. With a shared access signature (SAS) a permission is
// signed and travels in the query of an address: [ParseSAS] and
// [SAS.StringToSign]. [Sign] is the same for both.
//
// Sources: Microsoft's pages "Authorize with Shared Key", "Create a service
// SAS" and "Create an account SAS", and what the official clients send.
package signature

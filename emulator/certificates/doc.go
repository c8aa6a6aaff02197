// Package certificates reads the certificates that clients upload: service
// certificates, with their private key or without, and management certificates.
//
// A client sends a file and says what it is. What is kept of it is the
// certificate itself, in DER, with the name that the API gives it:
//
//	c, err := certificates.ReadPFX(file, password)
//	fmt.Println(c.Thumbprint)
//
// Private keys are read only as far as it takes to tell whose certificate is
// meant; they are never part of what is returned, and no error repeats any of a
// file or of a password.
//
// PKCS #12 files come in two kinds: the old one of Windows (RC2 or 3DES, a SHA-1
// MAC) and the new one of OpenSSL 3 (AES, a SHA-256 MAC). Both are read, with a
// password, with an empty one and with none, which the format tells apart.
// Certificates without a key come as DER, as base64 of it or as PEM, and are not
// judged: old tools wrote ones that Go's own parser refuses, such as those with
// a negative serial number.
package certificates

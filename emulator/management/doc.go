// Package management serves the Service Management API: XML over HTTP, as old
// clients of classic cloud services speak it.
//
// To see how an operation is answered, look for its row in the tables of
// operations: name, method, path, success status and handler. The router, the
// log, the answer to what is unknown and the published list of operations come
// from those rows. A handler decodes the request, makes one call on the
// subscription's [cloud.Universe], and returns an answer or an error; headers,
// status and body are written in one place.
//
// What the emulator believes about deployments is in package cloud, how Go
// structs become XML in package wire. This package has what lies between: the
// documents of requests and answers.
package management

// Package wire turns Go structs into the XML of the Service Management API, and
// the XML of requests into Go structs.
//
// You want to answer Get Operation Status. Declare a struct whose fields stand
// in the order that the real service writes them, tag each with the name of its
// element, and marshal it for the version that the request asked for:
//
//	type Operation struct {
//		_              wire.Root `wire:"Operation"`
//		ID             string    `wire:"ID"`
//		Status         string    `wire:"Status"`
//		HTTPStatusCode int       `wire:"HttpStatusCode,omitempty"`
//	}
//
//	body, err := wire.Marshal(Operation{ID: id, Status: "InProgress"}, version)
//
// # Tags
//
// Each exported field has a wire tag; "-" leaves the field out. Everything after
// the name is optional:
//
//	Name                  an element <Name>
//	List>Item             a slice: <List><Item/>…</List>, and <List/> when empty
//	Item,flat             a slice without an element around it, as in the root of a list
//	i:type                the attribute of that name, on the element that holds the struct
//	since=2012-03-01      in answers from this version on
//	until=2014-02-01      in answers below this version
//	omitempty             left out when empty, zero, false or nil
//	nil                   a nil pointer or slice is written as <Name i:nil="true"/>
//	ns=http://…           the element is in this namespace; for elements that hold text
//
// A nil pointer without nil is left out. An empty string is <Name/>. A field
// named _ of type [Root] names the element of a struct that is a document of its
// own. The fields of an embedded struct count as the struct's own.
//
// Fields are strings, booleans, integers, [time.Time], [Base64], structs, slices
// of these, and pointers to all but slices.
//
// # Answers
//
// [Marshal] writes what recorded traffic shows: no declaration, no white space,
// no prefixes, the namespace and then the schema-instance namespace on the root,
// times to the second in UTC, bare integers and lower-case booleans. What differs
// between versions of the API is in the tags alone, and [Features] reads it from
// there.
//
// # Requests
//
// [Unmarshal] reads what real clients send: with or without a byte order mark, an
// XML declaration and white space; elements in any order, absent, empty or nil;
// elements that nobody knows. What is not well-formed, has another root or
// another namespace, a document type, or more depth or elements than any real
// request, is refused with a [*RequestError] that says why. No error repeats the
// text of a request, which may hold a password.
//
// since and until play no part in reading: an element that is newer than the
// request's version is accepted. The real service's behaviour there is not
// documented.
package wire

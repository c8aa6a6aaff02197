package blob

import (
	"errors"
	"fmt"
	"net/http"
)

// ErrNotFound is in the chain of every error that says that an account, a
// container or a blob is not there.
var ErrNotFound = errors.New("not found")

// A code names a kind of refusal, as clients see it in the Error document and
// in the header x-ms-error-code.
type code string

// The codes that this endpoint gives. Sources: Microsoft's pages "Common REST
// API error codes" and "Blob service error codes".
const (
	authenticationFailed          code = "AuthenticationFailed"
	authorizationIPMismatch       code = "AuthorizationSourceIPMismatch"
	authorizationPermission       code = "AuthorizationPermissionMismatch"
	authorizationProtocol         code = "AuthorizationProtocolMismatch"
	authorizationResourceType     code = "AuthorizationResourceTypeMismatch"
	authorizationService          code = "AuthorizationServiceMismatch"
	blobAlreadyExists             code = "BlobAlreadyExists"
	blobNotFound                  code = "BlobNotFound"
	blockCountExceedsLimit        code = "BlockCountExceedsLimit"
	blockListTooLong              code = "BlockListTooLong"
	conditionNotMet               code = "ConditionNotMet"
	containerAlreadyExists        code = "ContainerAlreadyExists"
	containerBeingDeleted         code = "ContainerBeingDeleted"
	containerNotFound             code = "ContainerNotFound"
	crc64Mismatch                 code = "Crc64Mismatch"
	emptyMetadataKey              code = "EmptyMetadataKey"
	internalError                 code = "InternalError"
	invalidAuthenticationInfo     code = "InvalidAuthenticationInfo"
	invalidBlobOrBlock            code = "InvalidBlobOrBlock"
	invalidBlockID                code = "InvalidBlockId"
	invalidBlockList              code = "InvalidBlockList"
	invalidHeaderValue            code = "InvalidHeaderValue"
	invalidInput                  code = "InvalidInput"
	invalidMD5                    code = "InvalidMd5"
	invalidMetadata               code = "InvalidMetadata"
	invalidQueryParameterValue    code = "InvalidQueryParameterValue"
	invalidRange                  code = "InvalidRange"
	invalidResourceName           code = "InvalidResourceName"
	invalidURI                    code = "InvalidUri"
	invalidXMLDocument            code = "InvalidXmlDocument"
	invalidXMLNodeValue           code = "InvalidXmlNodeValue"
	leaseAlreadyPresent           code = "LeaseAlreadyPresent"
	leaseIDMismatchWithBlob       code = "LeaseIdMismatchWithBlobOperation"
	leaseIDMismatchWithContainer  code = "LeaseIdMismatchWithContainerOperation"
	leaseIDMismatchWithLease      code = "LeaseIdMismatchWithLeaseOperation"
	leaseIDMissing                code = "LeaseIdMissing"
	leaseIsBreakingCannotAcquire  code = "LeaseIsBreakingAndCannotBeAcquired"
	leaseIsBreakingCannotChange   code = "LeaseIsBreakingAndCannotBeChanged"
	leaseIsBrokenCannotRenew      code = "LeaseIsBrokenAndCannotBeRenewed"
	leaseLost                     code = "LeaseLost"
	leaseNotPresentWithBlob       code = "LeaseNotPresentWithBlobOperation"
	leaseNotPresentWithContainer  code = "LeaseNotPresentWithContainerOperation"
	leaseNotPresentWithLease      code = "LeaseNotPresentWithLeaseOperation"
	md5Mismatch                   code = "Md5Mismatch"
	metadataTooLarge              code = "MetadataTooLarge"
	missingContentLength          code = "MissingContentLengthHeader"
	missingRequiredHeader         code = "MissingRequiredHeader"
	missingRequiredQueryParameter code = "MissingRequiredQueryParameter"
	outOfRangeInput               code = "OutOfRangeInput"
	outOfRangeQueryParameter      code = "OutOfRangeQueryParameterValue"
	requestBodyTooLarge           code = "RequestBodyTooLarge"
	resourceNotFound              code = "ResourceNotFound"
	unsupportedHeader             code = "UnsupportedHeader"
	unsupportedHTTPVerb           code = "UnsupportedHttpVerb"
	unsupportedQueryParameter     code = "UnsupportedQueryParameter"
)

// codes is the one table of errors: the HTTP status of each code and the
// message that clients show.
var codes = map[code]struct {
	status  int
	message string
}{
	authenticationFailed:          {403, "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature."},
	authorizationIPMismatch:       {403, "This request is not authorized to perform this operation using this source IP."},
	authorizationPermission:       {403, "This request is not authorized to perform this operation using this permission."},
	authorizationProtocol:         {403, "This request is not authorized to perform this operation using this protocol."},
	authorizationResourceType:     {403, "This request is not authorized to perform this operation using this resource type."},
	authorizationService:          {403, "This request is not authorized to perform this operation using this service."},
	blobAlreadyExists:             {409, "The specified blob already exists."},
	blobNotFound:                  {404, "The specified blob does not exist."},
	blockCountExceedsLimit:        {409, "The uncommitted block count exceeds the maximum limit."},
	blockListTooLong:              {400, "The block list has more blocks than the maximum limit."},
	conditionNotMet:               {412, "The condition specified using HTTP conditional header(s) is not met."},
	containerAlreadyExists:        {409, "The specified container already exists."},
	containerBeingDeleted:         {409, "The specified container is being deleted. Try operation later."},
	containerNotFound:             {404, "The specified container does not exist."},
	crc64Mismatch:                 {400, "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server."},
	emptyMetadataKey:              {400, "The key for one of the metadata key-value pairs is empty."},
	internalError:                 {500, "Server encountered an internal error. Please try again after some time."},
	invalidAuthenticationInfo:     {400, "Authentication information is not given in the correct format. Check the value of Authorization header."},
	invalidBlobOrBlock:            {400, "The specified blob or block content is invalid."},
	invalidBlockID:                {400, "The specified block ID is invalid. The block ID must be Base64-encoded."},
	invalidBlockList:              {400, "The specified block list is invalid."},
	invalidHeaderValue:            {400, "The value for one of the HTTP headers is not in the correct format."},
	invalidInput:                  {400, "One of the request inputs is not valid."},
	invalidMD5:                    {400, "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded."},
	invalidMetadata:               {400, "The metadata specified is invalid. It has characters that are not permitted."},
	invalidQueryParameterValue:    {400, "Value for one of the query parameters specified in the request URI is invalid."},
	invalidRange:                  {416, "The range specified is invalid for the current size of the resource."},
	invalidResourceName:           {400, "The specified resource name contains invalid characters."},
	invalidURI:                    {400, "The requested URI does not represent any resource on the server."},
	invalidXMLDocument:            {400, "XML specified is not syntactically valid."},
	invalidXMLNodeValue:           {400, "The value for one of the XML nodes is not in the correct format."},
	leaseAlreadyPresent:           {409, "There is already a lease present."},
	leaseIDMismatchWithBlob:       {412, "The lease ID specified did not match the lease ID for the blob."},
	leaseIDMismatchWithContainer:  {412, "The lease ID specified did not match the lease ID for the container."},
	leaseIDMismatchWithLease:      {409, "The lease ID specified did not match the lease ID for the blob or container."},
	leaseIDMissing:                {412, "There is currently a lease on the resource and no lease ID was specified in the request."},
	leaseIsBreakingCannotAcquire:  {409, "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken."},
	leaseIsBreakingCannotChange:   {409, "The lease ID matched, but the lease is currently in breaking state and cannot be changed."},
	leaseIsBrokenCannotRenew:      {409, "The lease ID matched, but the lease has been broken explicitly and cannot be renewed."},
	leaseLost:                     {412, "A lease ID was specified, but the lease for the resource has expired."},
	leaseNotPresentWithBlob:       {412, "There is currently no lease on the blob."},
	leaseNotPresentWithContainer:  {412, "There is currently no lease on the container."},
	leaseNotPresentWithLease:      {409, "There is currently no lease on the blob or container."},
	md5Mismatch:                   {400, "The MD5 value specified in the request did not match with the MD5 value calculated by the server."},
	metadataTooLarge:              {400, "The metadata specified exceeds the maximum permissible limit (8KB)."},
	missingContentLength:          {411, "Content-Length HTTP header is not specified."},
	missingRequiredHeader:         {400, "An HTTP header that's mandatory for this request is not specified."},
	missingRequiredQueryParameter: {400, "A query parameter that's mandatory for this request is not specified."},
	outOfRangeInput:               {400, "One of the request inputs is out of range."},
	outOfRangeQueryParameter:      {400, "One of the query parameters specified in the request URI is outside the permissible range."},
	requestBodyTooLarge:           {413, "The request body is too large and exceeds the maximum permissible limit."},
	resourceNotFound:              {404, "The specified resource does not exist."},
	unsupportedHeader:             {400, "One of the HTTP headers specified in the request is not supported."},
	unsupportedHTTPVerb:           {405, "The resource doesn't support specified Http Verb."},
	unsupportedQueryParameter:     {400, "One of the query parameters specified in the request URI is not supported."},
}

// A refusal is an error that goes to the client as an Error document.
type refusal struct {
	code    code
	status  int      // that of the code, except for reads that answer 304
	message string   // "" for the one of the code
	details []detail // further elements of the document
	header  http.Header
}

// A detail is an element of an Error document beside Code and Message.
type detail struct{ name, value string }

// refuse returns the refusal of a code with details: name, value, name, value.
func refuse(c code, details ...string) *refusal {
	r := &refusal{code: c, status: codes[c].status, message: codes[c].message}
	for i := 0; i+1 < len(details); i += 2 {
		r.details = append(r.details, detail{details[i], details[i+1]})
	}
	return r
}

// refuseHeader says which header is wrong.
func refuseHeader(c code, name, value, reason string) *refusal {
	return refuse(c, "HeaderName", name, "HeaderValue", value, "Reason", reason)
}

// refuseParameter says which query parameter is wrong.
func refuseParameter(c code, name, value, reason string) *refusal {
	return refuse(c, "QueryParameterName", name, "QueryParameterValue", value, "Reason", reason)
}

// unauthenticated is a refusal that says what was wrong with the credentials.
func unauthenticated(format string, args ...any) *refusal {
	return refuse(authenticationFailed, "AuthenticationErrorDetail", fmt.Sprintf(format, args...))
}

// Error is for the callers of a Store inside the emulator.
func (r *refusal) Error() string {
	text := string(r.code) + ": " + r.message
	for _, d := range r.details {
		text += " " + d.name + ": " + d.value + "."
	}
	return text
}

// Is makes the refusals that answer 404 match ErrNotFound.
func (r *refusal) Is(target error) bool {
	return target == ErrNotFound && r.status == http.StatusNotFound
}

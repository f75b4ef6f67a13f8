package calls

import (
	"lockgate.dev/lockgate"

	wasi "lockgate.dev/lockgate/internal/calls/wasi_http_types"
)

// errorOf is what an error code means to the task: what may be better the next time is unavailable, the rest internal. A denied
// call is not tried again, because it stays denied.
func errorOf(code wasi.ErrorCode) error {
	switch code.Tag() {
	case wasi.ErrorCodeHttpRequestDenied:
		return lockgate.Internal("the host denied the call: it is not granted to this connector")
	case wasi.ErrorCodeDestinationIpProhibited:
		return lockgate.Internal("the host denied the call: this address may not be reached")
	case wasi.ErrorCodeDnsTimeout, wasi.ErrorCodeConnectionTimeout:
		return lockgate.Unavailable("no connection in time")
	case wasi.ErrorCodeConnectionReadTimeout, wasi.ErrorCodeConnectionWriteTimeout, wasi.ErrorCodeHttpResponseTimeout:
		return lockgate.Unavailable("no answer in time")
	case wasi.ErrorCodeConnectionRefused:
		return lockgate.Unavailable("the connection was refused")
	case wasi.ErrorCodeConnectionTerminated:
		return lockgate.Unavailable("the connection was broken off")
	case wasi.ErrorCodeDnsError, wasi.ErrorCodeDestinationNotFound:
		return lockgate.Unavailable("the host's name has no address")
	case wasi.ErrorCodeDestinationUnavailable, wasi.ErrorCodeDestinationIpUnroutable, wasi.ErrorCodeConnectionLimitReached:
		return lockgate.Unavailable("no connection")
	case wasi.ErrorCodeTlsProtocolError, wasi.ErrorCodeTlsCertificateError, wasi.ErrorCodeTlsAlertReceived:
		return lockgate.Unavailable("no connection: TLS failed")
	case wasi.ErrorCodeHttpRequestBodySize, wasi.ErrorCodeHttpRequestUriTooLong, wasi.ErrorCodeHttpRequestHeaderSectionSize,
		wasi.ErrorCodeHttpRequestHeaderSize:
		return lockgate.Internal("the request is larger than the host allows")
	case wasi.ErrorCodeHttpResponseBodySize, wasi.ErrorCodeHttpResponseHeaderSectionSize, wasi.ErrorCodeHttpResponseHeaderSize:
		return lockgate.Internal("the answer is larger than the host allows")
	case wasi.ErrorCodeHttpRequestMethodInvalid, wasi.ErrorCodeHttpRequestUriInvalid, wasi.ErrorCodeHttpRequestLengthRequired:
		return lockgate.Internal("the request is malformed")
	case wasi.ErrorCodeInternalError:
		return lockgate.Unavailablef("the call failed: %s", code.InternalError().SomeOr("without a reason"))
	}
	return lockgate.Unavailablef("the call failed, with code %d of wasi:http", code.Tag())
}

func unexpected(what string) error {
	return lockgate.Internalf("the host breaks wasi:http: %s", what)
}

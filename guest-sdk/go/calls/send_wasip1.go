package calls

import (
	"net/url"
	"slices"
	"strings"

	handler "lockgate.dev/lockgate/internal/calls/wasi_http_outgoing_handler"
	wasi "lockgate.dev/lockgate/internal/calls/wasi_http_types"
	streams "lockgate.dev/lockgate/internal/calls/wasi_io_streams"
	"lockgate.dev/lockgate/internal/wit/runtime"
	types "lockgate.dev/lockgate/internal/wit/types"

	"lockgate.dev/lockgate"
)

const (
	// What one write may carry, by the contract of blocking-write-and-flush.
	writeBytesMax = 4096
	// What one read asks for.
	readBytes = 64 << 10
)

// send makes one call. What belongs to something else is dropped before it: the host refuses it otherwise.
//
// What the host hands in is in the arena. Each function that calls for it holds the arena, and answers copies.
func send(request *Request, to *url.URL) (*Response, error) {
	outgoing, err := outgoing(request, to)
	if err != nil {
		return nil, err
	}
	var content *wasi.OutgoingBody
	if request.Body != nil {
		got := outgoing.Body()
		if got.IsErr() {
			return nil, unexpected("a request has no body")
		}
		content = got.Ok()
	}
	future, err := handle(request, outgoing)
	if err != nil {
		return nil, err
	}
	defer future.Drop()
	if content != nil {
		write(content, request.Body)
	}
	incoming, err := wait(future)
	if err != nil {
		return nil, err
	}
	defer incoming.Drop()
	return read(incoming, request.bytesMax())
}

func handle(request *Request, outgoing *wasi.OutgoingRequest) (*wasi.FutureIncomingResponse, error) {
	runtime.Hold()
	defer runtime.Release()
	options, err := options(request)
	if err != nil {
		return nil, err
	}
	sent := handler.Handle(outgoing, options)
	if sent.IsErr() {
		return nil, errorOf(sent.Err())
	}
	return sent.Ok(), nil
}

func outgoing(request *Request, to *url.URL) (*wasi.OutgoingRequest, error) {
	fields := wasi.MakeFields()
	for _, line := range request.Header {
		if fields.Append(line.Name, []byte(line.Value)).IsErr() {
			return nil, lockgate.Internalf("header %q cannot be sent", line.Name)
		}
	}
	scheme := wasi.MakeSchemeHttps()
	if to.Scheme == "http" {
		scheme = wasi.MakeSchemeHttp()
	}
	outgoing := wasi.MakeOutgoingRequest(fields)
	malformed := outgoing.SetMethod(method(request.method())).IsErr() ||
		outgoing.SetScheme(types.Some(scheme)).IsErr() ||
		outgoing.SetAuthority(types.Some(to.Host)).IsErr() ||
		outgoing.SetPathWithQuery(types.Some(to.RequestURI())).IsErr()
	if malformed {
		return nil, lockgate.Internalf("%s %q cannot be sent", request.method(), to.Redacted())
	}
	return outgoing, nil
}

func method(name string) wasi.Method {
	switch name {
	case "GET":
		return wasi.MakeMethodGet()
	case "HEAD":
		return wasi.MakeMethodHead()
	case "POST":
		return wasi.MakeMethodPost()
	case "PUT":
		return wasi.MakeMethodPut()
	case "PATCH":
		return wasi.MakeMethodPatch()
	case "DELETE":
		return wasi.MakeMethodDelete()
	case "OPTIONS":
		return wasi.MakeMethodOptions()
	}
	return wasi.MakeMethodOther(name)
}

func options(request *Request) (types.Option[*wasi.RequestOptions], error) {
	if request.Timeout <= 0 {
		return types.None[*wasi.RequestOptions](), nil
	}
	options, ns := wasi.MakeRequestOptions(), types.Some(uint64(request.Timeout))
	if options.SetConnectTimeout(ns).IsErr() || options.SetFirstByteTimeout(ns).IsErr() || options.SetBetweenBytesTimeout(ns).IsErr() {
		return types.None[*wasi.RequestOptions](), unexpected("it knows no timeouts")
	}
	return types.Some(options), nil
}

// write sends the body. Whoever answers early takes the rest no more, so a body that is not wanted is no error: the answer, or its
// absence, says what became of the call.
func write(content *wasi.OutgoingBody, body []byte) {
	defer content.Drop()
	got := content.Write()
	if got.IsErr() {
		return
	}
	stream := got.Ok()
	defer stream.Drop()
	for part := range slices.Chunk(body, writeBytesMax) {
		if stream.BlockingWriteAndFlush(part).IsErr() {
			return
		}
	}
	// A body is finished when no stream to it is open.
	stream.Drop()
	wasi.OutgoingBodyFinish(content, types.None[*wasi.Fields]())
}

func wait(future *wasi.FutureIncomingResponse) (*wasi.IncomingResponse, error) {
	runtime.Hold()
	defer runtime.Release()
	for {
		got := future.Get()
		if got.IsNone() {
			pollable := future.Subscribe()
			pollable.Block()
			pollable.Drop()
			continue
		}
		taken := got.Some()
		if taken.IsErr() {
			return nil, unexpected("an answer was taken twice")
		}
		answered := taken.Ok()
		if answered.IsErr() {
			return nil, errorOf(answered.Err())
		}
		return answered.Ok(), nil
	}
}

func read(incoming *wasi.IncomingResponse, bytesMax int) (*Response, error) {
	response := &Response{Status: int(incoming.Status()), Header: header(incoming)}
	got := incoming.Consume()
	if got.IsErr() {
		return nil, unexpected("an answer has no body")
	}
	body := got.Ok()
	defer body.Drop()
	opened := body.Stream()
	if opened.IsErr() {
		return nil, unexpected("an answer has no stream")
	}
	stream := opened.Ok()
	defer stream.Drop()
	for more := true; more; {
		var err error
		if response.Body, more, err = appendPart(response.Body, stream); err != nil {
			return nil, err
		}
		if len(response.Body) > bytesMax {
			return nil, tooLarge(bytesMax)
		}
	}
	return response, nil
}

func header(incoming *wasi.IncomingResponse) Header {
	runtime.Hold()
	defer runtime.Release()
	fields := incoming.Headers()
	defer fields.Drop()
	var header Header
	for _, entry := range fields.Entries() {
		header = append(header, HeaderLine{strings.Clone(entry.F0), string(entry.F1)})
	}
	return header
}

// appendPart adds the next part; no more at the end.
func appendPart(body []byte, stream *streams.InputStream) (longer []byte, more bool, err error) {
	runtime.Hold()
	defer runtime.Release()
	got := stream.BlockingRead(readBytes)
	if got.IsOk() {
		return append(body, got.Ok()...), true, nil
	}
	failed := got.Err()
	if failed.Tag() == streams.StreamErrorClosed {
		return body, false, nil
	}
	cause := failed.LastOperationFailed()
	defer cause.Drop()
	if code := wasi.HttpErrorCode(cause); code.IsSome() {
		return nil, false, errorOf(code.Some())
	}
	return nil, false, lockgate.Unavailablef("the answer broke off: %s", cause.ToDebugString())
}

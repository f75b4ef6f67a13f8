"""One call through `wasi:http` 0.2, from request to the last byte of the answer."""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import urlsplit

from componentize_py_types import Err
from wit_world.imports import outgoing_handler, streams
from wit_world.imports import wasi_http_types as h

from ..http import CallDenied, CallFailed, CallInvalid, CallTimeout, CallTooLarge, Request, Response

#: What one write may carry, by the contract of `blocking-write-and-flush`.
WRITE_BYTES_MAX = 4_096
#: What one read asks for.
READ_BYTES = 64 << 10

_METHODS = {name: getattr(h, f"Method_{name.title()}") for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}


def send(request: Request) -> Response:
    outgoing = _outgoing(request)
    body = outgoing.body() if request.body is not None else None
    try:
        future = outgoing_handler.handle(outgoing, _options(request))
    except Err as refused:
        _failed(refused.value)
    with future:
        if body is not None:
            _write(body, request.body or b"")
        return _read(_answer(future), request.response_bytes_max)


def _outgoing(request: Request) -> Any:
    scheme, authority, path_with_query = _parts(request.url)
    headers = h.Fields()
    for name, value in request.headers.items():
        try:
            headers.append(name, value.encode())
        except Err as refused:
            raise CallInvalid(f"header {name!r} cannot be sent: {type(refused.value).__name__}") from None
    outgoing = h.OutgoingRequest(headers)
    method = _METHODS.get(request.method)
    try:
        outgoing.set_method(method() if method else h.Method_Other(request.method))
        outgoing.set_scheme(scheme)
        outgoing.set_authority(authority)
        outgoing.set_path_with_query(path_with_query)
    except Err:
        raise CallInvalid(f"{request.method} {request.url!r} cannot be sent") from None
    return outgoing


def _parts(url: str) -> tuple[Any, str, str]:
    if any(char.isspace() or not char.isprintable() for char in url):
        raise CallInvalid(f"a URL has no spaces or control characters: {url!r}")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise CallInvalid(f"no URL that can be called: {url!r}: {error}") from None
    scheme = {"http": h.Scheme_Http, "https": h.Scheme_Https}.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise CallInvalid(f"a URL begins with http:// or https:// and a host: {url!r}")
    path = parts.path or "/"
    return scheme(), parts.netloc, f"{path}?{parts.query}" if parts.query else path


def _options(request: Request) -> Any:
    if request.timeout is None:
        return None
    nanoseconds = int(request.timeout * 1e9)
    options = h.RequestOptions()
    options.set_connect_timeout(nanoseconds)
    options.set_first_byte_timeout(nanoseconds)
    options.set_between_bytes_timeout(nanoseconds)
    return options


def _write(body: Any, content: bytes) -> None:
    """Whoever answers early takes the rest no more: the answer, or its absence, says what became of the call."""
    try:
        # A body is finished when no stream to it is open.
        with body.write() as stream:
            for start in range(0, len(content), WRITE_BYTES_MAX):
                stream.blocking_write_and_flush(content[start : start + WRITE_BYTES_MAX])
        h.OutgoingBody.finish(body, None)
    except Err:
        pass


def _answer(future: Any) -> Any:
    while True:
        answered = future.get()
        if answered is not None:
            break
        with future.subscribe() as pollable:
            pollable.block()
    # Whether it was taken before, and then whether it is an answer: the generator nests both.
    for _ in range(2):
        if isinstance(answered, Err):
            _failed(answered.value)
        answered = answered.value
    return answered


def _read(incoming: Any, bytes_max: int) -> Response:
    with incoming:
        with incoming.headers() as headers:
            named = [(name, value.decode("utf-8", "replace")) for name, value in headers.entries()]
        body = bytearray()
        with incoming.consume() as whole, whole.stream() as stream:
            while True:
                try:
                    part = stream.blocking_read(READ_BYTES)
                except Err as ended:
                    if isinstance(ended.value, streams.StreamError_Closed):
                        break
                    code = h.http_error_code(ended.value.value)
                    if code is None:
                        raise CallFailed("the answer broke off") from None
                    _failed(code)
                if len(body) + len(part) > bytes_max:
                    raise CallTooLarge(f"the answer is longer than {bytes_max} bytes")
                body += part
        return Response(incoming.status(), named, bytes(body))


def _failed(code: Any) -> NoReturn:
    """What a code of `wasi:http` means to the task."""
    name = type(code).__name__.removeprefix("ErrorCode_")
    match name:
        case "HttpRequestDenied":
            raise CallDenied("the host denied the call: it is not granted to this connector")
        case "DestinationIpProhibited":
            raise CallDenied("the host denied the call: this address may not be reached")
        case "DnsTimeout" | "ConnectionTimeout":
            raise CallTimeout("no connection in time")
        case "ConnectionReadTimeout" | "ConnectionWriteTimeout" | "HttpResponseTimeout":
            raise CallTimeout("no answer in time")
        case "ConnectionRefused":
            raise CallFailed("the connection was refused")
        case "ConnectionTerminated":
            raise CallFailed("the connection was broken off")
        case "DnsError" | "DestinationNotFound":
            raise CallFailed("the host's name has no address")
        case "HttpRequestMethodInvalid" | "HttpRequestUriInvalid" | "HttpRequestLengthRequired":
            raise CallInvalid(f"the request cannot be sent: {name}")
        case _ if name.endswith(("Size", "TooLong")):
            raise CallTooLarge(f"more than the host allows: {name}")
        case _:
            raise CallFailed(f"the call failed: {name}")

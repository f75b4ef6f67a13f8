"""Calls to the external application, over plain ``wasi:http`` 0.2.

>>> from urllib.parse import quote
>>> from lockgate_guest import http, testing
>>> testing.answer_with(lambda request: http.Response(200, [("etag", '"1"')], b'{"name": "Anna"}'))
>>> answer = http.get(f"https://crm.example.com/Users/{quote('a/b', safe='')}", timeout=5).raise_for_status()
>>> answer.json()["name"], answer.header("ETag")
('Anna', '"1"')

Calls block, and the task's deadline runs meanwhile. The host sends one only where the manifest asks for
its host and the operator grants it; it follows no redirects. The manifest's ``hosts`` is also what makes
``lockgate_guest build`` import ``wasi:http``.

Every exception here has the kind that it mostly means to the task: what may be better the next time is
``unavailable``, the rest is ``internal``. So it need not be caught.
"""

from __future__ import annotations

import json as _json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from . import _backend, values
from .documents import NotJson, read_json
from .errors import ConnectorError, InternalError, InvalidError, NotFoundError, UnavailableError

#: Longest body of an answer that is read: it leaves room for its translation in the memory of an instance.
RESPONSE_BYTES_MAX = 8 << 20


class CallDenied(InternalError):
    """The host does not send it: it is not granted. The task's log says more."""


class CallTooLarge(InternalError):
    """Answer or request is longer than what is allowed."""


class CallInvalid(InternalError):
    """There is no such request: its URL, method or a header is malformed."""


class CallTimeout(UnavailableError):
    """Nothing came in time."""


class CallFailed(UnavailableError):
    """No connection, or an answer that broke off or breaks the rules of HTTP."""


@dataclass
class Request:
    """A request, as tests see it."""

    method: str
    #: ``http://`` or ``https://``, host and path. A fragment is not sent.
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    #: Seconds for the connection, then for the first byte, then for each next part. Absent: as the host waits.
    timeout: float | None = None
    response_bytes_max: int = RESPONSE_BYTES_MAX


@dataclass
class Response:
    """An answer, read to its end."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str, default: str | None = None) -> str | None:
        """The first header of this name, in any case."""
        wanted = name.lower()
        return next((value for found, value in self.headers if found.lower() == wanted), default)

    def text(self) -> str:
        """The body as UTF-8 text."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CallFailed(f"the answer is no UTF-8: {error.reason} at byte {error.start}") from None

    def json(self, *, decimals: bool = False) -> Any:
        """The body as one JSON document, else ``InvalidError``; read as ``External.json`` does."""
        try:
            return read_json(self.text(), decimals=decimals)
        except NotJson as error:
            raise InvalidError(f"the answer {error}") from None

    def raise_for_status(self) -> Response:
        """This answer if its status is 2xx, else what the status means to the task.

        404 and 410 are ``not-found``; 408, 425, 429 and 5xx are ``unavailable``, with the delay of a
        ``retry-after`` in seconds; the rest is ``internal``.
        """
        if 200 <= self.status < 300:
            return self
        raise self._error(f"the external application answered {self.status}")

    def _error(self, said: str) -> ConnectorError:
        match self.status:
            case 401 | 403:
                return InternalError(f"{said}: it does not accept the credentials")
            case 404 | 410:
                return NotFoundError(said)
            case 408 | 425 | 429:
                return UnavailableError(said, retry_after=self._retry_after())
            case status if 500 <= status < 600:
                return UnavailableError(said, retry_after=self._retry_after())
            case _:
                return InternalError(said)

    def _retry_after(self) -> int | None:
        given = (self.header("retry-after") or "").strip()
        return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None


class Options(TypedDict, total=False):
    """What may be said of a request, by name."""

    headers: Mapping[str, str]
    #: Sent as it is; text as UTF-8.
    body: bytes | str
    #: Sent as a document, with its content type.
    json: Any
    #: A token, or the placeholder of a secret: makes an ``authorization`` header.
    bearer: str
    #: Name and password, likewise.
    basic: tuple[str, str]
    #: Seconds for the connection, then for the first byte, then for each next part.
    timeout: float | None
    #: Longest body of the answer; a longer one is an error.
    response_bytes_max: int


def request(method: str, url: str, **options: Unpack[Options]) -> Response:
    """Sends a request and reads the answer to its end. Any status is an answer.

    >>> request("GET", "https://crm.example.com/", timout=5)
    Traceback (most recent call last):
        ...
    TypeError: a request has no option 'timout'
    """
    for name in options:
        if name not in Options.__annotations__:
            raise TypeError(f"a request has no option {name!r}")
    bytes_max = options.get("response_bytes_max", RESPONSE_BYTES_MAX)
    headers = dict(options.get("headers") or {})
    body = _body(options, headers)
    headers |= _authorization(options)
    sent = Request(method.upper(), url, headers, body, options.get("timeout"), bytes_max)
    answer = _backend.current.send(sent)
    if len(answer.body) > bytes_max:
        raise CallTooLarge(f"the answer is longer than {bytes_max} bytes")
    return answer


def _body(options: Options, headers: dict[str, str]) -> bytes | None:
    document, body = options.get("json"), options.get("body")
    if document is not None:
        if not any(name.lower() == "content-type" for name in headers):
            headers["content-type"] = "application/json"
        return _json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    return body.encode() if isinstance(body, str) else body


def _authorization(options: Options) -> dict[str, str]:
    """Credentials that are not there are an error: the call would go out without any."""
    if "bearer" in options:
        values.text("bearer", options["bearer"])
        return {"authorization": f"Bearer {options['bearer']}"}
    if "basic" in options:
        user, password = options["basic"]
        values.text("the user of basic", user)
        values.text("the password of basic", password)
        return {"authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}
    return {}


def get(url: str, **options: Unpack[Options]) -> Response:
    """A ``GET`` request; options as in :class:`Options`."""
    return request("GET", url, **options)


def post(url: str, **options: Unpack[Options]) -> Response:
    """A ``POST`` request; options as in :class:`Options`."""
    return request("POST", url, **options)


def put(url: str, **options: Unpack[Options]) -> Response:
    """A ``PUT`` request; options as in :class:`Options`."""
    return request("PUT", url, **options)


def patch(url: str, **options: Unpack[Options]) -> Response:
    """A ``PATCH`` request; options as in :class:`Options`."""
    return request("PATCH", url, **options)


def delete(url: str, **options: Unpack[Options]) -> Response:
    """A ``DELETE`` request; options as in :class:`Options`."""
    return request("DELETE", url, **options)

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
from typing import Any

from . import _backend
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

    def json(self) -> Any:
        """The body as one JSON document, else ``InvalidError``."""
        try:
            return _json.loads(self.text())
        except ValueError as error:
            raise InvalidError(f"the answer is no JSON: {error}") from None

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


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | None = None,
    json: Any = None,
    bearer: str | None = None,
    basic: tuple[str, str] | None = None,
    timeout: float | None = None,
    response_bytes_max: int = RESPONSE_BYTES_MAX,
) -> Response:
    """Sends a request and reads the answer to its end. Any status is an answer.

    ``json`` is sent as a document with its content type; ``bearer`` and ``basic`` make an
    ``authorization`` header, in which the host finds a secret's placeholder.
    """
    sent = Request(method.upper(), url, dict(headers or {}), None, timeout, response_bytes_max)
    if json is not None:
        sent.body = _json.dumps(json, ensure_ascii=False, allow_nan=False).encode()
        sent.headers.setdefault("content-type", "application/json")
    elif body is not None:
        sent.body = body.encode() if isinstance(body, str) else bytes(body)
    if bearer is not None:
        sent.headers["authorization"] = f"Bearer {bearer}"
    elif basic is not None:
        sent.headers["authorization"] = f"Basic {b64encode(':'.join(basic).encode()).decode()}"
    answer = _backend.current.send(sent)
    if len(answer.body) > response_bytes_max:
        raise CallTooLarge(f"the answer is longer than {response_bytes_max} bytes")
    return answer


def get(url: str, **options: Any) -> Response:
    """A ``GET`` request; options as in :func:`request`."""
    return request("GET", url, **options)


def post(url: str, **options: Any) -> Response:
    """A ``POST`` request; options as in :func:`request`."""
    return request("POST", url, **options)


def put(url: str, **options: Any) -> Response:
    """A ``PUT`` request; options as in :func:`request`."""
    return request("PUT", url, **options)


def patch(url: str, **options: Any) -> Response:
    """A ``PATCH`` request; options as in :func:`request`."""
    return request("PATCH", url, **options)


def delete(url: str, **options: Any) -> Response:
    """A ``DELETE`` request; options as in :func:`request`."""
    return request("DELETE", url, **options)

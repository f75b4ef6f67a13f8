"""Errors: one class for each kind, because the kind decides what becomes of the task.

>>> raise InvalidError("a team needs a title", path="title")
Traceback (most recent call last):
    ...
lockgate_guest.errors.InvalidError: a team needs a title (at title)

Any other exception that leaves a method becomes ``internal``, with its text, its place in your source
and its traceback in the task's log.
"""

from __future__ import annotations

from datetime import timedelta


class ConnectorError(Exception):
    """What a method raises. Use one of the classes below: this one has no kind."""

    #: The kind as operators read it.
    code: str = "internal"

    def __init__(self, message: object, *, path: str | None = None) -> None:
        super().__init__(message)
        #: For people.
        self.message = str(message)
        #: Where in the external object, for example ``items[3].sku``.
        self.path = path

    def __str__(self) -> str:
        return self.message if self.path is None else f"{self.message} (at {self.path})"


class InvalidError(ConnectorError):
    """The data is wrong; trying again is useless."""

    code = "invalid"


class NotFoundError(ConnectorError):
    """The external application has no such object."""

    code = "not-found"


class UnsupportedError(ConnectorError):
    """Not a type that this connector translates."""

    code = "unsupported"


class InternalError(ConnectorError):
    """A fault of the connector itself, or of how it is set up."""

    code = "internal"


class UnavailableError(ConnectorError):
    """The external application cannot be asked just now; the task is tried again.

    ``retry_after`` says how long to wait before that, in seconds or as a ``timedelta``.

    >>> UnavailableError("maintenance", retry_after=2.5).retry_after_ms
    2500
    """

    code = "unavailable"

    def __init__(self, message: object, *, retry_after: float | timedelta | None = None) -> None:
        super().__init__(message)
        seconds = retry_after.total_seconds() if isinstance(retry_after, timedelta) else retry_after
        #: The delay as the contract carries it.
        self.retry_after_ms = None if seconds is None else min(max(0, round(seconds * 1000)), 2**32 - 1)

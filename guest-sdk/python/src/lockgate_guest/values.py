"""Values of fields: plain Python values, and :class:`Reference` for what Python has no word for.

=====================  =======================================================
``None``               clears the field; a field that is left out stays as it is
``bool``               boolean
``int``                integer, 64 bits with sign
``Decimal``            decimal, exact
``float``              real; NaN and infinities are refused
``str``                text
``datetime``           timestamp; needs a time zone
``UUID``               guid
``bytes``              binary
``dict``, ``list``     JSON document
``Reference(id)``      the external id of another object or page
``References(ids)``    the external ids of several, in their order
=====================  =======================================================

A value is checked where it is set, so that a wrong one is reported with that line:

>>> Fields({"price": 3 + 4j})
Traceback (most recent call last):
    ...
TypeError: field 'price' cannot hold complex (3+4j)
>>> Fields(sold_at=datetime(2026, 1, 31))
Traceback (most recent call last):
    ...
ValueError: field 'sold_at' is a time without a time zone: datetime.datetime(2026, 1, 31, 0, 0)
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Union
from uuid import UUID

_SHOWN_CHARS_MAX = 80
#: Most digits of a ``Decimal``: ``1E+999999`` is a short text and a number of a megabyte.
_DECIMAL_DIGITS_MAX = 1_000


@dataclass(frozen=True)
class Reference:
    """The external id of another object or page; the content model says of which type.

    Empty means no reference.
    """

    external_id: str

    def __post_init__(self) -> None:
        text("the external id of a Reference", self.external_id)


@dataclass(frozen=True, init=False)
class References:
    """The external ids of several objects or pages, in their order, for a field that the content model declares as a list.

    None of them clears the list. An id stands in it once.

    >>> References(["a", "b"]).external_ids
    ('a', 'b')
    >>> References(["a", "b", "a"])
    Traceback (most recent call last):
        ...
    ValueError: References name 'a' twice
    """

    external_ids: tuple[str, ...]

    def __init__(self, external_ids: Iterable[str] = ()) -> None:
        if isinstance(external_ids, str):
            raise TypeError(f"References are several ids, not {kind(external_ids)}")
        ids = tuple(external_ids)
        seen: set[str] = set()
        for position, external_id in enumerate(ids):
            text(f"the external id {position} of References", external_id)
            if not external_id:
                raise ValueError(f"the external id {position} of References is empty")
            if external_id in seen:
                raise ValueError(f"References name {shown(external_id)} twice")
            seen.add(external_id)
        object.__setattr__(self, "external_ids", ids)


Value = Union[None, bool, int, Decimal, float, str, datetime, UUID, bytes, "dict[str, Any]", "list[Any]", Reference, References]


class Fields(dict[str, Value]):
    """The fields of an object or page: a dictionary that checks what is put into it."""

    def __init__(self, given: Mapping[str, Value] | Iterable[tuple[str, Value]] = (), /, **named: Value) -> None:
        super().__init__()
        self.update(given, **named)

    def __setitem__(self, name: str, value: Value) -> None:
        text("the name of a field", name)
        check(name, value)
        super().__setitem__(name, value)

    def update(self, given: Mapping[str, Value] | Iterable[tuple[str, Value]] = (), /, **named: Value) -> None:  # type: ignore[override]
        """As ``dict.update``, checked."""
        for name, value in dict(given, **named).items():
            self[name] = value

    def setdefault(self, name: str, value: Value = None) -> Value:  # type: ignore[override]
        """As ``dict.setdefault``, checked."""
        if name not in self:
            self[name] = value
        found: Value = self[name]
        return found

    def __ior__(self, given: Mapping[str, Value] | Iterable[tuple[str, Value]]) -> Fields:  # type: ignore[override,misc]
        self.update(given)
        return self


def check(name: str, value: object) -> None:
    """Says what is wrong with a value before it is kept."""
    match value:
        case None | bool() | bytes() | bytearray() | UUID() | Reference() | References():
            return
        case str():
            _whole(f"field {name!r}", value)
        case int():
            if not -(2**63) <= value < 2**63:
                raise ValueError(f"field {name!r} holds 64 bits with sign at most: {shown(value)}")
        case float():
            if not math.isfinite(value):
                raise ValueError(f"field {name!r} is no number: {value}")
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"field {name!r} is no number: {value}")
            if abs(value.adjusted()) + len(value.as_tuple().digits) > _DECIMAL_DIGITS_MAX:
                raise ValueError(f"field {name!r} has more than {_DECIMAL_DIGITS_MAX} digits: {shown(value)}")
        case datetime():
            if value.tzinfo is None or value.utcoffset() is None:
                raise ValueError(f"field {name!r} is a time without a time zone: {value!r}")
        case dict() | list():
            document(name, value)
        case _:
            raise TypeError(f"field {name!r} cannot hold {kind(value)}")


def document(name: str, value: object) -> str:
    """The text of a JSON document."""
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"field {name!r} is no JSON document: {error}") from None
    _whole(f"field {name!r}", written)
    return written


def text(what: str, value: object) -> None:
    """Refuses what is no text: a number from JSON in place of an id is the commonest mistake."""
    if not isinstance(value, str):
        raise TypeError(f"{what} is text (str), not {kind(value)}")
    _whole(what, value)


def _whole(what: str, value: str) -> None:
    """Python, and JSON with it, lets texts have what no other language can read."""
    if not is_whole(value):
        raise ValueError(f"{what} has half of a surrogate pair: {shown(value)}")


def is_whole(value: str) -> bool:
    """Whether a text can be written in UTF-8.

    >>> is_whole("a€"), is_whole("\\ud800")
    (True, False)
    """
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(value: object) -> str:
    """A text with what cannot be written replaced: for messages."""
    return str(value).encode("utf-8", "replace").decode()


def optional_text(what: str, value: object) -> None:
    """Likewise for what may be absent."""
    if value is not None:
        text(what, value)


def guid(what: str, value: object) -> None:
    """A UUID, or its text."""
    if value is not None and not isinstance(value, (UUID, str)):
        raise TypeError(f"{what} is a UUID, not {kind(value)}")


def kind(value: object) -> str:
    """What a value is, and the value: `int 7`."""
    return "None" if value is None else f"{type(value).__name__} {shown(value)}"


def shown(value: object) -> str:
    """A value for a message, cut where it is long."""
    try:
        full = repr(value)
    except ValueError:
        # Python refuses to write out integers of thousands of digits.
        full = "too long to be shown"
    return full if len(full) <= _SHOWN_CHARS_MAX else full[: _SHOWN_CHARS_MAX - 1] + "…"

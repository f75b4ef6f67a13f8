"""JSON from outside: read with the same guards wherever it comes from.

>>> read_json('{"price": 19.99}', decimals=True)
{'price': Decimal('19.99')}
>>> read_json("[NaN]")
Traceback (most recent call last):
    ...
lockgate_guest.documents.NotJson: is no JSON: NaN is no number
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any, NoReturn

from .values import is_whole

#: Deepest JSON that is read, in the SDK of every language. Python's parser would take the stack of an instance for more.
JSON_DEPTH_MAX = 128


class NotJson(ValueError):
    """Why a text is no document. The text goes on where a subject begins: ``is no JSON: …``."""


def read_json(text: str, *, decimals: bool = False) -> Any:
    """One JSON document, else :class:`NotJson`. A byte order mark before it means nothing.

    Refused beside what is no JSON: nesting deeper than :data:`JSON_DEPTH_MAX`, ``NaN`` and infinities, numbers
    that a ``float`` cannot hold, and texts with half of a surrogate pair. With ``decimals``, a number with a point or an
    exponent is a ``Decimal``.
    """
    text = text.removeprefix("\ufeff")
    if _too_deep(text):
        raise NotJson(f"is nested deeper than {JSON_DEPTH_MAX} levels")
    try:
        document = json.loads(text, parse_constant=_no_number, parse_float=Decimal if decimals else _float)
    except ValueError as error:
        raise NotJson(f"is no JSON: {error}") from None
    if _SURROGATE.search(text) and not is_whole(json.dumps(document, ensure_ascii=False, default=str)):
        raise NotJson("has a text with half of a surrogate pair")
    return document


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large a number")
    return value


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def _too_deep(text: str) -> bool:
    """Whether brackets outside of strings nest too deep. Looks closer only where there are many."""
    if text.count("[") + text.count("{") <= JSON_DEPTH_MAX:
        return False
    depth = 0
    for found in _BRACKETS.finditer(text):
        match text[found.start()]:
            case "[" | "{":
                depth += 1
                if depth > JSON_DEPTH_MAX:
                    return True
            case "]" | "}":
                depth -= 1
    return False

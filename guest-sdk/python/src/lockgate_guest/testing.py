"""Stands in for the host where connectors are tested natively, with ``pytest`` or ``unittest``.

>>> from lockgate_guest import http, secrets, testing
>>> testing.secrets(token="placeholder")
>>> testing.answer_with(lambda request: http.Response(200, [], request.headers["authorization"].encode()))
>>> http.get("https://crm.example.com/", bearer=secrets["token"]).text()
'Bearer placeholder'
>>> testing.reset()
>>> "token" in secrets
False
"""

from __future__ import annotations

from collections.abc import Callable

from ._backend import native
from .http import Request, Response


def settings(**named: str) -> None:
    """What the operator set, from now on."""
    native.settings.update(named)


def secrets(**named: str) -> None:
    """The placeholders that the host gives, from now on."""
    native.secrets.update(named)


def answer_with(answer: Callable[[Request], Response]) -> None:
    """Who answers calls from now on. Before that, every call is denied."""
    native.answer = answer


def reset() -> None:
    """Forgets settings, secrets, state and who answers."""
    native.settings.clear()
    native.secrets.clear()
    native.state.clear()
    native.answer = None

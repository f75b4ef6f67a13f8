"""Stands in for the host where connectors are tested natively, with ``pytest`` or ``unittest``.

>>> from lockgate_guest import warn
>>> warn("rounded to 12.5", path="items[3].price")
>>> warnings()
[('rounded to 12.5', 'items[3].price')]

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


def task(*, title: str | None = None, file_name: str | None = None, site: str | None = None) -> None:
    """What ``task_info`` knows, from now on."""
    native.title, native.file_name, native.site = title, file_name, site


def warnings() -> list[tuple[str, str | None]]:
    """What was warned of since the last :func:`reset`: messages and paths."""
    return list(native.warnings)


def reset() -> None:
    """Forgets settings, secrets, state, warnings, the task and who answers."""
    native.warnings.clear()
    task()
    native.settings.clear()
    native.secrets.clear()
    native.state.clear()
    native.answer = None

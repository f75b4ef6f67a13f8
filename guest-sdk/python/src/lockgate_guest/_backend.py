"""Who answers for the host: the contract's imports inside of a component, stand-ins outside of one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .http import Request, Response


class Backend(Protocol):
    """One function for each import of the contract."""

    def log(self, level: str, message: str) -> None: ...
    def warn(self, message: str, path: str | None) -> None: ...
    def children_none(self, object_type: str) -> None: ...
    def by_guid(self, guid: str) -> None: ...
    def task_title(self) -> str | None: ...
    def task_file_name(self) -> str | None: ...
    def task_site(self) -> str | None: ...
    def now_ms(self) -> int: ...
    def random(self, count: int) -> bytes: ...
    def setting(self, key: str) -> str | None: ...
    def secret(self, name: str) -> str | None: ...
    def state_get(self, key: str) -> bytes | None: ...
    def state_set(self, key: str, value: bytes) -> None: ...
    def state_delete(self, key: str) -> None: ...
    def state_keys(self, prefix: str) -> list[str]: ...
    def send(self, request: Request) -> Response: ...


class Native:
    """Stand-ins for tests, without the limits of an operator."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.state: dict[str, bytes] = {}
        self.warnings: list[tuple[str, str | None]] = []
        self.title: str | None = None
        self.file_name: str | None = None
        self.site: str | None = None
        self.answer: Callable[[Request], Response] | None = None

    def log(self, level: str, message: str) -> None:
        print(f"{level}: {message}", file=sys.stderr)

    def warn(self, message: str, path: str | None) -> None:
        self.warnings.append((message, path))

    def children_none(self, object_type: str) -> None:
        """Nothing: an `Object` says itself what it has none of."""

    def by_guid(self, guid: str) -> None:
        """Nothing: `ObjectParams` say it themselves."""

    def task_title(self) -> str | None:
        return self.title

    def task_file_name(self) -> str | None:
        return self.file_name

    def task_site(self) -> str | None:
        return self.site

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def random(self, count: int) -> bytes:
        return os.urandom(count)

    def setting(self, key: str) -> str | None:
        return self.settings.get(key)

    def secret(self, name: str) -> str | None:
        return self.secrets.get(name)

    def state_get(self, key: str) -> bytes | None:
        return self.state.get(key)

    def state_set(self, key: str, value: bytes) -> None:
        from .host import StateError

        if not 1 <= len(key.encode()) <= 256:
            raise StateError("a key of the state has 1 to 256 bytes")
        self.state[key] = value

    def state_delete(self, key: str) -> None:
        self.state.pop(key, None)

    def state_keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.state if key.startswith(prefix))

    def send(self, request: Request) -> Response:
        from .http import CallDenied

        if self.answer is None:
            raise CallDenied(f"nobody answers {request.method} {request.url} in this test")
        return self.answer(request)


native = Native()
current: Backend = native

"""What the host offers: settings, secrets, a state, the time and random bytes.

>>> from lockgate_guest import settings, state, testing
>>> testing.settings(currency="EUR")
>>> settings["currency"], settings.get("culture", "en-US")
('EUR', 'en-US')
>>> settings["culture"]
Traceback (most recent call last):
    ...
lockgate_guest.host.NotSetError: setting 'culture' is not set, or not granted to this connector
>>> state["sync/token"] = b"t-1"
>>> list(state.keys("sync/")), state.get("other")
(['sync/token'], None)

Natively, :mod:`lockgate_guest.testing` stands in for the host.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any, TypeVar, overload

from . import _backend, values
from .errors import InternalError

D = TypeVar("D")


class NotSetError(InternalError, KeyError):
    """A setting or secret that this connector needs is not there: its operator can mend that."""

    __str__ = InternalError.__str__


class StateError(InternalError):
    """The state cannot be kept: not granted, full, or a key of no or more than 256 bytes."""


class Secret(str):
    """A placeholder for a credential: never its value, which stays with the host.

    Put it where the value belongs in an outgoing request: a header, the query, the body, also inside of
    ``Basic`` credentials. The host replaces it there, towards the hosts that the secret was granted for.
    It is another text for each task, so it is worth nothing in a field, a log or the state.
    """

    __slots__ = ()


class Settings:
    """What the operator set for this connector: texts under keys."""

    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, default: D) -> str | D: ...
    def get(self, key: str, default: Any = None) -> Any:
        """The default if it is not set, or not granted."""
        found = _backend.current.setting(key)
        return default if found is None else found

    def __getitem__(self, key: str) -> str:
        found = self.get(key)
        if found is None:
            raise NotSetError(f"setting {key!r} is not set, or not granted to this connector")
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    # The contract lists none of them, so this is no mapping: without this, Python would ask for 0, 1, 2 …
    __iter__ = None


class Secrets:
    """Credentials that the operator set for this connector."""

    @overload
    def get(self, name: str) -> Secret | None: ...
    @overload
    def get(self, name: str, default: D) -> Secret | D: ...
    def get(self, name: str, default: Any = None) -> Any:
        """The default if the manifest does not ask for it, or it is not granted."""
        found = _backend.current.secret(name)
        return default if found is None else Secret(found)

    def __getitem__(self, name: str) -> Secret:
        found = self.get(name)
        if found is None:
            raise NotSetError(f"secret {name!r} is not in the manifest, or not granted to this connector")
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    __iter__ = None


class State(MutableMapping[str, bytes]):
    """What the connector keeps from task to task, for example a sync token: bytes under keys.

    What a task writes is stored together with its effects, or not at all if it fails; the task itself
    reads what it wrote. Needs ``state = true`` in the manifest and in the grant.
    """

    def __getitem__(self, key: str) -> bytes:
        found = _backend.current.state_get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, value: bytes) -> None:
        if not isinstance(value, (bytes, bytearray)):
            raise TypeError(f"the state keeps bytes, not a {type(value).__name__}")
        _backend.current.state_set(key, bytes(value))

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        _backend.current.state_delete(key)

    def __iter__(self) -> Iterator[str]:
        return iter(_backend.current.state_keys(""))

    def __len__(self) -> int:
        return len(_backend.current.state_keys(""))

    def keys(self, prefix: str = "") -> list[str]:  # type: ignore[override]
        """Those that begin so, ascending; none where the state is not granted."""
        return _backend.current.state_keys(prefix)


class TaskInfo:
    """What is known of the task that runs, in any of the three methods."""

    @property
    def title(self) -> str | None:
        """What people call it in lists. Absent: whoever submitted it gave it no title."""
        return _backend.current.task_title()

    @property
    def file_name(self) -> str | None:
        """Name of the file that the external object was read from, without folders. Absent: not known."""
        return _backend.current.task_file_name()

    @property
    def site(self) -> str | None:
        """External id of its site. Absent: a task for global objects."""
        return _backend.current.task_site()


settings = Settings()
secrets = Secrets()
state = State()
task_info = TaskInfo()


def warn(message: str, *, path: str | None = None) -> None:
    """Adds a warning to the task, from any method: a value that was left out, rounded or guessed.

    Shown beside the host's own warnings. ``path`` says where in the external object, for example ``items[3].price``.
    The first 100 of a task are kept, and none if it fails: then its error says what is wrong.
    """
    values.text("a warning", message)
    values.optional_text("the path of a warning", path)
    _backend.current.warn(message, path)


def now_ms() -> int:
    """The host's time, in milliseconds since 1970. ``time`` and ``datetime`` follow it too."""
    return _backend.current.now_ms()


def random_bytes(count: int) -> bytes:
    """The host's randomness. ``random``, ``secrets``, ``os.urandom`` and ``uuid`` follow it too."""
    parts = bytearray()
    while len(parts) < count:
        parts += _backend.current.random(min(count - len(parts), 4096))
    return bytes(parts)

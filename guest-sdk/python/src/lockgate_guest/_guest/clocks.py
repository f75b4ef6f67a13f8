"""`time` and `datetime` on the host's clock. Its time is in milliseconds, and UTC is the local zone."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Any

from .. import _backend

_awake = False


def install() -> None:
    """Puts ours in place of Python's. Until `wake`, they answer as Python's do."""
    for name in ("time", "monotonic", "perf_counter", "process_time"):
        _put(name, _reader(getattr(time, name), lambda ms: ms / 1_000))
        _put(f"{name}_ns", _reader(getattr(time, f"{name}_ns"), lambda ms: ms * 1_000_000))
    for name in ("gmtime", "localtime", "ctime"):
        _put(name, _of_seconds(getattr(time, name)))
    _put("asctime", _of_tuple(time.asctime, 0))
    _put("strftime", _of_tuple(time.strftime, 1))
    _put("sleep", _sleep)
    datetime.datetime = DateTime  # type: ignore[misc]
    datetime.date = Date  # type: ignore[misc]


def wake() -> None:
    """From here on the host tells the time."""
    global _awake
    _awake = True


def _put(name: str, function: Callable[..., Any]) -> None:
    function.__name__ = function.__qualname__ = name
    function.__module__ = "time"
    setattr(time, name, function)


def _reader(original: Callable[[], Any], of_ms: Callable[[int], Any]) -> Callable[[], Any]:
    return lambda: of_ms(_backend.current.now_ms()) if _awake else original()


def _of_seconds(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda seconds=None: original(time.time() if seconds is None else seconds)


def _of_tuple(original: Callable[..., Any], position: int) -> Callable[..., Any]:
    return lambda *given: original(*given, *([] if len(given) > position else [time.localtime()]))


def _sleep(seconds: float) -> None:
    raise RuntimeError(f"a connector cannot sleep: raise UnavailableError(…, retry_after={seconds})")


class _Kind(type):
    """What C code makes are instances of the original classes: they count as ours."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, cls.__mro__[1])


class Date(datetime.date, metaclass=_Kind):
    """`datetime.date`, whose `today` asks the host."""

    @classmethod
    def today(cls) -> Any:
        return cls.fromtimestamp(time.time())


class DateTime(datetime.datetime, metaclass=_Kind):
    """`datetime.datetime`, whose `now` asks the host."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


for _ours, _name in ((Date, "date"), (DateTime, "datetime")):
    _ours.__name__ = _ours.__qualname__ = _name
    _ours.__module__ = "datetime"

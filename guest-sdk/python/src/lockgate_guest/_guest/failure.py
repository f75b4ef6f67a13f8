"""From an exception to an error of the contract, with its place in the author's source."""

from __future__ import annotations

import os
import traceback
from types import CodeType, TracebackType
from typing import Any, NoReturn

from componentize_py_types import Err

from .. import _backend
from ..errors import ConnectorError, InternalError
from ..values import kind
from . import wire

#: Functions named in a message, innermost first.
FRAMES_MAX = 6
#: Bytes of the message alone; the host takes 4,096 of the whole.
MESSAGE_CHARS_MAX = 1_000
#: Lines of a traceback that are logged; longer ones lose their beginning.
TRACEBACK_LINES_MAX = 60

_author = ""
_sdk = os.path.dirname(os.path.dirname(__file__))
_python = os.path.dirname(os.__file__)


def written_in(folder: str) -> None:
    """Where the author's source is; places are told relative to it."""
    global _author
    _author = folder


def wrong_answer(connector: Any, method: str, kinds: tuple[type, ...], answered: object) -> NoReturn:
    """No frame is left of a method that has answered; its place is that of its definition."""
    wanted = " or ".join(one.__name__ for one in kinds)
    error = TypeError(f"{method} answers {wanted}, not {kind(answered)}")
    code = getattr(getattr(type(connector), method), "__code__", None)
    if code is not None:
        error.__lockgate_place__ = _place(code, code.co_firstlineno)  # type: ignore[attr-defined]
    raise error


def told(error: BaseException) -> BaseException:
    """What the contract carries in its place. Writes to the log what has no room in it."""
    if isinstance(error, MemoryError):
        _end_for_want_of_memory(error)
    if isinstance(error, ConnectorError):
        if error.__cause__ is not None:
            _backend.current.log("info", f"{error.code} because of {_said(error.__cause__)}")
        return Err(wire.error(error))
    # A method that has answered has no frames left, and the SDK's say nothing to an author.
    if not hasattr(error, "__lockgate_place__"):
        _log_traceback(error)
    return Err(wire.error(InternalError(_said(error))))


def _end_for_want_of_memory(error: MemoryError) -> NoReturn:
    """The instance ends, so that the host says `memory-limit`, which an operator can raise, and not `internal`.

    The last line of the log at level error goes into its message. The frames hold what took the memory:
    once they are cleared there is room to say where it was.
    """
    places = _places(error.__traceback__)
    traceback.clear_frames(error.__traceback__)
    _backend.current.log("error", f"MemoryError{_in(places)}")
    os.abort()


def _said(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as second:  # noqa: BLE001 -- the author's own __str__
        text = f"(its text cannot be made: {type(second).__name__})"
    if len(text) > MESSAGE_CHARS_MAX:
        text = text[:MESSAGE_CHARS_MAX] + "…"
    name = type(error).__name__
    place = getattr(error, "__lockgate_place__", None)
    places = [place] if place else _places(error.__traceback__)
    return f"{name}: {text}{_in(places)}" if text else f"{name}{_in(places)}"


def _in(places: list[str]) -> str:
    return f" (at {' < '.join(places)})" if places else ""


def _places(tb: TracebackType | None) -> list[str]:
    """The author's own frames, innermost first; all but the SDK's and Python's where there are none."""
    frames: list[tuple[CodeType, int]] = []
    while tb is not None:
        frames.append((tb.tb_frame.f_code, tb.tb_lineno or tb.tb_frame.f_code.co_firstlineno))
        tb = tb.tb_next
    frames.reverse()
    own = [frame for frame in frames if _is_own(frame[0])]
    others = [frame for frame in frames if not frame[0].co_filename.startswith(_sdk)]
    kept = own or others
    places: list[str] = []
    for code, line in kept:
        place = _place(code, line)
        # A recursion is told once.
        if not places or places[-1] != place:
            places.append(place)
        if len(places) == FRAMES_MAX:
            break
    return places


def _is_own(code: CodeType) -> bool:
    return code.co_filename.startswith(_author) and not code.co_filename.startswith((_sdk, _python))


def _place(code: CodeType, line: int) -> str:
    file = os.path.relpath(code.co_filename, _author) if _is_own(code) else os.path.basename(code.co_filename)
    return f"{file}:{line} in {code.co_qualname}"


def _log_traceback(error: BaseException) -> None:
    """As Python prints it; its last line is the message, which the host has already."""
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None and tb.tb_frame.f_code.co_filename.startswith(_sdk):
        tb = tb.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, tb))
    except Exception as second:  # noqa: BLE001 -- better no traceback than no message
        text = f"no traceback: {type(second).__name__}"
    lines = text.rstrip("\n").split("\n")
    for line in lines[-TRACEBACK_LINES_MAX:]:
        _backend.current.log("error", line.replace(_author + "/", ""))

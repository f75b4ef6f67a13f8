"""`print`, `sys.stderr` and `logging` write lines to the task's log."""

from __future__ import annotations

import io
import logging
import sys

from .. import _backend

#: Longest line that is kept together.
LINE_CHARS_MAX = 8_192


class Lines(io.TextIOBase):
    """A text stream each of whose lines becomes one of the log."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, level: str) -> None:
        self._level = level
        self._begun: list[str] = []
        self._chars = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        *lines, rest = text.split("\n")
        for line in lines:
            self._add(line)
            self.end()
        self._add(rest)
        return len(text)

    def end(self) -> None:
        """The line that was begun is one."""
        _backend.current.log(self._level, "".join(self._begun))
        self._begun.clear()
        self._chars = 0

    def flush(self) -> None:
        """Nothing: a line is a line when it ends."""

    def finish(self) -> None:
        """As `end`, if one was begun."""
        if self._begun:
            self.end()

    def _add(self, part: str) -> None:
        if part:
            self._begun.append(part)
            self._chars += len(part)
            if self._chars > LINE_CHARS_MAX:
                self.end()


class LogHandler(logging.Handler):
    """Records of `logging`, under the contract's levels."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:  # noqa: BLE001 -- as logging does
            self.handleError(record)
            return
        if record.name != "root":
            text = f"{record.name}: {text}"
        for line in text.split("\n"):
            _backend.current.log(_level(record.levelno), line)


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    if number >= logging.INFO:
        return "info"
    return "debug" if number >= logging.DEBUG else "trace"


_out = Lines("info")
_err = Lines("warn")


def wake() -> None:
    """Nothing is to be read, and what is written goes to the log."""
    sys.stdin = io.StringIO("")
    sys.stdout = sys.__stdout__ = _out  # type: ignore[assignment,misc]
    sys.stderr = sys.__stderr__ = _err  # type: ignore[assignment,misc]


def flush() -> None:
    """Lines without an end."""
    _out.finish()
    _err.finish()

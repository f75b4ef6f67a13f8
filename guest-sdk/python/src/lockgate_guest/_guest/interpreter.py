"""Makes Python's own modules ask the host: a component has no clock, random numbers, files or streams of its own.

All of it is done while the component is built, before the author's modules are imported; what is asked
meanwhile is answered by the machine that builds.
"""

from __future__ import annotations

import linecache
import logging
import sys
import traceback
from typing import Any

from .. import _backend
from . import clocks, files, randomness, streams
from .imports import Host

_awake = False


def install() -> None:
    """Before the author's modules are imported, so that `from time import time` gets ours."""
    clocks.install()
    randomness.install()
    files.install()
    logging.logProcesses = False
    logging.logThreads = False
    logging.raiseExceptions = True
    root = logging.getLogger()
    root.addHandler(streams.LogHandler())
    # Python's own default would hide `info`.
    root.setLevel(logging.INFO)


def keep_source(folder: str) -> None:
    """After they are imported: a traceback shows their lines, and looks for no files."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and file.startswith(folder):
            lines = linecache.getlines(file)
            linecache.cache[file] = (sum(map(len, lines)), None, lines, file)
    linecache.checkcache = _nothing
    linecache.updatecache = _no_lines
    # To mark the part of a line that failed, Python compiles pieces of it; the compiler opens a file for the message
    # of each piece that is none of Python, and that ends the instance. What is marked is marked whole instead.
    traceback._extract_caret_anchors_from_line_segment = _nothing  # type: ignore[attr-defined]
    traceback.StackSummary._should_show_carets = _is_part_of_line  # type: ignore[attr-defined]


def wake() -> None:
    """At the first call of an instance: from here on the host answers."""
    global _awake
    if _awake:
        return
    _awake = True
    _backend.current = Host()
    clocks.wake()
    randomness.wake()
    files.wake()
    streams.wake()


def flush() -> None:
    """What was printed without an end of line is a line when the call ends."""
    streams.flush()


def _is_part_of_line(_: Any, start: int, end: int, lines: list[str], __: Any) -> bool:
    return bool(lines[0][:start].strip() or lines[-1][end:].strip())


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _no_lines(*_: Any, **__: Any) -> list[str]:
    return []

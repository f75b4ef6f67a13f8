"""There are no files in a component, and so nothing can be imported that was not when it was built.

Without this, to ask for one ends the instance, with nothing said in Python.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

#: What Python imports when it is first needed: reading dates, codecs of texts from outside, the printing of tracebacks.
LATE = [
    "_strptime",
    "_colorize",
    "_suggestions",
    "traceback",
    "unicodedata",
    "stringprep",
    "encodings.ascii",
    "encodings.latin_1",
    "encodings.idna",
    "encodings.punycode",
    "encodings.utf_8_sig",
    "encodings.utf_16",
    "encodings.utf_16_le",
    "encodings.utf_16_be",
    "encodings.cp437",
    "encodings.cp1250",
    "encodings.cp1251",
    "encodings.cp1252",
    "encodings.iso8859_2",
    "encodings.iso8859_15",
]

_OF_OS = [
    "access",
    "chdir",
    "chmod",
    "link",
    "listdir",
    "lstat",
    "mkdir",
    "open",
    "readlink",
    "remove",
    "rename",
    "replace",
    "rmdir",
    "scandir",
    "stat",
    "statvfs",
    "symlink",
    "truncate",
    "unlink",
    "utime",
]


def install() -> None:
    """Imports what would be imported too late."""
    for name in LATE:
        # Not every build of Python has every one.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def wake() -> None:
    """From here on there are none."""
    for module, names in ((builtins, ("open",)), (io, ("open", "open_code")), (os, _OF_OS)):
        for name in names:
            if hasattr(module, name):
                setattr(module, name, _no_file)
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, _TooLate()]


def _no_file(path: Any = None, *_: Any, **__: Any) -> NoReturn:
    raise FileNotFoundError(errno.ENOENT, "a connector has no files", path)


class _TooLate:
    """The last finder of modules, which finds none."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        raise ModuleNotFoundError(
            f"module {name!r} was not there when the component was built: import it at the top of a module", name=name
        )

"""From a module to a component: what `componentize-py` is told, and the manifest put into what it makes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

#: The module that `componentize-py` starts from.
ENTRY = "lockgate_component"
#: Where the host looks for the manifest.
SECTION = b"lockgate:manifest"

_ENTRY_SOURCE = """\
import sys

# The author's folder is not to be littered.
sys.dont_write_bytecode = True

from lockgate_guest._guest import interpreter

interpreter.install()

import {module} as author

folder = author.__file__.rpartition("/")[0]

from lockgate_guest import connector
from lockgate_guest._guest import failure
from lockgate_guest._guest.translator import Translator

connector.exported()
failure.written_in(folder)
interpreter.keep_source(folder)
"""


class BuildError(Exception):
    """Why there is no component. The text is for the author."""


def build(source: Path, output: Path, *, manifest: Path | None = None, paths: Sequence[Path] = ()) -> int:
    """Makes a component of the module at ``source``; answers its size in bytes.

    Without ``manifest``, ``manifest.toml`` beside the module is one if it is there. If it names no hosts, the
    component imports nothing of WASI. If it does, it imports ``wasi:http`` and with it the rest of WASI, which the
    host answers inertly: ``--stub-wasi`` would replace ``wasi:http`` too.
    """
    if not source.is_file():
        raise BuildError(f"there is no file {source}")
    if not source.stem.isidentifier() or source.suffix != ".py":
        raise BuildError(f"{source.name} is no module that Python can import")
    beside = source.parent / "manifest.toml"
    text = _read(manifest or beside) if manifest or beside.exists() else None
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{ENTRY}.py").write_text(_ENTRY_SOURCE.format(module=source.stem), encoding="utf-8")
        component = Path(folder, "component.wasm")
        world = ["-w", "connector", "componentize", "--stub-wasi"]
        if text and _asks_for_hosts(text):
            world = ["-w", "connector-http", "componentize"]
        _componentize(world, source, paths, folder, component)
        content = component.read_bytes()
    if text is not None:
        content += section(SECTION, text.encode())
    output.write_bytes(content)
    return len(content)


def section(name: bytes, content: bytes) -> bytes:
    """A custom section of a WebAssembly binary.

    >>> section(b"ab", b"xyz").hex(" ")
    '00 06 02 61 62 78 79 7a'
    """
    inside = _leb128(len(name)) + name + content
    return b"\0" + _leb128(len(inside)) + inside


def _leb128(number: int) -> bytes:
    parts = bytearray()
    while True:
        number, part = number >> 7, number & 0x7F
        parts.append(part | 0x80 if number else part)
        if not number:
            return bytes(parts)


def _read(manifest: Path) -> str:
    try:
        return manifest.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"cannot read {manifest}: {error}") from None


def _asks_for_hosts(manifest: str) -> bool:
    try:
        return bool(tomllib.loads(manifest).get("hosts"))
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"the manifest is no TOML: {error}") from None


def _componentize(world: Sequence[str], source: Path, paths: Sequence[Path], entry: str, output: Path) -> None:
    sdk = Path(__file__).parent
    program = "import sys; from componentize_py import script; sys.exit(script())"
    command = [sys.executable, "-c", program, "-q", "-d", str(sdk / "wit"), *world]
    folders = [source.parent, sdk.parent, *paths]
    for folder in [*(str(folder.resolve()) for folder in folders), entry]:
        command += ["-p", folder]
    command += ["-o", str(output), ENTRY]
    # Of the interpreter inside of the component an author wants the traceback, and of the tool itself nothing.
    environment = os.environ | {"RUST_BACKTRACE": "0", "RUST_LIB_BACKTRACE": "0"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise BuildError(_of_author(ended.stderr, folders))


def _of_author(said: str, folders: Sequence[Path]) -> str:
    """What was said without the tool's own traceback, and with the folders as the author knows them."""
    if "No module named 'componentize_py'" in said:
        return "componentize-py is not installed: pip install componentize-py==0.25.1"
    said = said.partition("AssertionError: ")[2] or said
    said = said.partition("\n\nCaused by:")[0]
    for position, folder in enumerate(folders):
        said = said.replace(f'"/{position}/', f'"{folder}/')
    return f"the component could not be built\n{said.strip()}"

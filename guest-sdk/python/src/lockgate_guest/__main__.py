"""``python -m lockgate_guest build connector.py -o connector.wasm``: a component of a connector."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ._build import BuildError, build


def main() -> int:
    """The program. 0: built; 1: it could not be."""
    parser = argparse.ArgumentParser(prog="python -m lockgate_guest", description="Build Lockgate connectors.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("build", help="make a component of a connector", description="Make a component of a connector.")
    command.add_argument("source", type=Path, help="the module with the class under @export; its folder comes along")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the component")
    command.add_argument(
        "--manifest", type=Path, metavar="FILE", help="what it asks its operator for [default: manifest.toml beside the module]"
    )
    command.add_argument(
        "--path", type=Path, action="append", default=[], metavar="FOLDER", help="where else modules are found; may be repeated"
    )
    given = parser.parse_args()
    try:
        size = build(given.source, given.output, manifest=given.manifest, paths=given.path)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{given.output}: {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

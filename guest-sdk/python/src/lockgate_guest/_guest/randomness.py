"""`os.urandom` and what is made of it, and the seed of `random`, from the host.

A component has the state of `random` from its build: without a new seed for each task, every task would
draw the same numbers.
"""

from __future__ import annotations

import os
import random
from typing import Any

from .. import host

_awake = False
_native = os.urandom
_seed = random.Random.seed


def install() -> None:
    """Puts ours in place of Python's. Until `wake`, they answer as Python's do."""
    os.urandom = urandom
    random._urandom = urandom  # type: ignore[attr-defined]
    random.Random.seed = seed  # type: ignore[method-assign]
    # Bound to Python's own when `random` was imported.
    random.seed = random._inst.seed


def wake() -> None:
    """From here on the host draws."""
    global _awake
    _awake = True
    random.seed()


def urandom(size: int, /) -> bytes:
    """As `os.urandom`."""
    return host.random_bytes(size) if _awake else _native(size)


def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
    """As `random.Random.seed`; without a seed it takes one of the host's."""
    _seed(self, urandom(32) if a is None else a, version)

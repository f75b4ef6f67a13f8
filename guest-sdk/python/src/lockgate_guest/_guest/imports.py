"""The host behind the SDK: the contract's imports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from componentize_py_types import Err
from wit_world.imports import children, clock, identity, log, random, secrets, settings, state, task, warnings

from ..host import StateError
from ..http import CallDenied
from ..values import whole

if TYPE_CHECKING:
    from ..http import Request, Response

# In components whose manifest names no hosts there is nothing to import.
_send: Callable[[Request], Response] | None
try:
    from .calls import send as _send
except ImportError:
    _send = None


class Host:
    """One function for each import of the contract."""

    def log(self, level: str, message: str) -> None:
        # What UTF-8 has no bytes for would end the instance.
        log.log(_LEVELS[level], whole(message))

    def warn(self, message: str, path: str | None) -> None:
        warnings.warn(whole(message), None if path is None else whole(path))

    def children_none(self, object_type: str) -> None:
        children.none(object_type)

    def by_guid(self, guid: str) -> None:
        identity.by_guid(guid)

    def task_title(self) -> str | None:
        return task.title()

    def task_file_name(self) -> str | None:
        return task.file_name()

    def task_site(self) -> str | None:
        return task.site()

    def now_ms(self) -> int:
        return int(clock.now_ms())

    def random(self, count: int) -> bytes:
        return random.bytes(count)

    def setting(self, key: str) -> str | None:
        return settings.get(key)

    def secret(self, name: str) -> str | None:
        return secrets.get(name)

    def state_get(self, key: str) -> bytes | None:
        return state.get(key)

    def state_set(self, key: str, value: bytes) -> None:
        _kept(state.set, key, value)

    def state_delete(self, key: str) -> None:
        _kept(state.delete, key)

    def state_keys(self, prefix: str) -> list[str]:
        return state.keys(prefix)

    def send(self, request: Request) -> Response:
        if _send is None:
            raise CallDenied(f"no call to {request.url}: the manifest of this connector names no hosts")
        return _send(request)


_LEVELS = {level.name.lower(): level for level in log.Level}


def _kept(call: Callable[..., Any], *given: Any) -> None:
    try:
        call(*given)
    except Err as refused:
        match refused.value:
            case state.StateError_Denied():
                said = "this connector keeps no state: its manifest does not ask for it, or the operator does not grant it"
            case state.StateError_Full():
                said = f"the state is full: the operator grants {refused.value.value} bytes"
            case _:
                said = "a key of the state is empty or longer than 256 bytes"
        raise StateError(said) from None

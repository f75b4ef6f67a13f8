"""The exported interface. `componentize-py` finds the class `Translator` by the name of the interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import connector as _connector
from ..connector import Connector, DataType, External, Skip, Task, TaskType
from ..objects import Object, ObjectParams
from ..pages import DocumentParams, Page
from . import failure, interpreter, wire

#: One a component, and so one a task. `componentize-py` makes a `Translator` for each call.
_one: Connector | None = None


class Translator:
    """What is exported."""

    def prepare_internal_object(self, external: Any, task_type: Any, data_type: Any, site_name: str | None) -> Any:
        def given() -> tuple[Any, ...]:
            # A task asks the host for its title and its file's name.
            task = Task(TaskType[task_type.name], DataType[data_type.name], site_name)
            return External(external.media_type, external.body), task

        return _answer("prepare_internal_object", (Object, Page, Skip), wire.prepared, given)

    def get_internal_object_params(self, id: str, object_type: str) -> Any:
        return _answer("get_internal_object_params", (ObjectParams,), wire.object_params, lambda: (id, object_type))

    def get_internal_document_params(self, id: str, class_name: str) -> Any:
        return _answer("get_internal_document_params", (DocumentParams,), wire.document_params, lambda: (id, class_name))


def _answer(method: str, kinds: tuple[type, ...], to_wire: Callable[[Any], Any], given: Callable[[], tuple[Any, ...]]) -> Any:
    """Whatever leaves the method leaves this one as an answer or as an error of the contract. `given` is made when the host answers."""
    global _one
    try:
        interpreter.wake()
        if _one is None:
            _one = _connector.exported()()
        answered = getattr(_one, method)(*given())
        if not isinstance(answered, kinds):
            failure.wrong_answer(_one, method, kinds, answered)
        return to_wire(answered)
    except BaseException as error:  # noqa: BLE001 -- nothing may pass, or its text is lost
        raise failure.told(error) from None
    finally:
        interpreter.flush()

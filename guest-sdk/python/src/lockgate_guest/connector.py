"""The three methods of a connector, and what they are given.

>>> from lockgate_guest import Connector, External, Object, Task, export
>>> @export
... class Roles(Connector):
...     def prepare_internal_object(self, external, task):
...         name = external.text().strip()
...         return Object("cms.role", name, display_name=name)
>>> Roles().prepare_internal_object(External("text/plain", b"Editors"), Task()).code_name
'Editors'
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar, Union

from .errors import InvalidError, UnsupportedError
from .objects import Object, ObjectParams
from .pages import DocumentParams, Page
from .values import is_whole

#: Deepest JSON that ``External.json`` reads. Python's parser would take the stack of an instance for more.
JSON_DEPTH_MAX = 200


class TaskType(Enum):
    """What an external application asks to be done."""

    CREATE_OBJECT = "create-object"
    UPDATE_OBJECT = "update-object"
    DELETE_OBJECT = "delete-object"
    ADD_TO_SITE = "add-to-site"
    REMOVE_FROM_SITE = "remove-from-site"
    CREATE_DOCUMENT = "create-document"
    UPDATE_DOCUMENT = "update-document"
    DELETE_DOCUMENT = "delete-document"
    DELETE_ALL_CULTURES = "delete-all-cultures"
    PUBLISH_DOCUMENT = "publish-document"
    ARCHIVE_DOCUMENT = "archive-document"
    MOVE_DOCUMENT = "move-document"


class DataType(Enum):
    """How much of the data is meant; children and bindings are read for ``SNAPSHOT`` only."""

    SIMPLE = "simple"
    SIMPLE_SNAPSHOT = "simple-snapshot"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True)
class Task:
    """What the external application wants done with the object that it handed in."""

    task_type: TaskType = TaskType.CREATE_OBJECT
    data_type: DataType = DataType.SIMPLE_SNAPSHOT
    #: External id of the site that the task belongs to. Absent for global objects.
    site_name: str | None = None


@dataclass(frozen=True)
class External:
    """What the external application handed in, untouched."""

    media_type: str
    body: bytes

    def text(self) -> str:
        """The body as UTF-8 text, else ``InvalidError``."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidError(f"the body is no UTF-8: {error.reason} at byte {error.start}") from None

    def json(self) -> Any:
        """The body as one JSON document, else ``InvalidError``.

        >>> External("application/json", b'{"id": 7}').json()
        {'id': 7}
        """
        text = self.text()
        if _too_deep(text):
            raise InvalidError(f"the body is nested deeper than {JSON_DEPTH_MAX} levels")
        try:
            document = json.loads(text)
        except ValueError as error:
            raise InvalidError(f"the body is no JSON: {error}") from None
        if _SURROGATE.search(text) and not is_whole(json.dumps(document, ensure_ascii=False)):
            raise InvalidError("a text in the body has half of a surrogate pair")
        return document


@dataclass(frozen=True)
class Skip:
    """Nothing to do, and why. The task is done."""

    reason: str


Prepared = Union[Object, Page, Skip]


class Connector:
    """Translates the objects of one external application.

    Each task gets a fresh instance of the whole component and its calls run one after the other, so what
    ``prepare_internal_object`` keeps in ``self`` is there in the params methods of the same task, and
    gone after it.
    """

    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        """Translates the external object. Called once a task, deletes included."""
        raise NotImplementedError(f"{type(self).__name__} has no prepare_internal_object")

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        """Where the object with this external id is found.

        Called for each reference to an object type, and with ``cms.site`` for a site.
        """
        raise UnsupportedError(f"this connector translates no references to object type {object_type!r}")

    def get_internal_document_params(self, id: str, class_name: str) -> DocumentParams:
        """Where the page with this external id is found. Called for each reference to a page type."""
        raise UnsupportedError(f"this connector translates no references to page type {class_name!r}")


C = TypeVar("C", bound="type[Connector]")

_exported: type[Connector] | None = None


def export(connector: C) -> C:
    """Class decorator: this is the connector of the component. One a component."""
    global _exported
    if not (isinstance(connector, type) and issubclass(connector, Connector)):
        raise TypeError(f"what is exported is a class that derives from Connector, not {connector!r}")
    _exported = connector
    return connector


def exported() -> type[Connector]:
    """The connector that was exported."""
    if _exported is None:
        raise RuntimeError("no class is exported: put @export above the class of your connector")
    return _exported


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def _too_deep(text: str) -> bool:
    """Whether brackets outside of strings nest too deep. Looks closer only where there are many."""
    if text.count("[") + text.count("{") <= JSON_DEPTH_MAX:
        return False
    depth = 0
    for found in _BRACKETS.finditer(text):
        match text[found.start()]:
            case "[" | "{":
                depth += 1
                if depth > JSON_DEPTH_MAX:
                    return True
            case "]" | "}":
                depth -= 1
    return False

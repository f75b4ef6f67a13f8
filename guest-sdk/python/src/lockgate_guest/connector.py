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

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from inspect import isabstract
from typing import Any, TypeVar

from . import _backend
from .documents import NotJson, read_json
from .errors import InvalidError, UnsupportedError
from .objects import Object, ObjectParams
from .pages import DocumentParams, Page


class TaskType(StrEnum):
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


class DataType(StrEnum):
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
    #: What people call the task in lists; see :data:`task_info`, which the params methods have too.
    title: str | None = field(default_factory=lambda: _backend.current.task_title())
    #: Name of the file that the external object was read from, where one is known.
    file_name: str | None = field(default_factory=lambda: _backend.current.task_file_name())


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

    def json(self, *, decimals: bool = False) -> Any:
        """The body as one JSON document, else ``InvalidError``.

        With ``decimals``, a number with a point or an exponent is a ``Decimal``, exact, and no ``float``.

        >>> External("application/json", b'{"id": 7, "price": 19.99}').json(decimals=True)
        {'id': 7, 'price': Decimal('19.99')}
        """
        try:
            return read_json(self.text(), decimals=decimals)
        except NotJson as error:
            raise InvalidError(f"the body {error}") from None

    def json_object(self, *, decimals: bool = False) -> dict[str, Any]:
        """As :meth:`json`, for a body that is one JSON object. Several of them are ``InvalidError``, and anything else.

        >>> External("application/json", b'[{"id": 7}, {"id": 8}]').json_object()
        Traceback (most recent call last):
            ...
        lockgate_guest.errors.InvalidError: a task is about one object, and the body is a list of 2
        """
        document = self.json(decimals=decimals)
        if isinstance(document, dict):
            return document
        if isinstance(document, list):
            raise InvalidError(f"a task is about one object, and the body is a list of {len(document)}")
        raise InvalidError(f"the body is no JSON object, it is {'null' if document is None else type(document).__name__}")


@dataclass(frozen=True)
class Skip:
    """Nothing to do, and why. The task is done."""

    reason: str


Prepared = Object | Page | Skip


class Connector(ABC):
    """Translates the objects of one external application.

    Each task gets a fresh instance of the whole component and its calls run one after the other, so what
    ``prepare_internal_object`` keeps in ``self`` is there in the params methods of the same task, and
    gone after it.
    """

    @abstractmethod
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        """Translates the external object. Called once a task, deletes included."""

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
    if isabstract(connector):
        raise TypeError(f"{connector.__name__} has no prepare_internal_object, or gives it another name")
    _exported = connector
    return connector


def exported() -> type[Connector]:
    """The connector that was exported."""
    if _exported is None:
        raise RuntimeError("no class is exported: put @export above the class of your connector")
    return _exported

"""Write Lockgate connectors in Python.

A connector is a class with three methods, under ``@export``; everything else here is what it answers and
what it may ask for. See the README beside ``pyproject.toml`` for a whole one.
"""

from . import http
from .connector import Connector, DataType, External, Prepared, Skip, Task, TaskType, export
from .documents import JSON_DEPTH_MAX, NotJson, read_json
from .errors import ConnectorError, InternalError, InvalidError, NotFoundError, UnavailableError, UnsupportedError
from .guids import guid_from_name
from .host import NotSetError, Secret, StateError, TaskInfo, now_ms, random_bytes, secrets, settings, state, task_info, warn
from .objects import Child, Object, ObjectParams
from .pages import ANY_CULTURE, ROOT, DocumentParams, ExternalPage, Page, Parent
from .values import Fields, Reference, References, Value

__all__ = [
    "ANY_CULTURE",
    "JSON_DEPTH_MAX",
    "ROOT",
    "Child",
    "Connector",
    "ConnectorError",
    "DataType",
    "DocumentParams",
    "External",
    "ExternalPage",
    "Fields",
    "InternalError",
    "InvalidError",
    "NotFoundError",
    "NotJson",
    "NotSetError",
    "Object",
    "ObjectParams",
    "Page",
    "Parent",
    "Prepared",
    "Reference",
    "References",
    "Secret",
    "Skip",
    "StateError",
    "Task",
    "TaskInfo",
    "TaskType",
    "UnavailableError",
    "UnsupportedError",
    "Value",
    "export",
    "guid_from_name",
    "http",
    "now_ms",
    "random_bytes",
    "read_json",
    "secrets",
    "settings",
    "state",
    "task_info",
    "warn",
]

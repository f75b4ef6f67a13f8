"""From the SDK's words to the generated ones. What was changed since it was made is checked again."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from .. import _backend
from ..connector import Skip
from ..errors import ConnectorError, UnavailableError
from ..objects import Child, Object, ObjectParams
from ..pages import DocumentParams, ExternalPage, Page, Parent, Root
from ..values import Reference, References, document, whole

# The generator gives it a longer name where `wasi:http/types` stands beside it.
try:
    from wit_world.imports import lockgate_connector_types as _types
except ImportError:
    from wit_world.imports import types as _types

#: The contract's words, as they were generated.
t: Any = _types


def prepared(answer: Object | Page | Skip) -> Any:
    match answer:
        case Object():
            return t.Prepared_Object(_object(answer))
        case Page():
            return t.Prepared_Page(_page(answer))
        case Skip():
            return t.Prepared_Skip(whole(answer.reason))


def error(found: ConnectorError) -> Any:
    message = whole(found.message)
    if isinstance(found, UnavailableError):
        return t.ConnectorError_Unavailable(t.Outage(message, found.retry_after_ms))
    kinds = {
        "invalid": t.ConnectorError_Invalid,
        "not-found": t.ConnectorError_NotFound,
        "unsupported": t.ConnectorError_Unsupported,
    }
    path = None if found.path is None else whole(found.path)
    return kinds.get(found.code, t.ConnectorError_Internal)(t.Problem(message, path))


def object_params(answer: ObjectParams) -> Any:
    if answer.guid is not None:
        _backend.current.by_guid(str(answer.guid))
    return t.ObjectParams(answer.code_name, answer.site, answer.parent, answer.group)


def document_params(answer: DocumentParams) -> Any:
    return t.DocumentParams(str(answer.node_guid), answer.culture, answer.site)


def _object(given: Object) -> Any:
    given.check()
    children: list[Any] = []
    _flatten(given.children, None, children)
    for object_type in sorted(given.none_of):
        _backend.current.children_none(object_type)
    return t.InfoObject(
        given.object_type,
        given.code_name,
        _guid(given.guid),
        given.display_name,
        given.site,
        given.parent,
        given.group,
        _fields(given.fields),
        children,
    )


def _flatten(given: list[Child], parent: int | None, into: list[Any]) -> None:
    """Children as a flat list in which each names the position of its parent."""
    for child in given:
        child.check()
        for object_type in sorted(child.none_of):
            _backend.current.children_none(object_type)
        position = len(into)
        into.append(t.Child(parent, child.object_type, child.code_name, _guid(child.guid), child.display_name, _fields(child.fields)))
        _flatten(child.children, position, into)


def _page(given: Page) -> Any:
    given.check()
    return t.TreeNode(
        given.class_name,
        _guid(given.node_guid),
        given.site,
        given.culture,
        given.name,
        given.alias,
        _parent(given.parent),
        given.order,
        given.published,
        _fields(given.fields),
    )


def _parent(given: Parent | None) -> Any:
    match given:
        case None:
            return None
        case Root():
            return t.PageParent_Root()
        case ExternalPage():
            return t.PageParent_External(t.ExternalPage(given.id, given.class_name))
        case UUID():
            return t.PageParent_NodeGuid(str(given))
        case str():
            return t.PageParent_Path(given)


def _guid(given: UUID | str | None) -> str | None:
    return None if given is None else str(given)


def _fields(given: dict[str, Any]) -> list[Any]:
    fields: list[Any] = []
    for name, value in given.items():
        if isinstance(value, References):
            # A list is several fields of one name, and an empty one is cleared.
            fields += [t.Field(name, t.Value_Reference(id)) for id in value.external_ids] or [t.Field(name, t.Value_Null())]
        else:
            fields.append(t.Field(name, _value(name, value)))
    return fields


def _value(name: str, value: Any) -> Any:
    match value:
        case None:
            return t.Value_Null()
        case bool():
            return t.Value_Boolean(value)
        case int():
            return t.Value_Integer(str(int(value)))
        case Decimal():
            return t.Value_Decimal(format(value, "f"))
        case float():
            return t.Value_Real(value)
        case str():
            return t.Value_Text(str(value))
        case datetime():
            return t.Value_Timestamp(value.astimezone(UTC).isoformat().replace("+00:00", "Z"))
        case UUID():
            return t.Value_Guid(str(value))
        case bytes() | bytearray():
            return t.Value_Binary(bytes(value))
        case Reference():
            return t.Value_Reference(value.external_id)
        case _:
            return t.Value_Json(document(name, value))

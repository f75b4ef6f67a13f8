"""Objects, and the children and bindings that belong to them.

>>> role = Object("cms.role", "team-7", display_name="Editors")
>>> role["description"] = "They edit."
>>> role.bind("cms.userrole", user=Reference("anna"))
Child(object_type='cms.userrole', code_name='', guid=None, display_name=None, fields={'user': Reference(external_id='anna')}, children=[])
>>> role["description"], role.children[0]["user"]
('They edit.', Reference(external_id='anna'))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from uuid import UUID

from . import values
from .values import Fields, Reference, Value

__all__ = ["Child", "Object", "ObjectParams", "Reference"]


class Holder(MutableMapping[str, Value]):
    """What objects, children and pages have in common: they are mappings of their fields."""

    fields: Fields

    def __setitem__(self, name: str, value: Value) -> None:
        self.fields[name] = value

    def __getitem__(self, name: str) -> Value:
        return self.fields[name]

    def __delitem__(self, name: str) -> None:
        del self.fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __bool__(self) -> bool:
        """An object without fields is one."""
        return True

    def set_if(self, **named: Value) -> None:
        """Sets those that are not ``None`` and leaves the others as they are."""
        self.fields.update({name: value for name, value in named.items() if value is not None})


class _Parent:
    """What can have children: objects and children."""

    children: list[Child]
    #: Types of which there are no children; see :meth:`children_of`.
    none_of: set[str]

    def add(self, child: Child) -> Child:
        """Adds a child; answers it, so that it can get children itself."""
        if not isinstance(child, Child):
            raise TypeError(f"what is added is a Child, not {values.kind(child)}")
        self.children.append(child)
        return child

    def bind(self, object_type: str, fields: Mapping[str, Value] | Iterable[tuple[str, Value]] = (), /, **named: Value) -> Child:
        """Adds a binding: it has no code name, because what its fields refer to identifies it."""
        return self.add(Child(object_type, "", fields=Fields(fields, **named)))

    def children_of(self, object_type: str, children: Iterable[Child]) -> None:
        """States all children or bindings of a type; an empty list says that there is none.

        A ``snapshot`` then deletes those that are stored and not listed, of types that the model declares ``complete``. A
        type of which nothing is said is left alone: leave it out where the payload does not have the list.

        >>> role = Object("cms.role", "team-7")
        >>> role.children_of("cms.userrole", [])
        >>> role.none_of
        {'cms.userrole'}
        """
        values.text("the type of children", object_type)
        listed = list(children)
        for child in listed:
            if not isinstance(child, Child) or child.object_type != object_type:
                raise TypeError(f"children_of({object_type!r}, …) takes children of this type, not {values.kind(child)}")
        self.leave_children(object_type)
        self.children += listed
        if not listed:
            self.none_of.add(object_type)

    def leave_children(self, object_type: str) -> None:
        """Says nothing of a type: its stored children and bindings stay as they are. It is so where nothing was said."""
        self.children[:] = [child for child in self.children if child.object_type != object_type]
        self.none_of.discard(object_type)


@dataclass(init=False)
class Child(Holder, _Parent):
    """A child object under its code name, or a binding, whose code name is empty. Read for ``snapshot`` only."""

    object_type: str
    code_name: str
    guid: UUID | str | None
    #: What people read. Absent: the code name.
    display_name: str | None
    fields: Fields
    #: Children of this child.
    children: list[Child]
    none_of: set[str] = field(repr=False)

    def __init__(
        self,
        object_type: str,
        code_name: str,
        guid: UUID | str | None = None,
        display_name: str | None = None,
        fields: Mapping[str, Value] | Iterable[tuple[str, Value]] = (),
        children: Iterable[Child] = (),
    ) -> None:
        self.object_type = object_type
        self.code_name = code_name
        self.guid = guid
        self.display_name = display_name
        self.fields = Fields(fields)
        self.children = list(children)
        self.none_of = set()
        self.check()

    def check(self) -> None:
        """Says what is wrong with it: made when it is made, and when it is answered."""
        values.text("the object_type of a Child", self.object_type)
        values.text("the code_name of a Child", self.code_name)
        values.guid("the guid of a Child", self.guid)
        values.optional_text("the display_name of a Child", self.display_name)
        self.fields = Fields(self.fields)


@dataclass(init=False)
class Object(Holder, _Parent):
    """An object of the content store, of a type that the content model declares."""

    object_type: str
    #: Unique within site, parent and group.
    code_name: str
    #: Wins over the code name when an existing object is looked for; :func:`guid_from_name` makes a lasting one.
    guid: UUID | str | None
    #: What people read. Absent: the code name.
    display_name: str | None
    #: External id of the site. Absent: the task's site, where the type belongs to sites.
    site: str | None
    #: External id of the parent object.
    parent: str | None
    #: External id of the group.
    group: str | None
    fields: Fields
    #: Children and bindings. Written for ``snapshot`` only. A type of which none is here is not stated: what is stored stays.
    children: list[Child]
    none_of: set[str] = field(repr=False)

    def __init__(
        self,
        object_type: str,
        code_name: str,
        guid: UUID | str | None = None,
        display_name: str | None = None,
        site: str | None = None,
        parent: str | None = None,
        group: str | None = None,
        fields: Mapping[str, Value] | Iterable[tuple[str, Value]] = (),
        children: Iterable[Child] = (),
    ) -> None:
        self.object_type = object_type
        self.code_name = code_name
        self.guid = guid
        self.display_name = display_name
        self.site = site
        self.parent = parent
        self.group = group
        self.fields = Fields(fields)
        self.children = list(children)
        self.none_of = set()
        self.check()

    def check(self) -> None:
        """Says what is wrong with it: made when it is made, and when it is answered."""
        values.text("the object_type of an Object", self.object_type)
        values.text("the code_name of an Object", self.code_name)
        values.guid("the guid of an Object", self.guid)
        for name in ("display_name", "site", "parent", "group"):
            values.optional_text(f"the {name} of an Object", getattr(self, name))
        self.fields = Fields(self.fields)


@dataclass(frozen=True)
class ObjectParams:
    """Where the store finds an object: by its code name within site, parent and group, or by its GUID alone.

    >>> ObjectParams.by_guid("018f0000-0000-7000-8000-000000000001").guid
    UUID('018f0000-0000-7000-8000-000000000001')
    >>> ObjectParams("anna", guid="018f0000-0000-7000-8000-000000000001")
    Traceback (most recent call last):
        ...
    TypeError: an object is found by its GUID alone: ObjectParams.by_guid(…)
    """

    code_name: str
    #: **Code name** of the site. Absent: global objects only.
    site: str | None = None
    #: **External id** of the parent object, resolved in turn.
    parent: str | None = None
    #: **External id** of the group, resolved in turn.
    group: str | None = None
    #: See :meth:`by_guid`.
    guid: UUID | str | None = field(default=None, kw_only=True)

    @classmethod
    def by_guid(cls, guid: UUID | str) -> ObjectParams:
        """The object with this GUID, whatever it is called and wherever it lies."""
        return cls("", guid=guid if isinstance(guid, UUID) else UUID(guid))

    def __post_init__(self) -> None:
        values.text("the code_name of ObjectParams", self.code_name)
        for name in ("site", "parent", "group"):
            values.optional_text(f"the {name} of ObjectParams", getattr(self, name))
        values.guid("the guid of ObjectParams", self.guid)
        if self.guid is not None and (self.code_name or self.site or self.parent or self.group):
            raise TypeError("an object is found by its GUID alone: ObjectParams.by_guid(…)")

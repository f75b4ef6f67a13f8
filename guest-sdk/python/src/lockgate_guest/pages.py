"""Pages of a content tree.

>>> page = Page("blog.post", "en-US", "Hello", parent="/blog", published=True)
>>> page["body"] = "Hi"
>>> page.parent, page.order
('/blog', None)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from . import values
from .objects import Holder
from .values import Fields, Value


@dataclass(frozen=True)
class ExternalPage:
    """Another page of the external application; ``get_internal_document_params`` is asked where it is."""

    id: str
    class_name: str

    def __post_init__(self) -> None:
        values.text("the id of an ExternalPage", self.id)
        values.text("the class_name of an ExternalPage", self.class_name)


class Root(Enum):
    """The one root of a site's pages."""

    ROOT = "/"


#: The parent of pages at the top.
ROOT = Root.ROOT

#: The culture of :class:`DocumentParams` for a page in whichever culture it exists.
ANY_CULTURE = ""

#: How a page names its parent: an alias path as text, a node GUID as ``UUID``, ``ROOT`` or ``ExternalPage``.
Parent = Root | ExternalPage | UUID | str


@dataclass(init=False)
class Page(Holder):
    """A page, in one culture. What is not said stays as it is."""

    #: A page type that the content model declares, for example ``blog.post``.
    class_name: str
    #: For example ``en-US``; one that the site declares.
    culture: str
    #: The page's name in this culture.
    name: str
    #: Identifies the page; ``uuid.uuid5`` makes a lasting one. Absent: the alias path does.
    node_guid: UUID | str | None
    #: External id of the site. Absent: the task's site.
    site: str | None
    #: Last step of the page's path. Absent: made from the name for a new page, else unchanged.
    alias: str | None
    #: Absent: an existing page stays where it is; a new one goes under the root.
    parent: Parent | None
    #: Position among its siblings, ascending.
    order: int | None
    #: Whether readers see it. Absent: unchanged, and not published for a new culture version.
    published: bool | None
    fields: Fields

    def __init__(
        self,
        class_name: str,
        culture: str,
        name: str,
        node_guid: UUID | str | None = None,
        site: str | None = None,
        alias: str | None = None,
        parent: Parent | None = None,
        order: int | None = None,
        published: bool | None = None,
        fields: Mapping[str, Value] | Iterable[tuple[str, Value]] = (),
    ) -> None:
        self.class_name = class_name
        self.culture = culture
        self.name = name
        self.node_guid = node_guid
        self.site = site
        self.alias = alias
        self.parent = parent
        self.order = order
        self.published = published
        self.fields = Fields(fields)
        self.check()

    def check(self) -> None:
        """Says what is wrong with it: made when it is made, and when it is answered."""
        for name in ("class_name", "culture", "name"):
            values.text(f"the {name} of a Page", getattr(self, name))
        for name in ("site", "alias"):
            values.optional_text(f"the {name} of a Page", getattr(self, name))
        values.guid("the node_guid of a Page", self.node_guid)
        if self.parent is not None and not isinstance(self.parent, (Root, ExternalPage, UUID, str)):
            raise TypeError(f"the parent of a Page is ROOT, a path, a UUID or an ExternalPage, not {values.kind(self.parent)}")
        if isinstance(self.parent, str):
            values.text("the parent of a Page", self.parent)
        if self.order is not None and not (isinstance(self.order, int) and -(2**31) <= self.order < 2**31):
            raise TypeError(f"the order of a Page is an int of 32 bits, not {values.kind(self.order)}")
        if not isinstance(self.published, (bool, type(None))):
            raise TypeError(f"published of a Page is a bool, not {values.kind(self.published)}")
        self.fields = Fields(self.fields)


@dataclass(frozen=True)
class DocumentParams:
    """Where the store finds a page. All three are needed; ``site`` is a code name."""

    node_guid: UUID | str
    #: ``ANY_CULTURE``: the reference points to the page as a whole.
    culture: str
    site: str

    def __post_init__(self) -> None:
        if self.node_guid is None:
            raise TypeError("the node_guid of DocumentParams is a UUID, not None")
        values.guid("the node_guid of DocumentParams", self.node_guid)
        values.text("the culture of DocumentParams", self.culture)
        values.text("the site of DocumentParams", self.site)

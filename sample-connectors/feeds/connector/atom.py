"""Atom (RFC 4287), and the deletions of RFC 6721."""

import re
from html import unescape
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, tostring

from feed import Author, Channel, Deleted, Enclosure, Entry, rfc3339, size
from lockgate_guest import InvalidError
from reading import ATOM, XHTML, XML, text


def channel(feed: Element) -> Channel:
    """`feed`."""
    return Channel(
        id=needed(feed, "id", "feed/id"),
        title=_title(feed) or needed(feed, "id", "feed/id"),
        link=_link(feed, "alternate"),
        description=_construct(feed, "subtitle"),
        language=feed.get(f"{XML}lang"),
        updated=rfc3339(text(feed, f"{ATOM}updated"), "feed/updated"),
    )


def entry(entry: Element) -> Entry:
    """`entry`, whose `source` says which feed it is from."""
    source = entry.find(f"{ATOM}source")
    return Entry(
        feed_id=_feed_id(source, "entry"),
        id=needed(entry, "id", "entry/id"),
        title=_title(entry),
        link=_link(entry, "alternate"),
        author=_author_of(entry) or (None if source is None else _author_of(source)),
        summary=_construct(entry, "summary"),
        content=_construct(entry, "content"),
        categories=[category.get("label", "") or category.get("term", "") for category in entry.iterfind(f"{ATOM}category")],
        published=rfc3339(text(entry, f"{ATOM}published"), "entry/published"),
        updated=rfc3339(text(entry, f"{ATOM}updated"), "entry/updated"),
        enclosure=_enclosure(entry),
    )


def deleted(tombstone: Element) -> Deleted:
    """`at:deleted-entry`."""
    ref = tombstone.get("ref")
    if not ref:
        raise InvalidError("a deleted entry has no ref", path="deleted-entry/@ref")
    return Deleted(_feed_id(tombstone.find(f"{ATOM}source"), "deleted-entry"), ref)


def author(person: Element) -> Author:
    """`author`."""
    return Author(needed(person, "name", "author/name"), text(person, f"{ATOM}email"), text(person, f"{ATOM}uri"))


def needed(parent: Element, name: str, path: str) -> str:
    """The text of a child that must be there."""
    found = text(parent, f"{ATOM}{name}")
    if found is None:
        raise InvalidError(f"there is no {name}", path=path)
    return found


def _feed_id(source: Element | None, path: str) -> str:
    if source is None:
        raise InvalidError("nothing says which feed it is from", path=f"{path}/source")
    return needed(source, "id", f"{path}/source/id")


def _author_of(parent: Element) -> str | None:
    person = parent.find(f"{ATOM}author")
    return None if person is None else text(person, f"{ATOM}name")


def _title(parent: Element) -> str:
    """Without markup: it becomes the name of a page.

    >>> from reading import parse
    >>> _title(parse(b"<e xmlns='http://www.w3.org/2005/Atom'><title type='html'>&lt;em>Q&amp;amp;A&lt;/em></title></e>"))
    'Q&A'
    """
    title = parent.find(f"{ATOM}title")
    written = _construct(parent, "title") or ""
    return written if title is None or title.get("type", "text") == "text" else unescape(re.sub(r"<[^>]*>", "", written))


def _construct(parent: Element, name: str) -> str | None:
    """A text construct: plain text, escaped HTML, or XHTML in a `div`."""
    element = parent.find(f"{ATOM}{name}")
    if element is None:
        return None
    if element.get("type") == "xhtml":
        division = element.find(f"{XHTML}div")
        return None if division is None else _markup(division)
    return element.text.strip() if element.text else None


def _markup(division: Element) -> str:
    """What is inside of the `div`, which RFC 4287 does not count as content, as HTML has it: without prefixes."""
    for element in division.iter():
        element.tag = element.tag.removeprefix(XHTML)
    division.tail = None
    division.attrib.clear()
    return tostring(division, encoding="unicode").removeprefix("<div>").removesuffix("</div>").removesuffix("<div />").strip()


def _links(parent: Element, rel: str) -> list[Element]:
    return [link for link in parent.iterfind(f"{ATOM}link") if link.get("rel", "alternate") == rel and link.get("href")]


def _link(parent: Element, rel: str) -> str | None:
    links = _links(parent, rel)
    return urljoin(parent.get(f"{XML}base", ""), links[0].get("href", "")) if links else None


def _enclosure(parent: Element) -> Enclosure | None:
    url = _link(parent, "enclosure")
    if url is None:
        return None
    link = _links(parent, "enclosure")[0]
    return Enclosure(url, link.get("type"), size(link.get("length")))



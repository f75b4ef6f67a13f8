"""Atom (RFC 4287) and what came before it (Atom 0.3), and the deletions of RFC 6721."""

import base64
import binascii
import logging
from xml.etree.ElementTree import Element

from feed import Author, Channel, Deleted, Enclosure, Entry, address, base_of, date, named, one_of, size
from lockgate_guest import InvalidError
from markup import inside_of_division, plain, written
from reading import ATOM, XML, text

log = logging.getLogger("feeds")

#: Types of links, the ones for people first.
FOR_PEOPLE = ("text/html", "application/xhtml+xml", "")
#: What RFC 4287, 4.2.7.2 says that a rel of one word is short for.
REGISTERED = "http://www.iana.org/assignments/relation/"
PUBLISHED = (f"{ATOM}published", f"{ATOM}issued", f"{ATOM}created")
UPDATED = (f"{ATOM}updated", f"{ATOM}modified")


def channel(feed: Element, feed_id: str) -> Channel:
    """`feed`."""
    return Channel(
        id=feed_id,
        title=_title(feed) or feed_id,
        link=_link(feed, "alternate", base_of([feed], _document(feed, feed_id))),
        description=_construct(feed, "subtitle") or _construct(feed, "tagline"),
        language=feed.get(f"{XML}lang") or None,
        updated=date(feed, *UPDATED),
    )


def entry(feed: Element | None, entry: Element, feed_id: str, entry_id: str | None) -> Entry:
    """`entry`, in the `feed` that it came in, or alone. Its `source` says where the feed has it from, and no more."""
    base = base_of([entry] if feed is None else [feed, entry], _document(feed, feed_id))
    published, updated = date(entry, *PUBLISHED), date(entry, *UPDATED)
    return Entry(
        feed_id=feed_id,
        id=entry_id or stated_entry_id(entry),
        title=_title(entry),
        link=_link(entry, "alternate", base),
        author=author_of(entry, feed, feed_id),
        summary=_construct(entry, "summary"),
        content=_construct(entry, "content"),
        categories=_categories(entry),
        published=published,
        updated=updated or published,
        enclosure=_enclosure(entry, base),
    )


def deleted(tombstone: Element, feed_id: str) -> Deleted:
    """`at:deleted-entry`, of the feed that it stands in: what it says of other feeds deletes nothing there."""
    ref = (tombstone.get("ref") or "").strip()
    if not ref:
        raise InvalidError("a deleted entry has no ref", path="deleted-entry/@ref")
    return Deleted(feed_id, ref)


def author(person: Element, feed_id: str) -> Author:
    """`author`."""
    name = text(person, f"{ATOM}name")
    found = named(feed_id, name, text(person, f"{ATOM}email"), text(person, f"{ATOM}uri", f"{ATOM}url"))
    if found is None:
        raise InvalidError("an author has no name that can be used", path="author/name")
    return found


def author_of(entry: Element, feed: Element | None, feed_id: str) -> Author | None:
    """The first author of an entry, else that of its source, else that of its feed (RFC 4287, 4.2.1)."""
    source = entry.find(f"{ATOM}source")
    for parent in (entry, source, feed):
        people = [] if parent is None else parent.findall(f"{ATOM}author")
        one_of(people, "author")
        for person in people[:1]:
            return named(
                feed_id, text(person, f"{ATOM}name"), text(person, f"{ATOM}email"), text(person, f"{ATOM}uri", f"{ATOM}url")
            )
    return None


def stated_id(feed: Element) -> str | None:
    """What the feed calls itself."""
    return text(feed, f"{ATOM}id") or _href(feed, "self") or _href(feed, "alternate")


def stated_entry_id(entry: Element) -> str:
    """What the feed calls an entry: its `id`, which RFC 4287 asks for, else where it is."""
    found = text(entry, f"{ATOM}id") or _href(entry, "alternate")
    if not found:
        raise InvalidError("an entry has neither id nor link", path="entry/id")
    return found


def _document(feed: Element | None, feed_id: str) -> str:
    if "://" in feed_id or feed is None:
        return feed_id
    return _href(feed, "self") or ""


def _title(parent: Element) -> str:
    """Without markup: it becomes the name of a page."""
    title = parent.find(f"{ATOM}title")
    found = None if title is None else _construct(parent, "title")
    if title is None or not found:
        return ""
    return " ".join(found.split()) if _kind(title) == "text" and not len(title) else plain(found)


def _kind(element: Element) -> str:
    """`text`, `html` or `xhtml`, by what RFC 4287 has in `type` and Atom 0.3 in `type` and `mode`; else the media type."""
    kind = (element.get("type") or "text").strip().lower().partition(";")[0]
    if kind == "text/plain":
        kind = "text"
    if kind in ("text/html", "application/xhtml+xml"):
        kind = "html" if kind == "text/html" else "xhtml"
    return kind


def _construct(parent: Element, name: str) -> str | None:
    """A text construct: plain text, HTML, or XHTML in a `div`; escaped, or as elements where it should have been."""
    for element in parent.iterfind(f"{ATOM}{name}"):
        kind = _kind(element)
        if element.get("mode") == "base64" or kind not in ("text", "html", "xhtml"):
            found = _other(element, kind)
        elif kind == "xhtml":
            found = inside_of_division(element)
        else:
            found = written(element)
        if found:
            return found
    return None


def _other(element: Element, kind: str) -> str | None:
    """Content of other kinds: texts are texts, whatever they hold; the rest is nothing for people to read."""
    if not kind.startswith("text/") and element.get("mode") != "base64":
        log.warning("%s of type %r is left out", element.tag.rpartition("}")[2], kind)
        return None
    encoded = "".join(element.itertext())
    if element.get("mode") != "base64":
        return encoded.strip() or None
    try:
        return base64.b64decode(encoded).decode("utf-8").strip() or None
    except (binascii.Error, UnicodeDecodeError):
        log.warning("%s is no text in base64, and is left out", element.tag.rpartition("}")[2])
        return None


def _categories(entry: Element) -> list[str]:
    found = ((category.get("label") or category.get("term") or "").strip() for category in entry.iterfind(f"{ATOM}category"))
    return [category for category in found if category]


def _links(parent: Element, rel: str) -> list[Element]:
    links = [link for link in parent.iterfind(f"{ATOM}link") if _rel(link) == rel and (link.get("href") or "").strip()]
    return (
        sorted(links, key=lambda link: (link.get("type") or "").partition(";")[0].strip() not in FOR_PEOPLE)
        if rel == "alternate"
        else links
    )


def _rel(link: Element) -> str:
    return (link.get("rel") or "alternate").strip().removeprefix(REGISTERED)


def _href(parent: Element, rel: str) -> str | None:
    links = _links(parent, rel)
    return links[0].get("href", "").strip() if links else None


def _link(parent: Element, rel: str, base: str) -> str | None:
    for link in _links(parent, rel):
        if found := address(link.get("href", "").strip(), base_of([link], base), "the link"):
            return found
    return None


def _enclosure(entry: Element, base: str) -> Enclosure | None:
    links = _links(entry, "enclosure")
    one_of(links, "enclosure")
    for link in links:
        if url := address(link.get("href", "").strip(), base_of([link], base), "the enclosure"):
            return Enclosure(url, (link.get("type") or "").strip() or None, size(link.get("length")))
    return None

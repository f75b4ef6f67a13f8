"""What RSS and Atom have in common."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from dates import moment
from reading import XML

log = logging.getLogger("feeds")

#: Longest address that the content model takes, in characters.
LINK_CHARS_MAX = 2048
#: Longest name of an author, in characters. What is longer is a list of names, or no name.
AUTHOR_CHARS_MAX = 200


@dataclass
class Author:
    """Whoever wrote entries, as one feed names them."""

    feed_id: str
    name: str
    email: str | None = None
    uri: str | None = None

    @property
    def id(self) -> str:
        """Two people of one name in two feeds are two."""
        return f"{self.feed_id} {self.email or self.uri or self.name}"


@dataclass
class Channel:
    """A feed without its entries."""

    id: str
    title: str
    link: str | None = None
    description: str | None = None
    language: str | None = None
    updated: datetime | None = None


@dataclass
class Enclosure:
    """A file that belongs to an entry."""

    url: str
    type: str | None
    bytes: int | None


@dataclass
class Entry:
    """An entry of a feed."""

    feed_id: str
    id: str
    title: str
    link: str | None = None
    author: Author | None = None
    summary: str | None = None
    content: str | None = None
    categories: list[str] = field(default_factory=list)
    published: datetime | None = None
    updated: datetime | None = None
    enclosure: Enclosure | None = None


@dataclass
class Deleted:
    """An entry that its feed has taken back."""

    feed_id: str
    id: str


def one_of(found: list[Element], what: str) -> None:
    """An entry has room for one; the others are told."""
    if len(found) > 1:
        log.warning("an entry has %d of %s: the first is stored, and the others are left out", len(found), what)


def date(parent: Element, *tags: str) -> datetime | None:
    """The first of these children that is a date; one that is none costs no more than itself."""
    for tag in tags:
        for child in parent.iterfind(tag):
            given = "".join(child.itertext()).strip()
            if found := moment(given) if given else None:
                return found
            if given:
                log.warning("%s is no date, and is left out: %.80r", tag.rpartition("}")[2], given)
    return None


def address(given: str | None, base: str, what: str) -> str | None:
    """A whole address, relative to `base`; one that cannot be used is left out."""
    if not given:
        return None
    try:
        joined = urljoin(base, "".join(given.split("\n")).strip())
        parts = urlsplit(joined)
        # Whatever is wrong with the port is said when it is asked for.
        whole = bool(parts.scheme and (parts.netloc or parts.path)) and (parts.port or True)
    except ValueError:
        whole = False
    if not whole:
        log.warning("%s is no address, and is left out: %.80r", what, given)
        return None
    if len(joined) > LINK_CHARS_MAX:
        log.warning("%s is longer than %d characters, and is left out: %.80r", what, LINK_CHARS_MAX, given)
        return None
    return joined


def base_of(within: Iterable[Element], document: str) -> str:
    """The address that relative ones are relative to: `xml:base` of all elements from outside to inside, over the document's."""
    base = document if "://" in document else ""
    for element in within:
        if given := element.get(f"{XML}base"):
            try:
                base = urljoin(base, given.strip())
            except ValueError:
                log.warning("xml:base is no address, and is left out: %.80r", given)
    return base


def printable(text: str) -> str:
    """In one line, and without control characters: the host takes none in ids and names."""
    return " ".join(re.sub("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]", "", text).split())


def named(feed_id: str, name: str | None, email: str | None = None, uri: str | None = None) -> Author | None:
    """An author by name, in one line; too much for a name is none."""
    shown = printable(name or email or uri or "")
    if not shown:
        return None
    if len(shown) > AUTHOR_CHARS_MAX:
        log.warning("the author is longer than %d characters, and is left out: %.80r", AUTHOR_CHARS_MAX, shown)
        return None
    return Author(feed_id, shown, _short(email, 254), _short(uri, LINK_CHARS_MAX // 4))


def _short(given: str | None, chars_max: int) -> str | None:
    stripped = printable(given or "")
    return stripped if 0 < len(stripped) <= chars_max else None


def size(given: str | None) -> int | None:
    """Lengths of enclosures are often missing, and often 0 where nobody knows."""
    written = (given or "").strip().replace(",", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 18 and int(written) else None

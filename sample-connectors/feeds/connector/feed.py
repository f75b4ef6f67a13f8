"""What RSS and Atom have in common."""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from lockgate_guest import InvalidError


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
    author: str | None = None
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


@dataclass
class Author:
    """Whoever wrote entries."""

    name: str
    email: str | None = None
    uri: str | None = None


def rfc3339(given: str | None, path: str) -> datetime | None:
    """Atom's dates.

    >>> rfc3339("2026-01-31T12:00:00+01:00", "updated").isoformat()
    '2026-01-31T12:00:00+01:00'
    """
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidError(f"no date of RFC 3339: {given[:80]!r}", path=path) from None
    if moment.tzinfo is None:
        raise InvalidError(f"a date without an offset: {given[:80]!r}", path=path)
    return moment


def rfc822(given: str | None, path: str) -> datetime | None:
    """RSS's dates. Those that leave the zone open are taken as UTC.

    >>> rfc822("Sat, 31 Jan 2026 12:00:00 GMT", "pubDate").isoformat()
    '2026-01-31T12:00:00+00:00'
    """
    if given is None:
        return None
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        raise InvalidError(f"no date of RFC 822: {given[:80]!r}", path=path) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def size(given: str | None) -> int | None:
    """Lengths of enclosures are often missing, and often 0 where nobody knows."""
    return int(given) if given and given.isascii() and given.isdigit() and 0 < len(given) <= 18 and int(given) else None

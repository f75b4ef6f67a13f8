"""RSS 2.0, with the modules that feeds use: `content:encoded`, `dc:creator`, `dc:date`, `atom:link`."""

from xml.etree.ElementTree import Element

from feed import Channel, Enclosure, Entry, rfc822, rfc3339, size
from lockgate_guest import InvalidError
from reading import ATOM, CONTENT, DC, text, texts


def channel(channel: Element) -> Channel:
    """`channel`."""
    return Channel(
        id=feed_id(channel),
        title=text(channel, "title") or feed_id(channel),
        link=text(channel, "link"),
        description=text(channel, "description"),
        language=text(channel, "language"),
        updated=rfc822(text(channel, "lastBuildDate", "pubDate"), "channel/lastBuildDate"),
    )


def entry(channel: Element, item: Element) -> Entry:
    """`item`."""
    moment = rfc822(text(item, "pubDate"), "item/pubDate") or rfc3339(text(item, f"{DC}date"), "item/dc:date")
    return Entry(
        feed_id=feed_id(channel),
        id=item_id(item),
        title=text(item, "title") or "",
        link=text(item, "link") or _permalink(item),
        author=author(item),
        summary=text(item, "description"),
        content=text(item, f"{CONTENT}encoded"),
        categories=list(texts(item, "category")),
        published=moment,
        updated=rfc3339(text(item, f"{ATOM}updated"), "item/atom:updated") or moment,
        enclosure=_enclosure(item),
    )


def feed_id(channel: Element) -> str:
    """RSS has no ids of feeds: where the feed says that it is, else its site."""
    for link in channel.iterfind(f"{ATOM}link"):
        if link.get("rel") == "self" and link.get("href"):
            return link.get("href", "")
    site = text(channel, "link")
    if site is None:
        raise InvalidError("nothing says which feed it is: there is neither atom:link nor link", path="channel/link")
    return site


def item_id(item: Element) -> str:
    """The `guid`, else the link."""
    found = text(item, "guid", "link")
    if found is None:
        raise InvalidError("an item has neither guid nor link", path="item/guid")
    return found


def author(item: Element) -> str | None:
    """`dc:creator` is a name; `author` is an address with a name in brackets: anna@example.org (Anna)."""
    creator = text(item, f"{DC}creator")
    if creator:
        return creator
    address = text(item, "author")
    if address is None:
        return None
    _, bracket, name = address.partition("(")
    return name.rstrip(")").strip() if bracket else address


def _permalink(item: Element) -> str | None:
    guid = item.find("guid")
    if guid is None or guid.get("isPermaLink", "true") != "true" or not guid.text:
        return None
    link = guid.text.strip()
    return link if link.startswith(("http://", "https://")) else None


def _enclosure(item: Element) -> Enclosure | None:
    enclosure = item.find("enclosure")
    if enclosure is None or not enclosure.get("url"):
        return None
    return Enclosure(enclosure.get("url", ""), enclosure.get("type"), size(enclosure.get("length")))

"""RSS from 0.9 to 2.0, RSS 1.0 (RDF) too, with the modules that feeds use: `content:encoded`, `dc:creator`, `atom:link`."""

import re
from xml.etree.ElementTree import Element

from feed import Author, Channel, Enclosure, Entry, address, base_of, date, named, one_of, size
from lockgate_guest import InvalidError
from markup import inside_of_division, plain, written
from reading import ATOM, CONTENT, DC, ITUNES, RDF, XHTML, XML, text, texts

#: In the order in which feeds should name their dates.
PUBLISHED = ("pubDate", "pubdate", f"{DC}date", f"{DC}issued", f"{DC}created", f"{ATOM}published")
UPDATED = (f"{ATOM}updated", f"{DC}modified")


def channel(root: Element, channel: Element, feed_id: str) -> Channel:
    """`channel`."""
    link = address(text(channel, "link") or _atom_link(channel), _base(root, channel, feed_id), "the link of the feed")
    return Channel(
        id=feed_id,
        title=plain(text(channel, "title") or "") or feed_id,
        link=link,
        description=_first(channel, "description", f"{ATOM}subtitle"),
        language=text(channel, "language", f"{DC}language"),
        updated=date(channel, "lastBuildDate", "pubDate", f"{DC}date", f"{ATOM}updated"),
    )


def entry(root: Element, channel: Element, item: Element, feed_id: str, entry_id: str | None) -> Entry:
    """`item`."""
    base = _base(root, channel, feed_id, item)
    published, updated = date(item, *PUBLISHED), date(item, *UPDATED)
    own = text(item, "link") or _atom_link(item)
    return Entry(
        feed_id=feed_id,
        id=entry_id or item_id(channel, item),
        title=plain(text(item, "title", f"{DC}title") or ""),
        link=address(own, base, "the link") or _permalink(item),
        author=author(item, feed_id) or author(channel, feed_id, "managingEditor"),
        summary=_first(item, "description", f"{ATOM}summary", f"{ITUNES}summary"),
        content=_first(item, f"{CONTENT}encoded", f"{XHTML}body", f"{XHTML}div", f"{ATOM}content"),
        categories=list(dict.fromkeys([*texts(item, "category"), *texts(item, f"{DC}subject")])),
        published=published,
        updated=updated or published,
        enclosure=_enclosure(item, base),
    )


def parts(root: Element) -> tuple[Element, list[Element]]:
    """The channel and all items: RSS 1.0 has them beside it, and some of 2.0 do, too."""
    channels = root.findall("channel")
    if len(channels) > 1:
        raise InvalidError(f"a document is about one feed, and this has {len(channels)} channels")
    channel = channels[0] if channels else None
    if channel is None:
        raise InvalidError("there is no channel", path=f"{root.tag.rpartition('}')[2]}/channel")
    return channel, [
        *channel.iterfind("item"),
        *channel.iterfind("items/item"),
        *root.iterfind("item"),
        *root.iterfind("items/item"),
    ]


def stated_id(channel: Element) -> str | None:
    """RSS has no ids of feeds: where the feed says that it is, else its site."""
    for link in channel.iterfind(f"{ATOM}link"):
        if link.get("rel") == "self" and link.get("href"):
            return link.get("href", "").strip()
    return channel.get(f"{RDF}about") or text(channel, "link") or _atom_link(channel)


def item_id(channel: Element, item: Element) -> str:
    """What the feed calls an item: its `guid`, else where it is, else the file that it is about."""
    enclosure = item.find("enclosure")
    site = text(channel, "link")
    for found in (
        text(item, "guid"),
        item.get(f"{RDF}about"),
        text(item, "link"),
        _atom_link(item),
        None if enclosure is None else enclosure.get("url"),
    ):
        # The site itself is no item of it: programs write it as the guid of all.
        if found and found.strip() and found.strip() != site:
            return found.strip()
    raise InvalidError("an item has neither guid nor link nor enclosure", path="item/guid")


def author(parent: Element, feed_id: str, tag: str = "author") -> Author | None:
    """`dc:creator` is a name; `author` is an address with a name: anna@example.org (Anna), or Anna <anna@example.org>."""
    one_of(parent.findall(f"{DC}creator"), "author")
    if creator := text(parent, f"{DC}creator", f"{ITUNES}author") if tag == "author" else None:
        return person(creator, feed_id)
    atom = parent.find(f"{ATOM}author") if tag == "author" else None
    if atom is not None:
        return named(feed_id, text(atom, f"{ATOM}name"), text(atom, f"{ATOM}email"), text(atom, f"{ATOM}uri"))
    return person(text(parent, tag) or "", feed_id)


def person(given: str, feed_id: str) -> Author | None:
    """A name, an address, or both."""
    line = " ".join(given.split())
    if found := re.fullmatch(r"(?P<email>[^\s@<>()]+@[^\s@<>()]+)\s*(?:\((?P<name>.*)\))?", line):
        return named(feed_id, (found["name"] or "").strip() or found["email"], found["email"])
    if found := re.fullmatch(r"(?P<name>[^<>]*?)\s*<(?:mailto:)?(?P<email>[^\s@<>]+@[^\s@<>]+)>", line):
        return named(feed_id, found["name"].strip('" ') or found["email"], found["email"])
    if found := re.fullmatch(r"(?P<name>[^()]*?)\s*\((?P<email>[^\s@<>()]+@[^\s@<>()]+)\)", line):
        return named(feed_id, found["name"].strip() or found["email"], found["email"])
    return named(feed_id, plain(line))


def _first(parent: Element, *tags: str) -> str | None:
    for tag in tags:
        for child in parent.iterfind(tag):
            if found := inside_of_division(child) if child.find(f"{XHTML}div") is not None else written(child):
                return found
    return None


def _base(root: Element, channel: Element, feed_id: str, *within: Element) -> str:
    document = feed_id if "://" in feed_id else text(channel, "link") or ""
    return base_of((root, channel, *within), document)


def _atom_link(parent: Element, rel: str = "alternate") -> str | None:
    for link in parent.iterfind(f"{ATOM}link"):
        if link.get("rel", "alternate") == rel and (link.get("href") or "").strip():
            return link.get("href", "").strip()
    return None


def _permalink(item: Element) -> str | None:
    guid = item.find("guid")
    if guid is None or guid.get("isPermaLink", "true").strip().lower() != "true" or not guid.text:
        return None
    link = guid.text.strip()
    return address(link, "", "the guid") if link.lower().startswith(("http://", "https://")) else None


def _enclosure(item: Element, base: str) -> Enclosure | None:
    enclosures = item.findall("enclosure")
    one_of(enclosures, "enclosure")
    for enclosure in enclosures:
        relative = f"{XML}base"
        own = base_of([enclosure], base) if enclosure.get(relative) else base
        if url := address((enclosure.get("url") or enclosure.get("href") or "").strip(), own, "the enclosure"):
            return Enclosure(url, (enclosure.get("type") or "").strip() or None, size(enclosure.get("length")))
    return None

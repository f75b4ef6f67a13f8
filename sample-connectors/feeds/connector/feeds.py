"""Feeds in RSS 2.0 and Atom become pages: one for each feed, and one below it for each entry."""

import logging
import re
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

import atom
import rss
from feed import Author, Channel, Deleted, Entry
from lockgate_guest import (
    ROOT,
    Connector,
    DocumentParams,
    External,
    ExternalPage,
    InvalidError,
    Object,
    ObjectParams,
    Page,
    Prepared,
    Reference,
    Task,
    UnsupportedError,
    export,
    settings,
)
from reading import ATOM, TOMBSTONES, parse

log = logging.getLogger("feeds")

#: Never change them: the GUIDs of all pages follow from them.
CHANNELS = uuid5(NAMESPACE_URL, "https://lockgate.example/feeds/channels")
ENTRIES = uuid5(NAMESPACE_URL, "https://lockgate.example/feeds/entries")
#: Longest readable part of an alias, in characters.
SLUG_CHARS_MAX = 60
#: Longest name of a page, in characters.
NAME_CHARS_MAX = 100


@export
class Feeds(Connector):
    """One document of a task is one feed without entries, one entry, one deleted entry, or one author."""

    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        self.site = task.site_name
        match read(external.body):
            case Channel() as channel:
                return channel_page(channel)
            case Entry() as entry:
                log.info("entry %s of %s", entry.id, entry.feed_id)
                return entry_page(entry)
            case Deleted() as deleted:
                return Page("feed.entry", culture(), deleted.id[:NAME_CHARS_MAX], node_guid=entry_guid(deleted.feed_id, deleted.id))
            case Author() as author:
                found = Object("feed.author", author.name, display_name=author.name)
                found.set_if(email=author.email, uri=author.uri)
                return found

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        match object_type:
            case "feed.author" | "cms.site":
                return ObjectParams(id)
            case _:
                return super().get_internal_object_params(id, object_type)

    def get_internal_document_params(self, id: str, class_name: str) -> DocumentParams:
        site = settings.get("site", self.site)
        if class_name != "feed.channel" or site is None:
            return super().get_internal_document_params(id, class_name)
        return DocumentParams(channel_guid(id), culture(), site)


def read(body: bytes) -> Channel | Entry | Deleted | Author:
    """By the root element."""
    root = parse(body)
    match root.tag:
        case tag if tag == f"{ATOM}feed":
            return atom.channel(root)
        case tag if tag == f"{ATOM}entry":
            return atom.entry(root)
        case tag if tag == f"{TOMBSTONES}deleted-entry":
            return atom.deleted(root)
        case tag if tag == f"{ATOM}author":
            return atom.author(root)
        case "rss":
            channel = root.find("channel")
            if channel is None:
                raise InvalidError("there is no channel", path="rss/channel")
            item = channel.find("item")
            return rss.channel(channel) if item is None else rss.entry(channel, item)
        case other:
            raise UnsupportedError(f"no RSS 2.0 or Atom: its root is {other[:80]!r}")


def channel_page(channel: Channel) -> Page:
    guid = channel_guid(channel.id)
    page = Page("feed.channel", culture(), name(channel.title, channel.id), node_guid=guid, parent=ROOT, published=True)
    page.alias = alias(urlsplit(channel.link or channel.id).netloc, guid)
    page["feed_id"] = channel.id
    page["description"] = channel.description
    page["link"] = channel.link
    page.set_if(language=channel.language, updated_at=channel.updated)
    return page


def entry_page(entry: Entry) -> Page:
    """What an entry no longer says is cleared; what it never says stays as it is."""
    guid = entry_guid(entry.feed_id, entry.id)
    page = Page("feed.entry", culture(), name(entry.title, entry.id), node_guid=guid, published=True)
    page.parent = ExternalPage(entry.feed_id, "feed.channel")
    page.alias = alias(urlsplit(entry.link or entry.id).path.rstrip("/").rpartition("/")[2], guid)
    page["entry_id"] = entry.id
    page["title"] = entry.title
    page["link"] = entry.link
    page["author"] = Reference(entry.author) if entry.author else None
    page["summary"] = entry.summary
    page["content"] = entry.content
    page["categories"] = list(entry.categories)
    page.set_if(published_at=entry.published, updated_at=entry.updated)
    if entry.enclosure:
        page.set_if(
            enclosure_url=entry.enclosure.url, enclosure_type=entry.enclosure.type, enclosure_bytes=entry.enclosure.bytes
        )
    return page


def culture() -> str:
    return settings.get("culture", "en-US")


def channel_guid(feed_id: str) -> UUID:
    return uuid5(CHANNELS, feed_id)


def entry_guid(feed_id: str, entry_id: str) -> UUID:
    return uuid5(ENTRIES, f"{feed_id} {entry_id}")


def name(title: str, otherwise: str) -> str:
    """In one line, and never empty."""
    return (" ".join(title.split()) or otherwise)[:NAME_CHARS_MAX]


def alias(readable: str, guid: UUID) -> str:
    """A step of a path that stays as it is when the title changes, and that no other entry has."""
    slug = re.sub(r"[^a-z0-9]+", "-", readable.lower().rpartition(".html")[0] or readable.lower()).strip("-")
    return f"{slug[:SLUG_CHARS_MAX].rstrip('-') or 'entry'}-{str(guid)[:8]}"

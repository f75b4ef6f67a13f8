"""Feeds in RSS and Atom become pages: one for each feed, and one below it for each entry."""

import logging
import re
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

import atom
import envelope
import rss
from feed import Author, Channel, Deleted, Entry, printable
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
from reading import ATOM, RDF, TOMBSTONES, parse

log = logging.getLogger("feeds")

#: Never change them: the GUIDs of all pages follow from them.
CHANNELS = uuid5(NAMESPACE_URL, "https://lockgate.example/feeds/channels")
AUTHORS = uuid5(NAMESPACE_URL, "https://lockgate.example/feeds/authors")
ENTRIES = uuid5(NAMESPACE_URL, "https://lockgate.example/feeds/entries")
#: Longest readable part of an alias, in characters.
SLUG_CHARS_MAX = 60
#: Longest name of a page, in characters.
NAME_CHARS_MAX = 100
#: Longest texts that the content model takes, in characters.
TYPE_CHARS_MAX = 100
LANGUAGE_CHARS_MAX = 35
ID_CHARS_MAX = 2048
#: Longest id by which entries find their feed and their author, in bytes: the host's limit.
REFERENCE_BYTES_MAX = 1000


@export
class Feeds(Connector):
    """One document of a task is one feed without entries, one entry, one deleted entry, or one author."""

    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        self.site = task.site_name
        match read(external.body, external.media_type):
            case Channel() as channel:
                return channel_page(channel)
            case Entry() as entry:
                log.info("entry %s of %s", entry.id, entry.feed_id)
                return entry_page(entry)
            case Deleted() as deleted:
                return Page(
                    "feed.entry", culture(), name(deleted.id, "deleted"), node_guid=entry_guid(deleted.feed_id, deleted.id)
                )
            case Author() as author:
                guid = author_guid(author.id)
                found = Object("feed.author", author_name(author.id), guid=guid, display_name=author.name)
                found.set_if(email=author.email, uri=author.uri)
                return found

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        match object_type:
            case "feed.author":
                return ObjectParams(author_name(id))
            case "cms.site":
                return ObjectParams(id)
            case _:
                return super().get_internal_object_params(id, object_type)

    def get_internal_document_params(self, id: str, class_name: str) -> DocumentParams:
        site = settings.get("site", self.site)
        if class_name != "feed.channel" or site is None:
            return super().get_internal_document_params(id, class_name)
        return DocumentParams(channel_guid(id), culture(), site)


def read(body: bytes, media_type: str = "") -> Channel | Entry | Deleted | Author:
    """By the root element."""
    known, root = envelope.opened(parse(body, media_type), settings.get("feed"))
    match root.tag:
        case tag if tag == f"{ATOM}feed":
            feed_id = _feed_id(known.feed_id or atom.stated_id(root), "feed/id")
            entries, deleted = root.findall(f"{ATOM}entry"), root.findall(f"{TOMBSTONES}deleted-entry")
            _one_at_most(len(entries) + len(deleted), "entries")
            if deleted:
                return atom.deleted(deleted[0], feed_id)
            return atom.entry(root, entries[0], feed_id, known.entry_id) if entries else atom.channel(root, feed_id)
        case tag if tag == f"{ATOM}entry":
            return atom.entry(None, root, _feed_id(known.feed_id, "entry"), known.entry_id)
        case tag if tag == f"{TOMBSTONES}deleted-entry":
            return atom.deleted(root, _feed_id(known.feed_id, "deleted-entry"))
        case tag if tag == f"{ATOM}author":
            return atom.author(root, _feed_id(known.feed_id, "author"))
        case tag if tag in ("rss", f"{RDF}RDF"):
            channel, items = rss.parts(root)
            feed_id = _feed_id(known.feed_id or rss.stated_id(channel), "channel/link")
            _one_at_most(len(items), "items")
            return rss.entry(root, channel, items[0], feed_id, known.entry_id) if items else rss.channel(root, channel, feed_id)
        case other:
            raise UnsupportedError(f"neither RSS nor Atom: its root is {other[:80]!r}")


def _feed_id(found: str | None, path: str) -> str:
    found = printable(found or "")
    if not found:
        raise InvalidError(
            "nothing says which feed it is of: give its address in a subscription, or as the setting `feed`", path=path
        )
    if len(found.encode()) > REFERENCE_BYTES_MAX:
        raise InvalidError(f"the feed's id is longer than {REFERENCE_BYTES_MAX} bytes", path=path)
    return found


def _one_at_most(count: int, what: str) -> None:
    if count > 1:
        raise InvalidError(f"a task has one of them, and this feed has {count} {what}: feed_to_tasks.py makes a task of each")


def channel_page(channel: Channel) -> Page:
    guid = channel_guid(channel.id)
    page = Page("feed.channel", culture(), name(channel.title, channel.id), node_guid=guid, parent=ROOT, published=True)
    page.alias = alias(part(channel.link or channel.id, "netloc"), guid)
    page["feed_id"] = channel.id
    page["description"] = channel.description
    page["link"] = channel.link
    page["language"] = fitting("language", channel.language, LANGUAGE_CHARS_MAX)
    page["updated_at"] = channel.updated
    return page


def entry_page(entry: Entry) -> Page:
    """An entry is all that its feed says of it: what it does not have, or nobody can read, is cleared."""
    guid = entry_guid(entry.feed_id, entry.id)
    page = Page("feed.entry", culture(), name(entry.title, entry.id), node_guid=guid, published=True)
    page.parent = ExternalPage(entry.feed_id, "feed.channel")
    page.alias = alias(part(entry.link or entry.id, "path").rstrip("/").rpartition("/")[2], guid)
    page["entry_id"] = fitting("id", entry.id, ID_CHARS_MAX)
    page["title"] = entry.title or None
    page["link"] = entry.link
    page["author"] = author_of(entry)
    page["summary"] = entry.summary
    page["content"] = entry.content
    page["categories"] = list(entry.categories)
    page["published_at"] = entry.published
    page["updated_at"] = entry.updated
    enclosure = entry.enclosure
    page["enclosure_url"] = enclosure.url if enclosure else None
    page["enclosure_type"] = fitting("type of the enclosure", enclosure.type, TYPE_CHARS_MAX) if enclosure else None
    page["enclosure_bytes"] = enclosure.bytes if enclosure else None
    return page


def author_of(entry: Entry) -> Reference | None:
    if entry.author and len(entry.author.id.encode()) > REFERENCE_BYTES_MAX:
        log.warning(
            "the author's id is longer than %d bytes, and the author is left out: %.80r", REFERENCE_BYTES_MAX, entry.author.name
        )
        return None
    return Reference(entry.author.id) if entry.author else None


def fitting(what: str, given: str | None, chars_max: int) -> str | None:
    """What the content model takes; what is longer is left out."""
    if given and len(given) > chars_max:
        log.warning("the %s is longer than %d characters, and is left out: %.80r", what, chars_max, given)
        return None
    return given


def part(address: str, name: str) -> str:
    """A part of an address; nothing of one that is none."""
    try:
        return str(getattr(urlsplit(address), name))
    except ValueError:
        return ""


def culture() -> str:
    return settings.get("culture", "en-US")


def channel_guid(feed_id: str) -> UUID:
    return uuid5(CHANNELS, feed_id)


def author_guid(author_id: str) -> UUID:
    return uuid5(AUTHORS, author_id)


def author_name(author_id: str) -> str:
    """A code name that no name of a person is part of: two people may have one name, and one person two."""
    return f"author-{author_guid(author_id)}"


def entry_guid(feed_id: str, entry_id: str) -> UUID:
    return uuid5(ENTRIES, f"{feed_id} {entry_id}")


def name(title: str, otherwise: str) -> str:
    """In one line, and never empty."""
    return (printable(title) or printable(otherwise))[:NAME_CHARS_MAX]


def alias(readable: str, guid: UUID) -> str:
    """A step of a path that stays as it is when the title changes, and that no other entry has."""
    slug = re.sub(r"[^a-z0-9]+", "-", readable.lower().rpartition(".html")[0] or readable.lower()).strip("-")
    return f"{slug[:SLUG_CHARS_MAX].rstrip('-') or 'entry'}-{str(guid)[:8]}"

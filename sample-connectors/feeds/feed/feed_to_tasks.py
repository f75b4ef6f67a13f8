#!/usr/bin/env python3
"""Plays the external application: turns feeds, as they were fetched one after the other, into tasks.

    python3 feed_to_tasks.py https://harbour.example/feed.xml=monday.xml > tasks.ndjson
    lockgate submit --batch tasks.ndjson

A feed is known by the address that it was subscribed under, ADDRESS=FILE. Without one it is known by what it says of
itself, and two feeds that say the same in one run are refused: they would become one.

One task for each author, feed and entry. Of a feed that comes again only what is new or has changed is a task. An
entry is deleted when its feed says so (`at:deleted-entry`, RFC 6721), and never because it is no longer listed.
What cannot be read is told with its file and line, and all else is taken.
"""

import argparse
import hashlib
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, register_namespace, tostring

_here = Path(__file__).resolve().parent
sys.path[:0] = [str(_here), str(_here.parent / "connector"), str(_here.parents[2] / "guest-sdk/python/src")]
sys.dont_write_bytecode = True

import atom  # noqa: E402
import cutting  # noqa: E402
import rss  # noqa: E402
from decoding import decode  # noqa: E402
from envelope import sealed  # noqa: E402
from feed import Author, date, printable  # noqa: E402
from lockgate_guest import InvalidError, UnsupportedError  # noqa: E402
from markup import plain  # noqa: E402
from reading import ATOM, CONTENT, DC, ITUNES, SUBSCRIPTION, TOMBSTONES, XHTML, text  # noqa: E402
from repair import repaired  # noqa: E402

log = logging.getLogger("feeds")

PREFIXES = {
    "atom": ATOM,
    "content": CONTENT,
    "dc": DC,
    "at": TOMBSTONES,
    "xhtml": XHTML,
    "itunes": ITUNES,
    "lockgate": SUBSCRIPTION,
}
MEDIA_TYPES = {True: "application/rss+xml", False: "application/atom+xml"}
#: Longest subject of a task, in bytes; a longer one is told by its digest.
SUBJECT_BYTES_MAX = 1000
TITLE_CHARS_MAX = 100


class Feeds:
    """What is known of the feeds that were fetched so far."""

    def __init__(self, connector: str, site: str) -> None:
        self.connector = connector
        self.site = site
        #: Of each subject what it was last: the body, and the key of the task.
        self.last: dict[str, tuple[str, str]] = {}
        #: Of each feed that was given no address: what it calls itself.
        self.titles: dict[str, str] = {}

    def tasks(self, body: bytes, address: str | None, media_type: str, fetched: str) -> Iterator[dict[str, Any]]:
        """Those of one fetched document."""
        whole = cutting.document(repaired(decode(body, media_type)))
        feed_id = address or self._stated(whole)
        yield from self._task(whole, fetched, feed_id, "document", "feed", whole.root, feed_id, title(whole.head) or feed_id)
        for cut, entry_id in self._identified(whole):
            if cut.element.tag == f"{TOMBSTONES}deleted-entry":
                yield from self._task(
                    whole, fetched, feed_id, "deleted", "deleted", cut.element, f"{feed_id} {entry_id}", entry_id
                )
                continue
            author = author_of(whole, cut.element, feed_id)
            if author:
                yield from self._task(whole, fetched, feed_id, "object", "author", person(author), author.id, author.name)
            own = cutting.with_entry(whole, cut.element)
            subject = f"{feed_id} {entry_id}"
            named = title(cut.element) or entry_id
            yield from self._task(whole, fetched, feed_id, "document", "entry", own, subject, named, entry_id)

    def _stated(self, whole: cutting.Document) -> str:
        """What a feed says that it is. Two that say the same are not one."""
        found = printable((rss.stated_id if whole.is_rss else atom.stated_id)(whole.head) or "")
        if not found:
            raise InvalidError("the feed does not say which one it is: give its address, as ADDRESS=FILE")
        named = title(whole.head)
        known = self.titles.setdefault(found, named)
        if known != named:
            raise InvalidError(f"{named!r} says that it is {found}, as {known!r} did: give their addresses, as ADDRESS=FILE")
        return found

    def _identified(self, whole: cutting.Document) -> Iterator[tuple[cutting.Cut, str]]:
        """All entries with their ids, each once. An id that several items have stands for none of them alone."""
        found: list[tuple[cutting.Cut, str]] = []
        for cut in whole.cuts:
            try:
                found.append((cut, _id(whole, cut.element)))
            except InvalidError as error:
                log.error("line %d: %s; it is left out", cut.line, error)
        count = Counter(entry_id for _, entry_id in found)
        newest: dict[str, tuple[cutting.Cut, str]] = {}
        for cut, entry_id in found:
            if whole.is_rss and count[entry_id] > 1:
                place = text(cut.element, "link") or ""
                if place and place != entry_id:
                    entry_id = f"{entry_id} {place}"
                    log.warning(
                        "line %d: %d items have this guid; they are told apart by their links",
                        cut.line,
                        count[_id(whole, cut.element)],
                    )
            other = newest.get(entry_id)
            if other is None:
                newest[entry_id] = (cut, entry_id)
                continue
            older, newer = sorted((other[0], cut), key=lambda one: _moment(one.element))
            if tostring(older.element) != tostring(newer.element):
                log.error("line %d: %r stands in line %d as well; what is newer is taken", older.line, entry_id[:80], newer.line)
            newest[entry_id] = (newer, entry_id)
        yield from newest.values()

    def _task(
        self,
        whole: cutting.Document,
        fetched: str,
        feed_id: str,
        kind: str,
        what: str,
        document: Element,
        subject: str,
        named: str,
        entry_id: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        body = tostring(sealed(document, feed_id, entry_id), encoding="unicode")
        subject = f"{what if kind == 'object' else 'page'} {printable(subject)}"
        if len(subject.encode()) > SUBJECT_BYTES_MAX:
            subject = f"sha256 {hashlib.sha256(subject.encode()).hexdigest()}"
        last, before = self.last.get(subject, ("", ""))
        if body == last:
            return
        verb = "delete" if kind == "deleted" else "update" if last else "create"
        task_type = f"{verb}-{'object' if kind == 'object' else 'document'}"
        # One key for each change: of what was before, what is now, and when it was fetched.
        key = hashlib.sha256("\0".join((subject, before, task_type, fetched, body)).encode()).hexdigest()
        self.last[subject] = ("" if kind == "deleted" else body, key)
        task: dict[str, Any] = {"connector": self.connector, "process_type": "skip-on-error", "task_type": task_type}
        task["data_type"] = "simple-snapshot"
        if kind != "object":
            task["site"] = self.site
        task |= {"title": f"{what} {named}"[:TITLE_CHARS_MAX], "subject": subject, "idempotency_key": f"feeds-{key[:32]}"}
        yield task | {"media_type": MEDIA_TYPES[whole.is_rss], "body": body}


def _id(whole: cutting.Document, element: Element) -> str:
    if element.tag == f"{TOMBSTONES}deleted-entry":
        return atom.deleted(element, "").id
    return rss.item_id(whole.head, element) if whole.is_rss else atom.stated_entry_id(element)


def _moment(element: Element) -> float:
    found = date(element, *rss.UPDATED, *atom.UPDATED, *rss.PUBLISHED, *atom.PUBLISHED)
    return found.timestamp() if found else 0.0


def title(element: Element) -> str:
    return plain(text(element, "title", f"{ATOM}title") or "")


def author_of(whole: cutting.Document, element: Element, feed_id: str) -> Author | None:
    """As the connector finds it."""
    if whole.is_rss:
        return rss.author(element, feed_id) or rss.author(whole.head, feed_id, "managingEditor")
    return atom.author_of(element, whole.head, feed_id)


def person(author: Author) -> Element:
    element = Element(f"{ATOM}author")
    for name, value in (("name", author.name), ("email", author.email), ("uri", author.uri)):
        if value:
            child = Element(f"{ATOM}{name}")
            child.text = value
            element.append(child)
    return element


class _Told(logging.Handler):
    """Writes what is told of a file, with its name, and counts what was left out."""

    def __init__(self) -> None:
        super().__init__()
        self.file = ""
        self.errors = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.errors += record.levelno >= logging.ERROR
        if record.levelno >= logging.WARNING:
            print(f"{record.levelname.lower()}: {self.file}: {record.getMessage()}", file=sys.stderr)


def split(given: str) -> tuple[str | None, Path]:
    """ADDRESS=FILE, or FILE."""
    address, equals, file = given.rpartition("=")
    return (address, Path(file)) if equals and "://" in address and not Path(given).exists() else (None, Path(given))


def main() -> int:
    """0: written; 1: something was left out, and told; all else was written."""
    parser = argparse.ArgumentParser(description="Turn feeds into tasks for lockgate submit --batch.")
    parser.add_argument("file", nargs="+", metavar="[ADDRESS=]FILE", help="fetched documents, in the order of fetching")
    parser.add_argument("--connector", default="feeds")
    parser.add_argument("--site", default="planet")
    parser.add_argument("--media-type", default="", help="Content-Type that they came with, for its charset")
    parser.add_argument("--fetched", help="when they were fetched; default: when each file was written")
    given = parser.parse_args()
    for prefix, namespace in PREFIXES.items():
        register_namespace(prefix, namespace[1:-1])
    told = _Told()
    log.handlers, log.propagate = [told], False
    feeds = Feeds(given.connector, given.site)
    for address, file in map(split, given.file):
        told.file = str(file)
        try:
            fetched = given.fetched or datetime.fromtimestamp(file.stat().st_mtime, timezone.utc).isoformat()
            for task in feeds.tasks(file.read_bytes(), address, given.media_type, fetched):
                print(json.dumps(task, ensure_ascii=False))
        except (InvalidError, UnsupportedError) as error:
            log.error("%s", error)
        except OSError as error:
            log.error("it cannot be read: %s", error.strerror)
    return 1 if told.errors else 0


if __name__ == "__main__":
    sys.exit(main())

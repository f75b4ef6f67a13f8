#!/usr/bin/env python3
"""Plays the external application: turns feeds, as they were fetched one after the other, into tasks.

    python3 feed_to_tasks.py rss.xml rss-later.xml > tasks.ndjson
    lockgate submit --batch tasks.ndjson

One task for each author, feed and entry. Of a feed that comes again only what is new or has changed is a task. An
entry is deleted when Atom's `at:deleted-entry` (RFC 6721) says so, or, in RSS, which has no word for it, when it is
gone while an older one is still listed.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

_here = Path(__file__).resolve().parent
sys.path[:0] = [str(_here.parent / "connector"), str(_here.parents[2] / "guest-sdk/python/src")]
sys.dont_write_bytecode = True

import rss  # noqa: E402
from lockgate_guest import InvalidError  # noqa: E402
from reading import ATOM, CONTENT, DC, TOMBSTONES, XHTML, XML, parse, text  # noqa: E402

PREFIXES = {"atom": ATOM, "content": CONTENT, "dc": DC, "at": TOMBSTONES, "xhtml": XHTML}
MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml"}


class Feeds:
    """What is known of the feeds that were fetched so far."""

    def __init__(self, connector: str, site: str) -> None:
        self.connector = connector
        self.site = site
        self.authors: set[str] = set()
        #: Of each feed: the document of each entry, and under no id its own.
        self.seen: dict[str, dict[str, str]] = {}
        #: Of each RSS feed: what it listed last, newest first.
        self.listed: dict[str, list[str]] = {}

    def tasks(self, body: bytes) -> Iterator[dict[str, Any]]:
        """Those of one fetched document."""
        root = parse(body)
        if root.tag == "rss" and (channel := root.find("channel")) is not None:
            yield from self._rss(channel)
        elif root.tag == f"{ATOM}feed":
            yield from self._atom(root)
        else:
            raise InvalidError(f"no RSS 2.0 or Atom: its root is {root.tag!r}")

    def _rss(self, channel: Element) -> Iterator[dict[str, Any]]:
        feed_id = rss.feed_id(channel)
        seen = self.seen.setdefault(feed_id, {})
        items = channel.findall("item")
        yield from self._page(seen, "", "feed", "rss", _wrapped(_without(channel, "item")), text(channel, "title"))
        for item in items:
            if name := rss.author(item):
                yield from self._author(_person(name))
        listed = [rss.item_id(item) for item in items]
        for gone in _withdrawn(self.listed.get(feed_id, []), listed):
            del seen[gone]
            yield self._task("delete-document", f"deleted {gone}", "atom", _tombstone(gone, feed_id), site=True)
        self.listed[feed_id] = listed
        # What says which feed it is, and nothing that changes from fetch to fetch.
        head = _only(channel, "title", "link", f"{ATOM}link")
        for item in items:
            yield from self._page(seen, rss.item_id(item), "entry", "rss", _wrapped(_with(head, item)), text(item, "title"))

    def _atom(self, feed: Element) -> Iterator[dict[str, Any]]:
        feed_id = text(feed, f"{ATOM}id") or ""
        seen = self.seen.setdefault(feed_id, {})
        head = _without(feed, f"{ATOM}entry", f"{TOMBSTONES}deleted-entry")
        yield from self._page(seen, "", "feed", "atom", head, text(feed, f"{ATOM}title"))
        for person in feed.iter(f"{ATOM}author"):
            yield from self._author(person)
        for tombstone in feed.iterfind(f"{TOMBSTONES}deleted-entry"):
            ref = tombstone.get("ref", "")
            seen.pop(ref, None)
            yield self._task("delete-document", f"deleted {ref}", "atom", _with(tombstone, _source(feed)), site=True)
        for entry in feed.iterfind(f"{ATOM}entry"):
            document = _with(entry, _source(feed))
            if f"{XML}base" not in document.attrib and f"{XML}base" in feed.attrib:
                document.set(f"{XML}base", feed.attrib[f"{XML}base"])
            yield from self._page(seen, text(entry, f"{ATOM}id") or "", "entry", "atom", document, text(entry, f"{ATOM}title"))

    def _page(
        self, seen: dict[str, str], key: str, what: str, kind: str, document: Element, title: str | None
    ) -> Iterator[dict[str, Any]]:
        task_type = "update-document" if key in seen else "create-document"
        task = self._task(task_type, f"{what} {title or key}", kind, document, site=True)
        if seen.get(key) != task["body"]:
            seen[key] = task["body"]
            yield task

    def _author(self, person: Element) -> Iterator[dict[str, Any]]:
        name = text(person, f"{ATOM}name")
        if name and name not in self.authors:
            self.authors.add(name)
            yield self._task("create-object", f"author {name}", "atom", person, site=False)

    def _task(self, task_type: str, title: str, kind: str, document: Element, *, site: bool) -> dict[str, Any]:
        task: dict[str, Any] = {"connector": self.connector, "process_type": "default", "task_type": task_type}
        task["data_type"] = "simple-snapshot"
        if site:
            task["site"] = self.site
        document.tail = None
        body = tostring(document, encoding="unicode")
        return task | {"title": title[:100], "media_type": MEDIA_TYPES[kind], "body": body}


def _withdrawn(before: list[str], now: list[str]) -> list[str]:
    """What is gone while an older one is still listed; what is older than all of them has only left the window."""
    still = [at for at, known in enumerate(before) if known in now]
    return [known for known in before[: still[-1]] if known not in now] if still else []


def _with(element: Element, child: Element) -> Element:
    """A copy with one child more."""
    copy = Element(element.tag, element.attrib)
    copy.text = element.text
    copy.extend([*element, child])
    return copy


def _without(element: Element, *tags: str) -> Element:
    """A copy without these children."""
    copy = Element(element.tag, element.attrib)
    copy.text = element.text
    copy.extend(child for child in element if child.tag not in tags)
    return copy


def _only(element: Element, *tags: str) -> Element:
    """A copy with these children alone."""
    copy = Element(element.tag, element.attrib)
    copy.extend(child for child in element if child.tag in tags)
    return copy


def _wrapped(channel: Element) -> Element:
    document = Element("rss", {"version": "2.0"})
    document.append(channel)
    return document


def _source(feed: Element) -> Element:
    """RFC 4287, 4.2.11: where an entry is from that stands without its feed. Its date is left out: it says nothing of the entry."""
    source = Element(f"{ATOM}source")
    source.extend(child for child in feed if child.tag in (f"{ATOM}id", f"{ATOM}title", f"{ATOM}author"))
    return source


def _tombstone(ref: str, feed_id: str) -> Element:
    tombstone = Element(f"{TOMBSTONES}deleted-entry", {"ref": ref})
    SubElement(SubElement(tombstone, f"{ATOM}source"), f"{ATOM}id").text = feed_id
    return tombstone


def _person(name: str) -> Element:
    person = Element(f"{ATOM}author")
    SubElement(person, f"{ATOM}name").text = name
    return person


def main() -> int:
    """0: written; 2: a document is no feed."""
    parser = argparse.ArgumentParser(description="Turn feeds into tasks for lockgate submit --batch.")
    parser.add_argument("file", nargs="+", type=Path, help="fetched documents, in the order of fetching")
    parser.add_argument("--connector", default="feeds")
    parser.add_argument("--site", default="planet")
    given = parser.parse_args()
    for prefix, namespace in PREFIXES.items():
        register_namespace(prefix, namespace[1:-1])
    feeds = Feeds(given.connector, given.site)
    for file in given.file:
        try:
            for task in feeds.tasks(file.read_bytes()):
                print(json.dumps(task, ensure_ascii=False))
        except InvalidError as error:
            print(f"error: {file}: {error}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

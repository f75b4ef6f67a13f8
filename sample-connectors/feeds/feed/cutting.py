"""Cuts a fetched feed into its entries, each with what stands around all of them.

A feed that cannot be read as a whole is cut before it is read: what is wrong with one entry is told, and the others
are taken.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import envelope
from lockgate_guest import InvalidError
from reading import ATOM, RDF, TOMBSTONES, parse_repaired
from rss import parts

log = logging.getLogger("feeds")

ENTRIES = ("item", f"{ATOM}entry", f"{TOMBSTONES}deleted-entry")
#: Of a feed: what its entries need of it.
KEPT = ("title", "link", "managingEditor", f"{ATOM}id", f"{ATOM}title", f"{ATOM}link", f"{ATOM}author")
_BEGIN = re.compile(r"<((?:[\w.-]+:)?(?:item|entry|deleted-entry))(?:\s[^<>]*)?>")


@dataclass
class Cut:
    """An entry, an item or a deletion, and the line in which it begins."""

    element: Element
    line: int


@dataclass
class Document:
    """A feed without its entries, and the entries."""

    #: `rss` with its channel, or Atom's `feed`.
    root: Element
    cuts: list[Cut]

    @property
    def is_rss(self) -> bool:
        return self.root.tag == "rss"

    @property
    def head(self) -> Element:
        """What says of the feed: its `channel`, or the `feed` itself."""
        return self.root[0] if self.is_rss else self.root


def document(text: str) -> Document:
    """The feed in a repaired text. What cannot be read in it is told, with its line."""
    try:
        root, lines = parse_repaired(text)
    except InvalidError as error:
        cut = _in_pieces(text)
        if cut is None:
            raise
        log.warning("%s; each entry is read by itself", error)
        return cut
    return _cut(root, lines, 0)


def with_entry(whole: Document, entry: Element) -> Element:
    """The feed with this entry alone, and with what says which feed it is; not with what changes from fetch to fetch."""
    head = Element(whole.head.tag, whole.head.attrib)
    head.extend([*(child for child in whole.head if child.tag in KEPT), entry])
    if not whole.is_rss:
        return head
    root = Element("rss", whole.root.attrib)
    root.append(head)
    return root


def _cut(root: Element, lines: dict[Element, int], before: int) -> Document:
    if root.tag == envelope.TAG:
        raise InvalidError("this is a task already, not a feed")
    if root.tag in ("rss", f"{RDF}RDF"):
        channel, entries = parts(root)
        whole = Element("rss", {"version": "2.0"} | {name: value for name, value in root.attrib.items() if name.startswith("{")})
        whole.append(_without(channel, "item", "items"))
    elif root.tag == f"{ATOM}feed":
        entries = [child for child in root if child.tag in ENTRIES]
        whole = _without(root, *ENTRIES)
    else:
        raise InvalidError(f"this is neither RSS nor Atom: its root is {root.tag[:80]!r}")
    return Document(whole, [Cut(entry, lines.get(entry, 0) + before) for entry in entries])


def _without(element: Element, *tags: str) -> Element:
    copy = Element(element.tag, element.attrib)
    copy.extend(child for child in element if child.tag not in tags)
    return copy


def _in_pieces(text: str) -> Document | None:
    """The same of a text that is no XML as a whole; None where not even the beginning can be read."""
    pieces = list(_pieces(text))
    if not pieces:
        return None
    head = text[: pieces[0][0]]
    opened = _opened(head)
    if opened is None:
        return None
    begins, ends = opened
    try:
        whole = _cut(*parse_repaired(head + ends), 0)
    except InvalidError:
        return None
    for start, end, name, is_ended in pieces:
        line = text.count("\n", 0, start) + 1
        if end is None:
            log.error("line %d: this %s does not end; it is left out", line, name)
            continue
        piece = text[start:end] + ("" if is_ended else f"</{name}>")
        try:
            one = _cut(*parse_repaired(begins + piece + ends), line - 1)
        except InvalidError as error:
            within = re.sub(r"^line (\d+)", lambda found, first=line: f"line {int(found[1]) + first - 1}", str(error))  # type: ignore[misc]
            log.error("line %d: this %s cannot be read, and is left out: %s", line, name, within)
            continue
        if not is_ended:
            log.warning("line %d: this %s does not end; it is read to where the next begins", line, name)
        whole.cuts += one.cuts
    return whole


def _pieces(text: str) -> Iterator[tuple[int, int | None, str, bool]]:
    """Where each entry begins and ends, what it is called, and whether it says where it ends. The last one of a file that was cut
    off has no end; another goes to where the next begins."""
    begun = list(_BEGIN.finditer(text))
    ends: dict[str, int] = {}
    at = 0
    for number, found in enumerate(begun):
        if found.start() < at or found[0].endswith("/>"):
            continue
        if -1 < ends.get(found[1], 0) < found.end():
            ends[found[1]] = text.find(f"</{found[1]}", found.end())
        end = ends[found[1]]
        closed = text.find(">", end) + 1 if end >= 0 else 0
        following = begun[number + 1].start() if number + 1 < len(begun) else len(text)
        if not closed or end > following and text.find("<![CDATA[", found.end(), following) < 0:
            yield found.start(), following if number + 1 < len(begun) else None, found[1], False
            continue
        yield found.start(), closed, found[1], True
        at = closed


def _opened(head: str) -> tuple[str, str] | None:
    """What begins the elements that the head of a feed leaves open, in one line, and what ends them. None: it cannot be read."""
    opened: list[tuple[str, str]] = []
    reader = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        opened.append((name, "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())))

    reader.StartElementHandler = start
    reader.EndElementHandler = lambda _: opened.pop()
    # A newer expat waits for more before it tells of what it has.
    at_once = getattr(reader, "SetReparseDeferralEnabled", None)
    if at_once is not None:
        at_once(False)
    try:
        reader.Parse(head, False)
    except expat.ExpatError:
        return None
    begins = "".join(f"<{name}{attributes}>" for name, attributes in opened)
    if not any(name.rpartition(":")[2] in ("channel", "feed") for name, _ in opened):
        # Items that stand beside their channel need one to be read.
        begins += "<channel></channel>"
    return begins, "".join(f"</{name}>" for name, _ in reversed(opened))

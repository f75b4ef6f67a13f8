"""XML from outside, read so that it cannot grow.

The parser is expat, of the standard library. Nothing is fetched: expat opens no external entity unless a program
does it for it. Nothing is multiplied: of the entities that a document declares only those are put in that are a few
characters long. So what comes out is about as long as what went in, which the host bounds.
"""

import logging
from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from decoding import decode
from lockgate_guest import InvalidError, UnsupportedError
from repair import protected, repaired

log = logging.getLogger("feeds")

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
#: Our own: what is known of a feed beside what it says, see `envelope.py`.
SUBSCRIPTION = "{https://lockgate.example/feeds/subscription}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
XHTML = "{http://www.w3.org/1999/xhtml}"
XML = "{http://www.w3.org/XML/1998/namespace}"

#: Under which names RSS has been written; it has none of its own since 2.0.
RSS = (
    "{http://purl.org/rss/1.0/}",
    "{http://purl.org/rss/1.0/modules/rss091#}",
    "{http://my.netscape.com/rdf/simple/0.9/}",
    "{http://channel.netscape.com/rdf/simple/0.9/}",
    "{http://my.netscape.com/publish/formats/rss-0.91.dtd}",
    "{http://backend.userland.com/rss}",
    "{http://backend.userland.com/rss2}",
    "{http://backend.userland.com/rss091}",
    "{http://blogs.law.harvard.edu/tech/rss}",
    "{http://cyber.law.harvard.edu/rss}",
)
#: Names that stand for one of the above: older ones, and those that programs write.
SAME = {
    "{http://purl.org/atom/ns#}": ATOM,
    "{https://www.w3.org/2005/Atom}": ATOM,
    "{http://www.w3.org/2005/atom}": ATOM,
    "{http://purl.org/dc/elements/1.0/}": DC,
    "{http://purl.org/dc/terms/}": DC,
    "{https://www.itunes.com/dtds/podcast-1.0.dtd}": ITUNES,
    "{http://www.itunes.com/DTDs/Podcast-1.0.dtd}": ITUNES,
}

#: Deepest nesting. Feeds have about ten levels, with the markup of their content.
DEPTH_MAX = 100


def parse(body: bytes, media_type: str = "") -> Element:
    """The root element of a document; ``InvalidError`` for what cannot be read, with its line.

    >>> parse(b"<a xmlns='urn:x'><b/></a>")[0].tag
    '{urn:x}b'
    >>> parse(b"<!DOCTYPE a [<!ENTITY b '&c;&c;&c;'>]><a>&b;</a>")
    Traceback (most recent call last):
        ...
    lockgate_guest.errors.InvalidError: the document declares the entity 'b', which has more than a few characters and is not expanded
    """
    return parse_repaired(repaired(decode(body, media_type)))[0]


def parse_repaired(text: str) -> tuple[Element, dict[Element, int]]:
    """The root element, and the line in which each element begins."""
    if text.lstrip()[:5].lower() == "<html":
        raise UnsupportedError("this is a web page, and no feed")
    try:
        return _read(text)
    except _NotWellFormed as first:
        shielded = protected(text)
        if shielded != text:
            try:
                read = _read(shielded)
            except _NotWellFormed:
                pass
            else:
                log.warning("%s; markup in texts is taken as text", first)
                return read
        raise InvalidError(str(first)) from None


class _NotWellFormed(Exception):
    pass


def _read(text: str) -> tuple[Element, dict[Element, int]]:
    reader = _Reader()
    try:
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        raise _NotWellFormed(f"line {error.lineno}: this is no XML: {expat.errors.messages[error.code]}") from None
    root = reader.builder.close()
    if root.tag.rpartition("}")[2] == "rss":
        _without_namespace(root)
    return root, reader.lines


class _Reader:
    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.lines: dict[Element, int] = {}
        self.depth = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.builder.data

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise InvalidError(f"line {self.parser.CurrentLineNumber}: the document is nested deeper than {DEPTH_MAX} levels")
        element = self.builder.start(_tag(name), {_attribute(key): value for key, value in attributes.items()})
        self.lines[element] = self.parser.CurrentLineNumber

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_tag(name))


def _tag(name: str) -> str:
    if "}" not in name:
        return name
    namespace, _, local = ("{" + name).partition("}")
    namespace += "}"
    return local if namespace in RSS else SAME.get(namespace, namespace) + local


def _attribute(name: str) -> str:
    return "{" + name if "}" in name else name


def _without_namespace(root: Element) -> None:
    """Takes RSS out of a namespace that it does not have: programs write `<rss xmlns="http://www.w3.org/2005/Atom">`."""
    namespace = root.tag.removesuffix("rss")
    if not namespace:
        return
    for element in root.iter():
        # Of Atom's own elements RSS borrows `link` with an address.
        if element.tag.startswith(namespace) and "href" not in element.attrib:
            element.tag = element.tag.removeprefix(namespace)


def text(parent: Element, *tags: str) -> str | None:
    """The trimmed text of the first of these children that has any, with that of elements in it."""
    for tag in tags:
        for child in parent.iterfind(tag):
            if found := "".join(child.itertext()).strip():
                return found
    return None


def texts(parent: Element, tag: str) -> Iterator[str]:
    """The trimmed texts of all of these children that have any."""
    found = ("".join(child.itertext()).strip() for child in parent.iterfind(tag))
    return (text for text in found if text)

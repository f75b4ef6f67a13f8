"""XML from outside, read so that it cannot grow.

The parser is expat, of the standard library. Nothing is fetched: expat opens no external entity unless a program
does it for it. Nothing is multiplied: a document that declares an entity is refused at its declaration, before any
of it is expanded. So what comes out is at most as long as what went in, which the host bounds.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from lockgate_guest import InvalidError

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
XHTML = "{http://www.w3.org/1999/xhtml}"
XML = "{http://www.w3.org/XML/1998/namespace}"

#: Deepest nesting. Feeds have about ten levels, with the markup of their content.
DEPTH_MAX = 100


def parse(body: bytes) -> Element:
    """The root element; ``InvalidError`` for what is no XML, declares entities or nests too deep.

    >>> parse(b"<a xmlns='urn:x'><b/></a>")[0].tag
    '{urn:x}b'
    >>> parse(b"<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>")
    Traceback (most recent call last):
        ...
    lockgate_guest.errors.InvalidError: the document declares the entity 'b': entities are not expanded
    """
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise InvalidError(f"no XML: {error}") from None
    except (LookupError, ValueError) as error:
        raise InvalidError(f"no XML in an encoding that can be read: {error}") from None
    return reader.builder.close()


class _Reader:
    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.depth = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.builder.data
        self.parser.EntityDeclHandler = self.entity
        self.parser.SkippedEntityHandler = self.skipped

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise InvalidError(f"the document is nested deeper than {DEPTH_MAX} levels")
        self.builder.start(_tag(name), {_tag(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_tag(name))

    def entity(self, name: str, *_: object) -> None:
        raise InvalidError(f"the document declares the entity {name!r}: entities are not expanded")

    def skipped(self, name: str, *_: object) -> None:
        raise InvalidError(f"the document names the entity {name!r}, which it does not explain")


def _tag(name: str) -> str:
    return "{" + name if "}" in name else name


def text(parent: Element, *tags: str) -> str | None:
    """The trimmed text of the first of these children that has any."""
    for tag in tags:
        for child in parent.iterfind(tag):
            if child.text and child.text.strip():
                return child.text.strip()
    return None


def texts(parent: Element, tag: str) -> Iterator[str]:
    """The trimmed texts of all of these children that have any."""
    return (child.text.strip() for child in parent.iterfind(tag) if child.text and child.text.strip())

"""What feeds have that XML does not allow, put right before the parser sees it.

Lines stay where they are, so that what is told of a place is true. Nothing grows by more than `GROWTH_MAX`.
"""

import html
import logging
import re
from html.entities import html5
from xml.sax.saxutils import escape

from lockgate_guest import InvalidError

log = logging.getLogger("feeds")

#: Longest value of an entity that a document declares, in characters: a sign, or a short name.
ENTITY_CHARS_MAX = 32
#: How often longer the text may become by the entities that it declares.
GROWTH_MAX = 4
#: Elements whose content is text to people, and markup at most.
TEXTS = ("title", "description", "summary", "content", "encoded", "subtitle", "tagline", "copyright", "rights")
#: Prefixes that feeds use without declaring them.
PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
}

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What has neither references nor tags in it; one that does not end goes to the end.
_OUTSIDE = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"
_REFERENCE = re.compile(
    rf"(?P<outside>{_OUTSIDE})|&(?:(?P<number>#[0-9]+|#[xX][0-9a-fA-F]+)|(?P<name>[A-Za-z_][\w.-]*));|&|<(?![A-Za-z_/!?])",
    re.DOTALL,
)
_TAG = re.compile(rf"{_OUTSIDE}|<(?P<tag>/?[A-Za-z_][^<>]*)>", re.DOTALL)
#: Each part is taken once and for all, so that what does not end is found out in one go.
_PARTS = r"""(?><!--.*?-->|<(?!!--)|[^<>\[\]"']|"[^"]*"|'[^']*')"""
_DOCTYPE = re.compile(rf"(?><!DOCTYPE){_PARTS}*+(?:\[(?P<inside>(?:{_PARTS}|[\[>])*+)\]\s*+)?>", re.DOTALL)
_DECLARATION = re.compile(r"<!ENTITY\s+(%\s*)?([\w.:-]+)\s+(?:(SYSTEM|PUBLIC)\b|\"([^\"]*)\"|'([^']*)')")


def repaired(text: str) -> str:
    """The text as XML 1.0 without a declaration, as far as that can be had without guessing.

    >>> repaired("<a>Beans&nbsp;&amp; peas & more, 1 < 2</a>")
    '<a>Beans\\xa0&amp; peas &amp; more, 1 &lt; 2</a>'
    """
    start = text.find("<")
    if start < 0:
        raise InvalidError("there is no element in it")
    before = text[:start]
    if before.strip("\ufeff \t\r\n"):
        log.warning("line 1: text stands before the document, and is left out")
    text = _blank(before) + text[start:]
    text = re.sub(r"<\?xml\b[^>]*\?>", lambda found: _blank(found[0]), text, count=1)
    text, entities = _without_doctype(text)
    if wrong := _NOT_XML.search(text):
        log.warning("line %d: control characters are left out", _line(text, wrong.start()))
        text = _NOT_XML.sub(lambda found: " " if found[0].isspace() else "", text)
    return _prefixed(_references(text, entities))


def protected(text: str) -> str:
    """The same, with whatever stands in elements of text taken as text: a `<br>` that does not end there ends nothing."""
    parts: list[str] = []
    at = 0
    unended: set[str] = set()
    for found in re.finditer(rf"<((?:[\w.-]+:)?(?:{'|'.join(TEXTS)}))(?:\s[^<>]*)?(?<!/)>", text):
        if found.start() < at or found[1] in unended:
            continue
        end = text.find(f"</{found[1]}>", found.end())
        if end < 0:
            unended.add(found[1])
            continue
        inner = text[found.end() : end]
        if "<" in inner and "<![CDATA[" not in inner:
            parts += [text[at : found.end()], escape(inner)]
        else:
            parts.append(text[at:end])
        at = end
    return "".join([*parts, text[at:]])


def _without_doctype(text: str) -> tuple[str, dict[str, str]]:
    """The text without its document type, and the entities that this declares."""
    start = _after_comments(text)
    if not text.startswith("<!DOCTYPE", start):
        return text, {}
    end = _DOCTYPE.match(text, start)
    if end is None:
        raise InvalidError(f"line {_line(text, start)}: the document type does not end")
    entities: dict[str, str] = {}
    for declared in _DECLARATION.finditer(re.sub(r"<!--.*?-->", "", end["inside"] or "", flags=re.DOTALL)):
        name, value = declared[2], declared[4] if declared[4] is not None else declared[5]
        if declared[1] and declared[3]:
            # Lists of the entities of HTML, which are known here; nothing is fetched.
            continue
        if declared[1] or declared[3] or not _is_plain(value):
            raise InvalidError(
                f"the document declares the entity {name!r}, which has more than a few characters and is not expanded"
            )
        entities.setdefault(name, html.unescape(value))
    return text[:start] + _blank(end[0]) + text[end.end() :], entities


def _after_comments(text: str) -> int:
    """Where something begins that is neither blank, a comment nor an instruction."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        for begin, end in (("<!--", "-->"), ("<?", "?>")):
            if text.startswith(begin, at):
                closed = text.find(end, at)
                at = len(text) if closed < 0 else closed + len(end)
                break
        else:
            return at


def _is_plain(value: str) -> bool:
    """Whether it is short, and neither markup nor made of other entities."""
    literal = re.sub(r"&#(?:[0-9]+|[xX][0-9a-fA-F]+);|&(?:amp|lt|gt|quot|apos);", "x", value)
    return len(value) <= ENTITY_CHARS_MAX and not re.search(r"[&<%]", literal)


def _references(text: str, entities: dict[str, str]) -> str:
    unknown: set[str] = set()
    room = GROWTH_MAX * len(text)

    def replaced(found: re.Match[str]) -> str:
        nonlocal room
        if found["outside"]:
            return found[0]
        if found[0] == "<":
            return "&lt;"
        if found["number"]:
            # As HTML reads numbers: &#146; is an apostrophe in all feeds that have it.
            return escape(_NOT_XML.sub("", html.unescape(found[0])))
        name = found["name"]
        if name in ("amp", "lt", "gt", "quot", "apos"):
            return found[0]
        if name in entities:
            room -= len(entities[name])
            if room < 0:
                raise InvalidError(f"the entity {name!r} is used so often that the document grows too much")
            return escape(entities[name])
        if name and (sign := html5.get(f"{name};")):
            return escape(sign)
        if name and name not in unknown:
            unknown.add(name)
            log.warning("line %d: the entity %r is not known, and stays as it is written", _line(text, found.start()), name)
        return "&amp;" + found[0][1:]

    return _REFERENCE.sub(replaced, text)


def _prefixed(text: str) -> str:
    """Declares the prefixes that are used and not declared."""
    used: set[str] = set()
    declared = {"xml", "xmlns"}
    first: re.Match[str] | None = None
    for found in _TAG.finditer(text):
        if not (tag := found["tag"]):
            continue
        first = first or found
        used.update(re.findall(r"^/?([A-Za-z_][\w.-]*):", tag))
        if "=" in tag:
            used.update(re.findall(r"\s([A-Za-z_][\w.-]*):[\w.-]+\s*=", tag))
            declared.update(re.findall(r"\sxmlns:([\w.-]+)\s*=", tag))
    missing = sorted(used - declared)
    if first is None or not missing:
        return text
    log.warning("prefixes that are used and not declared: %s", ", ".join(missing))
    names = "".join(f' xmlns:{prefix}="{PREFIXES.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in missing)
    at = first.end() - (2 if first[0].endswith("/>") else 1)
    return text[:at] + names + text[at:]


def _blank(text: str) -> str:
    """As many lines, and nothing in them."""
    return "\n" * text.count("\n")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1

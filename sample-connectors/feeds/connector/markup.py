"""Texts with markup: what stands in an element as HTML that a browser reads, or without any markup."""

import re
from html import unescape
from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import escape

from reading import XHTML, XML

#: Elements that make a line of their own: without them words would run together.
_BLOCKS = {
    "address",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "td",
    "tr",
    "ul",
}
_TAG = re.compile(r"</?(?P<name>[A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*|/)?>|<!--.*?-->", re.DOTALL)
_ATTRIBUTES = {f"{XML}lang": "lang"}


def written(element: Element) -> str | None:
    """What an element has as HTML, all of it: text, and elements where they stand. None: nothing but white space.

    >>> from xml.etree.ElementTree import fromstring
    >>> written(fromstring("<d>One <b>two</b><br/>three</d>"))
    'One <b>two</b><br>three'
    >>> written(fromstring("<d>&lt;p>It is HTML.&lt;/p></d>"))
    '<p>It is HTML.</p>'
    """
    if not len(element):
        return (element.text or "").strip() or None
    inside = escape(element.text or "") + "".join(tostring(_html(child), encoding="unicode", method="html") for child in element)
    return inside.strip() or None


def inside_of_division(element: Element) -> str | None:
    """XHTML stands in a `div`, which RFC 4287 does not count as content."""
    division = element.find(f"{XHTML}div")
    alone = division is not None and len(element) == 1 and not (element.text or "").strip() and not (division.tail or "").strip()
    return written(division) if alone and division is not None else written(element)


def plain(text: str) -> str:
    """Without markup and in one line: titles become names of pages.

    >>> plain("Tools &amp; <em>Twine</em>")
    'Tools & Twine'
    >>> plain("1 < 2 & 4 > 3")
    '1 < 2 & 4 > 3'
    """
    without = _TAG.sub(lambda tag: " " if (tag["name"] or "").lower() in _BLOCKS else "", text)
    return " ".join(unescape(without).split())


def _html(element: Element) -> Element:
    """A copy without namespaces: HTML has none, and knows SVG and MathML by their names."""
    copy = Element(_local(element.tag), {_ATTRIBUTES.get(name, _local(name)): value for name, value in element.attrib.items()})
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_html(child) for child in element)
    return copy


def _local(name: str) -> str:
    return name.rpartition("}")[2]

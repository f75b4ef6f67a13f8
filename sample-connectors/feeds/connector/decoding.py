"""Bytes become text: the character set is that of the media type, then that of the document."""

import codecs
import logging
import re
from email.message import Message

from lockgate_guest import InvalidError

log = logging.getLogger("feeds")

#: What a name stands for where feeds mean more by it than the standard says, as browsers read it.
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
#: Names that browsers know and Python does not.
ALSO = {
    **dict.fromkeys(("x-sjis", "windows-31j", "ms_kanji", "x-shift-jis"), "cp932"),
    **dict.fromkeys(("x-gbk", "x-gb2312", "gb_2312-80", "csgb2312"), "gb18030"),
    **dict.fromkeys(("ks_c_5601-1987", "ks_c_5601-1989", "windows-949", "x-windows-949"), "cp949"),
    **{f"x-cp125{digit}": f"cp125{digit}" for digit in range(9)},
    **{"x-euc-jp": "euc_jp", "x-mac-roman": "mac-roman", "x-mac-cyrillic": "mac-cyrillic", "iso-8859-8-i": "iso8859-8"},
    **dict.fromkeys(("unicode-1-1-utf-8", "x-unicode20utf8", "utf-8n", "utf_8_bom"), "utf-8"),
    **dict.fromkeys(("ansi", "x-ansi"), "cp1252"),
}
#: Byte order marks, the longer ones first: one of UTF-32 begins like one of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How a document in UTF-16 begins that has no mark.
UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
#: A component has no files to load a codec from later, so these are loaded when it is built.
LOADED = (
    *("ascii", "latin-1", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"),
    *("koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp437", "cp850", "cp852", "cp866", "cp874"),
    *(f"cp125{digit}" for digit in range(9)),
    *(f"iso8859-{part}" for part in range(1, 17) if part != 12),
    *(
        "big5",
        "big5hkscs",
        "cp949",
        "cp932",
        "euc_jp",
        "euc_kr",
        "gb2312",
        "gb18030",
        "gbk",
        "iso2022_jp",
        "shift_jis",
        "tis-620",
    ),
)


def _load() -> None:
    for name in LOADED:
        try:
            codecs.lookup(name)
        except LookupError:
            # Not every build of Python has all of them; a feed in such a one is refused by name.
            continue


_load()


def decode(body: bytes, media_type: str = "") -> str:
    """The text of a document.

    >>> decode("<a>Käfer</a>".encode(), "text/xml; charset=us-ascii")
    '<a>Käfer</a>'
    >>> decode("<a>Käfer</a>".encode("utf-16"))
    '<a>Käfer</a>'
    >>> decode("<a>Мох</a>".encode("cp1251"), "text/xml; charset=windows-1251")
    '<a>Мох</a>'
    """
    for mark, name in MARKS:
        if body.startswith(mark):
            return _strict(body[len(mark) :], name, "its byte order mark")
    for start, name in UNMARKED:
        if body.startswith(start):
            return _strict(body, name, "its first bytes")
    declared = _declared(body)
    given = charset_of(media_type)
    if given and (by_media_type := _by_media_type(body, given, declared)) is not None:
        return by_media_type
    if declared:
        return _as_declared(body, declared)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidError(
            f"line {_line(body, error)}: these bytes are not UTF-8, and neither media type nor document names another charset"
        ) from None


def charset_of(media_type: str) -> str | None:
    """The parameter `charset` of a media type."""
    header = Message()
    header["content-type"] = media_type or "text/xml"
    given = header.get_param("charset")
    return given.strip() if isinstance(given, str) and given.strip() else None


def _by_media_type(body: bytes, given: str, declared: str | None) -> str | None:
    """None: what the media type says is a default that nobody looked at."""
    if given.lower() in ("us-ascii", "ascii") and not body.isascii():
        log.warning("the media type says %s and the document is not; what the document says counts", given)
        return None
    text = _strict(body, given, "its media type")
    if declared and _codec(body, declared, "its declaration") != _codec(body, given, "its media type"):
        log.warning("the media type says %s and the document %s; the media type counts", given, declared)
    return text


def _declared(body: bytes) -> str | None:
    found = re.match(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)\s*["']""", body[:400])
    return found[1].decode("ascii") if found else None


def _as_declared(body: bytes, declared: str) -> str:
    codec = _codec(body, declared, "its declaration")
    if codec.startswith(("utf-16", "utf-32")):
        # What could be read so far is ASCII, so it is neither: a program has converted the text and not the word.
        codec = "utf-8"
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        if codec != "utf-8":
            raise InvalidError(
                f"line {_line(body, error)}: these bytes are not {declared}, which the document declares"
            ) from None
        log.warning("line %d: the document says UTF-8 and is not; it is read as Windows-1252", _line(body, error))
        return body.decode("cp1252", "replace")


def _strict(body: bytes, charset: str, by: str) -> str:
    codec = _codec(body, charset, by)
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        raise InvalidError(f"line {_line(body, error)}: these bytes are not {charset}; {by} says so") from None


def _codec(body: bytes, charset: str, by: str) -> str:
    try:
        name = codecs.lookup(ALSO.get(charset.lower(), charset)).name
    except LookupError:
        if _is_utf8(body):
            log.warning("the character set %.40r is not known; the document is UTF-8", charset)
            return "utf-8"
        raise InvalidError(f"the character set {charset[:40]!r} is not known; {by} says it") from None
    return WIDER.get(name, name)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(body: bytes, error: UnicodeDecodeError) -> int:
    return body.count(b"\n", 0, error.start) + 1

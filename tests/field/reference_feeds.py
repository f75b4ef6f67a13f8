"""Feeds as feedparser reads them."""

import re
from datetime import datetime, timezone
from html import unescape
from pathlib import Path
from typing import Any

import feedparser
from samples import Answer

#: What the tool is told beside the file, and feedparser as well: the media type that a server would have sent.
MEDIA_TYPES = {"30-no-declaration-cp1251-by-http.xml": "application/rss+xml; charset=windows-1251"}
#: Where the sample says other than feedparser, and why: file, entry, field.
DIFFERENT = {
    ("13-dates-in-many-forms.xml", "Note 9", "moment"): "CEST is two hours ahead of UTC; feedparser leaves the zone out",
    ("13-dates-in-many-forms.xml", "Note 13", "moment"): "seconds since 1970, of which feedparser makes a year",
    ("13d-09.xml", "Note 9", "moment"): "as above",
    ("13d-13.xml", "Note 13", "moment"): "as above",
    ("36-link-invalid-url.xml", "Broken", "link"): "no address: left out",
    ("38-long-link.xml", "Long", "link"): "longer than the content model takes: left out",
    ("39-author-with-newline-and-long.xml", "Note 2", "author"): "a list of forty names: left out",
    (
        "39-author-with-newline-and-long.xml",
        "Note 3",
        "author",
    ): "an address with a name, of which feedparser loses the beginning",
    ("39-author-with-newline-and-long.xml", "Note 4", "author"): "as above",
    ("rss.xml", "Tide table for November", "author"): "as above",
    ("rss-later.xml", "Tide table for November", "author"): "as above",
    ("44-link-relative-no-base.xml", "Entry 1", "link"): "relative to where the feed says that it is",
    ("51-atom-no-id-and-relative-id.xml", "Entry 1", "link"): "relative, and nothing says to what: left out",
}


def arguments(file: Path) -> list[str]:
    media_type = MEDIA_TYPES.get(file.name)
    return [*(["--media-type", media_type] if media_type else []), str(file)]


def stored(answers: list[Answer]) -> list[dict[str, Any]]:
    """What the sample makes of the entries of a file."""
    # By their external ids, under which entries refer to them and their tasks are about them.
    authors = {
        answer.task["subject"].removeprefix("author "): answer.shown["display_name"]
        for answer in answers
        if answer.shown.get("type") == "feed.author"
    }
    entries = []
    for answer in answers:
        if answer.shown.get("class_name") != "feed.entry" or not answer.fields:
            continue
        values = answer.fields
        entries.append(
            {
                "title": values["title"] or "",
                "id": values["entry_id"],
                "link": values.get("link"),
                "author": authors.get(values.get("author") or ""),
                "published": values.get("published_at"),
                "updated": values.get("updated_at"),
                "enclosure": values.get("enclosure_url"),
                "summary": values["summary"],
                "content": values["content"],
            }
        )
    return entries


def compared(file: Path, entries: list[dict[str, Any]], used: set[tuple[str, ...]]) -> list[str]:
    """What differs from feedparser."""
    media_type = MEDIA_TYPES.get(file.name)
    headers = {"content-type": media_type} if media_type else {}
    parsed = feedparser.parse(file.read_bytes(), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    wrong = []
    if len(parsed.entries) != len(entries):
        wrong.append(f"{len(entries)} entries, and feedparser has {len(parsed.entries)}")
    for theirs, ours in zip(parsed.entries, entries, strict=False):
        for name, (expected, got) in _pairs(theirs, ours).items():
            if expected == got:
                continue
            key = (file.name, ours["title"], name)
            if key in DIFFERENT:
                used.add(key)
            else:
                wrong.append(f"{ours['title']}: {name} is {got!r}, and of feedparser {expected!r}")
    return wrong


def _pairs(theirs: Any, ours: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Values that should be the same; those that feedparser does not have are not compared."""
    pairs: dict[str, tuple[Any, Any]] = {"title": (_words(theirs.get("title", "")), _words(ours["title"]))}
    if link := theirs.get("link"):
        pairs["link"] = (link, ours["link"])
    if author := _author(theirs):
        pairs["author"] = (author, ours["author"])
    if moment := theirs.get("published_parsed") or theirs.get("updated_parsed"):
        given = ours["published"] if theirs.get("published_parsed") else ours["updated"]
        pairs["moment"] = (datetime(*moment[:6], tzinfo=timezone.utc), given and datetime.fromisoformat(given))
    if enclosures := [one.get("href") for one in theirs.get("enclosures", [])]:
        pairs["enclosure"] = (enclosures[0], ours["enclosure"])
    texts = [_words(theirs.get("summary", "")), *(_words(one.value) for one in theirs.get("content", []))]
    own = [_words(ours["summary"] or ""), _words(ours["content"] or "")]
    pairs["texts"] = (sorted({text for text in texts if text}), sorted({text for text in own if text}))
    return pairs


def _author(theirs: Any) -> str:
    detail = theirs.get("author_detail", {})
    return " ".join((detail.get("name") or detail.get("email") or theirs.get("author", "")).split())


def _words(markup: str) -> str:
    """What a reader sees of it."""
    without = re.sub(r"</?[A-Za-z][^<>]*>", " ", markup)
    return " ".join(unescape(unescape(without)).split())

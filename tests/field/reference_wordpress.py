"""Exports as Python's own XML parser reads them."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from samples import Answer

#: Where the parser says other than the sample, and why: file, post id, field.
DIFFERENT: dict[tuple[str, str, str], str] = {
    ("09-not-for-everyone.xml", "81", "content"): "it has a password, and its text is not stored",
}
#: Files that the parser does not read, and why.
UNREAD = {"06-control-character.xml": "a control character, which is left out"}
WP = "{http://wordpress.org/export/1.2/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def arguments(file: Path) -> list[str]:
    return [str(file)]


def stored(answers: list[Answer]) -> list[dict[str, Any]]:
    """What the sample makes of the objects of an export."""
    found = []
    for answer in answers:
        if answer.shown:
            one = {"task": answer.task["title"], "type": answer.shown.get("type") or answer.shown["class_name"]}
            for name in ("code_name", "display_name", "name", "alias", "parent", "published"):
                one[name] = answer.shown.get(name)
            found.append(one | answer.fields)
    return found


def compared(file: Path, objects: list[dict[str, Any]], used: set[tuple[str, ...]]) -> list[str]:
    """What the parser says otherwise of posts and pages."""
    try:
        root = ElementTree.fromstring(file.read_bytes())
    except ElementTree.ParseError as error:
        if file.name in UNREAD:
            used.add((file.name,))
            return []
        return [f"the parser cannot read it: {error}"]
    pages = {str(one["post_id"]): one for one in objects if "post_id" in one and "content" in one}
    complaints = []
    for item in root.iter("item"):
        if item.findtext(f"{WP}post_type") not in ("page", "post"):
            continue
        id = item.findtext(f"{WP}post_id") or ""
        page = pages.pop(id, {})
        is_public = item.findtext(f"{WP}status") == "publish" and not item.findtext(f"{WP}post_password")
        for field, right, got in (
            ("title", item.findtext("title"), page.get("title")),
            ("content", item.findtext(CONTENT), page.get("content")),
            ("slug", (item.findtext(f"{WP}post_name") or "").strip() or None, page.get("slug")),
            ("published", is_public, page.get("published")),
        ):
            if (right or None) != (got or None) and (key := (file.name, id, field)) in DIFFERENT:
                used.add(key)
            elif (right or None) != (got or None):
                complaints.append(f"{id}: {field} is {got!r}, and the parser says {right!r}")
    return complaints + ([f"no such posts: {list(pages)}"] if pages else [])

"""Cards as vobject reads them."""

import logging
from pathlib import Path
from typing import Any

import vobject
from samples import Answer

# What it skips is compared, not read.
logging.getLogger("vobject.base").setLevel(logging.CRITICAL)

#: Charsets that the tool is told beside the file.
CHARSETS: dict[str, str] = {"latin-1.vcf": "iso-8859-1"}
#: Where vobject cannot read a file, or says other than the sample, and why: file, card, field.
DIFFERENT = {
    ("04-org-only-empty-fn.vcf", "Cafe Moss", "name"): "FN is empty, and ORG says who it is",
    ("22-emails-only.vcf", "solo@garden.example", "name"): "FN is empty, and EMAIL says who it is",
    ("24-3.0-tel-uri-and-mail-label.vcf", "Ida Weber", "emails"): "the address without the name around it",
}
#: Files that vobject does not read as a whole, and why.
UNREAD = {
    "01-android-2.1.vcf": "refused: vCard 2.1",
    "14-latin1-undeclared.vcf": "a card that is not UTF-8, which vobject reads as nothing",
    "address-book.vcf": "a card of a kind that is skipped, which vobject does not know of",
    "16-no-version.vcf": "a card without a version, which vobject takes for 3.0",
}


def arguments(file: Path) -> list[str]:
    charset = CHARSETS.get(file.name)
    return [f"{file}:{charset}" if charset else str(file)]


def stored(answers: list[Answer]) -> list[dict[str, Any]]:
    """What the sample makes of the cards of a file."""
    cards = []
    for answer in answers:
        if not answer.shown:
            continue
        values = answer.fields
        cards.append(
            {
                "type": answer.shown["type"].removeprefix("vcard."),
                "name": answer.shown.get("display_name"),
                "guid": answer.shown["guid"],
                "uid": values["uid"],
                "family": values.get("family_name"),
                "given": values.get("given_name"),
                "organization": values.get("organization_name"),
                "emails": [one["value"] for one in values["emails"] or []],
                "phones": [one["value"] for one in values["phones"] or []],
                "note": values["note"],
                "url": values["url"],
                "revised": values["revised"],
                "bound": [_bound(child["fields"]) for child in answer.shown.get("children", [])],
            }
        )
    return cards


def _bound(fields: dict[str, Any]) -> list[str]:
    return [value["reference"] if isinstance(value, dict) else value for value in fields.values() if value]


def compared(file: Path, cards: list[dict[str, Any]], used: set[tuple[str, ...]]) -> list[str]:
    """What differs from vobject."""
    if file.name in UNREAD:
        used.add((file.name,))
        return []
    read = list(vobject.readComponents(_text(file), allowQP=True, ignoreUnreadable=True))
    wrong = [] if len(read) == len(cards) else [f"{len(cards)} cards, and vobject has {len(read)}"]
    for theirs, ours in zip(read, cards, strict=False):
        for name, (expected, got) in _pairs(theirs, ours).items():
            if expected == got:
                continue
            key = (file.name, ours["name"], name)
            if key in DIFFERENT:
                used.add(key)
            else:
                wrong.append(f"{ours['name']}: {name} is {got!r}, and of vobject {expected!r}")
    return wrong


def _text(file: Path) -> str:
    body = file.read_bytes()
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16")
    charset = CHARSETS.get(file.name)
    # A fold in the middle of a character is undone on bytes.
    unfolded = body.replace(b"\r\n ", b"").replace(b"\r\n\t", b"")
    try:
        return unfolded.decode(charset or "utf-8-sig")
    except UnicodeDecodeError:
        return unfolded.decode("latin-1")


def _pairs(theirs: Any, ours: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    contents = theirs.contents
    pairs: dict[str, tuple[Any, Any]] = {}
    names = [" ".join(one.value.split()) for one in contents.get("fn", [])]
    if names:
        pairs["name"] = (names[0], ours["name"])
    if ours["type"] == "contact" and "n" in contents:
        parts = contents["n"][0].value
        pairs["family"] = (_part(parts.family), ours["family"] or "")
        pairs["given"] = (_part(parts.given), ours["given"] or "")
    if ours["type"] == "contact" and "org" in contents:
        pairs["organization"] = (contents["org"][0].value[0], ours["organization"])
    for name, field in (("email", "emails"), ("tel", "phones")):
        given = [str(one.value).removeprefix("tel:") for one in contents.get(name, [])]
        pairs[field] = ([value for value in given if value], ours[field])
    if "uid" in contents:
        pairs["uid"] = (contents["uid"][0].value, ours["uid"])
    return pairs


def _part(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)

#!/usr/bin/env python3
"""Cuts .vcf files into cards and prints a task for each, as `lockgate submit --batch` takes them.

    python3 tasks.py address-book.vcf latin-1.vcf:iso-8859-1 > tasks.ndjson

A card goes as the bytes that it is. What cannot be taken is told with its file and line, and all else is taken; the
exit status is then 1. A card may name others that come later: Lockgate waits for them.
"""

import argparse
import base64
import codecs
import hashlib
import json
import quopri
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

SUBJECT_BYTES_MAX = 1000
TITLE_CHARS_MAX = 100
UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)


class Refused(Exception):
    """Why a card or a file is not taken, and in which line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")


@dataclass
class Card:
    """From BEGIN:VCARD to END:VCARD."""

    line: int
    body: bytes

    def value(self, name: str, charset: str) -> str:
        """The first value of a property that is not empty, for people."""
        unfolded = re.sub(rb"\r*\n[ \t]", b"", self.body)
        pattern = rf"^(?:[\w-]+\.)?{name}((?:;[^:\r\n]*)?):([^\r\n]*)".encode()
        for found in re.finditer(pattern, unfolded, re.MULTILINE | re.IGNORECASE):
            encoded = b"QUOTED-PRINTABLE" in found[1].upper()
            own = re.search(rb"CHARSET=([\w-]+)", found[1], re.IGNORECASE)
            value = quopri.decodestring(found[2]) if encoded else found[2]
            if text := " ".join(_text(value, own[1].decode() if own else charset).split()):
                return text
        return ""


def cards(body: bytes, told: list[Refused]) -> Iterator[Card]:
    """The cards of a file. One that does not end, and what stands outside of all, is told."""
    begun, before, outside = 0, b"", 0
    lines: list[bytes] = []
    depth = 0
    for number, line in enumerate(body.splitlines(keepends=True) if b"\n" in body else [body], start=1):
        word = line.strip().upper()
        nested = depth > 0 and before == b"AGENT:"
        if word == b"BEGIN:VCARD" and not nested:
            if depth:
                told.append(Refused(begun, f"this card has no END:VCARD before another begins in line {number}"))
            begun, lines, depth = number, [], 1
        elif word == b"BEGIN:VCARD":
            depth += 1
        elif not depth and word:
            outside = outside or number
        if depth:
            lines.append(line)
        if word == b"END:VCARD" and depth:
            depth -= 1
            if not depth:
                yield Card(begun, b"".join(lines))
        if word:
            before = word
    if depth:
        told.append(Refused(begun, "this card has no END:VCARD; the file may have been cut off"))
    if outside:
        told.append(Refused(outside, "this stands outside of all cards"))


def judged(card: Card, charset: str) -> None:
    """Versions first: what another one means by its lines is not known."""
    lines = card.body.split(b"\n")
    version = next((at for at, line in enumerate(lines) if re.match(rb"VERSION\s*[:;]", line, re.IGNORECASE)), None)
    if version is None:
        raise Refused(card.line, "this card has no VERSION")
    given = lines[version].partition(b":")[2].strip()
    if not given.startswith((b"3.0", b"4.0")):
        raise Refused(card.line + version, f"this is vCard {_text(given, 'ascii')}; export it as 3.0 or 4.0")
    at = card.line
    for line in re.split(rb"\r*\n(?![ \t])", card.body):
        own = re.match(rb"[^:]*;CHARSET=", line, re.IGNORECASE)
        try:
            re.sub(rb"\r*\n[ \t]", b"", line).decode("utf-8" if not own else "latin-1") if charset == "utf-8" else line.decode(
                charset
            )
        except UnicodeDecodeError:
            raise Refused(at, f"this is not {charset}; say which charset it is, as FILE:iso-8859-1") from None
        at += line.count(b"\n") + 1


def subject_of(card: Card, charset: str) -> str:
    """What the application calls a contact: its UID, however spelt; else its name and address; else all that it says."""
    uid = card.value("UID", charset)
    if uuid := UUID.fullmatch(uid):
        return f"card {uuid[1].lower()}"
    address = card.value("EMAIL", charset) or card.value("TEL", charset)
    name = card.value("FN", charset) or card.value("N", charset).replace(";", " ")
    subject = f"card {uid or (f'{name}/{address}' if name and address else '')}"
    usable = subject != "card " and len(subject.encode()) <= SUBJECT_BYTES_MAX and subject.isprintable()
    return subject if usable else f"card sha256 {_digest(card.body)}"


def decoded(body: bytes, charset: str) -> tuple[bytes, str]:
    """The file in a charset in which its lines are lines."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or charset.startswith("utf-16"):
        return body.decode("utf-16" if body[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else charset).encode(), "utf-8"
    body = body.removeprefix(codecs.BOM_UTF8)
    # Ends of lines mean nothing, those of old Macs neither.
    return (body if b"\n" in body else body.replace(b"\r", b"\r\n")), charset


class Tasks:
    """What was handed in so far in this run."""

    def __init__(self) -> None:
        self.last: dict[str, tuple[bytes, str, str]] = {}
        self.errors = 0

    def tell(self, level: str, file: Path, message: object) -> None:
        self.errors += level == "error"
        print(f"{level}: {file}: {message}", file=sys.stderr)

    def of(self, file: Path, charset: str, fetched: str) -> Iterator[dict[str, str]]:
        body, charset = decoded(file.read_bytes(), charset)
        if b"\0" in body[:100]:
            self.tell("error", file, "it has NUL bytes: if it is UTF-16 without a byte order mark, say so as FILE:utf-16-be")
            return
        told: list[Refused] = []
        count = 0
        for card in cards(body, told):
            count += 1
            try:
                judged(card, charset)
            except Refused as refused:
                self.tell("error", file, refused)
                continue
            yield from self.task(file, card, charset, fetched)
        for left_out in told:
            self.tell("error", file, left_out)
        if not count and not told:
            self.tell("error", file, "there is no card in it")

    def task(self, file: Path, card: Card, charset: str, fetched: str) -> Iterator[dict[str, str]]:
        subject = subject_of(card, charset)
        before, key, place = self.last.get(subject, (b"", "", ""))
        if before == card.body:
            return
        if before:
            self.tell(
                "warning", file, f"line {card.line}: {subject} stands in {place} as well; this one is handed in as its update"
            )
        # One key for each change: of what was before in this run, what is now, and when it was fetched.
        key = f"vcard-{_digest(subject.encode(), key.encode(), fetched.encode(), card.body)[:32]}"
        self.last[subject] = (card.body, key, f"{file}, line {card.line}")
        names = (card.value(name, charset).replace(";", " ").strip() for name in ("FN", "N", "ORG", "EMAIL"))
        name = next(filter(None, names), subject)
        task = {
            "connector": "vcard",
            "process_type": "skip-on-error",
            "task_type": "update-object" if before else "create-object",
            "data_type": "snapshot",
            "title": name[:TITLE_CHARS_MAX],
            "subject": subject,
            "media_type": f"text/vcard;charset={charset}",
            "idempotency_key": key,
        }
        try:
            yield task | {"body": card.body.decode("utf-8")} if charset == "utf-8" else task | _bytes(card.body)
        except UnicodeDecodeError:
            # A charset of its own, or a fold in the middle of a character.
            yield task | _bytes(card.body)


def _bytes(body: bytes) -> dict[str, str]:
    return {"body_base64": base64.b64encode(body).decode()}


def _text(value: bytes, charset: str) -> str:
    try:
        return value.decode(charset, "replace")
    except LookupError:
        return value.decode("utf-8", "replace")


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def split(given: str) -> tuple[Path, str]:
    """FILE, or FILE:CHARSET."""
    path, colon, charset = given.rpartition(":")
    if not colon or Path(given).exists():
        return Path(given), "utf-8"
    return Path(path), charset


def main() -> int:
    """0: all was taken; 1: something was left out, and told."""
    parser = argparse.ArgumentParser(description="Turn vCards into tasks for lockgate submit --batch.")
    parser.add_argument("file", nargs="+", metavar="FILE[:CHARSET]")
    parser.add_argument("--fetched", help="when they were fetched; default: when each file was written")
    given = parser.parse_args()
    tasks = Tasks()
    for file, charset in map(split, given.file):
        try:
            codecs.lookup(charset)
            fetched = given.fetched or datetime.fromtimestamp(file.stat().st_mtime, timezone.utc).isoformat()
            for task in tasks.of(file, charset, fetched):
                print(json.dumps(task, ensure_ascii=False, separators=(",", ":")))
        except (OSError, LookupError, UnicodeDecodeError) as error:
            tasks.tell("error", file, error)
    return 1 if tasks.errors else 0


if __name__ == "__main__":
    sys.exit(main())

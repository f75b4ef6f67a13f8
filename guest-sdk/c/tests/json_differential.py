"""Compares the C library's JSON with Python's on documents that are damaged at random: python3 json_differential.py READER [COUNT]

READER is json_reader.c, compiled with sanitisers. The same documents in every run. Both must refuse the same, and read the same of the
rest. What the library refuses on purpose, and Python takes: NUL and halves of surrogate pairs in texts, and more than 128 levels.
"""

import json
import random
import struct
import subprocess
import sys

DEPTH_MAX = 128
REFUSED = 0xFFFFFFFF
SEEDS = [
    b'{"id": 7, "title": "Editors", "note": null, "members": ["Anna", "Bert"], "price": -12.50e+3}',
    '[true, false, null, "\u00e9\u20ac\U0001f600", "\\u00e9\\ud83d\\ude00\\n\\t\\"\\\\\\/", 0, -0, 1E9, 0.1]'.encode(),
    b' {"a" : {"b" : {"c" : [ [ ] , { } , [ [ "d" ] ] ] } } , "a" : 1 }\r\n\t',
    b'"text"',
    b"-1.5e-7",
    b"[]",
    b'\xef\xbb\xbf{"bom": 1}',
    b"[" * 127 + b"1" + b"]" * 127,
]
BITS = [b"\0", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"-", b"0", b"1", b".", b"e", b"\\u", b"\\ud800", b"\\u0000", b" ", b"\n", b"\x1f",
        b"\x7f", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"null", b"true", b"NaN", b"Infinity", b"//", b"'", b"\xef\xbb\xbf"]


def damaged(dice: random.Random) -> bytes:
    document = bytearray(dice.choice(SEEDS))
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 5))):
        at = dice.randint(0, len(document))
        match dice.randrange(5):
            case 0:
                document[at:at] = dice.choice(BITS)
            case 1:
                del document[at : at + dice.randint(1, 3)]
            case 2:
                document[at : at + 1] = bytes([dice.randrange(256)])
            case 3:
                document[at:at] = document[dice.randint(0, at) : at]
            case _:
                del document[at:]
    return bytes(document)


def refuse(constant: str) -> object:
    raise ValueError(constant)


def read(text: str) -> object:
    """Numbers as they are written, and every pair of an object."""
    return json.loads(text, parse_int=lambda digits: ("number", digits), parse_float=lambda digits: ("number", digits), parse_constant=refuse, object_pairs_hook=lambda pairs: ("object", pairs))


def taken(value: object, level: int = 1) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, tuple) and value[0] == "object":
        return level <= DEPTH_MAX and all(taken(name) and taken(item, level + 1) for name, item in value[1])
    if isinstance(value, list):
        return level <= DEPTH_MAX and all(taken(item, level + 1) for item in value)
    return True


def expected(document: bytes) -> object:
    try:
        value = read(document.decode().removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return (value,) if taken(value) else None


def main() -> int:
    reader, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60_000
    dice = random.Random(1)
    documents = SEEDS + [b"", b"\0", b"[" * 128 + b"]" * 128, b"[" * 129 + b"]" * 129, b"[" * 100_000] + [damaged(dice) for _ in range(count)]
    sent = b"".join(struct.pack("<I", len(document)) + document for document in documents)
    ran = subprocess.run([reader], input=sent, capture_output=True, check=False)
    if ran.returncode != 0 or ran.stderr:
        print(ran.stderr.decode(errors="replace")[-4000:], f"the reader ended with {ran.returncode}", sep="\n")
        return 1
    at = different = refused = 0
    for document in documents:
        (length,) = struct.unpack_from("<I", ran.stdout, at)
        at += 4
        found = None
        if length != REFUSED:
            found = (read(ran.stdout[at : at + length].decode()),)
            at += length
        refused += found is None
        if found != expected(document):
            different += 1
            if different <= 10:
                print(f"{document!r}: the library has {found}, Python {expected(document)}")
    print(f"{len(documents)} documents, {refused} refused, {different} read differently")
    return different != 0


if __name__ == "__main__":
    raise SystemExit(main())

"""JSON from outside: the same guards for what is handed in and for what is asked for."""

import json
import unittest
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lockgate_guest import JSON_DEPTH_MAX, External, InvalidError
from lockgate_guest.http import Response

#: Every reader that an author meets.
READERS: tuple[Callable[..., Any], ...] = (
    lambda body, **options: External("application/json", body).json(**options),
    lambda body, **options: Response(200, [], body).json(**options),
)


class Json(unittest.TestCase):
    def test_what_is_no_json_is_invalid(self) -> None:
        bad = (b"", b"{", b"[1,]", b"NaN", b"[-Infinity]", b"1e999", b"-1e999", b"01", b"1" * 5_000, b'{"a":1}\0', b"\0")
        for read in READERS:
            for body in bad:
                with self.assertRaises(InvalidError, msg=body[:20]):
                    read(body)

    def test_nesting_has_one_limit(self) -> None:
        deepest = b"[" * JSON_DEPTH_MAX + b"]" * JSON_DEPTH_MAX
        self.assertEqual(JSON_DEPTH_MAX, 128)
        for read in READERS:
            self.assertEqual(json.dumps(read(deepest)).count("["), JSON_DEPTH_MAX)
            for body in (b"[" + deepest + b"]", b"[" * 100_000, b'{"a":' * 1_000 + b"1" + b"}" * 1_000):
                with self.assertRaisesRegex(InvalidError, "nested deeper than 128 levels"):
                    read(body)

    def test_brackets_in_texts_are_no_levels(self) -> None:
        for read in READERS:
            self.assertEqual(read(b'"' + b"[" * 1_000 + b'\\""'), "[" * 1_000 + '"')
            self.assertEqual(len(read(b"[" + b"[]," * 1_000 + b"[]]")), 1_001)

    def test_a_byte_order_mark_means_nothing(self) -> None:
        for read in READERS:
            self.assertEqual(read(b'\xef\xbb\xbf{"id": 7}'), {"id": 7})

    def test_half_of_a_surrogate_pair_makes_a_body_invalid(self) -> None:
        for read in READERS:
            with self.assertRaises(InvalidError):
                read(b'{"name": "\\ud83d", "price": 1.5}', decimals=True)
            self.assertEqual(read(b'"\\ud83d\\ude00"'), "\U0001f600")

    def test_decimals_are_exact_where_they_are_asked_for(self) -> None:
        for read in READERS:
            self.assertEqual(
                read(b'{"price": 19.99, "n": 7, "e": 1e2}', decimals=True), {"price": Decimal("19.99"), "n": 7, "e": Decimal("1E+2")}
            )
            self.assertIsInstance(read(b"19.99"), float)

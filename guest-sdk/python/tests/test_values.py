"""What may be put into a field, and what is said of the rest."""

import unittest
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from lockgate_guest import Child, Fields, Object, Page, Reference


class Values(unittest.TestCase):
    def test_plain_values_are_taken(self) -> None:
        moment = datetime(2026, 1, 31, tzinfo=UTC)
        for value in (None, True, -(2**63), 2**63 - 1, Decimal("12.50"), 0.5, "a", moment, UUID(int=7), b"\0", {"a": [1]}, Reference("1")):
            self.assertEqual(Fields(x=value)["x"], value)

    def test_what_cannot_travel_is_refused_where_it_is_set(self) -> None:
        product = Object("shop.product", "a")
        for value in (2**63, float("nan"), float("inf"), Decimal("NaN"), datetime(2026, 1, 31), {"a": float("nan")}):
            with self.assertRaises(ValueError, msg=repr(value)):
                product["x"] = value
        for other in (3 + 4j, {1, 2}, object(), {"a": object()}):
            with self.assertRaises(TypeError, msg=repr(other)):
                product["x"] = other  # type: ignore[assignment]
        self.assertEqual(product.fields, {})

    def test_every_way_into_a_dictionary_is_checked(self) -> None:
        fields = Fields()
        with self.assertRaises(TypeError):
            fields.update(x=object())  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            fields |= {"x": object()}  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            fields.setdefault("x", object())  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            Object("a", "b", fields={"x": object()})  # type: ignore[arg-type]

    def test_a_plain_dictionary_becomes_fields(self) -> None:
        texts: dict[str, str] = {"x": "y"}
        for holder in (Object("a", "b", fields=texts), Child("a", "b", fields=texts), Page("c", "en-US", "n", fields=texts)):
            self.assertIsInstance(holder.fields, Fields)
            self.assertEqual((dict(holder), holder.get("z"), "x" in holder, len(holder)), ({"x": "y"}, None, True, 1))
            del holder["x"]
            self.assertTrue(holder, "an object without fields is one")

    def test_a_decimal_that_would_be_a_megabyte_of_digits_is_refused(self) -> None:
        for digits in ("1E+999999", "1E-999999", "1" * 2_000):
            with self.assertRaisesRegex(ValueError, "more than 1000 digits"):
                Fields(x=Decimal(digits))
        Fields(x=Decimal("1E+30"))

    def test_a_number_is_no_code_name(self) -> None:
        with self.assertRaisesRegex(TypeError, r"the code_name of an Object is text \(str\), not int 7"):
            Object("cms.role", 7)  # type: ignore[arg-type]
        with self.assertRaisesRegex(TypeError, "the name of a Page is text .*, not None"):
            Page("blog.post", "en-US", None)  # type: ignore[arg-type]

    def test_half_of_a_surrogate_pair_is_no_text(self) -> None:
        role = Object("cms.role", "a")
        for half in ("\ud800", ["\ud800"], {"\udfff": 1}):
            with self.assertRaisesRegex(ValueError, "half of a surrogate pair"):
                role["x"] = half
        with self.assertRaises(ValueError):
            Reference("\ud800")
        role["x"] = "\U0001f600"

    def test_a_grandchild_belongs_to_its_child(self) -> None:
        order = Object("shop.order", "1")
        item = order.add(Child("shop.item", "a"))
        item.add(Child("shop.discount", "x"))
        self.assertEqual([child.code_name for child in order.children[0].children], ["x"])

"""A shop's products with their variants: the translation that the benchmark measures."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from lockgate_guest import Child, Connector, External, Object, ObjectParams, Prepared, Reference, Task, export

T = TypeVar("T")


@export
class Shop(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        product = external.json()
        found = Object("shop.product", product["sku"], display_name=product["name"])
        found.set_if(
            number=product["id"],
            brand=product.get("brand"),
            description=product.get("description"),
            category=given(product.get("category"), Reference),
            supplier=given(product.get("supplier"), Reference),
            price=given(product.get("price"), Decimal),
            cost=given(product.get("cost"), Decimal),
            weight=given(product.get("weight"), float),
            stock=product.get("stock"),
            active=product.get("active"),
            colour=product.get("colour"),
            size=product.get("size"),
            ean=product.get("ean"),
            url=product.get("url"),
            created=given(product.get("created"), datetime.fromisoformat),
            modified=given(product.get("modified"), datetime.fromisoformat),
        )
        for variant in product.get("variants", ()):
            child = found.add(Child("shop.variant", variant["sku"]))
            child.set_if(
                colour=variant.get("colour"),
                size=variant.get("size"),
                price=given(variant.get("price"), Decimal),
                stock=variant.get("stock"),
                ean=variant.get("ean"),
            )
        return found

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        match object_type:
            case "shop.category":
                return ObjectParams(f"category-{id}")
            case "shop.supplier":
                return ObjectParams(f"supplier-{id.removeprefix('S-')}")
            case _:
                return super().get_internal_object_params(id, object_type)


def given(value: Any, make: Callable[[Any], T]) -> T | None:
    """A field that is left out stays as it is."""
    return None if value is None else make(value)

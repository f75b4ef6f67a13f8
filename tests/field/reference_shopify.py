"""Webhooks as JSON itself says them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from samples import Answer, body_of

#: Where the webhook says other than the sample, and why: file, title of the task, field.
DIFFERENT: dict[tuple[str, str, str], str] = {}


def arguments(file: Path) -> list[str]:
    return [str(file)]


def stored(answers: list[Answer]) -> list[dict[str, Any]]:
    """What the sample makes of the webhooks of a file."""
    return [
        {
            "task": answer.task["title"],
            "webhook": body_of(answer.task),
            "name": answer.shown["code_name"],
            "title": answer.shown.get("display_name"),
            "fields": answer.fields,
            "children": [
                {"name": child.get("code_name", ""), "title": child.get("display_name")}
                | {name: _plain(value) for name, value in child["fields"].items()}
                for child in answer.shown.get("children", [])
            ],
        }
        for answer in answers
        if answer.shown
    ]


def shown(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is kept of it: fields that are not stated are not there, and those that are cleared are null."""
    return [{name: value for name, value in product.items() if name != "webhook" and value != []} for product in products]


def compared(file: Path, products: list[dict[str, Any]], used: set[tuple[str, ...]]) -> list[str]:
    """What the webhooks say otherwise."""
    complaints = []
    for product in products:
        said = json.loads(product["webhook"], parse_float=Decimal)
        pairs = [("code name", f"product-{said['id']}", product["name"])]
        if "title" in said:
            pairs.append(("title", said["title"], product["title"]))
            pairs.append(("handle", said.get("handle"), product["fields"].get("handle")))
        variants = {child["name"]: child for child in product["children"] if child["name"].startswith("variant-")}
        for variant in said.get("variants") or []:
            got = variants.pop(f"variant-{variant['id']}", {})
            pairs.append((f"price of {variant['id']}", Decimal(variant["price"]), Decimal(got.get("price", "NaN"))))
            weight = got.get("weight")
            pairs.append((f"weight of {variant['id']}", variant.get("weight"), None if weight is None else Decimal(weight)))
            pairs.append((f"quantity of {variant['id']}", variant.get("inventory_quantity"), got.get("inventory_quantity")))
        pairs.append(("other variants", {}, variants))
        for field, right, got in pairs:
            if right != got and (key := (file.name, product["task"], field)) in DIFFERENT:
                used.add(key)
            elif right != got:
                complaints.append(f"{product['task']}: {field} is {got!r}, and JSON says {right!r}")
    return complaints


def _plain(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value

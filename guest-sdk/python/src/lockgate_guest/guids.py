"""GUIDs that come out the same for every task.

>>> guid_from_name("https://shop.example", "product/17")
UUID('26394b70-74b5-505e-b7a4-e8e4b6642ce5')
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5


def guid_from_name(namespace: str, name: str) -> UUID:
    """The UUIDv5 of ``name`` in the namespace that ``namespace`` names.

    So the same external object has the same GUID in every task, and in connectors of every language.
    """
    return uuid5(uuid5(NAMESPACE_URL, namespace), name)

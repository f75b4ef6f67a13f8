"""Whose feed it is: what the subscriber knows, around what the feed says.

    <subscription xmlns="https://lockgate.example/feeds/subscription" address="https://harbour.example/feed.xml">
      <rss>…</rss>
    </subscription>

A feed is known by the address that somebody subscribed to, or by the operator's setting `feed`. What a document says
of itself counts only where neither is there; what it says of other feeds (`source` of Atom) never does.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from lockgate_guest import InvalidError
from reading import SUBSCRIPTION

TAG = f"{SUBSCRIPTION}subscription"


@dataclass
class Known:
    """What is known of a document beside what it says."""

    #: The feed's address, or whatever else it was subscribed under.
    feed_id: str | None
    #: What the entry in it is called, where its own name stands for several.
    entry_id: str | None = None


def opened(root: Element, setting: str | None) -> tuple[Known, Element]:
    """What is known, and the document inside."""
    if root.tag != TAG:
        return Known(setting or None), root
    if len(root) != 1:
        raise InvalidError(f"a subscription has one document in it, and this one has {len(root)}", path="subscription")
    return Known((root.get("address") or "").strip() or setting or None, (root.get("entry") or "").strip() or None), root[0]


def sealed(document: Element, feed_id: str, entry_id: str | None = None) -> Element:
    """The document, with what is known of it."""
    root = Element(TAG, {"address": feed_id} | ({"entry": entry_id} if entry_id else {}))
    document.tail = None
    root.append(document)
    return root

"""The stories: files that come one after the other, and what is in the store at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Story:
    """Files that come one after the other, and what is to be there afterwards."""

    name: str
    files: tuple[str, ...]
    #: What is read of the store's rows.
    read: Callable[[list[Row]], Any]
    expected: Any
    #: What the tool is to tell, in part; empty: nothing.
    told: str = ""
    #: What the tasks that are left say, each in part.
    left: tuple[str, ...] = ()
    #: All files are made tasks of first, then submitted at once; else one file after the other is carried in.
    at_once: bool = True
    #: The tasks may come in every order, whatever they are about, and it ends the same.
    any_order: bool = False
    #: Settings of the connector beside those of the sample, for each file.
    settings: dict[str, dict[str, str]] = field(default_factory=dict)


def _of(rows: list[Row], kind: str) -> list[Row]:
    """The objects, bindings or pages of a type; of pages the one culture that they have here."""
    found = [row for row in rows if kind in (row.get("object"), row.get("binding"), row.get("page"))]
    return [row | next(iter(row.get("cultures", {}).values()), {}) for row in found]


def _values(rows: list[Row], kind: str, *names: str) -> list[list[Any]]:
    return sorted(([row["fields"].get(name) for name in names] for row in _of(rows, kind)), key=str)


def _pages(rows: list[Row]) -> list[Row]:
    return _of(rows, "cms.page") + _of(rows, "blog.post")


def _paths(rows: list[Row], *kinds: str) -> list[str]:
    return sorted(row["name"].partition(":")[2] for row in rows if row.get("page") in kinds)


def _members(rows: list[Row]) -> list[Row]:
    return _of(rows, "scim.user-member") + _of(rows, "scim.group-member")


def titles(rows: list[Row]) -> list[str]:
    return [row[0] for row in _values(rows, "feed.entry", "title")]


STORIES: dict[str, list[Story]] = {
    "feeds": [
        Story(
            "what leaves the window stays",
            ("33-oldest-first-day1.xml", "33-oldest-first-day2.xml"),
            titles,
            ["Note 1", "Note 2", "Note 3", "Note 4"],
        ),
        Story(
            "an enclosure that is gone is cleared",
            ("35-enclosure-gone-day1.xml", "35-enclosure-gone-day2.xml"),
            lambda rows: _values(rows, "feed.entry", "enclosure_url", "enclosure_type", "enclosure_bytes", "summary"),
            [[None, None, None, "no audio any more"]],
        ),
        Story(
            "a feed replaces nothing of another",
            ("50-source-claims-other-feed-a.xml", "50-source-claims-other-feed-b.xml"),
            lambda rows: _values(rows, "feed.entry", "content"),
            [["What Workshop wrote"], ["What another feed put in its place"]],
        ),
        Story(
            "one bad date costs no other entry",
            ("14-one-bad-date-then-good.xml",),
            titles,
            ["Note 1", "Note 2", "Note 3"],
        ),
        Story("three posts with one guid are three", ("11-same-guid.xml",), titles, ["Post 1", "Post 2", "Post 3"]),
        Story(
            "two feeds that say the same of themselves are not mixed",
            ("33-oldest-first-day1.xml", "43-two-feeds-one-site.xml"),
            titles,
            ["Note 1", "Note 2", "Note 3"],
            told="give their addresses",
        ),
    ],
    "icalendar": [
        Story(
            "an answer changes what one person says and nothing else",
            ("12-reply-1.ics", "12-reply-2.ics"),
            lambda rows: [
                _values(rows, "ical.event", "summary", "location", "status"),
                [row[0] for row in _values(rows, "ical.attendance", "answer")],
            ],
            [[["Weeding", "Barn", "CONFIRMED"]], ["ACCEPTED", "DECLINED"]],
        ),
        Story(
            "an older message that comes late changes nothing",
            ("39-older-sequence-comes-late-1.ics", "39-older-sequence-comes-late-2.ics"),
            lambda rows: _values(rows, "ical.event", "summary"),
            [["Newer, at ten"]],
        ),
        Story(
            "a series and what differs from it belong together",
            ("24-series-with-override-and-exdates.ics",),
            lambda rows: [bool(row[0]) for row in _values(rows, "ical.event", "series")],
            [False, True, True],
        ),
        Story(
            "whom a cancellation takes off the list does not come, and the event goes on for the others",
            ("cancel-of-one-1.ics", "cancel-of-one-2.ics"),
            lambda rows: [
                _values(rows, "ical.event", "summary", "status"),
                [row["fields"]["person"]["ref"] for row in _of(rows, "ical.attendance")],
            ],
            [[["Weeding", "CONFIRMED"]], ["/ical.person:cy@quay.example"]],
            at_once=False,
        ),
    ],
    "vcard": [
        Story(
            "members are bound, however their UIDs are spelt",
            ("06-v4-group-uid-bare-and-case.vcf",),
            lambda rows: len(_of(rows, "vcard.member")),
            3,
        ),
        Story(
            "a group of Apple's programs is a group",
            ("05-apple-group-and-member.vcf",),
            lambda rows: len(_of(rows, "vcard.member")),
            1,
        ),
        Story(
            "two organizations and two people of one name are two",
            ("12-two-orgs-one-name.vcf", "11-same-name-no-uid.vcf"),
            lambda rows: [len(_of(rows, "vcard.organization")), len(_of(rows, "vcard.contact"))],
            [2, 3],
        ),
        Story(
            "a UID in another case is the same",
            ("20-uid-case-update.vcf",),
            lambda rows: [row["display_name"] for row in _of(rows, "vcard.contact")],
            ["Ida Weber-Lund"],
            told="as its update",
        ),
        Story(
            "people who name each other are bound, whoever comes first",
            ("25-member-of-stored-contact-by-email.vcf",),
            lambda rows: [row[0] for row in _values(rows, "vcard.related", "relation")],
            ["spouse", "spouse,co-resident"],
        ),
    ],
    "wordpress": [
        Story(
            "an export of one month and the rest end as one",
            ("01a-one-month-only.xml", "01b-the-rest.xml"),
            lambda rows: [
                _paths(rows, "cms.page"),
                len(_of(rows, "blog.page-category")) + len(_of(rows, "blog.page-tag")),
            ],
            [["/museum", "/museum/opening-hours"], 2],
        ),
        Story(
            "a page and a post may have one slug",
            ("02-page-and-post-same-slug.xml",),
            lambda rows: [_paths(rows, "cms.page", "blog.post"), len(_of(rows, "forum.post"))],
            [["/events", "/events-12"], 1],
        ),
        Story(
            "a category that moves stays one",
            ("03a-category-before.xml", "03b-category-moved.xml"),
            lambda rows: [
                sorted(row["code_name"] for row in _of(rows, "blog.category")),
                len(_of(rows, "blog.page-category")),
            ],
            [["regatta", "sailing"], 2],
            at_once=False,
        ),
        Story(
            "a reply to a comment that is not there waits for it, and says so",
            ("04a-reply-to-a-missing-comment.xml",),
            lambda rows: [len(_pages(rows)), len(_of(rows, "forum.post"))],
            [1, 0],
            left=("comment-300", "comment-301"),
        ),
        Story(
            "a post whose author is not there is there",
            ("05-author-deleted.xml",),
            lambda rows: _values(rows, "blog.post", "title", "creator"),
            [["By someone not listed", None], ["Old notice", None]],
        ),
        Story(
            "a control character costs no post",
            ("06-control-character.xml",),
            lambda rows: _values(rows, "blog.post", "title", "content"),
            [["Good", "Text."], ["Pasted", "leftright"]],
            told="is not allowed in XML, and is left out",
        ),
        Story(
            "drafts without a slug are there",
            ("07-drafts-without-slug.xml",),
            lambda rows: _paths(rows, "cms.page", "blog.post"),
            ["/post-61", "/post-62", "/post-63"],
        ),
        Story(
            "a long slug of other letters is a slug",
            ("08-long-encoded-slug.xml",),
            lambda rows: [row[0] for row in _values(rows, "blog.post", "title")],
            ["Again", "విపరీత రాజయోగం"],
        ),
        Story(
            "what is not for everyone is not published, and what a password keeps is not stored",
            ("09-not-for-everyone.xml",),
            lambda rows: sorted((row["fields"]["title"], row["published"], row["fields"].get("content")) for row in _pages(rows)),
            [
                ("Binned", False, "Text."),
                ("Board minutes", False, None),
                ("Next year", False, "Text."),
                ("Private", False, "SECRET"),
            ],
        ),
        Story(
            "a menu item whose parent is not there is there",
            ("11-menu-item-without-its-parent.xml",),
            lambda rows: _values(rows, "cms.menuitem", "title", "parent_item"),
            [["Boats", None]],
        ),
        Story(
            "a picture that comes later is shown",
            ("12a-post-with-picture-elsewhere.xml", "12b-the-picture.xml"),
            lambda rows: [bool(row[0]) for row in _values(rows, "blog.post", "featured_media")],
            [True],
            at_once=False,
        ),
        Story(
            "a page is one in two languages, and so is what lies under it",
            ("13c-german-first.xml", "13d-english-later.xml"),
            lambda rows: sorted(sorted(row["cultures"]) for row in rows if row.get("page") == "cms.page"),
            [["de-DE", "en-US"], ["de-DE", "en-US"]],
            at_once=False,
            settings={"13c-german-first.xml": {"culture": "de-DE"}},
        ),
        Story(
            "a thread is one",
            ("14-thread.xml",),
            lambda rows: [len(_of(rows, "forum.post")), max(row["name"].count("forum.post") for row in _of(rows, "forum.post"))],
            [12, 12],
        ),
    ],
    "shopify": [
        Story(
            "what is delivered three times is there once",
            ("01-delivered-three-times.ndjson",),
            lambda rows: [len(_of(rows, "shop.product")), len(_of(rows, "shop.variant"))],
            [1, 1],
            any_order=True,
        ),
        Story(
            "an older update that comes last changes nothing",
            ("02-older-after-newer.ndjson",),
            lambda rows: [row["display_name"] for row in _of(rows, "shop.product")] + _values(rows, "shop.variant", "price"),
            ["Kayak 2", [{"decimal": "99.00"}]],
            any_order=True,
        ),
        Story(
            "what is deleted does not come back",
            ("03-update-after-delete.ndjson",),
            lambda rows: [len(_of(rows, "shop.product")), len(_of(rows, "shop.variant"))],
            [0, 0],
            any_order=True,
        ),
        Story(
            "two products swap their handles",
            ("04a-two-products.ndjson", "04b-handles-swapped.ndjson"),
            lambda rows: sorted((row["display_name"], row["fields"]["handle"]) for row in _of(rows, "shop.product")),
            [("Line", "rope"), ("Rope", "line")],
            at_once=False,
        ),
        Story(
            "a handle is free when the product that had it is deleted",
            ("05a-first.ndjson", "05b-again-then-delete.ndjson"),
            lambda rows: [row["code_name"] for row in _of(rows, "shop.product")],
            ["product-7700302"],
            at_once=False,
        ),
        Story(
            "what a webhook does not state stays",
            ("07a-whole.ndjson", "07b-restricted-to-some-members.ndjson"),
            lambda rows: [
                [row["display_name"], *(row["fields"].get(name) for name in ("vendor", "tags", "options"))]
                for row in _of(rows, "shop.product")
            ]
            + [len(_of(rows, "shop.variant")), len(_of(rows, "shop.image"))],
            [["Buoy, red", "Fjord", {"json": '["a","b"]'}, {"json": '[{"name":"Size","values":["1"]}]'}], 2, 1],
            at_once=False,
        ),
        Story(
            "odd values cost no product",
            ("09-odd-values.ndjson",),
            lambda rows: [
                len(_of(rows, "shop.product")),
                [row["fields"].get("tags") for row in _of(rows, "shop.product") if row["code_name"] == "product-7700704"],
                sorted({value["decimal"] for [value] in _values(rows, "shop.variant", "price")}),
                {"decimal": "0.0000001"} in [value for [value] in _values(rows, "shop.variant", "weight")],
                {"integer": "9007199254740993"} in [value for [value] in _values(rows, "shop.variant", "inventory_quantity")],
            ],
            [8, [{"json": '["a","b"]'}], ["10.00", "19.9"], True, True],
        ),
        Story(
            "a variant moves to another product",
            ("10a-variant-in-one.ndjson", "10b-variant-in-the-other.ndjson"),
            lambda rows: sorted(row["name"] for row in _of(rows, "shop.variant")),
            [
                "/shop.product:product-7700801/shop.variant:variant-7700801002",
                "/shop.product:product-7700802/shop.variant:variant-7700801001",
                "/shop.product:product-7700802/shop.variant:variant-7700802001",
            ],
            at_once=False,
        ),
        Story(
            "of an older one that had something odd and a newer one, the newer stays",
            ("11-older-failed-first.ndjson",),
            lambda rows: _values(rows, "shop.product", "vendor") + [[row["display_name"] for row in _of(rows, "shop.product")]],
            [["Fjord"], ["Newer"]],
            any_order=True,
        ),
    ],
    "scim": [
        Story(
            "a manager may be a text",
            ("01-manager-as-text.json",),
            lambda rows: sorted((row["code_name"], bool(row["fields"].get("manager"))) for row in _of(rows, "scim.user")),
            [("boss", False), ("worker", True)],
            any_order=True,
        ),
        Story(
            "who is not active as a text is not active",
            ("02-active-as-text.json",),
            lambda rows: _values(rows, "scim.user", "active"),
            [[False]],
        ),
        Story(
            "null is nothing",
            ("03-null-members.json",),
            lambda rows: [len(_of(rows, "scim.user")), len(_of(rows, "scim.group")), len(_members(rows))],
            [1, 1, 0],
        ),
        Story(
            "a new user with a former user's name is another one, and gets none of its groups",
            ("04a-first.json", "04b-second.json"),
            lambda rows: [_values(rows, "scim.user", "scim_id"), _members(rows)],
            [[["old-7"]], []],
            left=("jsmith",),
            at_once=False,
        ),
        Story(
            "when the former user is deleted, the new one has the name, and none of the groups",
            ("04a-first.json", "04b-second.json", "04c-the-first-is-deleted.json"),
            lambda rows: [_values(rows, "scim.user", "scim_id"), _members(rows)],
            [[["new-9"]], []],
            at_once=False,
        ),
        Story(
            "a group that comes before its members has them",
            ("05-group-first.json",),
            lambda rows: len(_members(rows)),
            2,
            any_order=True,
        ),
        Story(
            "members are members whatever their type says",
            ("07-member-type-direct.json",),
            lambda rows: len(_members(rows)),
            2,
        ),
        Story(
            "a number and one thing in place of a list are read",
            ("09-number-and-object.json",),
            lambda rows: sorted(
                (row["code_name"], row["fields"].get("employee_number"), row["fields"]["email"]) for row in _of(rows, "scim.user")
            ),
            [("num", "4711", "num@corp.example"), ("obj", None, "o@corp.example")],
        ),
    ],
}



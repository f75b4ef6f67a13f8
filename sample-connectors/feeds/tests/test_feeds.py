"""The connector without a host, and the tasks that are committed beside it."""

import io
import json
import sys
import unittest
from contextlib import redirect_stderr, redirect_stdout
from datetime import timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

SAMPLE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(SAMPLE / "feed"), str(SAMPLE / "connector")]

import dates  # noqa: E402
import decoding  # noqa: E402
import feed_to_tasks  # noqa: E402
import markup  # noqa: E402
import reading  # noqa: E402
import repair  # noqa: E402
from feeds import Feeds  # noqa: E402
from lockgate_guest import External, ExternalPage, InvalidError, Page, Reference, Task, UnsupportedError  # noqa: E402

HARBOUR, LIGHTHOUSE = "https://harbour.example/feed.xml", "https://lighthouse.example/log.atom"
FETCHED = ((HARBOUR, "rss.xml"), (LIGHTHOUSE, "atom.xml"), (HARBOUR, "rss-later.xml"), (LIGHTHOUSE, "atom-later.xml"))


def load_tests(_loader: unittest.TestLoader, tests: unittest.TestSuite, _pattern: str | None) -> unittest.TestSuite:
    import doctest

    for module in (dates, decoding, markup, reading, repair):
        tests.addTests(doctest.DocTestSuite(module))
    return tests


def tasks() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / "data/tasks.ndjson").read_text(encoding="utf-8").splitlines()]


def prepared(title: str, at: int = 0) -> Any:
    body = [task["body"] for task in tasks() if task["title"] == title][at]
    return Feeds().prepare_internal_object(External("application/xml", body.encode()), Task(site_name="planet"))


class Translation(unittest.TestCase):
    def test_an_item_of_rss_becomes_a_page(self) -> None:
        page = prepared("entry A new crane & an old quay")
        self.assertEqual((page.name, page.alias), ("A new crane & an old quay", "new-crane-49f78365"))
        self.assertEqual(page.parent, ExternalPage("https://harbour.example/feed.xml", "feed.channel"))
        self.assertEqual(page["content"], "<p>It lifts <b>40</b> tonnes &amp; turns in 90 s.</p>")
        self.assertEqual((page["author"], page["categories"]), (Reference(f"{HARBOUR} Anna Berg"), ["cranes", "north quay"]))
        self.assertEqual(str(page["published_at"]), "2026-11-02 09:30:00+01:00")

    def test_an_item_without_a_link_has_its_permanent_id(self) -> None:
        page = prepared("entry Tide table for November")
        self.assertEqual(page["link"], "https://harbour.example/2026/11/tides")
        self.assertEqual((page["author"], page["enclosure_bytes"]), (Reference(f"{HARBOUR} office@harbour.example"), 48213))

    def test_an_entry_of_atom_becomes_a_page(self) -> None:
        page = prepared("entry The new lamp")
        self.assertEqual((page.name, page["link"]), ("The new lamp", "https://lighthouse.example/log/lamp"))
        self.assertEqual(page["content"], "<p>Brighter, and <em>cooler</em> &amp; cheaper.</p><p>Seen from 20 miles.</p>")
        self.assertEqual(
            (page["author"], page["categories"]), (Reference(f"{LIGHTHOUSE} keeper@lighthouse.example"), ["Lamps", "led"])
        )

    def test_an_update_and_a_deletion_find_the_page_that_was_created(self) -> None:
        created = prepared("entry Fog")
        self.assertEqual(prepared("deleted tag:lighthouse.example,2026:fog").node_guid, created.node_guid)
        self.assertEqual(created["enclosure_url"], "https://lighthouse.example/audio/horn.ogg")
        crane = prepared("entry A new crane, and an old quay")
        self.assertEqual(crane.node_guid, prepared("entry A new crane & an old quay").node_guid)

    def test_a_feed_is_found_where_its_entries_look_for_it(self) -> None:
        connector = Feeds()
        connector.site = "planet"
        page = prepared("feed Lighthouse Log")
        self.assertIsInstance(page, Page)
        params = connector.get_internal_document_params(page["feed_id"], "feed.channel")
        self.assertEqual((params.node_guid, params.culture, params.site), (page.node_guid, "en-US", "planet"))


class Dates(unittest.TestCase):
    def test_a_date_with_one_meaning_is_that_moment(self) -> None:
        for written, wanted in {
            "2026/03/02 08:00:00": "2026-03-02T08:00:00",
            "20260302080000": "2026-03-02T08:00:00",
            "Mon,02 Mar 2026 08:00:00 GMT": "2026-03-02T08:00:00",
            "Mon, 02 Mar 2026 08:00:00 +0000 (UTC)": "2026-03-02T08:00:00",
            "Mon, 02 Mar 2026 08:00:00 PST": "2026-03-02T16:00:00",
            "Monday, March 2nd, 2026 8:00 pm EST": "2026-03-03T01:00:00",
            "Mon Mar  2 08:00:00 GMT 2026": "2026-03-02T08:00:00",
            "lundi 2 février 2026": "2026-02-02T00:00:00",
            "Di, 03 Mär 2026 08:00:00 +0100": "2026-03-03T07:00:00",
            "2 мая 2026": "2026-05-02T00:00:00",
            "2026年03月02日": "2026-03-02T00:00:00",
            "1772438400": "2026-03-02T08:00:00",
            "1772438400000": "2026-03-02T08:00:00",
            "2026-03-02T24:00:00Z": "2026-03-03T00:00:00",
            "2016-12-31T23:59:60Z": "2016-12-31T23:59:59",
        }.items():
            found = dates.moment(written)
            self.assertEqual(found and found.astimezone(timezone.utc).isoformat(), f"{wanted}+00:00", written)

    def test_a_date_with_several_meanings_or_none_is_no_date(self) -> None:
        for written in ("", "0", "soon", "03/04/2026", "26-03-02", "30 Feb 2026", "2026-13-01", "Mon, 02 Mar 2026 25:00:00 GMT",
                        "Mon, 02 Mar 2026 08:00:00 XYZT", "9999-12-31T23:59:59-05:00", "0000-12-31"):  # fmt: skip
            self.assertIsNone(dates.moment(written), written)


class Hostile(unittest.TestCase):
    def refused(self, body: bytes, kind: type[Exception] = InvalidError) -> str:
        with self.assertRaises(kind) as raised:
            Feeds().prepare_internal_object(External("application/xml", body), Task())
        return str(raised.exception)

    def test_a_document_that_multiplies_is_refused_before_it_does(self) -> None:
        bomb = b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
            f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>".encode() for at in range(12)
        )
        self.assertIn("declares the entity 'b'", self.refused(bomb + b"]><rss><channel>&m;</channel></rss>"))
        self.assertIn("declares the entity 'p'", self.refused(b"<!DOCTYPE r [<!ENTITY % p 'x'> %p;]><rss/>"))
        often = b"<!DOCTYPE r [<!ENTITY a '" + b"a" * 32 + b"'>]><rss><channel>" + b"&a;" * 10_000 + b"</channel></rss>"
        self.assertIn("grows too much", self.refused(often))

    def test_what_only_looks_like_the_beginning_of_something_costs_no_time(self) -> None:
        for body in (
            b"<!--a-->" * 20_000,
            b"<title>" * 90 + b"<title x" * 50_000,
            b"<rss>" + b"<![CDATA[" * 50_000,
            b"<!DOCTYPE " + b"[<!--" * 50_000,
            b"<!DOCTYPE a [" + b"<!--b-->" * 20_000,
        ):
            self.refused(body)

    def test_a_document_type_may_have_comments_and_lists_of_entities(self) -> None:
        lists = b"<!ENTITY % HTMLlat1 PUBLIC '-//W3C//ENTITIES Latin 1 for XHTML//EN' 'http://www.w3.org/TR/xhtml1/DTD/xhtml-lat1.ent'> %HTMLlat1;"
        declared = b"<!DOCTYPE rss [<!-- it's [here] > --> " + lists + b" <!ATTLIST rss version CDATA #FIXED '2.0'>]>"
        body = declared + b"<rss><channel><link>https://a.example/</link><title>Caf&eacute;</title></channel></rss>"
        self.assertEqual(Feeds().prepare_internal_object(External("application/xml", body), Task()).name, "Caf\u00e9")

    def test_nothing_is_fetched(self) -> None:
        self.refused(b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss>&x;</rss>")
        fetching = b"<!DOCTYPE rss SYSTEM 'http://127.0.0.1/rss.dtd'><rss><channel><link>https://a.example/</link><title>&nbsp;&x;</title></channel></rss>"
        page = Feeds().prepare_internal_object(External("application/xml", fetching), Task())
        self.assertEqual(page.name, "&x;")

    def test_nesting_has_an_end(self) -> None:
        self.assertIn("nested deeper", self.refused(b"<a>" * 100_000))

    def test_what_is_no_feed_is_told_apart_from_what_is_broken(self) -> None:
        self.refused(b"<html/>", UnsupportedError)
        for body in (b"", b"\xff\xfe", b"<rss>", b"<rss/>", b"{}", b"<?xml version='1.0' encoding='klingon'?><rss/>"):
            self.refused(body)


def made(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Status, tasks and messages of the tool."""
    written, told = io.StringIO(), io.StringIO()
    with patch.object(sys, "argv", ["feed_to_tasks.py", *arguments]), redirect_stdout(written), redirect_stderr(told):
        status = feed_to_tasks.main()
    return status, [json.loads(line) for line in written.getvalue().splitlines()], told.getvalue()


class Tasks(unittest.TestCase):
    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, items: str, head: str = "<title>Quay</title><link>https://quay.example/</link>") -> str:
        path = self.folder / name
        path.write_text(f"<rss version='2.0'><channel>{head}\n{items}</channel></rss>", encoding="utf-8")
        return str(path)

    def test_the_committed_tasks_are_what_the_feeds_make(self) -> None:
        files = [f"{address}={SAMPLE / 'data' / name}" for address, name in FETCHED]
        status, written, told = made("--fetched", "2026-11-05", *files)
        self.assertEqual((status, told), (0, ""))
        self.assertEqual(written, tasks())

    def test_an_item_that_is_no_longer_listed_is_not_deleted(self) -> None:
        first, second = (
            self.file("1", "<item><guid>a</guid></item><item><guid>b</guid></item>"),
            self.file("2", "<item><guid>b</guid></item>"),
        )
        _, written, _ = made(first, second)
        self.assertEqual([task["task_type"] for task in written], ["create-document"] * 3)

    def test_one_bad_item_and_one_bad_file_do_not_cost_the_others(self) -> None:
        cut = self.file(
            "cut",
            "<item><guid>a</guid></item>\n<item><b></item>\n<item><guid>c</guid></item>\n<item><title>no id</title></item><item>",
        )
        web = self.folder / "web"
        web.write_text("<!DOCTYPE html><html><p>503</html>", encoding="utf-8")
        status, written, told = made(str(web), cut, str(self.folder / "none"), self.file("good", "<item><guid>d</guid></item>"))
        self.assertEqual((status, [task["title"] for task in written]), (1, ["feed Quay", "entry a", "entry c", "entry d"]))
        for message in (
            f"{web}: this is a web page",
            f"{cut}: line 3: this item cannot be read",
            f"{cut}: line 5: an item has neither",
            f"{cut}: line 5: this item does not end",
            "none: it cannot be read",
        ):
            self.assertIn(message, told)

    def test_one_bad_item_beside_its_channel_or_in_atom_does_not_cost_the_others(self) -> None:
        beside = self.folder / "beside"
        beside.write_text(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel><title>Q</title><link>https://q.example/</link></channel>"
            "<item rdf:about='https://q.example/1'><title>1</title></item><item><b></item><item rdf:about='https://q.example/3'><title>3</title></item></rdf:RDF>"
        )
        atom = self.folder / "atom"
        atom.write_text(
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xml:base='https://a.example/'><a:id>urn:x:a</a:id><a:title>A</a:title>"
            "<a:entry><a:id>1</a:id><a:link href='one'/></a:entry><a:entry><a:id>2</a:entry><a:entry><a:id>3</a:id></a:entry></a:feed>"
        )
        status, written, told = made(str(beside), str(atom))
        self.assertEqual(
            (status, [task["title"] for task in written]), (1, ["feed Q", "entry 1", "entry 3", "feed A", "entry 1", "entry 3"])
        )
        entry = written[4]
        self.assertEqual(
            Feeds().prepare_internal_object(External(entry["media_type"], entry["body"].encode()), Task())["link"],
            "https://a.example/one",
        )
        self.assertEqual(told.count("cannot be read, and is left out"), 2)

    def test_items_with_one_guid_are_told_apart_by_their_links(self) -> None:
        items = "".join(f"<item><guid>same</guid><link>https://quay.example/{at}</link></item>" for at in (1, 2))
        _, written, told = made(
            self.file(
                "feed", items + "<item><guid>twice</guid><title>x</title></item><item><guid>twice</guid><title>y</title></item>"
            )
        )
        self.assertEqual(len({task["subject"] for task in written}), 4)
        self.assertIn("line 2: 2 items have this guid", told)
        self.assertIn("'twice' stands in line 2 as well", told)

    def test_two_feeds_of_one_site_are_not_mixed(self) -> None:
        posts = self.file("posts", "<item><guid>1</guid></item>")
        comments = self.file(
            "comments", "<item><guid>1</guid></item>", "<title>Comments</title><link>https://quay.example/</link>"
        )
        status, written, told = made(posts, comments)
        self.assertEqual((status, len(written)), (1, 2))
        self.assertIn("give their addresses", told)
        status, written, _ = made(f"https://quay.example/feed={posts}", f"https://quay.example/comments?a=b={comments}")
        self.assertEqual((status, len({task["subject"] for task in written})), (0, 4))

    def test_a_task_has_one_key_for_each_change_and_one_subject_for_each_object(self) -> None:
        a, b = (self.file(name, f"<item><guid>1</guid><title>{name}</title></item>") for name in "ab")
        once = made("--fetched", "1", a)[1]
        self.assertEqual(once, made("--fetched", "1", a)[1], "the same file again is the same request")
        changed = made("--fetched", "1", a, b, a)[1]
        self.assertEqual([task["title"] for task in changed], ["feed Quay", "entry a", "entry b", "entry a"])
        keys = [task["idempotency_key"] for task in changed + made("--fetched", "2", a)[1]]
        self.assertEqual(len(set(keys)), len(keys))
        self.assertEqual(len({task["subject"] for task in changed[1:]}), 1)

    def test_what_an_entry_says_of_other_feeds_changes_nothing_there(self) -> None:
        files = []
        for name in ("lighthouse", "quay"):
            path = self.folder / name
            source = "<source><id>urn:x:lighthouse</id></source>" if name == "quay" else ""
            path.write_text(
                f"<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x:{name}</id><title>{name}</title>"
                f"<entry><id>urn:x:1</id><title>{name}</title>{source}</entry></feed>"
            )
            files.append(str(path))
        pages = [
            Feeds().prepare_internal_object(External(task["media_type"], task["body"].encode()), Task())
            for task in made(*files)[1]
        ]
        self.assertEqual(len({page.node_guid for page in pages}), 4)
        self.assertEqual(pages[3].parent, ExternalPage("urn:x:quay", "feed.channel"))

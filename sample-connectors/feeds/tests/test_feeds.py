"""The connector without a host, and the tasks that are committed beside it."""

import io
import json
import sys
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

SAMPLE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(SAMPLE / "feed"), str(SAMPLE / "connector")]

import atom  # noqa: E402
import feed  # noqa: E402
import feed_to_tasks  # noqa: E402
import reading  # noqa: E402
import rss  # noqa: E402
from feeds import Feeds  # noqa: E402
from lockgate_guest import External, ExternalPage, InvalidError, Page, Reference, Task, UnsupportedError  # noqa: E402

FETCHED = ("rss.xml", "atom.xml", "rss-later.xml", "atom-later.xml")


def load_tests(_loader: unittest.TestLoader, tests: unittest.TestSuite, _pattern: str | None) -> unittest.TestSuite:
    import doctest

    for module in (atom, feed, reading, rss):
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
        self.assertEqual((page["author"], page["categories"]), (Reference("Anna Berg"), ["cranes", "north quay"]))
        self.assertEqual(str(page["published_at"]), "2026-11-02 09:30:00+01:00")

    def test_an_item_without_a_link_has_its_permanent_id(self) -> None:
        page = prepared("entry Tide table for November")
        self.assertEqual(page["link"], "https://harbour.example/2026/11/tides")
        self.assertEqual((page["author"], page["enclosure_bytes"]), (Reference("Harbour Office"), 48213))

    def test_an_entry_of_atom_becomes_a_page(self) -> None:
        page = prepared("entry The <em>new</em> lamp")
        self.assertEqual((page.name, page["link"]), ("The new lamp", "https://lighthouse.example/log/lamp"))
        self.assertEqual(page["content"], "<p>Brighter, and <em>cooler</em> &amp; cheaper.</p><p>Seen from 20 miles.</p>")
        self.assertEqual((page["author"], page["categories"]), (Reference("Keeper"), ["Lamps", "led"]))

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


class Hostile(unittest.TestCase):
    def refused(self, body: bytes, kind: type[Exception] = InvalidError) -> str:
        with self.assertRaises(kind) as raised:
            Feeds().prepare_internal_object(External("application/xml", body), Task())
        return str(raised.exception)

    def test_a_document_that_multiplies_is_refused_before_it_does(self) -> None:
        bomb = b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
            f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>".encode() for at in range(12)
        )
        self.assertIn("declares the entity 'a'", self.refused(bomb + b"]><rss><channel>&m;</channel></rss>"))
        self.assertIn("declares the entity 'p'", self.refused(b"<!DOCTYPE r [<!ENTITY % p 'x'> %p;]><rss/>"))

    def test_nothing_is_fetched(self) -> None:
        self.refused(b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss>&x;</rss>")
        self.refused(b"<!DOCTYPE rss SYSTEM 'http://127.0.0.1/rss.dtd'><rss><channel><title>&nbsp;</title></channel></rss>")

    def test_nesting_has_an_end(self) -> None:
        self.assertIn("nested deeper", self.refused(b"<a>" * 100_000))

    def test_what_is_no_feed_is_told_apart_from_what_is_broken(self) -> None:
        self.refused(b"<html/>", UnsupportedError)
        for body in (b"", b"\xff\xfe", b"<rss>", b"<rss/>", b"{}", b"<?xml version='1.0' encoding='klingon'?><rss/>"):
            self.refused(body)


class Tasks(unittest.TestCase):
    def test_the_committed_tasks_are_what_the_feeds_make(self) -> None:
        written = io.StringIO()
        arguments = ["feed_to_tasks.py", *(str(SAMPLE / "data" / name) for name in FETCHED)]
        with patch.object(sys, "argv", arguments), redirect_stdout(written):
            self.assertEqual(feed_to_tasks.main(), 0)
        self.assertEqual(written.getvalue(), (SAMPLE / "data/tasks.ndjson").read_text(encoding="utf-8"))

    def test_an_item_that_is_older_than_all_that_is_listed_is_not_deleted(self) -> None:
        self.assertEqual(feed_to_tasks._withdrawn(["c", "b", "a"], ["d", "c"]), [])
        self.assertEqual(feed_to_tasks._withdrawn(["c", "b", "a"], ["d", "c", "a"]), ["b"])
        self.assertEqual(feed_to_tasks._withdrawn(["a"], []), [])

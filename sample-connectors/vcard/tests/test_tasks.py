"""The tool that cuts files into cards, and the tasks that are committed beside it."""

import base64
import io
import json
import sys
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

SAMPLE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SAMPLE / "data"))
sys.dont_write_bytecode = True

import tasks  # noqa: E402


def made(*arguments: str) -> tuple[int, list[dict[str, str]], str]:
    """Status, tasks and messages of the tool."""
    written, told = io.StringIO(), io.StringIO()
    with patch.object(sys, "argv", ["tasks.py", *arguments]), redirect_stdout(written), redirect_stderr(told):
        status = tasks.main()
    return status, [json.loads(line) for line in written.getvalue().splitlines()], told.getvalue()


def card(*lines: str, version: str = "4.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


class Tasks(unittest.TestCase):
    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, body: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        return str(path)

    def test_the_committed_tasks_are_what_the_cards_make(self) -> None:
        data = SAMPLE / "data"
        status, written, told = made(
            "--fetched", "2026-01-15", str(data / "address-book.vcf"), f"{data / 'latin-1.vcf'}:iso-8859-1"
        )
        self.assertEqual((status, told), (0, ""))
        self.assertEqual(written, [json.loads(line) for line in (data / "tasks.ndjson").read_text(encoding="utf-8").splitlines()])

    def test_bytes_stay_bytes(self) -> None:
        body = (
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN;CHARSET=ISO-8859-1:Zo\xeb\r\nNOTE:F\xc3".encode("latin-1")
            + b"\r\n \xaate\r\nEND:VCARD\r\n"
        )
        status, written, _ = made(self.file("a", body))
        self.assertEqual((status, written[0]["title"]), (0, "Zoë"))
        self.assertEqual(base64.b64decode(written[0]["body_base64"]), body)

    def test_lines_may_end_as_on_old_macs(self) -> None:
        status, written, told = made(self.file("a", card("FN:A", "UID:1").replace("\r\n", "\r")))
        self.assertEqual((status, told, written[0]["body"]), (0, "", card("FN:A", "UID:1")))

    def test_utf_16_without_a_mark_is_said_to_be_that(self) -> None:
        file = self.file("a", card("FN:A\u00e9", "UID:1").encode("utf-16-be"))
        status, _, told = made(file)
        self.assertEqual(status, 1)
        self.assertIn("FILE:utf-16-be", told)
        self.assertEqual(made(f"{file}:utf-16-be")[1][0]["title"], "A\u00e9")

    def test_a_card_that_is_quoted_in_another_does_not_end_it(self) -> None:
        body = card("FN:Ida", "AGENT:BEGIN:VCARD\\nFN:Helper\\nEND:VCARD\\n", "UID:1", version="3.0")
        self.assertEqual([task["body"] for task in made(self.file("a", body))[1]], [body])

    def test_utf_16_has_cards_too(self) -> None:
        status, written, _ = made(self.file("a", (card("FN:Zoë") + card("FN:Bo")).encode("utf-16")))
        self.assertEqual((status, [task["title"] for task in written]), (0, ["Zoë", "Bo"]))

    def test_one_bad_card_and_one_bad_file_do_not_cost_the_others(self) -> None:
        bad = (
            card("FN:1")
            + card("FN:2", version="2.1")
            + "BEGIN:VCARD\r\nFN:3\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:4\r\n"
            + card("FN:5")
            + "junk\r\n"
        )
        latin = (card("FN:6") + card("FN:Zoë", "UID:z")).encode("latin-1")
        status, written, told = made(
            self.file("none", "Name;Mail\r\n"),
            self.file("bad", bad),
            str(self.folder / "gone"),
            self.file("latin", latin),
            self.file("good", card("FN:7")),
        )
        self.assertEqual((status, [task["title"] for task in written]), (1, ["1", "5", "6", "7"]))
        for message in (
            "none: line 1: this stands outside",
            "bad: line 6: this is vCard 2.1",
            "bad: line 9: this card has no VERSION",
            "bad: line 12: this card has no END:VCARD",
            "bad: line 19: this stands outside",
            "gone: ",
            "latin: line 7: this is not utf-8",
        ):
            self.assertIn(message, told)

    def test_two_cards_of_one_name_are_two(self) -> None:
        _, written, told = made(self.file("a", card("FN:Bo Lund", "ORG:Beds") + card("FN:Bo Lund", "ORG:Trees")))
        self.assertEqual((len({task["subject"] for task in written}), told), (2, ""))

    def test_a_card_that_comes_again_is_told_and_is_one_subject(self) -> None:
        uid = "c0ffee00-0000-4000-8000-000000000001"
        status, written, told = made(
            self.file("a", card("FN:Ida", f"UID:{uid}") + card("FN:Ida Lund", f"UID:urn:uuid:{uid.upper()}"))
        )
        self.assertEqual((status, [task["task_type"] for task in written]), (0, ["create-object", "update-object"]))
        self.assertEqual({task["subject"] for task in written}, {f"card {uid}"})
        self.assertIn("line 6: card", told)

    def test_there_is_one_key_for_each_change(self) -> None:
        a, b = self.file("a", card("FN:a", "UID:1")), self.file("b", card("FN:b", "UID:1"))
        written = made("--fetched", "1", a, b, a, a)[1]
        self.assertEqual([task["title"] for task in written], ["a", "b", "a"])
        keys = [task["idempotency_key"] for task in written + made("--fetched", "2", a)[1]]
        self.assertEqual(len(set(keys)), 4)
        self.assertEqual(made("--fetched", "1", a)[1], written[:1])

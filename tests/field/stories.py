"""Several files, one after the other, in a store: what is left in it at the end."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samples import PATIENCE_S, SAMPLES, Setting, component, tool

Row = dict[str, Any]
#: What waits for what comes later in the same batch may be left to a further pass.
PASSES_MAX = 3


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


def _of(rows: list[Row], kind: str) -> list[Row]:
    """The objects, bindings or pages of a type; of pages the one culture that they have here."""
    found = [row for row in rows if kind in (row.get("object"), row.get("binding"), row.get("page"))]
    return [row | next(iter(row.get("cultures", {}).values()), {}) for row in found]


def _values(rows: list[Row], kind: str, *names: str) -> list[list[Any]]:
    return sorted(([row["fields"].get(name) for name in names] for row in _of(rows, kind)), key=str)


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
}


def told(setting: Setting, sample: str, data: Path) -> int:
    """How many stories end otherwise than they should; says which."""
    if not (data / sample).is_dir():
        print(f"skip {sample}: the stories need {data / sample}")
        return 0
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        prepared.mkdir()
        shutil.copy(SAMPLES / sample / "lockgate.toml", prepared)
        _run(setting, prepared, "model", "apply", str(SAMPLES / sample / "model.toml"))
        _run(setting, prepared, "connector", "add", sample, str(component(setting, sample)))
        for number, story in enumerate(STORIES[sample]):
            store = Path(folder) / str(number)
            shutil.copytree(prepared, store)
            wrong += not _ends_well(setting, sample, data / sample, story, store)
    print(f"{'FAIL' if wrong else 'ok  '} {sample}: {len(STORIES[sample]) - wrong} of {len(STORIES[sample])} stories end well")
    return wrong


def _ends_well(setting: Setting, sample: str, data: Path, story: Story, store: Path) -> bool:
    made = tool(setting, sample, [str(data / file) for file in story.files])
    batch = store / "tasks.ndjson"
    batch.write_text("".join(json.dumps(task) + "\n" for task in made.tasks), encoding="utf-8")
    _run(setting, store, "submit", "--batch", str(batch))
    for _ in range(PASSES_MAX):
        _run(setting, store, "process", sample)
    left = json.loads(_run(setting, store, "task", "list", "--json"))["tasks"]
    rows = [json.loads(line) for line in _run(setting, store, "export", "--canonical").splitlines()]
    got = story.read(rows)
    said = "\n".join(made.told)
    complaints = [f"{len(left)} tasks are left: {left[0]}"] if left else []
    if got != story.expected:
        complaints.append(f"it is {got!r}, and should be {story.expected!r}")
    if story.told not in said or not story.told and said:
        complaints.append(f"the tool tells {said!r}, and should tell {story.told!r}")
    for complaint in complaints:
        print(f"FAIL {sample}: {story.name}: {complaint}")
    return not complaints


def _run(setting: Setting, store: Path, *arguments: str) -> str:
    ran = subprocess.run(
        [setting.lockgate, *arguments], cwd=store, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    # `process` ends with 1 where a task fails, which the list of tasks then shows.
    if ran.returncode and arguments[0] != "process":
        raise RuntimeError(f"lockgate {' '.join(arguments)}: {ran.stderr or ran.stdout}")
    return ran.stdout

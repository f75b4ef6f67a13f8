#!/usr/bin/env python3
"""What the samples make of real input, compared with the right values and with independent parsers.

    python run.py --lockgate target/debug/lockgate --guests target/guests --go PATH/TO/go [SAMPLE…]

Reads the files of `../shared/data/field` beside the repository, where they are, and those of the samples' `data`. The
right values are in `expected/`; --update writes them, to be read before they are kept. Files of another folder (--data)
that have none are compared with the parsers alone, and what becomes of them is printed.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import stories
from samples import ROOT, SAMPLES, Answer, Setting, tool, translated

DATA = ROOT.parent / "shared/data/field"
EXPECTED = Path(__file__).resolve().parent / "expected"
SUFFIXES = {
    "feeds": ("xml",),
    "icalendar": ("ics",),
    "vcard": ("vcf",),
    "wordpress": ("xml",),
    "shopify": ("ndjson",),
    "scim": ("json",),
}


def files(sample: str, data: Path) -> list[Path]:
    """The real ones, then those of the sample."""
    folders = [data / sample, SAMPLES / sample / "data"]
    return [
        file for folder in folders if folder.is_dir() for file in sorted(folder.iterdir()) if file.suffix[1:] in SUFFIXES[sample]
    ]


def outcomes(
    setting: Setting, sample: str, reference: ModuleType, found: list[Path]
) -> dict[Path, tuple[list[Answer], list[str], int]]:
    """Of each file: what became of its tasks, what its tool told, and the tool's status."""
    made = {file: tool(setting, sample, reference.arguments(file)) for file in found}
    answers = iter(translated(setting, sample, [task for file in found for task in made[file].tasks]))
    return {file: ([next(answers) for _ in made[file].tasks], made[file].told, made[file].status) for file in found}


def kept(
    file: Path, reference: ModuleType, stored: list[dict[str, Any]], told: list[str], status: int, answers: list[Answer]
) -> dict[str, Any]:
    """What is compared with the right values."""
    shown = (
        reference.shown(stored)
        if hasattr(reference, "shown")
        else [{name: value for name, value in one.items() if value not in (None, "", [])} for one in stored]
    )
    result: dict[str, Any] = {"stored": shown}
    if told:
        result["told"] = [line.replace(str(file), "FILE") for line in told]
    if status:
        result["status"] = status
    if refused := [answer.failure or f"skip: {answer.prepared['skip']}" for answer in answers if not answer.shown]:
        result["refused"] = refused
    if warned := [line.removeprefix("warn: ") for answer in answers for line in answer.log if line.startswith("warn")]:
        result["warned"] = warned
    return result


def compare(setting: Setting, sample: str, data: Path, update: bool) -> int:
    reference = importlib.import_module(f"reference_{sample}")
    found = files(sample, data)
    if not (data / sample).is_dir():
        print(f"skip {sample}: {data / sample} is not there, so only the sample's own files are compared")
    right = (
        json.loads((EXPECTED / f"{sample}.json").read_text(encoding="utf-8")) if (EXPECTED / f"{sample}.json").exists() else {}
    )
    used: set[tuple[str, ...]] = set()
    wrong = 0
    for file, (answers, told, status) in outcomes(setting, sample, reference, found).items():
        stored = reference.stored(answers)
        got = kept(file, reference, stored, told, status, answers)
        try:
            complaints = reference.compared(file, stored, used)
        except Exception as error:  # noqa: BLE001: independent parsers fail in ways of their own
            complaints = [f"the reference cannot read it: {type(error).__name__}: {error}"]
        if update:
            right[file.name] = got
        elif file.name not in right and data != DATA:
            print(f"new  {sample}/{file.name}: {json.dumps(got, ensure_ascii=False)}")
        elif right.get(file.name) != got:
            complaints.append(
                f"expected {json.dumps(right.get(file.name), ensure_ascii=False)}\n     got      {json.dumps(got, ensure_ascii=False)}"
            )
        for complaint in complaints:
            print(f"FAIL {sample}/{file.name}: {complaint}")
        wrong += bool(complaints)
    if update:
        text = json.dumps(right, ensure_ascii=False, indent=1, sort_keys=True)
        (EXPECTED / f"{sample}.json").write_text(text + "\n", encoding="utf-8")
    names = {file.name for file in found}
    stale = [
        key
        for key in [*reference.DIFFERENT, *((name,) for name in getattr(reference, "UNREAD", {}))]
        if key[0] in names and key not in used
    ]
    for key in stale:
        print(f"FAIL {sample}: {key} is no longer different: take it off the list")
    print(f"{'ok  ' if not wrong and not stale else 'FAIL'} {sample}: {len(found) - wrong} of {len(found)} files come out right")
    return wrong + len(stale)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", nargs="*", choices=[*SUFFIXES, []], default=[], help="default: all")
    parser.add_argument("--lockgate", type=Path, required=True)
    parser.add_argument("--guests", type=Path, required=True, help="folder of the components, as target/guests")
    parser.add_argument("--go", type=Path, default=Path("go"), help="for the tool of icalendar")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--update", action="store_true")
    given = parser.parse_args()
    setting = Setting(given.lockgate.resolve(), given.guests.resolve(), given.go)
    wrong = 0
    for sample in given.sample or SUFFIXES:
        wrong += compare(setting, sample, given.data, given.update)
        if given.data == DATA:
            wrong += stories.told(setting, sample, given.data)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

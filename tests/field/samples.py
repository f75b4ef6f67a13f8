"""Runs a sample as its users do: its tool makes tasks of a file, and its component translates them in `lockgate test`."""

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import scim

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample-connectors"
#: How long a tool or a run of all cases may take, in seconds.
PATIENCE_S = 900


@dataclass
class Answer:
    """What the component makes of one task."""

    task: dict[str, Any]
    #: `object`, `page` or `skip`; empty where the task fails.
    prepared: dict[str, Any] = field(default_factory=dict)
    #: Code, message and place of a failure.
    failure: str = ""
    log: list[str] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, Any]:
        """Of the object or page, with values as they are written."""
        shown = self.prepared.get("object") or self.prepared.get("page") or {}
        return {name: _plain(value) for name, value in shown.get("fields", {}).items()}

    @property
    def shown(self) -> dict[str, Any]:
        """The object or page itself."""
        return self.prepared.get("object") or self.prepared.get("page") or {}


@dataclass
class Made:
    """What a tool makes of files."""

    tasks: list[dict[str, Any]]
    told: list[str]
    status: int


@dataclass
class Setting:
    """Where everything is."""

    lockgate: Path
    guests: Path
    go: Path


#: How each tool is called, and which component translates what it makes.
COMPONENTS = {
    "feeds": "python/feeds.wasm",
    "icalendar": "go/icalendar.wasm",
    "vcard": "c/vcard.wasm",
    "wordpress": "wasm32-wasip2/guest/wordpress_connector.wasm",
    "shopify": "typescript/shopify.wasm",
    "scim": "wasm32-wasip2/guest/scim_connector.wasm",
}
#: How a payload's file ends.
PAYLOADS = {"feeds": "xml", "icalendar": "ics", "vcard": "vcf", "wordpress": "xml", "shopify": "json", "scim": "json"}


def component(setting: Setting, sample: str) -> Path:
    """In the layout of `target/guests`, or all in one folder."""
    nested = setting.guests / COMPONENTS[sample]
    return nested if nested.exists() else setting.guests / nested.name


def tool(setting: Setting, sample: str, arguments: Sequence[str]) -> Made:
    """What the sample's tool writes, with its messages."""
    folder = SAMPLES / sample
    command, environment = [sys.executable], dict(os.environ)
    if sample == "shopify":
        return recorded(arguments)
    if sample == "scim":
        return scim.told(setting, arguments)
    if sample == "feeds":
        command.append(str(folder / "feed/feed_to_tasks.py"))
    elif sample == "vcard":
        command.append(str(folder / "data/tasks.py"))
    elif sample == "wordpress":
        command = [str(program(setting, "wordpress-feed")), "--out", "-"]
    else:
        command = [str(_built(setting, folder / "connector"))]
    ran = subprocess.run([*command, *arguments], capture_output=True, timeout=PATIENCE_S, env=environment, check=False)
    return made(ran)


def made(ran: subprocess.CompletedProcess[bytes]) -> Made:
    """Of a tool that has run. The counts that feeds in Rust end with tell nothing of the input."""
    told = ran.stderr.decode("utf-8", "replace").splitlines()
    ends = next((at for at, line in enumerate(told) if line.startswith("wrote ")), len(told))
    return Made([json.loads(line) for line in ran.stdout.decode().splitlines()], told[:ends], ran.returncode)


def program(setting: Setting, name: str) -> Path:
    """A feed in Rust, which is built beside `lockgate`."""
    return setting.lockgate.parent / name


def recorded(files: Sequence[str]) -> Made:
    """Webhooks have no tool: whoever takes them makes the tasks. Those that state no subject get the product's id."""
    tasks = [json.loads(line) for file in files for line in Path(file).read_text(encoding="utf-8").splitlines()]
    for task in tasks:
        task.setdefault("subject", f"product {json.loads(task['body'])['id']}")
    return Made(tasks, [], 0)


_tools: dict[Path, Path] = {}


def _built(setting: Setting, folder: Path) -> Path:
    """The tool in Go, built once in a run."""
    if folder not in _tools:
        to = Path(tempfile.mkdtemp()) / "tasks"
        subprocess.run([setting.go, "build", "-o", to, "./cmd/tasks"], cwd=folder, check=True, timeout=PATIENCE_S)
        _tools[folder] = to
    return _tools[folder]


def body_of(task: dict[str, Any]) -> bytes:
    return base64.b64decode(task["body_base64"]) if "body_base64" in task else str(task["body"]).encode()


def translated(setting: Setting, sample: str, tasks: Sequence[dict[str, Any]]) -> list[Answer]:
    """What the component makes of each task, in one run of the harness."""
    suffix = PAYLOADS[sample]
    with tempfile.TemporaryDirectory() as folder:
        for number, task in enumerate(tasks):
            case = Path(folder) / f"{number:05}"
            case.mkdir()
            settings = {
                "type": task["task_type"],
                "data": task["data_type"],
                "media-type": task["media_type"],
                "site": task.get("site"),
            }
            lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items() if value)
            (case / "task.toml").write_text("".join(lines), encoding="utf-8")
            (case / f"payload.{suffix}").write_bytes(body_of(task))
            if sample == "scim":
                scim.answers(case, task)
        model = SAMPLES / sample / "model.toml"
        command = [setting.lockgate, "test", component(setting, sample), folder, "--model", model, "--update"]
        subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        return [_answer(Path(folder) / f"{number:05}", task) for number, task in enumerate(tasks)]


def _answer(case: Path, task: dict[str, Any]) -> Answer:
    failed = case / "error.txt"
    if failed.exists():
        return Answer(task, failure=" | ".join(failed.read_text(encoding="utf-8").splitlines()))
    written = json.loads((case / "expect.json").read_text(encoding="utf-8"))
    return Answer(task, written["prepared"], log=written.get("log", []))


def _plain(value: Any) -> Any:
    """A value without the word for its kind."""
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value

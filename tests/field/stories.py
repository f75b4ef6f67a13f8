"""Several files, one after the other, in a store: what is left in it at the end."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

import scim
from samples import PATIENCE_S, SAMPLES, Made, Setting, component, tool
from told import STORIES, Story

#: What waits for what comes later in the same batch may be left to a further pass.
PASSES_MAX = 3
#: Files of stories that nobody had yet.
OWN = Path(__file__).resolve().parent / "own"


def told(setting: Setting, sample: str, data: Path) -> int:
    """How many stories end otherwise than they should; says which."""
    stories = [story for story in STORIES[sample] if all(_file(data, sample, file).exists() for file in story.files)]
    if len(stories) < len(STORIES[sample]):
        print(f"skip {sample}: {len(STORIES[sample]) - len(stories)} stories need {data / sample}")
    wrong = 0
    with _prepared(setting, sample) as (prepared, has):
        for story in stories:
            # The first order is the tool's own; the number of tasks is known when it is over.
            orders: list[Sequence[int]] = [()]
            ends_well = True
            for order in orders:
                with tempfile.TemporaryDirectory(dir=prepared.parent) as folder:
                    store = Path(folder) / "store"
                    shutil.copytree(prepared, store)
                    count, ends = _ends_well(setting, sample, data, story, store, has, order)
                ends_well &= ends
                if story.any_order and not order:
                    orders += list(permutations(range(count)))[1:]
            wrong += not ends_well
    print(f"{'FAIL' if wrong else 'ok  '} {sample}: {len(stories) - wrong} of {len(stories)} stories end well")
    return wrong


def _file(data: Path, sample: str, name: str) -> Path:
    own = OWN / sample / name
    return own if own.exists() else data / sample / name


@contextmanager
def _prepared(setting: Setting, sample: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A store with the connector installed, and what the application has, if there is one."""
    with tempfile.TemporaryDirectory() as folder, scim.serving() as (address, has):
        prepared = Path(folder) / "prepared"
        prepared.mkdir()
        text = (SAMPLES / sample / "lockgate.toml").read_text(encoding="utf-8")
        (prepared / "lockgate.toml").write_text(text.replace("127.0.0.1:8080", address), encoding="utf-8")
        if sample == "scim":
            (prepared / "token").write_text(scim.TOKEN, encoding="utf-8")
            (prepared / "token").chmod(0o600)
        model = (SAMPLES / sample / "model.toml").read_text(encoding="utf-8")
        model = model.replace('cultures = ["en-US"]', 'cultures = ["de-DE", "en-US"]')
        (prepared / "model.toml").write_text(model, encoding="utf-8")
        _run(setting, prepared, "model", "apply", "model.toml")
        _run(setting, prepared, "connector", "add", sample, str(component(setting, sample)))
        yield prepared, has


def _ends_well(
    setting: Setting, sample: str, data: Path, story: Story, store: Path, has: dict[str, Any], order: Sequence[int]
) -> tuple[int, bool]:
    """How many tasks there were, and whether they ended as they should."""
    files = [str(_file(data, sample, file)) for file in story.files]
    said: list[str] = []
    count = 0
    for batch in [files] if story.at_once else [[file] for file in files]:
        made = _carried_in(setting, sample, story, store, batch, has, order)
        said += made.told
        count += len(made.tasks)
    left = json.loads(_run(setting, store, "task", "list", "--json"))["tasks"]
    rows = [json.loads(line) for line in _run(setting, store, "export", "--canonical").splitlines()]
    got = story.read(rows)
    complaints = []
    if len(left) != len(story.left) or any(why not in json.dumps(left, ensure_ascii=False) for why in story.left):
        complaints.append(f"{len(left)} tasks are left, and should be {story.left}: {left}")
    if got != story.expected:
        complaints.append(f"it is {got!r}, and should be {story.expected!r}")
    if story.told not in "\n".join(said) or not story.told and said:
        complaints.append(f"the tool tells {said!r}, and should tell {story.told!r}")
    for complaint in complaints:
        print(f"FAIL {sample}: {story.name}{f' in the order {order}' if order else ''}: {complaint}")
    return count, not complaints


def _carried_in(
    setting: Setting, sample: str, story: Story, store: Path, files: list[str], has: dict[str, Any], order: Sequence[int]
) -> Made:
    """Makes tasks of files and carries them in."""
    for file in files if sample == "scim" else []:
        application = json.loads(Path(file).read_text(encoding="utf-8"))
        if "schemas" not in application:
            has.clear()
            has.update(application)
    config = store / "lockgate.toml"
    before = config.read_text(encoding="utf-8")
    if own := story.settings.get(Path(files[-1]).name):
        values = ", ".join(f"{name} = {json.dumps(value)}" for name, value in own.items())
        config.write_text(f"[connectors.{sample}]\nsettings = {{ {values} }}\n{before}", encoding="utf-8")
    made = tool(setting, sample, files)
    batch = store / "tasks.ndjson"
    tasks = [made.tasks[at] for at in order] if order else made.tasks
    lines = ({name: value for name, value in task.items() if name != "application"} for task in tasks)
    batch.write_text("".join(json.dumps(task) + "\n" for task in lines), encoding="utf-8")
    _run(setting, store, "submit", "--batch", str(batch))
    for _ in range(PASSES_MAX):
        _run(setting, store, "process", sample)
    config.write_text(before, encoding="utf-8")
    return made


def _run(setting: Setting, store: Path, *arguments: str) -> str:
    ran = subprocess.run(
        [setting.lockgate, *arguments], cwd=store, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    # `process` ends with 1 where a task fails, which the list of tasks then shows.
    if ran.returncode and arguments[0] != "process":
        raise RuntimeError(f"lockgate {' '.join(arguments)}: {ran.stderr or ran.stdout}")
    return ran.stdout

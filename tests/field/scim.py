"""A SCIM application that answers from a file: `{"Users": {id: user}, "Groups": {id: group}}`."""

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samples import Made, Setting

TOKEN = "t0ken-of-the-field"
BASE = "https://scim.example.com/v2"
MESSAGE = "urn:ietf:params:scim:api:messages:2.0"


def told(setting: "Setting", files: Sequence[str]) -> "Made":
    """What `scim-feed` makes of the lists of an application, groups first: who is a member may come later."""
    import samples

    with tempfile.TemporaryDirectory() as folder:
        lists = []
        for number, file in enumerate(files):
            application = json.loads(Path(file).read_text(encoding="utf-8"))
            if "schemas" in application:
                # What was sent to it, and not what it has.
                lists.append(Path(file))
                continue
            for kind in ("Groups", "Users"):
                resources = list(application[kind].values())
                document = {"schemas": [f"{MESSAGE}:ListResponse"], "totalResults": len(resources), "Resources": resources}
                lists.append(Path(folder) / f"{number}-{kind}.json")
                lists[-1].write_text(json.dumps(document), encoding="utf-8")
        command = [samples.program(setting, "scim-feed"), *lists, "--out", "-"]
        made = samples.made(subprocess.run(command, capture_output=True, timeout=samples.PATIENCE_S, check=False))
    for task in made.tasks:
        task["application"] = files[-1]
    return made


def answers(case: Path, task: dict[str, Any]) -> None:
    """What the application answers in a case of `lockgate test`."""
    application = json.loads(Path(task["application"]).read_text(encoding="utf-8"))
    exchanges = [
        f"[[exchange]]\nurl = {json.dumps(f'{BASE}/{kind}/{id}')}\nbody = {json.dumps(json.dumps(resource))}\n"
        for kind in ("Users", "Groups")
        for id, resource in application[kind].items()
    ]
    ids = {member for group in application["Groups"].values() for member in _members(group)}
    exchanges += [
        f"[[exchange]]\nurl = {json.dumps(f'{BASE}/{kind}/{id}')}\nstatus = 404\n"
        for kind in ("Users", "Groups")
        for id in sorted(ids - set(application[kind]))
    ]
    (case / "http.toml").write_text("\n".join(exchanges), encoding="utf-8")
    with (case / "task.toml").open("a", encoding="utf-8") as file:
        file.write(f"[settings]\nbase_url = {json.dumps(BASE)}\n")


def _members(group: dict[str, Any]) -> list[str]:
    members = group.get("members")
    return [member["value"] for member in members if isinstance(member, dict) and "value" in member] if members else []


@contextmanager
def serving() -> Iterator[tuple[str, dict[str, Any]]]:
    """Its address, and what it answers from, which may change."""
    has: dict[str, Any] = {}

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, _, id = self.path.removeprefix("/v2/").partition("/")
            found = has.get(kind, {}).get(id)
            status = 200 if found is not None else 404
            if self.headers["authorization"] != f"Bearer {TOKEN}":
                status = 401
            body = json.dumps(found if status == 200 else {"status": str(status)}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/scim+json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", has
    finally:
        server.shutdown()
        server.server_close()

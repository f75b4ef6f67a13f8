"""A connector that goes wrong in the way that its payload names, to see what its author is told of it."""

import logging
from typing import Any

from lockgate_guest import Connector, External, Object, ObjectParams, Prepared, Reference, Task, export

log = logging.getLogger("broken")


@export
class Broken(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        misdeed = external.text().strip()
        log.info("about to do: %s", misdeed)
        return role(misdeed, {"id": 7, "name": "Editors", "members": 0})

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        return ObjectParams(f"{id}-misspelt")


def role(misdeed: str, team: dict[str, Any]) -> Prepared:
    match misdeed:
        case "typo":
            return Object("cms.role", "team-7", display_name=team["nmae"])
        case "wrong-type":
            return Object("cms.role", team["id"])
        case "divide-by-zero":
            return Object("cms.role", f"team-{100 // team['members']}")
        case "endless-loop":
            while team:
                pass
        case "allocate":
            kept = []
            while True:
                kept.append(bytes(1_000_000))
        case "throw":
            raise ValueError("team 7 is not known here")
        case "wrong-answer":
            return "team-7"  # type: ignore[return-value]
        case "wrong-kind":
            return Object("cms.role", "team-7", fields={"rank": "first"})
        case "wrong-code-name":
            return Object("cms.role", "team-7", fields={"owner": Reference("anna")})
        case "child-missing":
            found = Object("cms.role", "team-7")
            found.bind("cms.userrole")
            return found
        case "set-twice":
            found = Object("cms.role", "broken", fields={"rank": 1})
            found["rank"] = 2
            return found
        case "several":
            teams = External("application/json", b'[{"id": 7}, {"id": 8}]').json_object()
            return Object("cms.role", f"team-{teams['id']}")
        case deep if deep.startswith("["):
            External("application/json", deep.encode()).json()
            return Object("cms.role", "broken")
    return Object("cms.role", "team-7", display_name=team["name"])

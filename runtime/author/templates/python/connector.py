"""{{name}}: teams become roles, and their members bindings."""

import logging
from typing import Any

from lockgate_guest import Connector, External, InvalidError, Object, ObjectParams, Prepared, Reference, Task, TaskType, export


@export
class Teams(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        team = external.json()
        if isinstance(team, list):
            raise InvalidError(f"a task is about one team, and this has {len(team)}")
        if not isinstance(team, dict) or type(team.get("id")) is not int:
            raise InvalidError("a team needs a number", path="id")
        role = Object("cms.role", f"team-{team['id']}")
        # A delete names the object and no more.
        if task.task_type is TaskType.DELETE_OBJECT:
            return role
        title = team.get("title")
        if not isinstance(title, str) or not title:
            raise InvalidError("a team needs a title", path="title")
        role.display_name = title
        # What is not stated stays as it is: so not `team.get("note")`, which is None then, and None clears.
        if "note" in team:
            set_note(role, team["note"])
        if team.get("members") is not None:
            add_members(role, team["members"])
        return role

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        if object_type != "cms.user":
            return super().get_internal_object_params(id, object_type)
        return ObjectParams(id.lower())


def set_note(role: Object, note: Any) -> None:
    if note is None or isinstance(note, str):
        role["description"] = note
    else:
        logging.warning("note: not a text, left out")


def add_members(role: Object, members: Any) -> None:
    if not isinstance(members, list):
        logging.warning("members: not a list, left out")
        return
    for at, member in enumerate(members):
        if isinstance(member, str) and member:
            role.bind("cms.userrole", user=Reference(member))
        else:
            logging.warning("members[%d]: not a text, left out", at)

"""{{name}}: teams become roles."""

import logging

from lockgate_guest import Connector, External, InvalidError, Object, Prepared, Task, TaskType, export

log = logging.getLogger("{{name}}")


@export
class Teams(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        team = external.json()
        if not isinstance(team, dict) or not isinstance(team.get("id"), int):
            raise InvalidError("a team needs a number", path="id")
        role = Object("cms.role", f"team-{team['id']}")
        if task.task_type is TaskType.DELETE_OBJECT:
            return role
        title, note = team.get("title"), team.get("note")
        if not isinstance(title, str):
            raise InvalidError("a team needs a title", path="title")
        log.info("team %s", team["id"])
        role.display_name = title
        role["description"] = note if isinstance(note, str) else None
        return role

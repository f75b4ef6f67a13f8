"""Teams become roles, and their members bindings."""

import logging

from lockgate_guest import Connector, External, InvalidError, Object, ObjectParams, Prepared, Reference, Task, export

log = logging.getLogger("teams")


@export
class Teams(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        team = external.json()
        if not team.get("title"):
            raise InvalidError("a team needs a title", path="title")
        log.info("%d members", len(team["members"]))
        role = Object("cms.role", f"team-{team['id']}", display_name=team["title"])
        role["description"] = team.get("note")
        for member in team["members"]:
            role.bind("cms.userrole", user=Reference(member))
        return role

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        match object_type:
            case "cms.user":
                return ObjectParams(id.lower())
            case _:
                return super().get_internal_object_params(id, object_type)

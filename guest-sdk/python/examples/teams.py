"""Teams become roles, and their members bindings."""

import logging

from lockgate_guest import Child, Connector, External, InvalidError, Object, ObjectParams, Prepared, Reference, Task, TaskType, export, warn


@export
class Teams(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        team = external.json_object()
        if not isinstance(team.get("id"), int):
            raise InvalidError("a team needs a number", path="id")
        role = Object("cms.role", f"team-{team['id']}")
        # A delete names the object and no more.
        if task.task_type == TaskType.DELETE_OBJECT:
            return role
        if not isinstance(team.get("title"), str):
            raise InvalidError("a team needs a title", path="title")
        role.display_name = team["title"]
        # What is not there is not stated, and stays as it is; null clears.
        if "note" in team:
            role["description"] = team["note"]
        if "members" in team:
            logging.info("%d members", len(team["members"]))
            role.children_of("cms.userrole", [membership(member, place) for place, member in enumerate(team["members"]) if member])
        return role

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        match object_type:
            case "cms.user":
                return ObjectParams(id.lower())
            case _:
                return super().get_internal_object_params(id, object_type)


def membership(member: str, place: int) -> Child:
    if member != member.strip():
        warn("blanks around a name are left out", path=f"members[{place}]")
    return Child("cms.userrole", "", fields={"user": Reference(member.strip())})

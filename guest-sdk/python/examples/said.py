"""Says everything that contract 1.1 added: `guest-sdk/said` has what is to come of it in every language."""

import logging

from lockgate_guest import (
    Child,
    Connector,
    External,
    NotFoundError,
    Object,
    ObjectParams,
    Prepared,
    Reference,
    References,
    Task,
    export,
    task_info,
    warn,
)


@export
class Said(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Prepared:
        team = external.json_object()
        if task.title is None:
            warn("the task has no title", path="id")
        if task_info.file_name is not None:
            logging.info("from %s", task.file_name)
        role = Object("cms.role", f"team-{team['id']}")
        if "owner" in team:
            role["owner"] = Reference(team["owner"])
        if "tags" in team:
            role["tags"] = References(team["tags"])
        if "members" in team:
            role.children_of("cms.userrole", [Child("cms.userrole", "", fields={"user": Reference(m["user"])}) for m in team["members"]])
        return role

    def get_internal_object_params(self, id: str, object_type: str) -> ObjectParams:
        if not (id.isascii() and id.isdigit() and len(id) <= 12):
            raise NotFoundError(f"nobody has the number {id}")
        warn(f"{id} is known by its GUID")
        return ObjectParams.by_guid(f"018f0000-0000-7000-8000-{id.zfill(12)}")

/** Teams become roles, and their members bindings. */

import { binding, connector, InvalidError, log, object, reference, UnsupportedError, warn } from "lockgate-guest";

interface Team {
    id: number;
    title?: string;
    note?: string | null;
    members?: string[];
}

export default connector({
    prepareInternalObject(external, task) {
        const team = external.jsonObject<Team>();
        if (typeof team.id !== "number") throw new InvalidError("a team needs a number", { path: "id" });
        const codeName = `team-${team.id}`;
        // A delete names the object and no more.
        if (task.taskType === "delete-object") return object({ objectType: "cms.role", codeName });
        if (!team.title) throw new InvalidError("a team needs a title", { path: "title" });
        log.info(`${team.members?.length ?? "unknown"} members`);
        return object({
            objectType: "cms.role",
            codeName,
            displayName: team.title,
            // What is not there is `undefined`, and stays as it is; `null` clears.
            fields: { description: team.note },
            // A list that is not there is not stated; an empty one says that there is none.
            children: { "cms.userrole": team.members?.map(membership) },
        });
    },

    getInternalObjectParams(id, objectType) {
        if (objectType !== "cms.user") throw new UnsupportedError(`no references to ${objectType}`);
        return { codeName: id.toLowerCase() };
    },
});

function membership(member: string, place: number) {
    if (member !== member.trim()) warn("blanks around a name are left out", { path: `members[${place}]` });
    return binding("cms.userrole", { user: reference(member.trim()) });
}

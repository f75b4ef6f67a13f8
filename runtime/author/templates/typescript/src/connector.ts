/** Teams become roles, and their members bindings. */

import { binding, connector, InvalidError, log, object, reference, UnsupportedError } from "lockgate-guest";

interface Team {
    id: number;
    title: string;
    note?: string | null;
    members?: string[];
}

export default connector({
    prepareInternalObject(external, task) {
        const team = external.json<Team>();
        if (typeof team?.id !== "number") throw new InvalidError("a team needs a number", { path: "id" });
        const codeName = `team-${team.id}`;
        // A delete names the object and no more.
        if (task.taskType === "delete-object") return object({ objectType: "cms.role", codeName });
        if (typeof team.title !== "string" || team.title === "") throw new InvalidError("a team needs a title", { path: "title" });
        const members = team.members ?? [];
        if (!Array.isArray(members)) throw new InvalidError("must be a list", { path: "members" });
        log.info(`${members.length} members`);
        return object({
            objectType: "cms.role",
            codeName,
            displayName: team.title,
            fields: { description: team.note },
            children: members.map((member) => binding("cms.userrole", { user: reference(String(member)) })),
        });
    },

    getInternalObjectParams(id, objectType) {
        if (objectType !== "cms.user") throw new UnsupportedError(`no references to ${objectType}`);
        return { codeName: id.toLowerCase() };
    },
});

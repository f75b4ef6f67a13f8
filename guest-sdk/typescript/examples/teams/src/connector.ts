/** Teams become roles, and their members bindings. */

import { binding, connector, InvalidError, log, object, reference, UnsupportedError } from "lockgate-guest";

interface Team {
    id: number;
    title: string;
    note?: string | null;
    members: string[];
}

export default connector({
    prepareInternalObject(external, task) {
        const team = external.json<Team>();
        if (!team.title) throw new InvalidError("a team needs a title", { path: "title" });
        log.info(`${team.members.length} members`);
        return object({
            objectType: "cms.role",
            codeName: `team-${team.id}`,
            displayName: team.title,
            fields: { description: team.note },
            children: team.members.map((member) => binding("cms.userrole", { user: reference(member) })),
        });
    },

    getInternalObjectParams(id, objectType) {
        if (objectType !== "cms.user") throw new UnsupportedError(`no references to ${objectType}`);
        return { codeName: id.toLowerCase() };
    },
});

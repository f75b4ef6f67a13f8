/** Says everything that contract 1.1 added: `guest-sdk/said` has what is to come of it in every language. */

import { connector, currentTask, log, NotFoundError, object, reference, references, warn } from "lockgate-guest";

interface Team {
    id: string;
    owner?: string;
    tags?: string[];
    members?: { user: string }[];
}

export default connector({
    prepareInternalObject(external, task) {
        const team = external.jsonObject<Team>();
        if (task.title === undefined) warn("the task has no title", { path: "id" });
        if (currentTask.fileName !== undefined) log.info(`from ${task.fileName}`);
        return object({
            objectType: "cms.role",
            codeName: `team-${team.id}`,
            fields: { owner: team.owner === undefined ? undefined : reference(team.owner), tags: team.tags && references(team.tags) },
            children: { "cms.userrole": team.members?.map(({ user }) => ({ fields: { user: reference(user) } })) },
        });
    },

    getInternalObjectParams(id) {
        if (!/^[0-9]{1,12}$/.test(id)) throw new NotFoundError(`nobody has the number ${id}`);
        warn(`${id} is known by its GUID`);
        return { guid: `018f0000-0000-7000-8000-${id.padStart(12, "0")}` };
    },
});

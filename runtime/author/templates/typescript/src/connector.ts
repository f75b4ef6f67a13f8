/** Teams become roles, and their members bindings. */

import { binding, type ChildAnswer, connector, InvalidError, log, object, reference, UnsupportedError } from "lockgate-guest";

/** As it comes: nothing of it is checked yet. */
interface Team {
    id?: unknown;
    title?: unknown;
    note?: unknown;
    members?: unknown;
}

export default connector({
    prepareInternalObject(external, task) {
        const team = external.json<Team | null>();
        if (Array.isArray(team)) throw new InvalidError(`a task is about one team, and this has ${team.length}`);
        if (!Number.isSafeInteger(team?.id)) throw new InvalidError("a team needs a number", { path: "id" });
        const codeName = `team-${team?.id}`;
        // A delete names the object and no more.
        if (task.taskType === "delete-object") return object({ objectType: "cms.role", codeName });
        const title = team?.title;
        if (typeof title !== "string" || title === "") throw new InvalidError("a team needs a title", { path: "title" });
        return object({
            objectType: "cms.role",
            codeName,
            displayName: title,
            fields: { description: note(team?.note) },
            children: memberships(team?.members),
        });
    },

    getInternalObjectParams(id, objectType) {
        if (objectType !== "cms.user") throw new UnsupportedError(`no references to ${objectType}`);
        return { codeName: id.toLowerCase() };
    },
});

/** What is not stated is `undefined`, and stays as it is; `null` clears it. */
function note(stated: unknown): string | null | undefined {
    if (stated === undefined || stated === null || typeof stated === "string") return stated;
    log.warn("note: not a text, left out");
    return undefined;
}

/** A list that is not stated is left alone. */
function memberships(stated: unknown): ChildAnswer[] | undefined {
    if (stated === undefined || stated === null) return undefined;
    if (!Array.isArray(stated)) {
        log.warn("members: not a list, left out");
        return undefined;
    }
    const found: ChildAnswer[] = [];
    stated.forEach((member: unknown, at) => {
        if (typeof member === "string" && member !== "") found.push(binding("cms.userrole", { user: reference(member) }));
        else log.warn(`members[${at}]: not a text, left out`);
    });
    return found;
}

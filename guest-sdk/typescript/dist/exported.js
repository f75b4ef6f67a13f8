/** The exported interface on top of a connector. `lockgate-guest build` imports it; authors do not. */
/// <reference path="./imports/contract.d.ts" />
import { byGuid, childrenNone, engine, taskFileName, taskTitle } from "#host";
import { Prepared } from "./answers.js";
import { describe, optionalText, requireText } from "./check.js";
import { UnsupportedError } from "./errors.js";
import { External } from "./external.js";
import { failure } from "./failure.js";
import { taskRuns } from "./globals/running.js";
/** `entry` is the author's file. */
export function exported(connector, entry) {
    if (typeof connector?.definition?.prepareInternalObject !== "function")
        throw new TypeError(`${entry} must say: export default connector({ … })`);
    const { definition, made } = connector;
    return {
        prepareInternalObject: (external, taskType, dataType, siteName) => guarded(made, () => definition.prepareInternalObject(new External(external.mediaType, external.body), task(taskType, dataType, siteName)), lowerPrepared),
        getInternalObjectParams: (id, objectType) => guarded(made, () => {
            if (definition.getInternalObjectParams)
                return definition.getInternalObjectParams(id, objectType);
            throw new UnsupportedError(`this connector translates no references to object type ${JSON.stringify(objectType)}`);
        }, lowerObjectParams),
        getInternalDocumentParams: (id, className) => guarded(made, () => {
            if (definition.getInternalDocumentParams)
                return definition.getInternalDocumentParams(id, className);
            throw new UnsupportedError(`this connector translates no references to page type ${JSON.stringify(className)}`);
        }, lowerDocumentParams),
    };
}
/** The host is asked for the title and the file when they are wanted. */
function task(taskType, dataType, siteName) {
    return {
        taskType,
        dataType,
        siteName: siteName ?? undefined,
        get title() {
            return taskTitle() ?? undefined;
        },
        get fileName() {
            return taskFileName() ?? undefined;
        },
    };
}
/** Runs a method so that whatever it throws reaches the host as an error of the contract. */
function guarded(made, method, lower) {
    taskRuns();
    const fail = (thrown) => {
        throw failure(thrown, made);
    };
    try {
        const answer = method();
        if (!isPromise(answer))
            return lower(answer);
        if (engine === "quickjs")
            throw new TypeError("a method answered a promise, and QuickJS waits for none");
        // StarlingMonkey waits for it.
        return answer.then(lower).catch(fail);
    }
    catch (thrown) {
        return fail(thrown);
    }
}
function isPromise(answer) {
    return typeof answer?.then === "function";
}
function lowerPrepared(answer) {
    if (answer instanceof Prepared) {
        for (const objectType of answer.noneOf)
            childrenNone(objectType);
        return answer.wire;
    }
    throw new TypeError(`prepareInternalObject must answer object(…), page(…) or skip(…), not ${describe(answer)}`);
}
function lowerObjectParams(answer) {
    requireRecord(answer, "getInternalObjectParams", "{ codeName } or { guid }");
    if (answer.guid !== undefined)
        return lowerGuid(answer);
    return {
        codeName: requireText(answer.codeName, "codeName of getInternalObjectParams"),
        site: optionalText(answer.site, "site of getInternalObjectParams"),
        parent: optionalText(answer.parent, "parent of getInternalObjectParams"),
        group: optionalText(answer.group, "group of getInternalObjectParams"),
    };
}
function lowerGuid(answer) {
    for (const name of ["codeName", "site", "parent", "group"]) {
        if (answer[name] !== undefined)
            throw new TypeError(`getInternalObjectParams answers a guid, so ${name} may not stand beside it`);
    }
    byGuid(requireText(answer.guid, "guid of getInternalObjectParams"));
    return { codeName: "" };
}
function lowerDocumentParams(answer) {
    requireRecord(answer, "getInternalDocumentParams", "{ nodeGuid, culture, site }");
    return {
        nodeGuid: requireText(answer.nodeGuid, "nodeGuid of getInternalDocumentParams"),
        culture: requireText(answer.culture, "culture of getInternalDocumentParams"),
        site: requireText(answer.site, "site of getInternalDocumentParams"),
    };
}
function requireRecord(answer, method, shape) {
    if (typeof answer !== "object" || answer === null)
        throw new TypeError(`${method} must answer ${shape}, not ${describe(answer)}`);
}

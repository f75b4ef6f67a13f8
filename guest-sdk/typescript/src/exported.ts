/** The exported interface on top of a connector. `lockgate-guest build` imports it; authors do not. */

import type { ExternalObject, DocumentParams as WireDocumentParams, ObjectParams as WireObjectParams, Prepared as WirePrepared } from "lockgate:connector/types";
/// <reference path="./imports/contract.d.ts" />
import { byGuid, childrenNone, engine, taskFileName, taskTitle } from "#host";
import { Prepared } from "./answers.js";
import { describe, optionalText, requireText } from "./check.js";
import type { Connector, DataType, DocumentParams, ObjectParams, Task, TaskType } from "./connector.js";
import { UnsupportedError } from "./errors.js";
import { External } from "./external.js";
import { failure } from "./failure.js";
import { taskRuns } from "./globals/running.js";

/** `entry` is the author's file. */
export function exported(connector: Connector, entry: string) {
    if (typeof connector?.definition?.prepareInternalObject !== "function") throw new TypeError(`${entry} must say: export default connector({ … })`);
    const { definition, made } = connector;
    return {
        prepareInternalObject: (external: ExternalObject, taskType: TaskType, dataType: DataType, siteName: string | null | undefined): WirePrepared =>
            guarded(made, () => definition.prepareInternalObject(new External(external.mediaType, external.body), task(taskType, dataType, siteName)), lowerPrepared),
        getInternalObjectParams: (id: string, objectType: string): WireObjectParams =>
            guarded(
                made,
                () => {
                    if (definition.getInternalObjectParams) return definition.getInternalObjectParams(id, objectType);
                    throw new UnsupportedError(`this connector translates no references to object type ${JSON.stringify(objectType)}`);
                },
                lowerObjectParams,
            ),
        getInternalDocumentParams: (id: string, className: string): WireDocumentParams =>
            guarded(
                made,
                () => {
                    if (definition.getInternalDocumentParams) return definition.getInternalDocumentParams(id, className);
                    throw new UnsupportedError(`this connector translates no references to page type ${JSON.stringify(className)}`);
                },
                lowerDocumentParams,
            ),
    };
}

/** The host is asked for the title and the file when they are wanted. */
function task(taskType: TaskType, dataType: DataType, siteName: string | null | undefined): Task {
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
function guarded<T, W>(made: Error, method: () => T | Promise<T>, lower: (answer: T) => W): W {
    taskRuns();
    const fail = (thrown: unknown): never => {
        throw failure(thrown, made);
    };
    try {
        const answer = method();
        if (!isPromise(answer)) return lower(answer);
        if (engine === "quickjs") throw new TypeError("a method answered a promise, and QuickJS waits for none");
        // StarlingMonkey waits for it.
        return answer.then(lower).catch(fail) as W;
    } catch (thrown) {
        return fail(thrown);
    }
}

function isPromise<T>(answer: T | Promise<T>): answer is Promise<T> {
    return typeof (answer as { then?: unknown } | null | undefined)?.then === "function";
}

function lowerPrepared(answer: Prepared): WirePrepared {
    if (answer instanceof Prepared) {
        for (const objectType of answer.noneOf) childrenNone(objectType);
        return answer.wire;
    }
    throw new TypeError(`prepareInternalObject must answer object(…), page(…) or skip(…), not ${describe(answer)}`);
}

function lowerObjectParams(answer: ObjectParams): WireObjectParams {
    requireRecord(answer, "getInternalObjectParams", "{ codeName } or { guid }");
    if (answer.guid !== undefined) return lowerGuid(answer);
    return {
        codeName: requireText(answer.codeName, "codeName of getInternalObjectParams"),
        site: optionalText(answer.site, "site of getInternalObjectParams"),
        parent: optionalText(answer.parent, "parent of getInternalObjectParams"),
        group: optionalText(answer.group, "group of getInternalObjectParams"),
    };
}

function lowerGuid(answer: ObjectParams): WireObjectParams {
    for (const name of ["codeName", "site", "parent", "group"] as const) {
        if (answer[name] !== undefined) throw new TypeError(`getInternalObjectParams answers a guid, so ${name} may not stand beside it`);
    }
    byGuid(requireText(answer.guid, "guid of getInternalObjectParams"));
    return { codeName: "" };
}

function lowerDocumentParams(answer: DocumentParams): WireDocumentParams {
    requireRecord(answer, "getInternalDocumentParams", "{ nodeGuid, culture, site }");
    return {
        nodeGuid: requireText(answer.nodeGuid, "nodeGuid of getInternalDocumentParams"),
        culture: requireText(answer.culture, "culture of getInternalDocumentParams"),
        site: requireText(answer.site, "site of getInternalDocumentParams"),
    };
}

function requireRecord(answer: unknown, method: string, shape: string): void {
    if (typeof answer !== "object" || answer === null) throw new TypeError(`${method} must answer ${shape}, not ${describe(answer)}`);
}

/** The three methods of a connector. */

import type { DataType, TaskType } from "lockgate:connector/types";
import { Prepared } from "./answers";
import type { External } from "./external";

/** What the external application wants done with the object that it handed in. */
export interface Task {
    /** What to do. Most connectors translate alike for all of them. */
    readonly taskType: TaskType;
    /** How much of the object is meant; children and bindings are read for `snapshot` only. */
    readonly dataType: DataType;
    /** External id of the site that the task belongs to; `undefined` for global objects. */
    readonly siteName: string | undefined;
}

/** Where to find an internal object. */
export interface ObjectParams {
    codeName: string;
    /** **Code name** of the site. Left out: global objects only. */
    site?: string | null | undefined;
    /** **External id** of the parent object, resolved in turn. */
    parent?: string | null | undefined;
    /** **External id** of the group, resolved in turn. */
    group?: string | null | undefined;
}

/** Where to find an internal page. */
export interface DocumentParams {
    nodeGuid: string;
    culture: string;
    /** Code name of the site. */
    site: string;
}

/** Either may be a promise on StarlingMonkey, with `async: true`. */
export type Answer<T, Async> = Async extends true ? T | Promise<T> : T;

export interface Definition<Async extends boolean = false> {
    /** Methods may be `async`, for `fetch` and other Web APIs: on StarlingMonkey only. */
    async?: Async;
    /** Translates the external object. Called once a task, deletes included. */
    prepareInternalObject(external: External, task: Task): Answer<Prepared, Async>;
    /**
     * Where the object with this external id is found. Called for each reference to an object type,
     * and with `cms.site` for a site. Left out, it answers `unsupported`.
     */
    getInternalObjectParams?(id: string, objectType: string): Answer<ObjectParams, Async>;
    /** Where the page with this external id is found. Left out, it answers `unsupported`. */
    getInternalDocumentParams?(id: string, className: string): Answer<DocumentParams, Async>;
}

/** What a connector's module exports as its default. */
export interface Connector {
    readonly definition: Definition<boolean>;
    /** Made where the connector is, for failures that name no place themselves. */
    readonly made: Error;
}

/**
 * A connector. Each task gets a fresh instance and its calls run one after the other, so a variable
 * lasts from `prepareInternalObject` to the params calls of the same task, and no further.
 */
export function connector<const Async extends boolean = false>(definition: Definition<Async>): Connector {
    if (definition.async && ENGINE === "quickjs") throw new Error("QuickJS waits for no promises: async connectors need --engine starlingmonkey");
    if (typeof definition.prepareInternalObject !== "function") throw new TypeError("a connector needs prepareInternalObject");
    return { definition: definition as Definition<boolean>, made: new Error("the connector is here") };
}

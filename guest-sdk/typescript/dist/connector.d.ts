/** The three methods of a connector. */
import type { Prepared } from "./answers.js";
import type { External } from "./external.js";
/** What the external application wants done with the object that it handed in. */
export type TaskType = "create-object" | "update-object" | "delete-object" | "add-to-site" | "remove-from-site" | "create-document" | "update-document" | "delete-document" | "delete-all-cultures" | "publish-document" | "archive-document" | "move-document";
/** How much of the object is meant; children and bindings are read for `snapshot` only. */
export type DataType = "simple" | "simple-snapshot" | "snapshot";
/** A task, as `prepareInternalObject` is given it. */
export interface Task {
    /** What to do. Most connectors translate alike for all of them. */
    readonly taskType: TaskType;
    /** How much of the object is meant; children and bindings are read for `snapshot` only. */
    readonly dataType: DataType;
    /** External id of the site that the task belongs to; `undefined` for global objects. */
    readonly siteName: string | undefined;
    /** What people call the task in lists; `undefined`: it has no title. `currentTask` has it in every method. */
    readonly title: string | undefined;
    /** Name of the file that the external object was read from, without folders; `undefined`: not known. */
    readonly fileName: string | undefined;
}
/** Where to find an internal object: by its name, or by its GUID alone. */
export type ObjectParams = ObjectByName | ObjectByGuid;
export interface ObjectByName {
    readonly codeName: string;
    /** **Code name** of the site. Left out: global objects only. */
    readonly site?: string | null | undefined;
    /** **External id** of the parent object, resolved in turn. */
    readonly parent?: string | null | undefined;
    /** **External id** of the group, resolved in turn. */
    readonly group?: string | null | undefined;
    readonly guid?: undefined;
}
export interface ObjectByGuid {
    /** Hexadecimal with hyphens. No name matters then, so nothing else may stand beside it. */
    readonly guid: string;
    readonly codeName?: undefined;
    readonly site?: undefined;
    readonly parent?: undefined;
    readonly group?: undefined;
}
/** The culture of {@link DocumentParams} for a page as a whole, in whichever culture it exists. */
export declare const ANY_CULTURE = "";
/** Where to find an internal page. */
export interface DocumentParams {
    readonly nodeGuid: string;
    /** {@link ANY_CULTURE} for the page as a whole. */
    readonly culture: string;
    /** Code name of the site. */
    readonly site: string;
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
export declare function connector<const Async extends boolean = false>(definition: Definition<Async>): Connector;

/** What the host offers: a log, warnings, the task, randomness, settings, secrets. */
/** Lines in the task's log. `console.log` and its siblings write there too. */
export declare const log: {
    readonly trace: (...parts: unknown[]) => void;
    readonly debug: (...parts: unknown[]) => void;
    readonly info: (...parts: unknown[]) => void;
    readonly warn: (...parts: unknown[]) => void;
    readonly error: (...parts: unknown[]) => void;
};
/**
 * Adds a warning to the task, from any method: a value that was left out, rounded or guessed. It is shown beside the host's
 * own. `path` says where in the external object, for example `items[3].price`. The first 100 of a task are kept, and none
 * if it fails: then its error says what is wrong.
 */
export declare function warn(message: string, options?: {
    readonly path?: string | undefined;
}): void;
/** What is known of the task that runs, in any of the three methods. */
export declare const currentTask: {
    /** What people call it in lists; `undefined`: it has no title. */
    readonly title: string | undefined;
    /** Name of the file that the external object was read from, without folders; `undefined`: not known. */
    readonly fileName: string | undefined;
    /** External id of its site; `undefined` for global objects. */
    readonly site: string | undefined;
};
/** What the operator set for this connector. */
export declare const settings: {
    /** `undefined`: not set, or not granted. */
    readonly get: (key: string) => string | undefined;
    /** The connector cannot work without it. */
    readonly require: (key: string) => string;
};
/**
 * Credentials that the operator set for this connector: placeholders, never the values. Put one into
 * a header, the query or the body of a request; the host replaces it on its way out.
 */
export declare const secrets: {
    /** `undefined`: not asked for in the manifest, or not granted. */
    readonly get: (name: string) => string | undefined;
    /** The connector cannot work without it. */
    readonly require: (name: string) => string;
};
/** The host's randomness; `Math.random` and `crypto.getRandomValues` have it too. */
export declare const random: {
    /** Any number of bytes. */
    readonly bytes: (length: number) => Uint8Array;
};

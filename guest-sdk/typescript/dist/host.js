/** What the host offers: a log, warnings, the task, randomness, settings, secrets. */
import { randomBytes, secret, setting, taskFileName, taskSite, taskTitle, log as write, warn as writeWarning } from "#host";
import { optionalText, requireText } from "./check.js";
import { InternalError } from "./errors.js";
import { format } from "./format.js";
function level(name) {
    return (...parts) => write(name, format(parts));
}
/** Lines in the task's log. `console.log` and its siblings write there too. */
export const log = {
    trace: level("trace"),
    debug: level("debug"),
    info: level("info"),
    warn: level("warn"),
    error: level("error"),
};
/**
 * Adds a warning to the task, from any method: a value that was left out, rounded or guessed. It is shown beside the host's
 * own. `path` says where in the external object, for example `items[3].price`. The first 100 of a task are kept, and none
 * if it fails: then its error says what is wrong.
 */
export function warn(message, options = {}) {
    writeWarning(requireText(message, "a warning"), optionalText(options.path, "the path of a warning"));
}
/** What is known of the task that runs, in any of the three methods. */
export const currentTask = {
    /** What people call it in lists; `undefined`: it has no title. */
    get title() {
        return taskTitle() ?? undefined;
    },
    /** Name of the file that the external object was read from, without folders; `undefined`: not known. */
    get fileName() {
        return taskFileName() ?? undefined;
    },
    /** External id of its site; `undefined` for global objects. */
    get site() {
        return taskSite() ?? undefined;
    },
};
/** What the operator set for this connector. */
export const settings = {
    /** `undefined`: not set, or not granted. */
    get: (key) => setting(key) ?? undefined,
    /** The connector cannot work without it. */
    require: (key) => {
        const value = setting(key);
        if (value === undefined || value === null)
            throw new InternalError(`setting ${JSON.stringify(key)} is not set, or not granted`);
        return value;
    },
};
/**
 * Credentials that the operator set for this connector: placeholders, never the values. Put one into
 * a header, the query or the body of a request; the host replaces it on its way out.
 */
export const secrets = {
    /** `undefined`: not asked for in the manifest, or not granted. */
    get: (name) => secret(name) ?? undefined,
    /** The connector cannot work without it. */
    require: (name) => {
        const placeholder = secret(name);
        if (placeholder === undefined || placeholder === null)
            throw new InternalError(`secret ${JSON.stringify(name)} is not granted`);
        return placeholder;
    },
};
/** The host's randomness; `Math.random` and `crypto.getRandomValues` have it too. */
export const random = {
    /** Any number of bytes. */
    bytes: (length) => {
        const bytes = new Uint8Array(length);
        for (let at = 0; at < length; at += 4_096)
            bytes.set(randomBytes(Math.min(4_096, length - at)), at);
        return bytes;
    },
};

/** What a connector keeps from task to task, for example a sync token. */
import { stateDelete, stateGet, stateKeys, stateSet } from "#host";
import { InternalError } from "./errors.js";
import { decodeUtf8, encodeUtf8 } from "./utf8.js";
/**
 * Bytes under keys of 1 to 256 bytes, where the manifest says `state = true` and the operator grants
 * it. What a task writes is stored together with its effects, or not at all if it fails.
 */
export const state = {
    /** `undefined`: never written, deleted, or not granted. */
    get: (key) => stateGet(key) ?? undefined,
    /** As {@link get}, as text. */
    getText: (key) => {
        const bytes = stateGet(key);
        return bytes ? decodeUtf8(bytes) : undefined;
    },
    set: (key, value) => attempt(() => stateSet(key, typeof value === "string" ? encodeUtf8(value) : value)),
    /** Deleting what is not there is no error. */
    delete: (key) => attempt(() => stateDelete(key)),
    /** Keys that begin so, ascending; none where the state is not granted. */
    keys: (prefix = "") => [...stateKeys(prefix)],
};
/** A state that cannot be kept is the fault of the connector or its operator, and never the data's. */
function attempt(write) {
    try {
        write();
    }
    catch (thrown) {
        const error = payload(thrown);
        if (error?.tag === "denied")
            throw new InternalError("this connector keeps no state: its manifest does not ask for it, or the operator does not grant it");
        if (error?.tag === "full")
            throw new InternalError(`the state is full: the operator grants ${String(error.val)} bytes`);
        if (error?.tag === "invalid-key")
            throw new InternalError("a key of the state is empty or longer than 256 bytes");
        throw thrown;
    }
}
/** What an import failed with: QuickJS throws it as it is, StarlingMonkey as the `payload` of an object of its own. */
export function payload(thrown) {
    return typeof thrown === "object" && thrown !== null && "payload" in thrown ? thrown.payload : thrown;
}

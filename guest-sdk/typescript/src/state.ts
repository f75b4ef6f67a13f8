/** What a connector keeps from task to task, for example a sync token. */

import * as host from "lockgate:connector/state";
import { InternalError } from "./errors";
import { decodeUtf8, encodeUtf8 } from "./utf8";

/**
 * Bytes under keys of 1 to 256 bytes, where the manifest says `state = true` and the operator grants
 * it. What a task writes is stored together with its effects, or not at all if it fails.
 */
export const state = {
    /** `undefined`: never written, deleted, or not granted. */
    get(key: string): Uint8Array | undefined {
        return host.get(key) ?? undefined;
    },
    /** As {@link get}, as text. */
    getText(key: string): string | undefined {
        const bytes = this.get(key);
        return bytes && decodeUtf8(bytes);
    },
    set(key: string, value: Uint8Array | string): void {
        attempt(() => host.set(key, typeof value === "string" ? encodeUtf8(value) : value));
    },
    /** Deleting what is not there is no error. */
    delete(key: string): void {
        attempt(() => host.delete(key));
    },
    /** Keys that begin so, ascending; none where the state is not granted. */
    keys(prefix = ""): string[] {
        return [...host.keys(prefix)];
    },
};

/** A state that cannot be kept is the fault of the connector or its operator, and never the data's. */
function attempt(write: () => void): void {
    try {
        write();
    } catch (thrown) {
        const error = payload(thrown) as { tag?: string; val?: unknown } | undefined;
        if (error?.tag === "denied") throw new InternalError("this connector keeps no state: its manifest does not ask for it, or the operator does not grant it");
        if (error?.tag === "full") throw new InternalError(`the state is full: the operator grants ${String(error.val)} bytes`);
        if (error?.tag === "invalid-key") throw new InternalError("a key of the state is empty or longer than 256 bytes");
        throw thrown;
    }
}

/** What an import failed with: QuickJS throws it as it is, StarlingMonkey as the `payload` of an object of its own. */
export function payload(thrown: unknown): unknown {
    return typeof thrown === "object" && thrown !== null && "payload" in thrown ? thrown.payload : thrown;
}

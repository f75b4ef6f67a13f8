/** What the host offers: a log, randomness, settings, secrets. */

import { type Level, log as write } from "lockgate:connector/log";
import { bytes as randomBytes } from "lockgate:connector/random";
import { get as getSecret } from "lockgate:connector/secrets";
import { get as getSetting } from "lockgate:connector/settings";
import { InternalError } from "./errors";
import { format } from "./format";

function level(name: Level): (...parts: unknown[]) => void {
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

/** What the operator set for this connector. */
export const settings = {
    /** `undefined`: not set, or not granted. */
    get(key: string): string | undefined {
        return getSetting(key) ?? undefined;
    },
    /** The connector cannot work without it. */
    require(key: string): string {
        const value = this.get(key);
        if (value === undefined) throw new InternalError(`setting ${JSON.stringify(key)} is not set, or not granted`);
        return value;
    },
};

/**
 * Credentials that the operator set for this connector: placeholders, never the values. Put one into
 * a header, the query or the body of a request; the host replaces it on its way out.
 */
export const secrets = {
    /** `undefined`: not asked for in the manifest, or not granted. */
    get(name: string): string | undefined {
        return getSecret(name) ?? undefined;
    },
    /** The connector cannot work without it. */
    require(name: string): string {
        const placeholder = this.get(name);
        if (placeholder === undefined) throw new InternalError(`secret ${JSON.stringify(name)} is not granted`);
        return placeholder;
    },
};

/** The host's randomness; `Math.random` and `crypto.getRandomValues` have it too. */
export const random = {
    /** Any number of bytes. */
    bytes(length: number): Uint8Array {
        const bytes = new Uint8Array(length);
        for (let at = 0; at < length; at += 4_096) bytes.set(randomBytes(Math.min(4_096, length - at)), at);
        return bytes;
    },
};

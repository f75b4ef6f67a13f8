/// <reference path="../imports/contract.d.ts" />
/** Why a call brought no answer. */

import type { ErrorCode } from "wasi:http/types";
import { ConnectorError } from "../errors.js";

/**
 * - `denied`: it is not granted, or over a limit of the operator; the task's log says more.
 * - `timeout`: nothing came in time.
 * - `too-large`: the answer, or the request, is longer than what is allowed.
 * - `connect`: no connection to the external application.
 * - `invalid`: there is no such request: its URL, method or a header is malformed.
 * - `other`: for example an answer that breaks the rules of HTTP.
 */
export type Reason = "denied" | "timeout" | "too-large" | "connect" | "invalid" | "other";

/** Uncaught, it does what is mostly right: what may be better the next time is `unavailable`, the rest `internal`. */
export class HttpError extends ConnectorError {
    readonly kind: "unavailable" | "internal";

    constructor(
        readonly reason: Reason,
        message: string,
    ) {
        super(message);
        this.kind = reason === "timeout" || reason === "connect" || reason === "other" ? "unavailable" : "internal";
    }
}

/** @internal As the host tells it. */
export function fromCode(code: ErrorCode | undefined): HttpError {
    const name = code?.tag ?? "unknown";
    switch (name) {
        case "HTTP-request-denied":
            return new HttpError("denied", "the host denied the call: it is not granted to this connector");
        case "destination-IP-prohibited":
            return new HttpError("denied", "the host denied the call: this address may not be reached");
        case "DNS-timeout":
        case "connection-timeout":
            return new HttpError("timeout", "no connection in time");
        case "connection-read-timeout":
        case "connection-write-timeout":
        case "HTTP-response-timeout":
            return new HttpError("timeout", "no answer in time");
        case "connection-refused":
            return new HttpError("connect", "the connection was refused");
        case "connection-terminated":
            return new HttpError("connect", "the connection was broken off");
        case "DNS-error":
        case "destination-not-found":
            return new HttpError("connect", "the host's name has no address");
    }
    if (/^(destination|connection|TLS)-/.test(name)) return new HttpError("connect", `no connection: ${name}`);
    if (/-(size|too-long)$/.test(name)) return new HttpError("too-large", `more than the host allows: ${name}`);
    if (/^HTTP-request-/.test(name)) return new HttpError("invalid", `the request cannot be sent: ${name}`);
    return new HttpError("other", `the call failed: ${name}`);
}

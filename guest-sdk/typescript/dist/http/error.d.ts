/** Why a call brought no answer. */
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
export declare class HttpError extends ConnectorError {
    readonly reason: Reason;
    readonly kind: "unavailable" | "internal";
    constructor(reason: Reason, message: string);
}

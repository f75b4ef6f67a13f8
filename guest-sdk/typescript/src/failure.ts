/** An exception, told so that its author can read it. */

/// <reference path="./imports/contract.d.ts" />
import type { ConnectorError as WireError } from "lockgate:connector/types";
import { ConnectorError, UnavailableError } from "./errors.js";
import { format } from "./format.js";
import { log } from "./host.js";
import { type Frame, frames, place } from "./stack.js";

/** Longest chain of causes that is told. */
const CAUSES_MAX = 5;

/**
 * What the host is told. An error of the connector's own classes is meant, so it goes as it is; any
 * other is a fault of the connector: `internal`, with the place in the author's source, and the stack
 * in the task's log. `connector` was made where the connector is: its place stands in for one that
 * the stack does not name.
 */
export function failure(thrown: unknown, connector: Error): WireError {
    const error = thrown instanceof Error ? thrown : new Thrown(thrown);
    if (error instanceof ConnectorError) {
        if (error.kind === "internal" || error.cause !== undefined) tell("debug", error, frames(error));
        if (error.kind === "unavailable") {
            return { tag: "unavailable", val: { message: error.message, retryAfterMs: error instanceof UnavailableError ? error.retryAfterMs : undefined } };
        }
        return { tag: error.kind, val: { message: error.message, path: error.path } } as WireError;
    }
    const stack = frames(thrown);
    tell("error", error, stack);
    const where = place(stack) ?? place(frames(connector)) ?? "place unknown";
    return { tag: "internal", val: { message: `${titled(error)} (${where})`, path: undefined } };
}

/** What was thrown and is no `Error`. */
class Thrown extends Error {
    constructor(thrown: unknown) {
        super(format([thrown]));
        this.name = "thrown";
    }
}

function titled(error: Error): string {
    return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}

function tell(level: "debug" | "error", error: Error, stack: Frame[]): void {
    log[level](titled(error));
    for (const frame of stack) log[level](`    at ${frame.name === "" ? frame.place : `${frame.name} (${frame.place})`}`);
    let cause = error.cause;
    for (let left = CAUSES_MAX; left > 0 && cause instanceof Error; left--, cause = cause.cause) {
        const where = place(frames(cause));
        log[level](`caused by ${titled(cause)}${where === undefined ? "" : ` (${where})`}`);
    }
}

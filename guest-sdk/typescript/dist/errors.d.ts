/** Errors: one class for each kind, because the kind decides what becomes of the task. */
/** What the contract calls `connector-error`. */
export type Kind = "invalid" | "not-found" | "unavailable" | "unsupported" | "internal";
export interface ProblemOptions {
    /** Where in the external object, for example `items[3].sku`. */
    path?: string | undefined;
    /** What brought it about; it is written to the task's log. */
    cause?: unknown;
}
/** Throw one of its subclasses to say what is wrong with a task. Any other exception counts as `internal`. */
export declare abstract class ConnectorError extends Error {
    abstract readonly kind: Kind;
    readonly path: string | undefined;
    constructor(message: string, options?: ProblemOptions);
}
/** The data is wrong; trying again is useless. */
export declare class InvalidError extends ConnectorError {
    readonly kind = "invalid";
}
/** The external application has no such object. */
export declare class NotFoundError extends ConnectorError {
    readonly kind = "not-found";
}
/** Not a type that this connector translates. */
export declare class UnsupportedError extends ConnectorError {
    readonly kind = "unsupported";
}
/** A fault of the connector itself. */
export declare class InternalError extends ConnectorError {
    readonly kind = "internal";
}
/** The external application cannot be asked just now; the task is tried again. */
export declare class UnavailableError extends ConnectorError {
    readonly kind = "unavailable";
    /** How long to wait before trying again. */
    readonly retryAfterMs: number | undefined;
    constructor(message: string, options?: {
        retryAfterMs?: number | undefined;
        cause?: unknown;
    });
}

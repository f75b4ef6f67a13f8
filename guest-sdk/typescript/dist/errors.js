/** Errors: one class for each kind, because the kind decides what becomes of the task. */
/** Throw one of its subclasses to say what is wrong with a task. Any other exception counts as `internal`. */
export class ConnectorError extends Error {
    path;
    constructor(message, options = {}) {
        super(message, "cause" in options ? { cause: options.cause } : undefined);
        this.name = new.target.name;
        this.path = options.path;
    }
}
/** The data is wrong; trying again is useless. */
export class InvalidError extends ConnectorError {
    kind = "invalid";
}
/** The external application has no such object. */
export class NotFoundError extends ConnectorError {
    kind = "not-found";
}
/** Not a type that this connector translates. */
export class UnsupportedError extends ConnectorError {
    kind = "unsupported";
}
/** A fault of the connector itself. */
export class InternalError extends ConnectorError {
    kind = "internal";
}
/** The external application cannot be asked just now; the task is tried again. */
export class UnavailableError extends ConnectorError {
    kind = "unavailable";
    /** How long to wait before trying again. */
    retryAfterMs;
    constructor(message, options = {}) {
        super(message, "cause" in options ? { cause: options.cause } : {});
        this.retryAfterMs = options.retryAfterMs;
    }
}

/** An answer, read to its end. */
import { InternalError, InvalidError, NotFoundError, UnavailableError } from "../errors.js";
import { parseJson } from "../json.js";
import { decodeUtf8 } from "../utf8.js";
import { HttpError } from "./error.js";
/** Headers as they came; names compare in any case. */
export class Headers {
    entries;
    constructor(entries) {
        this.entries = entries;
    }
    /** The first of this name. Bytes beyond ASCII come as they do in `fetch`: one character each. */
    get(name) {
        const found = this.entries.find(([candidate]) => candidate.toLowerCase() === name.toLowerCase());
        return found ? String.fromCharCode(...found[1]) : null;
    }
    has(name) {
        return this.get(name) !== null;
    }
}
export class Response {
    status;
    headers;
    body;
    constructor(
    /** For example 200. */
    status, headers, body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }
    /** Whether the status is 2xx. */
    get ok() {
        return this.status >= 200 && this.status <= 299;
    }
    bytes() {
        return this.body;
    }
    text() {
        try {
            return decodeUtf8(this.body);
        }
        catch {
            throw new HttpError("other", "the answer is no UTF-8");
        }
    }
    /** The body as JSON, taken for a `T` unchecked. */
    json(options) {
        const text = this.text();
        try {
            return parseJson(text, options);
        }
        catch (cause) {
            throw new InvalidError(`the answer is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
        }
    }
    /**
     * This answer if its status is 2xx, else an error of what the status means to the task: 404 and
     * 410 are `not-found`; 408, 425, 429 and 5xx are `unavailable`, with the delay of a `retry-after`
     * in seconds; the rest is `internal`.
     */
    success() {
        if (this.ok)
            return this;
        throw this.failure();
    }
    failure() {
        const said = `the external application answered ${this.status}`;
        if (this.status === 401 || this.status === 403)
            return new InternalError(`${said}: it does not accept the credentials`);
        if (this.status === 404 || this.status === 410)
            return new NotFoundError(said);
        if ([408, 425, 429].includes(this.status) || this.status >= 500) {
            const seconds = /^\s*([0-9]{1,6})\s*$/.exec(this.headers.get("retry-after") ?? "")?.[1];
            return new UnavailableError(said, { retryAfterMs: seconds === undefined ? undefined : Number(seconds) * 1_000 });
        }
        return new InternalError(said);
    }
}

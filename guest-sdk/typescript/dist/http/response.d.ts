/** An answer, read to its end. */
import { type JsonOptions } from "../json.js";
/** Headers as they came; names compare in any case. */
export declare class Headers {
    private readonly entries;
    constructor(entries: readonly (readonly [string, Uint8Array])[]);
    /** The first of this name. Bytes beyond ASCII come as they do in `fetch`: one character each. */
    get(name: string): string | null;
    has(name: string): boolean;
}
export declare class Response {
    /** For example 200. */
    readonly status: number;
    readonly headers: Headers;
    private readonly body;
    constructor(
    /** For example 200. */
    status: number, headers: Headers, body: Uint8Array);
    /** Whether the status is 2xx. */
    get ok(): boolean;
    bytes(): Uint8Array;
    text(): string;
    /** The body as JSON, taken for a `T` unchecked. */
    json<T = unknown>(options?: JsonOptions): T;
    /**
     * This answer if its status is 2xx, else an error of what the status means to the task: 404 and
     * 410 are `not-found`; 408, 425, 429 and 5xx are `unavailable`, with the delay of a `retry-after`
     * in seconds; the rest is `internal`.
     */
    success(): this;
    private failure;
}

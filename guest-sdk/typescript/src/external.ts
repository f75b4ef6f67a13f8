/** What the external application handed in. */

import { InvalidError } from "./errors";
import { parseJson } from "./json";
import { decodeUtf8 } from "./utf8";

export class External {
    constructor(
        /** For example `application/json`. */
        readonly mediaType: string,
        /** Byte for byte as it came. */
        readonly body: Uint8Array,
    ) {}

    /** The body as UTF-8 text. Anything else is an {@link InvalidError}. */
    text(): string {
        try {
            return decodeUtf8(this.body);
        } catch (cause) {
            throw new InvalidError("the external object is not UTF-8", { cause });
        }
    }

    /** The body as JSON, taken for a `T` unchecked. What is no JSON is an {@link InvalidError}. */
    json<T = unknown>(): T {
        const text = this.text();
        try {
            return parseJson(text) as T;
        } catch (cause) {
            throw new InvalidError(`the external object is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
        }
    }
}

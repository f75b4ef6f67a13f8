/** What the external application handed in. */

import { describe } from "./check.js";
import { InvalidError } from "./errors.js";
import { type JsonOptions, parseJson } from "./json.js";
import { decodeUtf8 } from "./utf8.js";

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
    json<T = unknown>(options?: JsonOptions): T {
        const text = this.text();
        try {
            return parseJson(text, options) as T;
        } catch (cause) {
            throw new InvalidError(`the external object is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
        }
    }

    /** As {@link json}, for a body that is one JSON object. A list of them is an {@link InvalidError}, and anything else. */
    jsonObject<T extends object = Record<string, unknown>>(options?: JsonOptions): T {
        const found = this.json(options);
        if (Array.isArray(found)) throw new InvalidError(`a task is about one object, and the external object is a list of ${found.length}`);
        if (typeof found !== "object" || found === null) throw new InvalidError(`the external object is no JSON object, it is ${describe(found)}`);
        return found as T;
    }
}

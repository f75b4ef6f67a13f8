/** What the external application handed in. */
import { describe } from "./check.js";
import { InvalidError } from "./errors.js";
import { parseJson } from "./json.js";
import { decodeUtf8 } from "./utf8.js";
export class External {
    mediaType;
    body;
    constructor(
    /** For example `application/json`. */
    mediaType, 
    /** Byte for byte as it came. */
    body) {
        this.mediaType = mediaType;
        this.body = body;
    }
    /** The body as UTF-8 text. Anything else is an {@link InvalidError}. */
    text() {
        try {
            return decodeUtf8(this.body);
        }
        catch (cause) {
            throw new InvalidError("the external object is not UTF-8", { cause });
        }
    }
    /** The body as JSON, taken for a `T` unchecked. What is no JSON is an {@link InvalidError}. */
    json(options) {
        const text = this.text();
        try {
            return parseJson(text, options);
        }
        catch (cause) {
            throw new InvalidError(`the external object is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
        }
    }
    /** As {@link json}, for a body that is one JSON object. A list of them is an {@link InvalidError}, and anything else. */
    jsonObject(options) {
        const found = this.json(options);
        if (Array.isArray(found))
            throw new InvalidError(`a task is about one object, and the external object is a list of ${found.length}`);
        if (typeof found !== "object" || found === null)
            throw new InvalidError(`the external object is no JSON object, it is ${describe(found)}`);
        return found;
    }
}
